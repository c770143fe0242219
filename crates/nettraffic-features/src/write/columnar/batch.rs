//! Records that are gathered as columns.

use std::collections::HashMap;
use std::io;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow_schema::{DataType, Field, Schema as ArrowSchema, SchemaRef, TimeUnit};
use nettraffic_capture::Timestamp;
use nettraffic_flow::Flow;

use super::sink::of_arrow;
use crate::write::columns::{RecordColumns, RecordValue};
use crate::write::line::Line;
use crate::{Column, ColumnKind, Schema};

/// Records of one schema, as columns.
pub(super) struct Batch {
    schema: SchemaRef,
    room: usize,
    record: Vec<RecordCells>,
    /// The latest rows, one after another, until there are enough of them to be spread over the columns.
    waiting: Vec<f64>,
    /// The values of each feature.
    features: Vec<Vec<f64>>,
    /// The names of each feature's categories.
    categories: Vec<Option<Categories>>,
}

/// The values of a column of a record, and how they are got.
enum RecordCells {
    Time(fn(&Flow) -> Timestamp, Vec<i64>),
    Seconds(fn(&Flow) -> Duration, Vec<f64>),
    Count(fn(&Flow) -> u64, Vec<u64>),
    Optional(fn(&Flow) -> Option<u64>, UInt64Builder),
    Text(fn(&Flow, &mut Line), Texts),
}

/// The texts of a column, one after another, and where each of them ends.
#[derive(Default)]
struct Texts {
    line: Line,
    ends: Vec<usize>,
}

/// The names of a column's categories, the same in every batch: a file may have one dictionary
/// for each column only.
struct Categories {
    names: ArrayRef,
    /// Of the name for all others.
    other: i32,
}

const UTC: &str = "UTC";
/// Rows that are spread together: to write a single value to each of a hundred columns touches a hundred
/// places in memory for every record.
const TOGETHER: usize = 16;

impl Batch {
    /// An empty one with room for so many records.
    pub(super) fn new(schema: &Schema, columns: &RecordColumns, room: usize) -> Self {
        let features = schema.columns();
        let record = columns.iter().map(|column| {
            let (data_type, nullable) = data_type(column.value);
            Field::new(column.name, data_type, nullable)
        });
        let fields: Vec<Field> = record.chain(features.iter().map(field)).collect();
        let fingerprint = schema.fingerprint().to_string();
        let metadata = HashMap::from([("schema".to_owned(), fingerprint)]);
        Self {
            schema: Arc::new(ArrowSchema::new_with_metadata(fields, metadata)),
            room,
            record: columns
                .iter()
                .map(|column| RecordCells::new(column.value, room))
                .collect(),
            waiting: Vec::with_capacity(TOGETHER * features.len()),
            features: features.iter().map(|_| Vec::with_capacity(room)).collect(),
            categories: features.iter().map(Categories::of).collect(),
        }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many features a row has.
    pub(super) fn features(&self) -> usize {
        self.features.len()
    }

    /// How many records there are.
    pub(super) fn rows(&self) -> usize {
        self.record.first().map_or(0, RecordCells::len)
    }

    /// Takes in a record with as many values as there are features.
    pub(super) fn push(&mut self, flow: &Flow, row: &[f64]) {
        for cells in &mut self.record {
            cells.push(flow);
        }
        self.waiting.extend_from_slice(row);
        if self.waiting.len() >= TOGETHER * self.features.len() {
            self.spread();
        }
    }

    /// Brings the rows that wait into the columns.
    fn spread(&mut self) {
        let width = self.features.len();
        for (at, cells) in self.features.iter_mut().enumerate() {
            cells.extend(self.waiting.chunks_exact(width).map(|row| row[at]));
        }
        self.waiting.clear();
    }

    /// Gives the columns and begins anew.
    pub(super) fn take(&mut self) -> io::Result<RecordBatch> {
        self.spread();
        let room = self.room;
        let record = self.record.iter_mut().map(|cells| cells.take(room));
        let mut columns: Vec<ArrayRef> = record.collect::<io::Result<_>>()?;
        for (cells, categories) in self.features.iter_mut().zip(&self.categories) {
            let values = mem::replace(cells, Vec::with_capacity(room));
            columns.push(match categories {
                None => Arc::new(Float64Array::from(values)),
                Some(categories) => categories.named(&values)?,
            });
        }
        RecordBatch::try_new(self.schema(), columns).map_err(of_arrow)
    }
}

impl RecordCells {
    fn new(value: RecordValue, room: usize) -> Self {
        match value {
            RecordValue::Time(get) | RecordValue::Date(get) => {
                Self::Time(get, Vec::with_capacity(room))
            }
            RecordValue::Seconds(get) => Self::Seconds(get, Vec::with_capacity(room)),
            RecordValue::Count(get) => Self::Count(get, Vec::with_capacity(room)),
            RecordValue::Optional(get) => Self::Optional(get, UInt64Builder::new()),
            RecordValue::Text(write) => Self::Text(write, Texts::default()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Time(_, cells) => cells.len(),
            Self::Seconds(_, cells) => cells.len(),
            Self::Count(_, cells) => cells.len(),
            Self::Optional(_, cells) => arrow_array::builder::ArrayBuilder::len(cells),
            Self::Text(_, cells) => cells.ends.len(),
        }
    }

    fn push(&mut self, flow: &Flow) {
        match self {
            Self::Time(get, cells) => cells.push(get(flow).as_nanos()),
            Self::Seconds(get, cells) => cells.push(get(flow).as_secs_f64()),
            Self::Count(get, cells) => cells.push(get(flow)),
            Self::Optional(get, cells) => cells.append_option(get(flow)),
            Self::Text(write, cells) => {
                write(flow, &mut cells.line);
                cells.ends.push(cells.line.len());
            }
        }
    }

    fn take(&mut self, room: usize) -> io::Result<ArrayRef> {
        Ok(match self {
            Self::Time(_, cells) => {
                let cells = mem::replace(cells, Vec::with_capacity(room));
                Arc::new(TimestampNanosecondArray::from(cells).with_timezone(UTC))
            }
            Self::Seconds(_, cells) => {
                let cells = mem::replace(cells, Vec::with_capacity(room));
                Arc::new(Float64Array::from(cells))
            }
            Self::Count(_, cells) => {
                let cells = mem::replace(cells, Vec::with_capacity(room));
                Arc::new(UInt64Array::from(cells))
            }
            Self::Optional(_, cells) => Arc::new(cells.finish()),
            Self::Text(_, cells) => Arc::new(cells.take()?),
        })
    }
}

impl Texts {
    /// Gives them and begins anew; a text of nothing is none.
    fn take(&mut self) -> io::Result<StringArray> {
        // All at once: to look at each text for what is no text costs more than to write it.
        let all = str::from_utf8(self.line.as_bytes())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let mut texts = StringBuilder::with_capacity(self.ends.len(), all.len());
        let mut start = 0;
        for end in self.ends.drain(..) {
            // A place within a letter would be an error of the one who wrote the text.
            let text = (all.get(start..end)).ok_or(io::ErrorKind::InvalidData)?;
            texts.append_option(Some(text).filter(|text| !text.is_empty()));
            start = end;
        }
        self.line.clear();
        Ok(texts.finish())
    }
}

impl Categories {
    fn of(column: &Column) -> Option<Self> {
        let ColumnKind::Category(names) = &column.kind else {
            return None;
        };
        let mut names: Vec<&str> = names.iter().map(|name| &**name).collect();
        let other = column.category_name(f64::MAX).unwrap_or_default();
        let known = names.iter().position(|name| *name == other);
        let place = known.unwrap_or(names.len());
        if known.is_none() {
            names.push(other);
        }
        Some(Self {
            names: Arc::new(StringArray::from(names)),
            other: i32::try_from(place).unwrap_or(i32::MAX),
        })
    }

