//! An identifier of a conversation that many programs compute alike.

use community_id::calculate_community_id;
use nettraffic_capture::IpProtocol;
use nettraffic_flow::{Flow, InitiatorEvidence};

use super::super::line::Line;
use super::{RecordColumn, RecordValue, column};

pub(super) const COLUMN: RecordColumn = column("community_id", "string", RecordValue::Text(write));

/// Type and code of an echo request, by the protocol.
const ECHO: u16 = 8;
const ECHO_V6: u16 = 128;

fn write(flow: &Flow, line: &mut Line) {
    if let Some(id) = community_id(flow) {
        line.text(&id);
    }
}

/// The Community ID of a conversation (version 1, seed 0), by which records of many programs are joined:
/// `1:LQU9qZlK+B5F3KDmev6m5PMibrg=`.
///
/// Every ICMP query counts as an echo: which kind it is, is not kept. There is none between addresses of two
/// versions.
#[must_use]
pub fn community_id(flow: &Flow) -> Option<String> {
    let key = &flow.key;
    let (source_port, destination_port) = match key.protocol {
        IpProtocol::TCP | IpProtocol::UDP | IpProtocol::SCTP => {
            (Some(key.initiator_port), Some(key.responder_port))
        }
        // The ports hold the identifier, of which the hash knows nothing.
        IpProtocol::ICMP if flow.evidence == InitiatorEvidence::Query => (Some(ECHO), Some(0)),
        IpProtocol::ICMPV6 if flow.evidence == InitiatorEvidence::Query => (Some(ECHO_V6), Some(0)),
        IpProtocol::ICMP | IpProtocol::ICMPV6 => {
            (Some(key.initiator_port), Some(key.responder_port))
        }
        _ => (None, None),
    };
    calculate_community_id(
        0,
        key.initiator,
        key.responder,
        source_port,
        destination_port,
        key.protocol.0,
        false,
    )
    .ok()
}
