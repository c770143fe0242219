//! Tables of CICFlowMeter: CIC-IDS2017, CSE-CIC-IDS2018 and their kin.
//!
//! Names are those of CIC-IDS2017 without the blanks before them, whatever the table's own, so
//! that tables of both years have one schema. Values stand there as the table has them, with the
//! errors of that program.

use std::borrow::Cow;

use crate::Missing::{self, Never, Zero};
use crate::Unit::{
    self, Bytes, BytesPerSecond, Count, Microseconds, None, PacketsPerSecond, Ratio,
};
use crate::read::layout::{ColumnRole, TableLayout};

type Entry = (&'static str, &'static [&'static str], Unit, Missing);

/// Rates are `NaN` or `Infinity` where the duration is 0, which is a column itself.
#[rustfmt::skip]
const QUANTITIES: [Entry; 76] = [
    ("Flow Duration", &[], Microseconds, Never),
    ("Total Fwd Packets", &["Tot Fwd Pkts", "Total Fwd Packet"], Count, Never),
    ("Total Backward Packets", &["Tot Bwd Pkts", "Total Bwd packets"], Count, Never),
    ("Total Length of Fwd Packets", &["TotLen Fwd Pkts", "Total Length of Fwd Packet", "Fwd Packets Length Total"], Bytes, Never),
    ("Total Length of Bwd Packets", &["TotLen Bwd Pkts", "Total Length of Bwd Packet", "Bwd Packets Length Total"], Bytes, Never),
    ("Fwd Packet Length Max", &["Fwd Pkt Len Max"], Bytes, Never),
    ("Fwd Packet Length Min", &["Fwd Pkt Len Min"], Bytes, Never),
    ("Fwd Packet Length Mean", &["Fwd Pkt Len Mean"], Bytes, Never),
    ("Fwd Packet Length Std", &["Fwd Pkt Len Std"], Bytes, Never),
    ("Bwd Packet Length Max", &["Bwd Pkt Len Max"], Bytes, Never),
    ("Bwd Packet Length Min", &["Bwd Pkt Len Min"], Bytes, Never),
    ("Bwd Packet Length Mean", &["Bwd Pkt Len Mean"], Bytes, Never),
    ("Bwd Packet Length Std", &["Bwd Pkt Len Std"], Bytes, Never),
    ("Flow Bytes/s", &["Flow Byts/s"], BytesPerSecond, Zero),
    ("Flow Packets/s", &["Flow Pkts/s"], PacketsPerSecond, Zero),
    ("Flow IAT Mean", &[], Microseconds, Never),
    ("Flow IAT Std", &[], Microseconds, Never),
    ("Flow IAT Max", &[], Microseconds, Never),
    ("Flow IAT Min", &[], Microseconds, Never),
    ("Fwd IAT Total", &["Fwd IAT Tot"], Microseconds, Never),
    ("Fwd IAT Mean", &[], Microseconds, Never),
    ("Fwd IAT Std", &[], Microseconds, Never),
    ("Fwd IAT Max", &[], Microseconds, Never),
    ("Fwd IAT Min", &[], Microseconds, Never),
    ("Bwd IAT Total", &["Bwd IAT Tot"], Microseconds, Never),
    ("Bwd IAT Mean", &[], Microseconds, Never),
    ("Bwd IAT Std", &[], Microseconds, Never),
    ("Bwd IAT Max", &[], Microseconds, Never),
    ("Bwd IAT Min", &[], Microseconds, Never),
    ("Fwd PSH Flags", &[], Count, Never),
    ("Bwd PSH Flags", &[], Count, Never),
    ("Fwd URG Flags", &[], Count, Never),
    ("Bwd URG Flags", &[], Count, Never),
    ("Fwd Header Length", &["Fwd Header Len"], Bytes, Never),
    ("Bwd Header Length", &["Bwd Header Len"], Bytes, Never),
    ("Fwd Packets/s", &["Fwd Pkts/s"], PacketsPerSecond, Zero),
    ("Bwd Packets/s", &["Bwd Pkts/s"], PacketsPerSecond, Zero),
    ("Min Packet Length", &["Pkt Len Min", "Packet Length Min"], Bytes, Never),
    ("Max Packet Length", &["Pkt Len Max", "Packet Length Max"], Bytes, Never),
    ("Packet Length Mean", &["Pkt Len Mean"], Bytes, Never),
    ("Packet Length Std", &["Pkt Len Std"], Bytes, Never),
    ("Packet Length Variance", &["Pkt Len Var"], None, Never),
    ("FIN Flag Count", &["FIN Flag Cnt"], Count, Never),
    ("SYN Flag Count", &["SYN Flag Cnt"], Count, Never),
    ("RST Flag Count", &["RST Flag Cnt"], Count, Never),
    ("PSH Flag Count", &["PSH Flag Cnt"], Count, Never),
    ("ACK Flag Count", &["ACK Flag Cnt"], Count, Never),
    ("URG Flag Count", &["URG Flag Cnt"], Count, Never),
    ("CWE Flag Count", &["CWR Flag Count"], Count, Never),
    ("ECE Flag Count", &["ECE Flag Cnt"], Count, Never),
    ("Down/Up Ratio", &[], Ratio, Never),
    ("Average Packet Size", &["Pkt Size Avg", "Avg Packet Size"], Bytes, Never),
    ("Avg Fwd Segment Size", &["Fwd Seg Size Avg", "Fwd Segment Size Avg"], Bytes, Never),
    ("Avg Bwd Segment Size", &["Bwd Seg Size Avg", "Bwd Segment Size Avg"], Bytes, Never),
    ("Fwd Avg Bytes/Bulk", &["Fwd Byts/b Avg", "Fwd Bytes/Bulk Avg"], Bytes, Never),
    ("Fwd Avg Packets/Bulk", &["Fwd Pkts/b Avg", "Fwd Packet/Bulk Avg"], Count, Never),
    ("Fwd Avg Bulk Rate", &["Fwd Blk Rate Avg", "Fwd Bulk Rate Avg"], BytesPerSecond, Zero),
    ("Bwd Avg Bytes/Bulk", &["Bwd Byts/b Avg", "Bwd Bytes/Bulk Avg"], Bytes, Never),
    ("Bwd Avg Packets/Bulk", &["Bwd Pkts/b Avg", "Bwd Packet/Bulk Avg"], Count, Never),
    ("Bwd Avg Bulk Rate", &["Bwd Blk Rate Avg", "Bwd Bulk Rate Avg"], BytesPerSecond, Zero),
    ("Subflow Fwd Packets", &["Subflow Fwd Pkts"], Count, Never),
    ("Subflow Fwd Bytes", &["Subflow Fwd Byts"], Bytes, Never),
    ("Subflow Bwd Packets", &["Subflow Bwd Pkts"], Count, Never),
    ("Subflow Bwd Bytes", &["Subflow Bwd Byts"], Bytes, Never),
    ("Init_Win_bytes_forward", &["Init Fwd Win Byts", "FWD Init Win Bytes", "Init Fwd Win Bytes"], None, Never),
    ("Init_Win_bytes_backward", &["Init Bwd Win Byts", "Bwd Init Win Bytes"], None, Never),
    ("act_data_pkt_fwd", &["Fwd Act Data Pkts", "Fwd Act Data Packets"], Count, Never),
    ("min_seg_size_forward", &["Fwd Seg Size Min"], Bytes, Never),
    ("Active Mean", &[], Microseconds, Never),
    ("Active Std", &[], Microseconds, Never),
    ("Active Max", &[], Microseconds, Never),
    ("Active Min", &[], Microseconds, Never),
    ("Idle Mean", &[], Microseconds, Never),
    ("Idle Std", &[], Microseconds, Never),
    ("Idle Max", &[], Microseconds, Never),
    ("Idle Min", &[], Microseconds, Never),
];

pub(in crate::read) fn layout() -> TableLayout {
    let layout = TableLayout::delimited(',').partial().category("Protocol");
    QUANTITIES
        .iter()
        .fold(layout, |layout, (name, aliases, unit, missing)| {
            let (unit, missing) = (*unit, *missing);
            layout
                .column(*name, ColumnRole::Number { unit, missing })
                .aliases(aliases)
        })
        .label("Label")
        .mended(dash)
        .identity("Flow ID")
        .identity("Source IP")
        .aliases(&["Src IP"])
        .identity("Source Port")
        .aliases(&["Src Port"])
        .identity("Destination IP")
        .aliases(&["Dst IP"])
        .identity("Destination Port")
        .aliases(&["Dst Port"])
        .identity("Timestamp")
        .all_left_out(&[
            // The same as the first one: the program writes it twice.
            "Fwd Header Length.1",
            // The number of the row, and two columns that CIC-DDoS2019 adds.
            "Unnamed: 0",
            "SimillarHTTP",
            "Inbound",
        ])
}

/// The dash in `Web Attack – XSS` is a byte of an old Windows code page, a replacement character
/// or the true dash, as the copies of the table have it.
fn dash(label: &str) -> Cow<'_, str> {
    if label.contains(['\u{fffd}', '\u{96}', '\u{2013}']) {
        Cow::Owned(label.replace(['\u{fffd}', '\u{96}', '\u{2013}'], "-"))
    } else {
        Cow::Borrowed(label)
    }
}
