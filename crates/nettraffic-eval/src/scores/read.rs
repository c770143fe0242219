//! Reading a table of scores.

use std::io::Read;

use csv::ByteRecord;

use super::header::Positions;
use super::labels::{Labels, decision, says_nothing, truth};
use super::{RefusedRow, RowAccount, ScoreColumns, ScoreError, ScoreTable};
use crate::Truth;
use crate::labels::nanoseconds;

/// Refused rows that are kept with their reasons; all are counted.
const KEPT: usize = 20;
/// Put behind the text: a row of its own, unless a quote is still open and takes it in.
const END: &[u8] = b"\n \n";

pub(super) fn table(reader: impl Read, columns: &ScoreColumns) -> Result<ScoreTable, ScoreError> {
    let reader = reader.chain(END);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let positions = Positions::find(reader.byte_headers()?, columns)?;
    let mut table = ScoreTable {
        models: (columns.models().iter())
            .map(|name| (name.clone(), Vec::new()))
            .collect(),
        decisions: (!columns.alerts.is_empty()).then(|| vec![Vec::new(); columns.alerts.len()]),
        has_decisions_alone: columns.scores.is_empty(),
        labels: Vec::new(),
        label_names: Labels::default(),
        positive: columns.positive.clone(),
        groups: positions.group.map(|_| (Vec::new(), Labels::default())),
        times_ns: positions.time.map(|_| Vec::new()),
        sign: if columns.lower_is_stranger { -1.0 } else { 1.0 },
        rows: RowAccount::default(),
    };
    // One row ahead, since the last one is no row of the table.
    let (mut record, mut next) = (reader.byte_headers()?.clone(), ByteRecord::new());
    let mut is_header = true;
    // Where lines end in two characters, the reader counts a line when it comes to the second one, which
    // is after the next row has begun.
    let mut behind = 0;
    while reader.read_byte_record(&mut next)? {
        if is_header {
            behind = u64::from(line(&record) == line(&next));
        } else {
            table.take(&record, line(&record) + behind, &positions, columns);
        }
        is_header = false;
        std::mem::swap(&mut record, &mut next);
    }
    if record.iter().ne([b" "]) {
        let line = line(&record) + behind;
        return Err(ScoreError::OpenQuote { line });
    }
    table.check(columns)?;
    Ok(table)
}

/// The line that a row begins in.
fn line(record: &ByteRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

/// What a row says.
struct Row<'a> {
    scores: Vec<f64>,
    decisions: Vec<bool>,
    label: &'a str,
    group: Option<&'a str>,
    time_ns: Option<i64>,
}

/// `None` for a row that nobody knows the truth of.
fn row<'a>(
    record: &'a ByteRecord,
    positions: &Positions,
    columns: &ScoreColumns,
) -> Result<Option<Row<'a>>, String> {
    let field = |place: usize, name: &str| {
        let bytes = record
            .get(place)
            .ok_or_else(|| format!("it ends before its {name}"))?;
        let text = std::str::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))?;
        match text.trim() {
            "" => Err(format!("{name} is empty")),
            text => Ok(text),
        }
    };
    if record.len() > positions.width {
        let (fields, names) = (record.len(), positions.width);
        return Err(format!(
            "it has {fields} fields, line 1 names {names} columns"
        ));
    }
    let label = field(positions.label, &columns.label)?;
    if says_nothing(label) && columns.positive.as_deref() != Some(label) {
        let name = &columns.label;
        return Err(format!("{name} is {}, which says nothing", quoted(label)));
    }
    if truth(label, columns.positive.as_deref()) == Truth::Unknown {
        return Ok(None);
    }
    let mut scores = Vec::with_capacity(positions.scores.len());
    for (place, name) in positions.scores.iter().zip(&columns.scores) {
        let text = field(*place, name)?;
        let score = text.parse::<f64>().ok().filter(|score| !score.is_nan());
        let score = score.ok_or_else(|| format!("{name} is {}, not a number", quoted(text)))?;
        scores.push(score.clamp(f64::MIN, f64::MAX));
    }
    let mut decisions = Vec::with_capacity(positions.alerts.len());
    for (place, name) in positions.alerts.iter().zip(&columns.alerts) {
        let text = field(*place, name)?;
        let decided = decision(text);
        decisions.push(
            decided.ok_or_else(|| format!("{name} is {}, neither yes nor no", quoted(text)))?,
        );
    }
    let optional = |place: Option<usize>, name: &Option<String>| {
        place
            .zip(name.as_ref())
            .map(|(place, name)| field(place, name))
            .transpose()
    };
    let time = optional(positions.time, &columns.time)?;
    let time_ns = time.map(|text| {
        seconds(text)
            .ok_or_else(|| format!("the time is {}, not a number of seconds", quoted(text)))
    });
    Ok(Some(Row {
        scores,
        decisions,
        label,
        group: optional(positions.group, &columns.group)?,
        time_ns: time_ns.transpose()?,
    }))
}

