//! Memory stays within the limit, measured from outside: the most that this process ever held, so
//! this test is a process of its own. Where the system does not tell it, nothing is checked.

use std::error::Error;
use std::net::Ipv4Addr;
use std::time::Duration;

use nettraffic_capture::{IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport};
use nettraffic_flow::{FlowConfig, FlowTable};

type Outcome = Result<(), Box<dyn Error>>;

/// A line of the process's status, in bytes.
fn status(name: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes = line.trim_start_matches(':').trim().strip_suffix("kB")?;
    Some(kibibytes.trim().parse::<usize>().ok()? * 1024)
}

/// From addresses that all differ, half of them answered, so that flows of both kinds are evicted.
fn packet(number: u32, nanos: i64) -> PacketMeta {
    let client = Ipv4Addr::from_bits((number / 2).wrapping_mul(0x9e37_79b1)).into();
    let server = Ipv4Addr::new(192, 0, 2, 1).into();
    let flow = number / 2;
    let answers = number % 2 == 1 && flow % 2 == 1;
    let (ends, ports, flags) = match answers {
        false => ((client, server), (flow as u16, 80), TcpFlags::SYN),
        true => (
            (server, client),
            (80, flow as u16),
            TcpFlags::SYN.union(TcpFlags::ACK),
        ),
    };
    let mut packet = PacketMeta::new(
        Timestamp::from_nanos(1_700_000_000_000_000_000 + nanos),
        ends.0,
        ends.1,
        IpProtocol::TCP,
    );
    packet.transport = Transport::Tcp(TcpHeader {
        source_port: ports.0,
        destination_port: ports.1,
        flags,
        ..TcpHeader::default()
    });
    packet
}

/// A flood of ten tables; how many flows were evicted. What ends with the input is not measured: it
/// waits as records, which the limit does not cover.
fn flood(config: FlowConfig, flows: u32, gap: i64) -> u64 {
    let mut table = FlowTable::<()>::new(config);
    for number in 0..20 * flows {
        table.push(&packet(number, i64::from(number) * gap));
        while table.pop().is_some() {}
    }
    table.counters().evicted
}

#[test]
fn a_flood_of_ten_tables_stays_within_the_limit() -> Outcome {
    let limit = 24 << 20;
    let flows = limit / FlowTable::<()>::FLOW_BYTES;
    let Some(before) = status("VmRSS") else {
        println!("skipped: the system does not tell how much memory a process holds");
        return Ok(());
    };
    let by_bytes = FlowConfig::default().with_max_bytes(limit);
    let by_flows = FlowConfig::default().with_max_flows(flows);
    let timeouts_off = (by_bytes.clone()).with_idle_timeout(Duration::MAX);
    // In per cent of the limit. Among timeouts of centuries, one of half an hour is near: all flows
    // are in the heap of deadlines, up to 30 bytes each.
    for (name, config, gap, allowed) in [
        ("by bytes", &by_bytes, 10_000, 110),
        ("by flows", &by_flows, 10_000, 110),
        ("a clock that stands", &by_flows, 0, 110),
        ("idle timeouts off", &timeouts_off, 10_000, 120),
    ] {
        let evicted = flood(config.clone(), flows as u32, gap);
        assert!(evicted as usize > 5 * flows, "{evicted} evicted");
        let most = status("VmHWM").ok_or("no VmHWM")?.saturating_sub(before);
        println!(
            "{name}: {} bytes of {limit}, {flows} flows of {} bytes, {evicted} evicted",
            most,
            FlowTable::<()>::FLOW_BYTES
        );
        assert!(
            most <= limit / 100 * allowed,
            "{name}: {most} bytes of {limit}"
        );
    }
    Ok(())
}