    fn named(&self, values: &[f64]) -> io::Result<ArrayRef> {
        let last = self.names.len() as f64;
        let keys: Int32Array = values
            .iter()
            .map(|value| {
                Some(if (0.0..last).contains(value) {
                    *value as i32
                } else {
                    self.other
                })
            })
            .collect();
        let named = DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(&self.names));
        Ok(Arc::new(named.map_err(of_arrow)?))
    }
}

/// The type of a column of a record, and whether some records do not have it.
fn data_type(value: RecordValue) -> (DataType, bool) {
    match value {
        RecordValue::Time(_) | RecordValue::Date(_) => {
            let utc = Some(UTC.into());
            (DataType::Timestamp(TimeUnit::Nanosecond, utc), false)
        }
        RecordValue::Seconds(_) => (DataType::Float64, false),
        RecordValue::Count(_) => (DataType::UInt64, false),
        RecordValue::Optional(_) => (DataType::UInt64, true),
        RecordValue::Text(_) => (DataType::Utf8, true),
    }
}

/// The field of a feature.
fn field(column: &Column) -> Field {
    let data_type = match column.kind {
        ColumnKind::Category(_) => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        _ => DataType::Float64,
    };
    Field::new(&*column.name, data_type, false).with_metadata(HashMap::from([
        ("unit".to_owned(), column.unit.name().to_owned()),
        ("version".to_owned(), column.version.to_string()),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_not_there_is_an_error_and_no_empty_cell() -> io::Result<()> {
        let taken = |ends: &[usize]| {
            let mut texts = Texts::default();
            texts.ends.extend_from_slice(ends);
            texts.take()
        };
        assert_eq!(taken(&[0, 0])?.len(), 2);
        for ends in [&[1][..], &[0, 7]] {
            let kind = taken(ends).map(|_| ()).map_err(|error| error.kind());
            assert_eq!(kind, Err(io::ErrorKind::InvalidData), "{ends:?}");
        }
        Ok(())
    }
}
