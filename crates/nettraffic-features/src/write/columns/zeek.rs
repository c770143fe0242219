//! Columns with the names and the meaning of Zeek's `conn.log`.

use nettraffic_capture::IpProtocol;
use nettraffic_flow::Flow;

use super::super::line::Line;
use super::RecordValue::{Count, Optional, Seconds, Text, Time};
use super::{RecordColumn, column};

#[rustfmt::skip]
pub(super) const COLUMNS: &[RecordColumn] = &[
    column("ts", "time", Time(|f| f.first)),
    column("uid", "string", Text(|f, line| line.ascii(&f.uid().text()))),
    column("id.orig_h", "addr", Text(|f, line| line.address(f.key.initiator))),
    column("id.orig_p", "port", Count(|f| f.key.initiator_port.into())),
    column("id.resp_h", "addr", Text(|f, line| line.address(f.key.responder))),
    column("id.resp_p", "port", Count(|f| f.key.responder_port.into())),
    column("proto", "enum", Text(protocol)),
    column("duration", "interval", Seconds(Flow::duration)),
    column("orig_bytes", "count", Count(|f| f.forward.payload_bytes)),
    column("resp_bytes", "count", Count(|f| f.backward.payload_bytes)),
    column("conn_state", "string", Text(|f, line| line.text(f.conn_state().name()))),
    column("history", "string", Text(|f, line| f.history.letters().for_each(|letter| line.push(letter)))),
    column("orig_pkts", "count", Count(|f| f.forward.packets)),
    column("orig_ip_bytes", "count", Count(|f| f.forward.ip_bytes)),
    column("resp_pkts", "count", Count(|f| f.backward.packets)),
    column("resp_ip_bytes", "count", Count(|f| f.backward.ip_bytes)),
    column("vlan", "int", Optional(|f| f.vlan.map(u64::from))),
    column("tunnel", "string", Text(|f, line| {
        if let Some(tunnel) = f.key.tunnel {
            line.show(tunnel);
        }
    })),
    column("flow_end_reason", "string", Text(|f, line| line.text(f.end.name()))),
    column("ended", "time", Time(|f| f.ended)),
    column("continuation", "count", Count(|f| f.continuation.into())),
    column("initiator_evidence", "string", Text(|f, line| line.text(f.evidence.name()))),
    column("icmp_errors", "count", Count(|f| f.icmp_errors.packets.into())),
    column("icmp_error_type", "count", Optional(|f| latest_error(f, f.icmp_errors.kind))),
    column("icmp_error_code", "count", Optional(|f| latest_error(f, f.icmp_errors.code))),
];

/// Nearly every flow is of one of two.
fn protocol(flow: &Flow, line: &mut Line) {
    match flow.key.protocol {
        IpProtocol::TCP => line.text("tcp"),
        IpProtocol::UDP => line.text("udp"),
        other => line.show(other),
    }
}

fn latest_error(flow: &Flow, number: u8) -> Option<u64> {
    (flow.icmp_errors.packets > 0).then_some(number.into())
}