/// Nanoseconds; exact, but for numbers that no clock gives.
fn seconds(text: &str) -> Option<i64> {
    nanoseconds(text).or_else(|| {
        let nanoseconds = text.parse::<f64>().ok()? * 1e9;
        let within = -9.2e18..9.2e18;
        within.contains(&nanoseconds).then_some(nanoseconds as i64)
    })
}

/// At most 40 characters.
fn quoted(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

impl ScoreTable {
    fn take(
        &mut self,
        record: &ByteRecord,
        line: u64,
        positions: &Positions,
        columns: &ScoreColumns,
    ) {
        self.rows.read += 1;
        match row(record, positions, columns) {
            Ok(Some(row)) => self.push(&row),
            Ok(None) => self.rows.unknown += 1,
            Err(reason) => {
                self.rows.refused_rows += 1;
                if self.rows.refused.len() < KEPT {
                    self.rows.refused.push(RefusedRow { line, reason });
                }
            }
        }
    }

    fn push(&mut self, row: &Row<'_>) {
        for ((_, scores), score) in self.models.iter_mut().zip(&row.scores) {
            scores.push(self.sign * score);
        }
        for (all, decided) in (self.decisions.iter_mut().flatten()).zip(&row.decisions) {
            all.push(*decided);
        }
        if self.has_decisions_alone {
            for ((_, scores), decided) in self.models.iter_mut().zip(&row.decisions) {
                scores.push(f64::from(u8::from(*decided)));
            }
        }
        self.labels.push(self.label_names.number(row.label));
        if let Some((groups, names)) = &mut self.groups {
            groups.push(names.number(row.group.unwrap_or_default()));
        }
        if let Some((times, time)) = self.times_ns.as_mut().zip(row.time_ns) {
            times.push(time);
        }
    }

    /// Counts what is there and refuses what cannot be judged.
    fn check(&mut self, columns: &ScoreColumns) -> Result<(), ScoreError> {
        let truths = self.truths();
        let attacks = truths
            .iter()
            .filter(|truth| truth.is_attack() == Some(true))
            .count() as u64;
        let judged = truths.len() as u64;
        let (column, labels) = (columns.label.clone(), self.label_names.names().to_vec());
        if judged == 0 {
            return Err(ScoreError::NoRows {
                read: self.rows.read,
                unknown: self.rows.unknown,
                first: self.rows.refused.first().cloned(),
            });
        }
        match columns.positive.clone() {
            Some(positive) if attacks == 0 => {
                return Err(ScoreError::NoPositive {
                    column,
                    positive,
                    labels,
                });
            }
            None if attacks == judged => return Err(ScoreError::NoBenign { column, labels }),
            _ => {}
        }
        self.rows.judged = judged;
        self.rows.attacks = attacks;
        self.rows.benign = judged - attacks;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> ScoreColumns {
        let mut columns = ScoreColumns::new("score", "label");
        columns.time = Some("time".into());
        columns.group = Some("host".into());
        columns
    }

    #[test]
    fn a_table_of_any_tool_is_read() -> Result<(), ScoreError> {
        // A byte-order mark, blanks, carriage returns, quotes, bytes that are no text where nobody looks.
        let csv = b"\xef\xbb\xbf label ,other, score,host,time\r\n\"BENIGN\",\xff, -inf,a,1.5\r\nDoS,,1e3,b,2\r\n";
        let table = ScoreTable::read(csv.as_slice(), &columns())?;
        let scores: Vec<&[f64]> = table
            .models
            .iter()
            .map(|(_, scores)| scores.as_slice())
            .collect();
        assert_eq!(scores, [[f64::MIN, 1000.0]]);
        assert_eq!(table.truths(), [Truth::Benign, Truth::Attack("DoS")]);
        assert_eq!(table.times_ns, Some(vec![1_500_000_000, 2_000_000_000]));
        let mut lower = columns();
        lower.lower_is_stranger = true;
        let table = ScoreTable::read(csv.as_slice(), &lower)?;
        assert_eq!(
            table.models.first().map(|model| &model.1),
            Some(&vec![f64::MAX, -1000.0])
        );
        Ok(())
    }

    #[test]
    fn refused_rows_are_counted_with_line_and_reason() -> Result<(), ScoreError> {
        let csv = "score,label,host,time\n1,benign,a,1\nx,benign,a,1\n1,,a,1\nnan,b,a,1\n2,scan,a,soon\n3,scan\n\
                   4,scan,\"a\nb\",1\n5,scan, ,1\n6,Unknown,,\n7,scan,a,1e9\n";
        for csv in [csv.to_owned(), csv.replace('\n', "\r\n")] {
            let table = ScoreTable::read(csv.as_bytes(), &columns())?;
            let reasons: Vec<String> = table
                .rows()
                .refused
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(
                reasons,
                [
                    "line 3: score is \"x\", not a number",
                    "line 4: label is empty",
                    "line 5: score is \"nan\", not a number",
                    "line 6: the time is \"soon\", not a number of seconds",
                    "line 7: it ends before its time",
                    "line 10: host is empty",
                ]
            );
            let rows = table.rows();
            assert_eq!(
                (rows.read, rows.judged, rows.unknown, rows.refused_rows),
                (10, 3, 1, 6)
            );
            assert_eq!(rows.read, rows.judged + rows.unknown + rows.refused_rows);
        }
        Ok(())
    }

    #[test]
    fn rows_that_nobody_can_be_sure_of_are_refused() -> Result<(), ScoreError> {
        let mut columns = ScoreColumns::new("score", "label");
        columns.alerts = vec!["alert".into()];
        let good = "1,benign,no\n2,scan,yes\n";
        for (row, expected) in [
            (
                "3,scan,1,more",
                Some("line 4: it has 4 fields, line 1 names 3 columns"),
            ),
            (
                "3,scan,1,",
                Some("line 4: it has 4 fields, line 1 names 3 columns"),
            ),
            ("3,-,1", Some("line 4: label is \"-\", which says nothing")),
            (
                "3,NaN,1",
                Some("line 4: label is \"NaN\", which says nothing"),
            ),
            (
                "3,scan,maybe",
                Some("line 4: alert is \"maybe\", neither yes nor no"),
            ),
            ("3,scan,", Some("line 4: alert is empty")),
            ("3,scan", Some("line 4: it ends before its alert")),
            ("3,scan,TRUE", None),
            ("3,none,0", None),
        ] {
            let csv = format!("score,label,alert\n{good}{row}\n");
            let table = ScoreTable::read(csv.as_bytes(), &columns)?;
            let refused = table.rows().refused.first().map(ToString::to_string);
            assert_eq!(refused.as_deref(), expected, "{row}");
            assert_eq!(table.rows().judged, 2 + u64::from(expected.is_none()));
        }
        Ok(())
    }

    #[test]
    fn a_quote_that_nothing_closes_does_not_swallow_rows() -> Result<(), ScoreError> {
        let plain = ScoreColumns::new("score", "label");
        let read = |csv: &str| ScoreTable::read(csv.as_bytes(), &plain);
        for (csv, line) in [
            ("score,label\n1,a\n0,benign\n2,\"b\n3,c\n", 4),
            ("score,label,note\n1,a,\"n\n0,benign,\n", 2),
            ("score,label,\"note\n1,a,\n0,benign,\n", 1),
        ] {
            let error = read(csv).map(|_| ()).map_err(|error| error.to_string());
            let expected = format!("a quote in the row of line {line} is never closed");
            assert_eq!(error, Err(expected), "{csv:?}");
        }
        // These are closed, or are no quotes.
        for csv in [
            "score,label\n1,a\n0,benign",
            "score,label\n1,a\n0,\"benign\"",
            "score,label\r\n1,\"a\"\"\"\r\n0,benign\r\n",
            "score,label\n1,a\"\n0,benign\n\n\n",
        ] {
            assert_eq!(read(csv)?.rows().judged, 2, "{csv:?}");
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_judged_is_an_error_that_says_why() {
        let error = |csv: &str, columns: &ScoreColumns| {
            ScoreTable::read(csv.as_bytes(), columns)
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        let plain = ScoreColumns::new("score", "label");
        let mut positive = plain.clone();
        positive.positive = Some("bot".into());
        let mut twice = plain.clone();
        twice.scores.push("score".into());
        let mut decided = plain.clone();
        decided.alerts = vec!["label".into(), "note".into()];
        for (csv, columns, expected) in [
            (
                "",
                &plain,
                "the table is empty: its first line should name the columns",
            ),
            (
                "a,label\n",
                &plain,
                "line 1 names no column \"score\"; it names \"a\", \"label\"",
            ),
            (
                "score,label,score\n",
                &plain,
                "line 1 names two columns \"score\": give the one that is meant a name of its own",
            ),
            (
                "score,label\n",
                &twice,
                "each score column is to be named once, and at least one",
            ),
            (
                "scores,label\n",
                &plain,
                "line 1 names no column \"score\"; it names \"scores\", \"label\"; did you mean \"scores\"?",
            ),
            (
                "score;label\n1;benign\n",
                &plain,
                "line 1 names no column \"score\"; it names \"score;label\", which seem to be separated by semicolons: \
                 only commas are understood",
            ),
            (
                "\u{1f}score,label,note\n",
                &decided,
                "line 1 names no column \"score\"; it names \"\\u{1f}score\", \"label\", \"note\"; did you mean \"\\u{1f}score\"?",
            ),
            (
                "score,label,note\n",
                &decided,
                "2 columns of decisions do not go with 1 of scores: one for each score, named once, in the same order",
            ),
            (
                "score,label\n1,unknown\n",
                &plain,
                "no row can be judged: 1 read, 1 unknown",
            ),
            (
                "score,label\nx,a\n",
                &plain,
                "no row can be judged: 1 read, 0 unknown, others refused, the first line 2: score is \"x\", not a number",
            ),
            (
                "score,label\n1,a\n2,b\n",
                &plain,
                "no label of column \"label\" says that a row is benign; its labels are \"a\", \"b\": name the one of attacks",
            ),
            (
                "score,label\n1,a\n2,b\n",
                &positive,
                "no row of column \"label\" is \"bot\"; its labels are \"a\", \"b\"",
            ),
        ] {
            assert_eq!(error(csv, columns), Err(expected.to_owned()), "{csv:?}");
        }
    }
}
