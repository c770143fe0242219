//! Flow records as lines of text.

use std::fmt;
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_flow::Flow;

use super::columns::{Date, RecordColumns, RecordValue, TimeOfDay};
use super::format::FlowFormat;
use super::line::{Line, Token, after, after_nothing};
use super::number::number;
use crate::column::category_place;
use crate::{Column, ColumnKind, Schema};

/// Writes flow records as lines: the columns of a record, then the row of its features.
///
/// It gives lines as bytes and does no input or output itself. A category is written by its
/// name, a number in the shortest form that reads back as the same `f64`. The bytes of a line
/// depend on nothing but the record: a clone, which costs little, writes the same ones, so that
/// each of many workers may have its own.
///
/// ```
/// use nettraffic_features::{FeatureSet, FlowFormat, FlowWriter};
///
/// let writer = FlowWriter::new(FeatureSet::named("basic")?.schema(), FlowFormat::Csv);
/// let header = String::from_utf8_lossy(writer.header());
/// assert!(header.starts_with("ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,duration,"));
/// # Ok::<(), nettraffic_features::UnknownSet>(())
/// ```
#[derive(Clone)]
pub struct FlowWriter {
    layout: Arc<Layout>,
    line: Line,
}

impl FlowWriter {
    /// A writer of records with the columns of Zeek and rows of `schema`.
    #[must_use]
    pub fn new(schema: Arc<Schema>, format: FlowFormat) -> Self {
        Self::with_columns(schema, format, &RecordColumns::zeek())
    }

    /// A writer of records with these columns and rows of `schema`. No column's name should be
    /// that of a feature: both are written.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "as every other that takes a schema"
    )]
    pub fn with_columns(schema: Arc<Schema>, format: FlowFormat, columns: &RecordColumns) -> Self {
        Self {
            layout: Arc::new(Layout::new(&schema, format, columns)),
            line: Line::default(),
        }
    }

    /// What stands before the first record, with line ends; empty when the format has nothing
    /// there.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        self.layout.header.as_bytes()
    }

    /// What stands behind the last record, which ended at `last`; empty when the format has
    /// nothing there.
    ///
    /// Zeek ends a log with the time at which it was closed, and whoever reads one sees by that
    /// line that it is whole. Here it is packet time: the same input gives the same bytes.
    #[must_use]
    pub fn footer(&self, last: Timestamp) -> Vec<u8> {
        if self.layout.format != FlowFormat::ZeekTsv {
            return Vec::new();
        }
        let (date, time) = (Date::of(last), TimeOfDay::of(last));
        let (day, clock) = (
            format!("{}-{:02}-{:02}", date.year, date.month, date.day),
            format!("{:02}-{:02}-{:02}", time.hour, time.minute, time.second),
        );
        format!("#close\t{day}-{clock}\n").into_bytes()
    }

    /// The line of one record with its line end, valid until the next call.
    ///
    /// Every line has all columns: features that `row` lacks are unset, and what it holds beyond them
    /// is left out. A number that is no category of its column is written as the last one,
    /// `other`.
    pub fn record(&mut self, flow: &Flow, row: &[f64]) -> &[u8] {
        self.line.clear();
        self.layout.record(flow, &mut self.line);
        self.layout.features(0, row, &mut self.line);
        self.layout.unset(row.len(), &mut self.line);
        self.line.ascii(self.layout.format.line_end());
        self.line.as_bytes()
    }

    /// The start of the line of a record of which only the first features are known yet.
    ///
    /// It and the [`line_end`](Self::line_end) with the others are the bytes that
    /// [`record`](Self::record) gives for the whole row, wherever it is cut.
    pub fn line_start(&mut self, flow: &Flow, first: &[f64]) -> &[u8] {
        self.line.clear();
        self.layout.record(flow, &mut self.line);
        self.layout.features(0, first, &mut self.line);
        self.line.as_bytes()
    }

    /// The end of a line with the last features of its row. A line has all columns only if the start
    /// has all others.
    pub fn line_end(&mut self, last: &[f64]) -> &[u8] {
        self.line.clear();
        let from = self.layout.features.len().saturating_sub(last.len());
        self.layout.features(from, last, &mut self.line);
        self.line.ascii(self.layout.format.line_end());
        self.line.as_bytes()
    }
}

impl fmt::Debug for FlowWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowWriter")
            .field("format", &self.layout.format)
            .field("record", &self.layout.record.len())
            .field("features", &self.layout.features.len())
            .finish()
    }
}

/// What is the same for all lines.
struct Layout {
    format: FlowFormat,
    header: String,
    record: Vec<(Before, RecordValue)>,
    features: Vec<(Before, FeatureValue)>,
}

/// What stands before a value.
enum Before {
    Byte(u8),
    Name(Token),
}

/// How a value of a row is written.
enum FeatureValue {
    Number,
    /// By these names, the last of which is for all other categories.
    Name(Vec<Token>),
}

