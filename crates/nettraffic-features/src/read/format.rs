//! The kinds of table, and how they are told apart.

use super::fields::Fields;
use super::json;
use super::layout::{Framing, TableLayout};
use super::layouts;

/// A kind of flow table that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableFormat {
    /// Our own flow records as comma-separated values, as `FlowWriter` writes them.
    FlowsCsv,
    /// Our own flow records as JSON lines, as `FlowWriter` writes them.
    FlowsNdjson,
    /// Our own flow records as a Zeek log, as `FlowWriter` writes them. The first line of one is
    /// that of any Zeek log, so it is not told by itself: features are left out of it then.
    FlowsZeek,
    /// CICFlowMeter: CIC-IDS2017, CSE-CIC-IDS2018 and their kin, with or without the columns
    /// that identify a flow.
    CicFlowMeter,
    /// KDD Cup 1999 and NSL-KDD.
    Kdd,
    /// UNSW-NB15, the tables with a header.
    UnswNb15,
    /// UNSW-NB15, the four raw tables without one.
    UnswNb15Raw,
    /// Zeek's `conn.log` as text, also with the labels of IoT-23.
    Zeek,
    /// Zeek's `conn.log` as JSON lines.
    ZeekJson,
    /// Suricata's event log (EVE), of which the flow records are read.
    SuricataEve,
}

/// Fields of a line that is looked at; more are those of no known table.
const MOST_FIELDS: usize = 4_096;

impl TableFormat {
    /// Every format.
    pub const ALL: [Self; 10] = [
        Self::FlowsCsv,
        Self::FlowsNdjson,
        Self::FlowsZeek,
        Self::CicFlowMeter,
        Self::Kdd,
        Self::UnswNb15,
        Self::UnswNb15Raw,
        Self::Zeek,
        Self::ZeekJson,
        Self::SuricataEve,
    ];

    /// Its name for command lines: `cicflowmeter`, `kdd`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FlowsCsv => "flows-csv",
            Self::FlowsNdjson => "flows-ndjson",
            Self::FlowsZeek => "flows-zeek",
            Self::CicFlowMeter => "cicflowmeter",
            Self::Kdd => "kdd",
            Self::UnswNb15 => "unsw-nb15",
            Self::UnswNb15Raw => "unsw-nb15-raw",
            Self::Zeek => "zeek",
            Self::ZeekJson => "zeek-json",
            Self::SuricataEve => "suricata-eve",
        }
    }

    /// The format of a table, from how it begins: its first line with something on it decides.
    /// A byte-order mark before it does no harm.
    #[must_use]
    pub fn detect(beginning: &[u8]) -> Option<Self> {
        let beginning = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
        let line = beginning
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .find(|line| !line.is_empty())?;
        let line = String::from_utf8_lossy(line);
        match line.as_bytes().first()? {
            b'#' => ["#separator", "#fields", "#set_separator"]
                .iter()
                .any(|word| line.starts_with(word))
                .then_some(Self::Zeek),
            b'{' => of_json(&line),
            _ => of_csv(&line),
        }
    }

    /// How its tables are read.
    #[must_use]
    pub fn layout(self) -> TableLayout {
        match self {
            Self::FlowsCsv => layouts::flows(TableLayout::delimited(',')),
            Self::FlowsNdjson => layouts::flows(TableLayout::json_lines()),
            Self::FlowsZeek => layouts::flows(TableLayout::of(Framing::Zeek)),
            Self::CicFlowMeter => layouts::cicflowmeter(),
            Self::Kdd => layouts::kdd(),
            Self::UnswNb15 => layouts::unsw(),
            Self::UnswNb15Raw => layouts::unsw_raw(),
            Self::Zeek => layouts::zeek(Framing::Zeek),
            Self::ZeekJson => layouts::zeek(Framing::Json { only: None }),
            Self::SuricataEve => layouts::suricata(),
        }
    }
}

