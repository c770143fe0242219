//! CICFlowMeter's documented errors, and those of its heirs and rivals, as far as they are about flows:
//! one test for each, which bears its number and name and shows that it is not ours.

use nettraffic_capture::from_reader;
use nettraffic_flow::{Flow, FlowConfig, FlowEnd, FlowMeter, InitiatorEvidence};

use crate::frames::{ACK, FIN, ICMP, IPV4, RST, SYN, UDP, echo, ethernet, icmp_error, udp, v4};
use crate::trace::{Outcome, Trace, line};

/// A connection that was opened.
fn opened() -> Trace {
    Trace::new()
        .ask(0.0, (SYN, 100, 0), 0)
        .answer(0.1, (SYN | ACK, 500, 101), 0)
        .ask(0.2, (ACK, 101, 501), 10)
}

#[test]
fn error_01_a_flow_ends_at_the_first_fin() -> Outcome {
    opened()
        .ask(0.3, (FIN | ACK, 111, 501), 0)
        // Half closed: the server goes on for a while.
        .answer(3.0, (ACK, 501, 112), 1_000)
        .answer(30.0, (ACK, 1_501, 112), 1_000)
        .ask(30.1, (ACK, 112, 2_501), 0)
        .answer(31.0, (FIN | ACK, 2_501, 112), 0)
        // Without a linger the last ACK would be a flow of one packet.
        .ask(31.1, (ACK, 112, 2_502), 0)
        .check(&["tcp 1:40000 > 2:80 5+4 packets 10+2000 bytes fin"])
}

#[test]
fn error_03_rst_is_ignored_or_what_follows_it_opens_new_flows() -> Outcome {
    opened()
        .answer(0.3, (RST | ACK, 501, 111), 0)
        // Sent before the RST arrived.
        .ask(0.4, (ACK, 111, 501), 5)
        .answer(0.5, (RST, 501, 0), 0)
        .ask(60.0, (SYN, 8_000, 0), 0)
        .check(&[
            "tcp 1:40000 > 2:80 3+3 packets 15+0 bytes rst",
            "tcp 1:40000 > 2:80 1+0 packets 0+0 bytes end_of_input",
        ])
}

#[test]
fn error_12_the_timeout_is_measured_from_the_start_of_the_flow() -> Outcome {
    // Never silent for 120 s; longer than that since the start from the third packet on.
    let trace = [0.0, 100.0, 200.0, 300.0, 420.0]
        .into_iter()
        .fold(Trace::new(), |trace, at| {
            trace.packet(at, UDP, 1, 2, &udp(40_000, 9_000, b"tick"))
        });
    trace.check(&["udp 1:40000 > 2:9000 5+0 packets 20+0 bytes end_of_input"])
}

#[test]
fn error_13_a_syn_ack_that_is_seen_first_turns_the_direction_round() -> Outcome {
    let trace = Trace::new()
        .answer(0.0, (SYN | ACK, 500, 101), 0)
        .ask(0.1, (ACK, 101, 501), 10)
        .answer(0.2, (ACK, 501, 111), 20);
    trace.check(&["tcp 1:40000 > 2:80 1+2 packets 10+20 bytes end_of_input"])?;
    assert_eq!(trace.meter()?.0[0].evidence, InitiatorEvidence::SynAck);
    Ok(())
}

#[test]
fn error_18_flows_of_one_packet_are_dropped_on_timeout_and_kept_at_the_end() -> Outcome {
    Trace::new()
        .packet(0.0, UDP, 1, 2, &udp(40_000, 9_000, b"one"))
        .packet(500.0, UDP, 3, 4, &udp(40_000, 9_000, b"last"))
        .check(&[
            "udp 1:40000 > 2:9000 1+0 packets 3+0 bytes idle",
            "udp 3:40000 > 4:9000 1+0 packets 4+0 bytes end_of_input",
        ])
}

