//! Flow records of our own: columns with Zeek's names, then features.

use crate::Column;
use crate::read::layout::{OtherColumns, TableLayout};

/// Columns that are no features though they say more than who and when: what they say stands
/// among the features as well, in a form that is fit for models.
const RECORD: [&str; 20] = [
    "proto",
    "duration",
    "orig_bytes",
    "resp_bytes",
    "orig_pkts",
    "resp_pkts",
    "orig_ip_bytes",
    "resp_ip_bytes",
    "missed_bytes",
    "conn_state",
    "history",
    "flow_end_reason",
    "continuation",
    "tunnel",
    "vlan",
    "initiator_evidence",
    "icmp_errors",
    "icmp_error_type",
    "icmp_error_code",
    "local_orig",
];

pub(in crate::read) fn layout(layout: TableLayout) -> TableLayout {
    let mut layout = layout
        .partial()
        .identities(&[
            "ts",
            "ended",
            "uid",
            "id.orig_h",
            "id.orig_p",
            "id.resp_h",
            "id.resp_p",
            "community_id",
        ])
        .label("label")
        .all_left_out(&RECORD)
        .others(OtherColumns::Features);
    layout.known = known();
    layout
}

/// Features of our own, with their units, categories and versions.
#[cfg(feature = "flow")]
fn known() -> Vec<Column> {
    crate::FeatureSet::all().schema().columns().to_vec()
}

/// Without the feature sets nothing is known of them.
#[cfg(not(feature = "flow"))]
fn known() -> Vec<Column> {
    Vec::new()
}
