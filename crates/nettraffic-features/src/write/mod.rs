//! Flow records as text.

mod column;
mod number;

use std::io::Write as _;
use std::sync::Arc;

use nettraffic_flow::Flow;

use self::column::{COLUMNS, Quote};
use crate::Schema;

/// How flow records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlowFormat {
    /// Comma-separated values with a header line. No value holds a comma or a quote.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

/// Writes flow records: columns with Zeek's names and meaning, then the row of its features.
///
/// It gives lines as bytes and does no input or output itself. A category is written by its
/// name, a number in the shortest form that reads back as the same `f64`.
///
/// ```
/// use nettraffic_features::{FeatureSet, FlowFormat, FlowWriter};
///
/// let writer = FlowWriter::new(FeatureSet::named("basic")?.schema(), FlowFormat::Csv);
/// let header = String::from_utf8_lossy(writer.header());
/// assert!(header.starts_with("ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,duration,"));
/// # Ok::<(), nettraffic_features::UnknownSet>(())
/// ```
pub struct FlowWriter {
    schema: Arc<Schema>,
    format: FlowFormat,
    header: Vec<u8>,
    /// What stands before each value of a line: a comma, or in JSON also the quoted name.
    before: Vec<Vec<u8>>,
    line: Vec<u8>,
}

impl FlowWriter {
    /// A writer of records with rows of `schema`.
    #[must_use]
    pub fn new(schema: Arc<Schema>, format: FlowFormat) -> Self {
        let names: Vec<String> = COLUMNS
            .iter()
            .map(|column| column.name.to_owned())
            .chain(schema.columns().iter().map(|c| c.name.to_string()))
            .collect();
        let (header, before) = match format {
            FlowFormat::Csv => {
                let commas = (0..names.len()).map(|at| if at == 0 { "" } else { "," });
                let before = commas.map(|comma| comma.as_bytes().to_vec()).collect();
                ((names.join(",") + "\n").into_bytes(), before)
            }
            FlowFormat::Ndjson => {
                let before = names
                    .iter()
                    .enumerate()
                    .map(|(at, name)| {
                        let opening = if at == 0 { '{' } else { ',' };
                        format!("{opening}\"{name}\":").into_bytes()
                    })
                    .collect();
                (Vec::new(), before)
            }
        };
        Self {
            schema,
            format,
            header,
            before,
            line: Vec::new(),
        }
    }

    /// The header line with its line end; empty when the format has none.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The line of one record with its line end, valid until the next call.
    pub fn record(&mut self, flow: &Flow, row: &[f64]) -> &[u8] {
        self.line.clear();
        let json = self.format == FlowFormat::Ndjson;
        let mut before = self.before.iter();
        let line = &mut self.line;
        for column in COLUMNS {
            write_before(before.next().map_or(&[][..], Vec::as_slice), line);
            let quoted = json && column.quote == Quote::InJson;
            if quoted {
                line.push(b'"');
            }
            (column.write)(flow, line);
            if quoted {
                line.push(b'"');
            }
        }
        for (column, value) in self.schema.columns().iter().zip(row) {
            write_before(before.next().map_or(&[][..], Vec::as_slice), line);
            match (column.category_name(*value), json) {
                (Some(name), true) => {
                    // Writing to a vector cannot fail.
                    let _ = write!(line, "\"{name}\"");
                }
                (Some(name), false) => line.extend_from_slice(name.as_bytes()),
                (None, _) => number::write(*value, line),
            }
        }
        line.extend_from_slice(if json { b"}\n" } else { b"\n" });
        line
    }
}

/// A single comma is pushed: it is most of what stands before values, and copying any number of
/// bytes costs more than the one.
fn write_before(text: &[u8], line: &mut Vec<u8>) {
    match text {
        [comma] => line.push(*comma),
        longer => line.extend_from_slice(longer),
    }
}

impl std::fmt::Debug for FlowWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowWriter")
            .field("columns", &self.before.len())
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}
