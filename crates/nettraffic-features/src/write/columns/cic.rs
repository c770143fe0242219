//! The columns that say who and when in the tables of CICFlowMeter.

use nettraffic_flow::Flow;

use super::super::line::Line;
use super::RecordValue::{Count, Date, Text};
use super::{RecordColumn, column};

pub(super) const COLUMNS_2017: &[RecordColumn] = &columns([
    "Source IP",
    "Source Port",
    "Destination IP",
    "Destination Port",
]);

pub(super) const COLUMNS_2018: &[RecordColumn] =
    &columns(["Src IP", "Src Port", "Dst IP", "Dst Port"]);

#[rustfmt::skip]
const fn columns(ends: [&'static str; 4]) -> [RecordColumn; 7] {
    let [source, source_port, destination, destination_port] = ends;
    [
        column("Flow ID", "string", Text(flow_id)),
        column(source, "addr", Text(|f, line| line.address(f.key.initiator))),
        column(source_port, "port", Count(|f| f.key.initiator_port.into())),
        column(destination, "addr", Text(|f, line| line.address(f.key.responder))),
        column(destination_port, "port", Count(|f| f.key.responder_port.into())),
        column("Protocol", "count", Count(|f| f.key.protocol.0.into())),
        column("Timestamp", "string", Date(|f| f.first)),
    ]
}

/// Source, destination, their ports and the protocol's number. That program puts either end
/// first; here it is always the initiator.
fn flow_id(flow: &Flow, line: &mut Line) {
    let key = &flow.key;
    line.address(key.initiator);
    line.push(b'-');
    line.address(key.responder);
    for number in [
        key.initiator_port,
        key.responder_port,
        key.protocol.0.into(),
    ] {
        line.push(b'-');
        line.integer(number.into());
    }
}