fn of_json(line: &str) -> Option<TableFormat> {
    let mut names = Vec::new();
    json::members(line, |name, _| {
        if names.len() < MOST_FIELDS {
            names.push(name.to_owned());
        }
    })
    .ok()?;
    let has = |wanted: &[&str]| wanted.iter().all(|name| names.iter().any(|n| n == name));
    if has(&["event_type"]) {
        Some(TableFormat::SuricataEve)
    } else if has(&["uid", "id.orig_h", "flow_end_reason"]) {
        Some(TableFormat::FlowsNdjson)
    } else if has(&["uid", "id.orig_h"]) {
        Some(TableFormat::ZeekJson)
    } else {
        None
    }
}

fn of_csv(line: &str) -> Option<TableFormat> {
    let mut fields = Fields::default();
    fields.split_quoted(line, b',', MOST_FIELDS).ok()?;
    let has = |wanted: &[&str]| {
        wanted.iter().all(|name| {
            fields
                .texts()
                .any(|field| field.trim_ascii().eq_ignore_ascii_case(name))
        })
    };
    if has(&["uid", "id.orig_h", "flow_end_reason"]) {
        return Some(TableFormat::FlowsCsv);
    }
    if has(&["Flow Duration", "Flow IAT Mean"]) {
        return Some(TableFormat::CicFlowMeter);
    }
    if has(&["ct_state_ttl", "sload"]) {
        return Some(TableFormat::UnswNb15);
    }
    let is_protocol = |at| matches!(fields.get(at), Some("tcp" | "udp" | "icmp"));
    let is_number = |at: usize| {
        fields
            .get(at)
            .is_some_and(|text| text.parse::<f64>().is_ok())
    };
    match fields.len() {
        41..=43 if is_protocol(1) && (0..41).all(|at| is_number(at) != (1..4).contains(&at)) => {
            Some(TableFormat::Kdd)
        }
        49 if is_number(6) && is_number(28) && matches!(fields.get(48), Some("0" | "1")) => {
            Some(TableFormat::UnswNb15Raw)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_its_first_line() {
        let kdd = |tail: &str| format!("0,tcp,http,SF,{}1{tail}\n", "0,".repeat(36));
        for (text, expected) in [
            ("", None),
            ("\n \r\n", None),
            ("a,b,c\n1,2,3\n", None),
            ("{\"a\":1}\n", None),
            ("{\"uid\":", None),
            ("# a comment\n", None),
            ("#separator \\x09\n", Some(TableFormat::Zeek)),
            (
                "\n{\"uid\":\"C\",\"id.orig_h\":\"::1\"}",
                Some(TableFormat::ZeekJson),
            ),
            (
                "{\"uid\":\"C\",\"id.orig_h\":\"::1\",\"flow_end_reason\":\"idle\"}",
                Some(TableFormat::FlowsNdjson),
            ),
            (
                "{\"event_type\":\"dns\",\"dns\":{}}",
                Some(TableFormat::SuricataEve),
            ),
            (
                "ts,uid,id.orig_h,flow_end_reason,x\n",
                Some(TableFormat::FlowsCsv),
            ),
            (
                "\u{feff} Flow Duration, Flow IAT Mean\r\n",
                Some(TableFormat::CicFlowMeter),
            ),
            ("id,SLOAD,ct_state_ttl\n", Some(TableFormat::UnswNb15)),
            (&kdd(",normal."), Some(TableFormat::Kdd)),
            (&kdd(",normal,21"), Some(TableFormat::Kdd)),
            (&kdd(",normal,21,x"), None),
            (&kdd("x,normal,21"), None),
        ] {
            assert_eq!(TableFormat::detect(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn names_are_unique() {
        for (at, format) in TableFormat::ALL.iter().enumerate() {
            let first = TableFormat::ALL
                .iter()
                .position(|other| other.name() == format.name());
            assert_eq!(first, Some(at));
        }
    }
}
