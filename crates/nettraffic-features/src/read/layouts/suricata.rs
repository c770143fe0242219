//! Flow records of Suricata's event log (EVE).

use super::Quantity;
use crate::Missing::{Never, Zero};
use crate::Unit::{Bytes, Count, Flag, Seconds};
use crate::read::layout::{Framing, TableLayout};

const QUANTITIES: [Quantity; 13] = [
    ("flow.pkts_toserver", Count, Never),
    ("flow.pkts_toclient", Count, Never),
    ("flow.bytes_toserver", Bytes, Never),
    ("flow.bytes_toclient", Bytes, Never),
    ("flow.age", Seconds, Zero),
    // A flag is there only when it is set.
    ("tcp.syn", Flag, Zero),
    ("tcp.fin", Flag, Zero),
    ("tcp.rst", Flag, Zero),
    ("tcp.psh", Flag, Zero),
    ("tcp.ack", Flag, Zero),
    ("tcp.urg", Flag, Zero),
    ("tcp.ecn", Flag, Zero),
    ("tcp.cwr", Flag, Zero),
];

pub(in crate::read) fn layout() -> TableLayout {
    TableLayout::of(Framing::Json {
        only: Some(("event_type", "flow")),
    })
    .partial()
    .category("proto")
    .category("app_proto")
    .category("flow.state")
    .category("flow.reason")
    .category("tcp.state")
    .quantities(&QUANTITIES)
    .identities(&[
        "timestamp",
        "flow_id",
        "src_ip",
        "src_port",
        "dest_ip",
        "dest_port",
        "community_id",
        "flow.start",
        "flow.end",
    ])
    .all_left_out(&[
        "event_type",
        "in_iface",
        "vlan",
        "host",
        "ip_v",
        "icmp_type",
        "icmp_code",
        "response_icmp_type",
        "response_icmp_code",
        // Whether a signature of Suricata's matched: the verdict of another detector.
        "flow.alerted",
        "tcp.tcp_flags",
        "tcp.tcp_flags_ts",
        "tcp.tcp_flags_tc",
    ])
}