impl Layout {
    fn new(schema: &Schema, format: FlowFormat, columns: &RecordColumns) -> Self {
        let feature = |column: &Column| FeatureValue::of(column, format);
        Self {
            format,
            header: header(schema, format, columns),
            record: columns
                .iter()
                .enumerate()
                .map(|(at, column)| (Before::new(at, column.name, format), column.value))
                .collect(),
            features: schema
                .columns()
                .iter()
                .map(|column| (Before::new(1, &column.name, format), feature(column)))
                .collect(),
        }
    }

    fn record(&self, flow: &Flow, line: &mut Line) {
        for (before, value) in &self.record {
            let at = before.write_at(line.len(), line);
            line.extend_to(at);
            match value {
                RecordValue::Time(get) => time(get(flow), line),
                RecordValue::Date(get) => self.format.quote(line, |line| date(get(flow), line)),
                RecordValue::Seconds(get) => {
                    // As much as two moments can lie apart.
                    line.seconds(u64::try_from(get(flow).as_nanos()).unwrap_or(u64::MAX));
                }
                RecordValue::Count(get) => line.integer(get(flow)),
                RecordValue::Optional(get) => match get(flow) {
                    Some(number) => line.integer(number),
                    None => line.ascii(self.format.unset()),
                },
                RecordValue::Text(write) => self.format.quote(line, |line| write(flow, line)),
            }
        }
    }

    /// Writes the values of the columns from `from` on.
    fn features(&self, from: usize, row: &[f64], line: &mut Line) {
        let columns = self.features.get(from..).unwrap_or_default();
        let mut at = line.len();
        for ((before, column), value) in columns.iter().zip(row) {
            at = match (before, column) {
                (Before::Byte(byte), FeatureValue::Number) => {
                    line.write_at(at, |room| after(*byte, room, |room| number(*value, room)))
                }
                (Before::Name(name), FeatureValue::Number) => {
                    let at = line.token_at(at, name);
                    line.write_at(at, |room| after_nothing(room, |room| number(*value, room)))
                }
                (_, FeatureValue::Name(names)) => {
                    let at = before.write_at(at, line);
                    let place = category_place(*value, names.len().saturating_sub(1));
                    match names.get(place) {
                        Some(name) => line.token_at(at, name),
                        None => at,
                    }
                }
            };
        }
        line.extend_to(at);
    }

    /// Writes that the features from `from` on have no value.
    fn unset(&self, from: usize, line: &mut Line) {
        for (before, _) in self.features.get(from..).unwrap_or_default() {
            let at = before.write_at(line.len(), line);
            line.extend_to(at);
            line.ascii(self.format.unset());
        }
    }
}

impl Before {
    fn new(at: usize, name: &str, format: FlowFormat) -> Self {
        match format {
            FlowFormat::Ndjson => {
                let opening = if at == 0 { '{' } else { ',' };
                Self::Name(Token::new(&format!("{opening}{}:", format.escaped(name))))
            }
            _ if at == 0 => Self::Name(Token::new("")),
            _ => Self::Byte(format.separator()),
        }
    }

    #[inline]
    fn write_at(&self, at: usize, line: &mut Line) -> usize {
        match self {
            Self::Byte(byte) => line.write_at(at, |room| after(*byte, room, |_| 0)),
            Self::Name(token) => line.token_at(at, token),
        }
    }
}

impl FeatureValue {
    fn of(column: &Column, format: FlowFormat) -> Self {
        match &column.kind {
            ColumnKind::Category(names) => {
                let other = column.category_name(f64::MAX).unwrap_or_default();
                let names = names.iter().map(|name| &**name).chain([other]);
                Self::Name(
                    names
                        .map(|name| Token::new(&format.escaped(name)))
                        .collect(),
                )
            }
            _ => Self::Number,
        }
    }
}

fn header(schema: &Schema, format: FlowFormat, columns: &RecordColumns) -> String {
    let features = schema
        .columns()
        .iter()
        .map(|column| format.escaped(&column.name));
    let names: Vec<String> = columns.names().map(str::to_owned).chain(features).collect();
    match format {
        FlowFormat::Csv => names.join(",") + "\n",
        FlowFormat::Ndjson => String::new(),
        FlowFormat::ZeekTsv => {
            let types = columns.iter().map(|column| column.zeek_type);
            let features = schema.columns().iter().map(|column| match column.kind {
                ColumnKind::Category(_) => "string",
                _ => "double",
            });
            let types: Vec<_> = types.chain(features).collect();
            format!(
                "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n\
                 #path\tconn\n#fields\t{}\n#types\t{}\n",
                names.join("\t"),
                types.join("\t")
            )
        }
    }
}

fn time(time: Timestamp, line: &mut Line) {
    if time < Timestamp::default() {
        line.push(b'-');
    }
    line.seconds(time.as_nanos().unsigned_abs());
}

/// `31/12/2024 23:59:59`.
fn date(time: Timestamp, line: &mut Line) {
    let (date, clock) = (Date::of(time), TimeOfDay::of(time));
    let parts = [
        (date.day, b'/'),
        (date.month, b'/'),
        (date.year, b' '),
        (clock.hour, b':'),
        (clock.minute, b':'),
        (clock.second, b' '),
    ];
    for (part, behind) in parts {
        if part < 10 {
            line.push(b'0');
        }
        line.integer(part);
        line.push(behind);
    }
    line.truncate(line.len() - 1);
}
