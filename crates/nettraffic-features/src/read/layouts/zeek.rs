//! Zeek's `conn.log`, as text or JSON, and with the labels of IoT-23.

use super::Quantity;
use crate::Missing::{Indicated, Zero};
use crate::Unit::{Bytes, Count, Seconds};
use crate::read::layout::{Framing, TableLayout};

const QUANTITIES: [Quantity; 8] = [
    ("duration", Seconds, Indicated(0.0)),
    ("orig_bytes", Bytes, Indicated(0.0)),
    ("resp_bytes", Bytes, Indicated(0.0)),
    ("missed_bytes", Bytes, Zero),
    ("orig_pkts", Count, Zero),
    ("orig_ip_bytes", Bytes, Zero),
    ("resp_pkts", Count, Zero),
    ("resp_ip_bytes", Bytes, Zero),
];

pub(in crate::read) fn layout(framing: Framing) -> TableLayout {
    TableLayout::of(framing)
        .partial()
        .category("proto")
        .category("service")
        .category("conn_state")
        .quantities(&QUANTITIES)
        .label("label")
        .label("detailed-label")
        .identities(&[
            "ts",
            "uid",
            "id.orig_h",
            "id.orig_p",
            "id.resp_h",
            "id.resp_p",
            "community_id",
        ])
        .all_left_out(&[
            // What is local is the site's own setting.
            "local_orig",
            "local_resp",
            // Almost as many values as rows.
            "history",
            "tunnel_parents",
            "ip_proto",
            "vlan",
            "inner_vlan",
            "orig_l2_addr",
            "resp_l2_addr",
        ])
}
