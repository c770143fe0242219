//! Real captures: what is read equals what an independent parser counted.
//!
//! Set `NETTRAFFIC_CORPUS` to a folder with captures and a `manifest.csv` (columns `path`,
//! `kind`, `format`, `packets`, `wire_bytes`, `first_ts`, `last_ts`). Without it these tests
//! say that they were skipped.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nettraffic_capture::{CaptureError, CaptureErrorKind, DecodeCounters, Timestamp, decode, open};

/// Files whose counts differ from the manifest's, and why.
const EXPLAINED: &[(&str, &str)] = &[
    (
        "formats/pcapng-example.pcapng",
        "the last packet claims the year 586524; time stamps end in 2262",
    ),
    (
        "malformed/syn_pcapng_epb_no_idb.pcapng",
        "its packet belongs to no interface and so has no link type: an error instead",
    ),
];

#[test]
fn every_capture_is_read_to_its_end() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    let mut differences = Vec::new();
    let mut read = 0;
    for row in manifest(&corpus)? {
        if !matches!(row.kind.as_str(), "attack" | "benign" | "mixed" | "formats") {
            continue;
        }
        let outcome = Outcome::of(&corpus.join(&row.path));
        if row.format == "?" {
            let refused = matches!(
                outcome.errors.as_slice(),
                [error] if matches!(error.kind(), CaptureErrorKind::NotACapture { .. })
            );
            assert!(refused, "{}: {:?}", row.path, outcome.errors);
            continue;
        }
        read += 1;
        if let Some(difference) = row.difference(&outcome)
            && !is_explained(&row)
        {
            differences.push(difference);
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(read > 0, "the manifest names no capture");
    Ok(())
}

#[test]
fn damaged_captures_yield_what_is_whole_and_say_where_they_end() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    let mut problems = Vec::new();
    for row in manifest(&corpus)? {
        if row.kind != "malformed" {
            continue;
        }
        let begin = Instant::now();
        let outcome = Outcome::of(&corpus.join(&row.path));
        let path = &row.path;
        if begin.elapsed() > Duration::from_secs(1) {
            problems.push(format!("{path}: took {:?}", begin.elapsed()));
        }
        if outcome.packets < row.packets && !is_explained(&row) {
            problems.push(format!(
                "{path}: {} packets, {} expected: {:?}",
                outcome.packets, row.packets, outcome.errors
            ));
        }
        for error in &outcome.errors {
            let text = error.to_string();
            let named = text.starts_with(&corpus.join(path).display().to_string());
            let opened = !matches!(error.kind(), CaptureErrorKind::NotACapture { .. });
            let placed = text.contains(&format!("at byte {}", error.offset()));
            if !named || (opened && !placed) {
                problems.push(format!("{path}: the error lacks its place: {text}"));
            }
        }
        if !row.note.is_empty() && outcome.errors.is_empty() {
            problems.push(format!("{path}: no error, where {}", row.note));
        }
        let sound = row.note.is_empty() && row.format != "?" && !is_explained(&row);
        if sound && !outcome.errors.is_empty() {
            problems.push(format!("{path}: {}", outcome.errors[0]));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// What reading and decoding a capture gave.
#[derive(Debug, Default)]
struct Outcome {
    packets: u64,
    wire_bytes: u64,
    /// Earliest and latest.
    times: Option<(Timestamp, Timestamp)>,
    errors: Vec<CaptureError>,
}

impl Outcome {
    fn of(path: &Path) -> Self {
        let mut outcome = Self::default();
        let mut source = match open(path) {
            Ok(source) => source,
            Err(error) => {
                outcome.errors.push(error);
                return outcome;
            }
        };
        let mut decoded = DecodeCounters::default();
        loop {
            match source.next_packet() {
                Ok(Some(packet)) => {
                    assert_eq!(packet.sequence, outcome.packets);
                    outcome.packets += 1;
                    outcome.wire_bytes += u64::from(packet.wire_len);
                    let time = packet.timestamp;
                    let (first, last) = outcome.times.unwrap_or((time, time));
                    outcome.times = Some((first.min(time), last.max(time)));
                    decoded.record(&decode(&packet));
                }
                Ok(None) => break,
                Err(error) => outcome.errors.push(error),
            }
        }
        let counters = source.counters();
        assert_eq!(counters.packets, outcome.packets);
        assert_eq!(counters.wire_bytes, outcome.wire_bytes);
        assert_eq!(decoded.total(), outcome.packets, "{}", path.display());
        outcome
    }
}

/// A line of the manifest.
struct Row {
    path: String,
    kind: String,
    format: String,
    packets: u64,
    wire_bytes: u64,
    first: String,
    last: String,
    note: String,
}

impl Row {
    fn difference(&self, outcome: &Outcome) -> Option<String> {
        let same = outcome.packets == self.packets
            && outcome.wire_bytes == self.wire_bytes
            && outcome.errors.is_empty()
            && self.has_times(outcome.times);
        (!same).then(|| {
            format!(
                "{}: {outcome:?} where {} packets, {} bytes, {} to {} were expected",
                self.path, self.packets, self.wire_bytes, self.first, self.last
            )
        })
    }

    /// The manifest's times have six decimals and were rounded.
    fn has_times(&self, times: Option<(Timestamp, Timestamp)>) -> bool {
        let is = |time: Timestamp, expected: &str| {
            expected.split_once('.').is_some_and(|(seconds, micros)| {
                let nanos = format!("{seconds}{micros}000").parse::<i64>();
                nanos.is_ok_and(|nanos| time.as_nanos().abs_diff(nanos) <= 1_000)
            })
        };
        match times {
            Some((first, last)) => is(first, &self.first) && is(last, &self.last),
            None => self.first.is_empty() && self.last.is_empty(),
        }
    }
}

fn is_explained(row: &Row) -> bool {
    EXPLAINED.iter().any(|(path, _)| *path == row.path)
}

fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
    }
    corpus
}

fn manifest(corpus: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(corpus.join("manifest.csv"))?;
    let headers = reader.headers()?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let field = |name: &str| -> String {
            let column = headers.iter().position(|header| header == name);
            let value = column.and_then(|column| record.get(column));
            value.unwrap_or_default().to_owned()
        };
        rows.push(Row {
            path: field("path"),
            kind: field("kind"),
            format: field("format"),
            packets: field("packets").parse().unwrap_or(0),
            wire_bytes: field("wire_bytes").parse().unwrap_or(0),
            first: field("first_ts"),
            last: field("last_ts"),
            note: field("parse_note"),
        });
    }
    Ok(rows)
}
