//! One table per behaviour: packets in one line each, records in one line each.

mod clock;
mod collisions;
mod connections;
mod costs;
mod deadlines;
mod extremes;
mod initiator;
mod packets;
mod properties;
mod table;
mod timeouts;

use std::net::IpAddr;

use nettraffic_capture::PacketMeta;

use crate::{Accumulate, Flow, FlowConfig, FlowEnd, FlowTable};

/// All records, the packets numbered in their order.
fn records(config: &FlowConfig, packets: &[PacketMeta]) -> Vec<Flow> {
    let mut table = FlowTable::<()>::new(config.clone());
    push_all(&mut table, packets);
    table.finish();
    std::iter::from_fn(|| table.pop()).collect()
}

fn push_all<A: Accumulate>(table: &mut FlowTable<A>, packets: &[PacketMeta]) {
    for (sequence, packet) in (0..).zip(packets) {
        let mut packet = *packet;
        packet.sequence = sequence;
        table.push(&packet);
    }
}

/// `initiator host:port > responder host:port`, continuation (if any), packets each way,
/// reason `@` the second it was due, state.
fn line(flow: &Flow) -> String {
    let last_byte = |address: IpAddr| match address {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(address) => address.octets()[15],
    };
    let continuation = match flow.continuation {
        0 => String::new(),
        number => format!(" #{number}"),
    };
    // What the input's end cut off has its own deadline, which says nothing.
    let ended = match flow.end {
        FlowEnd::EndOfInput => String::new(),
        _ => format!("@{}", flow.ended.as_seconds_f64()),
    };
    format!(
        "{}:{} > {}:{}{continuation} {}/{} {}{ended} {}",
        last_byte(flow.key.initiator),
        flow.key.initiator_port,
        last_byte(flow.key.responder),
        flow.key.responder_port,
        flow.forward.packets,
        flow.backward.packets,
        flow.end,
        flow.conn_state(),
    )
}

#[track_caller]
fn check(packets: &[PacketMeta], expected: &[&str]) {
    check_with(&FlowConfig::default(), packets, expected);
}

#[track_caller]
fn check_with(config: &FlowConfig, packets: &[PacketMeta], expected: &[&str]) {
    let lines: Vec<_> = records(config, packets).iter().map(line).collect();
    assert_eq!(lines, expected);
}
