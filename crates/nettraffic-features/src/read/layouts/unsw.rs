//! UNSW-NB15: the tables for training and testing (45 columns) and the raw ones (49, no header).

use std::borrow::Cow;

use super::Quantity;
use crate::Missing::{Never, Zero};
use crate::Unit::{
    BitsPerSecond, Bytes, Count, Flag, Milliseconds, None, PacketsPerSecond, Seconds,
};
use crate::read::layout::TableLayout;

const CATEGORIES: [&str; 3] = ["proto", "service", "state"];

const QUANTITIES: [Quantity; 38] = [
    ("spkts", Count, Never),
    ("dpkts", Count, Never),
    ("sbytes", Bytes, Never),
    ("dbytes", Bytes, Never),
    ("rate", PacketsPerSecond, Never),
    ("sttl", None, Never),
    ("dttl", None, Never),
    ("sload", BitsPerSecond, Never),
    ("dload", BitsPerSecond, Never),
    ("sloss", Count, Never),
    ("dloss", Count, Never),
    ("sinpkt", Milliseconds, Never),
    ("dinpkt", Milliseconds, Never),
    ("sjit", Milliseconds, Never),
    ("djit", Milliseconds, Never),
    ("swin", None, Never),
    ("stcpb", None, Never),
    ("dtcpb", None, Never),
    ("dwin", None, Never),
    ("tcprtt", Seconds, Never),
    ("synack", Seconds, Never),
    ("ackdat", Seconds, Never),
    ("smean", Bytes, Never),
    ("dmean", Bytes, Never),
    ("trans_depth", Count, Never),
    ("response_body_len", Bytes, Never),
    ("ct_srv_src", Count, Never),
    ("ct_state_ttl", Count, Never),
    ("ct_dst_ltm", Count, Never),
    ("ct_src_dport_ltm", Count, Never),
    ("ct_dst_sport_ltm", Count, Never),
    ("ct_dst_src_ltm", Count, Never),
    // These three are blank in raw tables for flows that are neither FTP nor HTTP, and 0 in
    // the others. The first is said to be a flag, but counts.
    ("is_ftp_login", Count, Zero),
    ("ct_ftp_cmd", Count, Zero),
    ("ct_flw_http_mthd", Count, Zero),
    ("ct_src_ltm", Count, Never),
    ("ct_srv_dst", Count, Never),
    ("is_sm_ips_ports", Flag, Never),
];

/// Columns of the raw tables, by the names of the others where they have them.
const RAW: [&str; 49] = [
    "srcip",
    "sport",
    "dstip",
    "dsport",
    "proto",
    "state",
    "dur",
    "sbytes",
    "dbytes",
    "sttl",
    "dttl",
    "sloss",
    "dloss",
    "service",
    "sload",
    "dload",
    "spkts",
    "dpkts",
    "swin",
    "dwin",
    "stcpb",
    "dtcpb",
    "smean",
    "dmean",
    "trans_depth",
    "response_body_len",
    "sjit",
    "djit",
    "stime",
    "ltime",
    "sinpkt",
    "dinpkt",
    "tcprtt",
    "synack",
    "ackdat",
    "is_sm_ips_ports",
    "ct_state_ttl",
    "ct_flw_http_mthd",
    "is_ftp_login",
    "ct_ftp_cmd",
    "ct_srv_src",
    "ct_srv_dst",
    "ct_dst_ltm",
    "ct_src_ltm",
    "ct_src_dport_ltm",
    "ct_dst_sport_ltm",
    "ct_dst_src_ltm",
    "attack_cat",
    "label",
];

/// The tables with a header. The first label is the class of attack, the second 0 or 1.
pub(in crate::read) fn layout() -> TableLayout {
    let mut layout = TableLayout::delimited(',')
        .partial()
        .quantities(&[("dur", Seconds, Never)]);
    for category in CATEGORIES {
        layout = layout.category(category);
    }
    layout
        .quantities(&QUANTITIES)
        .label("attack_cat")
        .mended(class)
        .label("label")
        // The number of the row, which is sorted by class in part of the table.
        .left_out("id")
        .identities(&["srcip", "sport", "dstip", "dsport", "stime", "ltime"])
}

/// The tables without a header.
pub(in crate::read) fn raw() -> TableLayout {
    layout().without_header(RAW)
}

/// Raw tables leave normal rows without a class and have two spellings of one.
fn class(label: &str) -> Cow<'_, str> {
    Cow::Borrowed(match label {
        "" => "Normal",
        "Backdoors" => "Backdoor",
        other => other,
    })
}
