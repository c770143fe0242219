//! Lists the TCP, UDP and SCTP conversations of a capture with timeouts off: `conversations CAPTURE [closed]`
//!
//! One line a conversation, its fields separated by tabs: protocol, initiator and its port, responder and
//! its port; packets and bytes on the wire that the initiator sent, then those of the responder; the
//! seconds from the capture's first packet to its own, and those from there to its last. Tunnels are
//! opened, unless `closed` says otherwise. The lines are sorted.

use std::env;
use std::error::Error;
use std::iter;
use std::process::ExitCode;
use std::time::Duration;

use nettraffic_capture::{
    DecodeConfig, Decoder, IpProtocol, PacketMeta, PacketSource, Timestamp, Tunnels, open,
};
use nettraffic_flow::{Accumulate, Direction, Flow, FlowConfig, FlowTable, PerSide};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let listed = match &arguments[..] {
        [capture] => conversations(capture, Tunnels::ALL),
        [capture, how] if how == "closed" => conversations(capture, Tunnels::NONE),
        _ => Err("usage: conversations CAPTURE [closed]".into()),
    };
    match listed {
        Ok(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Bytes on the wire that each side sent, which a record alone does not tell: it has those of IP packets.
#[derive(Clone, Copy, Debug, Default)]
struct WireBytes(PerSide<u64>);

impl Accumulate for WireBytes {
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        *self.0.get_mut(direction) += u64::from(packet.wire_len);
    }
}

fn conversations(capture: &str, tunnels: Tunnels) -> Result<Vec<String>, Box<dyn Error>> {
    let mut source = open(capture)?;
    let mut decoder = Decoder::new(DecodeConfig::default().with_tunnels(tunnels));
    let mut table = FlowTable::<WireBytes>::new(without_timeouts());
    let mut start = None;
    loop {
        match source.next_packet() {
            Ok(Some(packet)) => {
                start.get_or_insert(packet.timestamp);
                if let Ok(packet) = decoder.decode(&packet) {
                    table.push(&packet);
                }
            }
            Ok(None) => break,
            // Damaged captures go on behind the damage, or end.
            Err(error) => eprintln!("{error}"),
        }
    }
    table.finish();
    let mut lines: Vec<_> = iter::from_fn(|| table.pop())
        .filter_map(|flow| line(&flow, start?))
        .collect();
    lines.sort();
    Ok(lines)
}

fn without_timeouts() -> FlowConfig {
    FlowConfig::default()
        .with_idle_timeout(Duration::MAX)
        .with_active_timeout(Duration::MAX)
        .with_tcp_linger(Duration::MAX)
}

/// The line of a flow of a protocol with ports.
fn line(flow: &Flow<WireBytes>, start: Timestamp) -> Option<String> {
    let protocol = match flow.key.protocol {
        IpProtocol::TCP => "tcp",
        IpProtocol::UDP => "udp",
        IpProtocol::SCTP => "sctp",
        _ => return None,
    };
    let (key, WireBytes(bytes)) = (&flow.key, flow.state);
    Some(format!(
        "{protocol}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:.9}\t{:.9}",
        key.initiator,
        key.initiator_port,
        key.responder,
        key.responder_port,
        flow.forward.packets,
        bytes.forward,
        flow.backward.packets,
        bytes.backward,
        seconds(start, flow.first),
        flow.duration().as_secs_f64(),
    ))
}

/// Seconds from one time to another, which may lie before it.
fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.saturating_since(from).as_secs_f64() - from.saturating_since(to).as_secs_f64()
}
