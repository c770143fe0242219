//! KDD Cup 1999 and NSL-KDD: no header, 41 features, the label, and in NSL-KDD a difficulty.

use std::borrow::Cow;

use super::Quantity;
use crate::Missing::Never;
use crate::Unit::{Bytes, Count, Flag, Ratio, Seconds};
use crate::read::layout::{DerivedLabel, TableLayout};

const BEFORE_CATEGORIES: [Quantity; 1] = [("duration", Seconds, Never)];
const CATEGORIES: [&str; 3] = ["protocol_type", "service", "flag"];
const QUANTITIES: [Quantity; 37] = [
    ("src_bytes", Bytes, Never),
    ("dst_bytes", Bytes, Never),
    ("land", Flag, Never),
    ("wrong_fragment", Count, Never),
    ("urgent", Count, Never),
    ("hot", Count, Never),
    ("num_failed_logins", Count, Never),
    ("logged_in", Flag, Never),
    ("num_compromised", Count, Never),
    ("root_shell", Flag, Never),
    // Said to be a flag, but 2 occurs.
    ("su_attempted", Count, Never),
    ("num_root", Count, Never),
    ("num_file_creations", Count, Never),
    ("num_shells", Count, Never),
    ("num_access_files", Count, Never),
    ("num_outbound_cmds", Count, Never),
    ("is_host_login", Flag, Never),
    ("is_guest_login", Flag, Never),
    ("count", Count, Never),
    ("srv_count", Count, Never),
    ("serror_rate", Ratio, Never),
    ("srv_serror_rate", Ratio, Never),
    ("rerror_rate", Ratio, Never),
    ("srv_rerror_rate", Ratio, Never),
    ("same_srv_rate", Ratio, Never),
    ("diff_srv_rate", Ratio, Never),
    ("srv_diff_host_rate", Ratio, Never),
    ("dst_host_count", Count, Never),
    ("dst_host_srv_count", Count, Never),
    ("dst_host_same_srv_rate", Ratio, Never),
    ("dst_host_diff_srv_rate", Ratio, Never),
    ("dst_host_same_src_port_rate", Ratio, Never),
    ("dst_host_srv_diff_host_rate", Ratio, Never),
    ("dst_host_serror_rate", Ratio, Never),
    ("dst_host_srv_serror_rate", Ratio, Never),
    ("dst_host_rerror_rate", Ratio, Never),
    ("dst_host_srv_rerror_rate", Ratio, Never),
];

/// The layout of both; which one it is, the width of the first row tells.
pub(in crate::read) fn layout() -> TableLayout {
    let names = (BEFORE_CATEGORIES.iter().map(|(name, ..)| *name))
        .chain(CATEGORIES)
        .chain(QUANTITIES.iter().map(|(name, ..)| *name))
        .chain(["label", "difficulty"]);
    let mut layout = TableLayout::delimited(',')
        .partial()
        .without_header(names)
        .quantities(&BEFORE_CATEGORIES);
    for category in CATEGORIES {
        layout = layout.category(category);
    }
    layout = layout
        .quantities(&QUANTITIES)
        .label("label")
        .mended(without_point)
        // How many of 21 classifiers got the row right: known only after the fact.
        .left_out("difficulty");
    layout.derived = Some(DerivedLabel {
        name: "family",
        from: "label",
        of: family,
    });
    layout
}

/// KDD99 ends its labels with a point, NSL-KDD does not.
fn without_point(label: &str) -> Cow<'_, str> {
    Cow::Borrowed(label.strip_suffix('.').unwrap_or(label))
}

/// The four families of attacks of the data set's authors, `normal`, or `unknown`.
/// The literature is at odds over `httptunnel`, which is r2l here, and `worm`, which is dos.
fn family(label: &str) -> &'static str {
    match label {
        "normal" => "normal",
        "back" | "land" | "neptune" | "pod" | "smurf" | "teardrop" | "apache2" | "mailbomb"
        | "processtable" | "udpstorm" | "worm" => "dos",
        "ipsweep" | "nmap" | "portsweep" | "satan" | "mscan" | "saint" => "probe",
        "ftp_write" | "guess_passwd" | "imap" | "multihop" | "phf" | "spy" | "warezclient"
        | "warezmaster" | "named" | "sendmail" | "snmpgetattack" | "snmpguess" | "xlock"
        | "xsnoop" | "httptunnel" => "r2l",
        "buffer_overflow" | "loadmodule" | "perl" | "rootkit" | "ps" | "sqlattack" | "xterm" => {
            "u2r"
        }
        _ => "unknown",
    }
}