#[test]
fn error_19_icmp_is_keyed_by_ports_0() -> Outcome {
    let lost = v4(UDP, 3, 1, &udp(5_000, 6_000, b""));
    Trace::new()
        .packet(0.0, ICMP, 1, 2, &echo(8, 77, 1))
        .packet(0.1, ICMP, 2, 1, &echo(0, 77, 1))
        .packet(0.2, ICMP, 1, 2, &echo(8, 78, 1))
        .packet(0.3, ICMP, 1, 2, &echo(8, 77, 2))
        // About a flow that is not there: by type and code.
        .packet(0.4, ICMP, 1, 2, &icmp_error(3, 3, &lost))
        .packet(0.5, ICMP, 1, 2, &icmp_error(11, 0, &lost))
        .check(&[
            "icmp 1:78 > 2:78 1+0 packets 32+0 bytes end_of_input",
            "icmp 1:77 > 2:77 2+1 packets 64+32 bytes end_of_input",
            "icmp 1:3 > 2:3 1+0 packets 28+0 bytes end_of_input",
            "icmp 1:11 > 2:0 1+0 packets 28+0 bytes end_of_input",
        ])
}

#[test]
fn error_20_timeouts_have_wrong_units_and_wall_clock_is_mixed_with_packet_time() -> Outcome {
    let tick = udp(40_000, 9_000, b"tick");
    for year_begins in [0, 915_148_800, 1_700_000_000, 4_102_444_800] {
        let pair = |gap| {
            let trace = Trace::new().beginning_at(year_begins);
            let trace = trace.packet(0.0, UDP, 1, 2, &tick);
            trace.packet(gap, UDP, 1, 2, &tick).lines()
        };
        assert_eq!(pair(119.999)?.len(), 1, "from {year_begins}");
        assert_eq!(pair(120.0)?.len(), 1, "from {year_begins}");
        assert_eq!(pair(120.001)?.len(), 2, "from {year_begins}");
    }
    Ok(())
}

#[test]
fn error_21_times_are_cut_to_milliseconds_and_tcp_has_no_end() -> Outcome {
    let tick = |trace: Trace, nanos| {
        let packet = v4(UDP, 1, 2, &udp(40_000, 9_000, b"tick"));
        trace.frame_at_nanos(nanos, ethernet(IPV4, &packet))
    };
    let (flows, _) = tick(tick(Trace::new(), 1), 1_000_003).meter()?;
    assert_eq!(flows[0].duration().as_nanos(), 1_000_002);

    let closed = opened()
        .ask(0.3, (FIN | ACK, 111, 501), 0)
        .answer(0.4, (FIN | ACK, 501, 112), 0)
        .ask(0.5, (ACK, 112, 502), 0)
        .packet(10.0, UDP, 3, 4, &udp(40_000, 9_000, b"later"));
    let (flows, _) = closed.meter()?;
    assert_eq!(flows[0].end, FlowEnd::Fin);
    // Given out after the linger, not after the idle timeout.
    assert_eq!(flows[0].ended.saturating_since(flows[0].last).as_secs(), 5);
    Ok(())
}

#[test]
fn error_22_expiry_waits_for_a_scan_and_a_cut_record_ends_the_run_in_silence() -> Outcome {
    let trace = Trace::new()
        .packet(0.0, UDP, 1, 2, &udp(40_000, 9_000, b"a"))
        .packet(7.0, UDP, 3, 4, &udp(40_000, 9_000, b"b"))
        .packet(1_000.0, UDP, 5, 6, &udp(40_000, 9_000, b"c"))
        .packet(1_001.0, UDP, 5, 6, &udp(40_000, 9_000, b"d"));
    let (flows, _) = trace.meter()?;
    let waited = |flow: &Flow| flow.ended.saturating_since(flow.last).as_secs();
    assert_eq!(
        flows.iter().map(waited).collect::<Vec<_>>(),
        [120, 120, 120]
    );

    let file = trace.file()?;
    let cut = file.get(..file.len() - 10).ok_or("a file")?;
    let mut meter = FlowMeter::<_, ()>::new(from_reader("cut", cut)?, FlowConfig::default());
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    loop {
        match meter.next_flow() {
            Ok(Some(flow)) => lines.push(line(&flow)),
            Ok(None) => break,
            Err(error) => errors.push(error),
        }
    }
    assert_eq!(
        lines,
        [
            "udp 1:40000 > 2:9000 1+0 packets 1+0 bytes idle",
            "udp 3:40000 > 4:9000 1+0 packets 1+0 bytes idle",
            "udp 5:40000 > 6:9000 1+0 packets 1+0 bytes end_of_input",
        ]
    );
    // The place of the record that was cut.
    let offsets: Vec<_> = errors.iter().map(|error| error.offset()).collect();
    assert_eq!(offsets, [24 + 3 * (16 + 43)]);
    Ok(())
}
