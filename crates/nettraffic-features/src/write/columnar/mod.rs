//! Flow records as columns: Parquet and Arrow.

mod batch;
mod sink;

use std::fmt;
use std::io::{self, Write};

use nettraffic_flow::Flow;

use self::batch::Batch;
use self::sink::Sink;
use super::columns::RecordColumns;
use crate::Schema;

/// How flow records are written as columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnarFormat {
    /// Apache Parquet, compressed with Snappy, in row groups of 65,536 records.
    Parquet,
    /// An Arrow IPC file, also known as Feather (version 2).
    ArrowFile,
    /// An Arrow IPC stream, which can be read while it is written.
    ArrowStream,
}

/// Writes flow records as columns: those of a record, then its features.
///
/// Moments are nanoseconds in UTC, counts are 64-bit integers, addresses and names are strings,
/// features are doubles, and categories dictionaries of strings. What a record does not have is
/// null; of features, the schema says what stands there instead. Every column of a feature names
/// its `unit` and `version` in its metadata, and the table the fingerprint of its `schema`.
///
/// Memory is bounded: 512 records as they are, and in Parquet one row group, compressed.
///
/// ```
/// use nettraffic_capture::PacketMeta;
/// use nettraffic_features::{ColumnarFormat, ColumnarWriter, Extractor, FeatureSet};
/// use nettraffic_flow::FlowConfig;
///
/// let mut extractor = Extractor::new(FeatureSet::named("basic")?, FlowConfig::default());
/// extractor.push(&PacketMeta::default());
/// extractor.finish();
///
/// let schema = extractor.schema();
/// let mut writer = ColumnarWriter::new(Vec::new(), &schema, ColumnarFormat::Parquet)?;
/// let mut row = Vec::new();
/// while let Some(flow) = extractor.pop(&mut row) {
///     writer.record(&flow, &row)?;
///     row.clear();
/// }
/// let file = writer.finish()?;
/// assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ColumnarWriter<W: Write + Send> {
    batch: Batch,
    sink: Sink<W>,
}

/// Records that are gathered before they are written.
const BATCH: usize = 512;

impl<W: Write + Send> ColumnarWriter<W> {
    /// A writer of records with the columns of Zeek and rows of `schema`; `output` need not be
    /// buffered.
    ///
    /// # Errors
    /// Writing the beginning fails.
    pub fn new(output: W, schema: &Schema, format: ColumnarFormat) -> io::Result<Self> {
        Self::with_columns(output, schema, format, &RecordColumns::zeek())
    }

    /// A writer of records with these columns and rows of `schema`. No column's name should be
    /// that of a feature: both are written.
    ///
    /// # Errors
    /// Writing the beginning fails.
    pub fn with_columns(
        output: W,
        schema: &Schema,
        format: ColumnarFormat,
        columns: &RecordColumns,
    ) -> io::Result<Self> {
        let batch = Batch::new(schema, columns, BATCH);
        let sink = Sink::new(output, batch.schema(), format)?;
        Ok(Self { batch, sink })
    }

    /// Takes in one record.
    ///
    /// # Errors
    /// Writing fails, or the row is not as long as the schema.
    pub fn record(&mut self, flow: &Flow, row: &[f64]) -> io::Result<()> {
        if row.len() != self.batch.features() {
            let message = format!(
                "a row has {} values for {} features",
                row.len(),
                self.batch.features()
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        self.batch.push(flow, row);
        if self.batch.rows() == BATCH {
            self.sink.write(&self.batch.take()?)?;
        }
        Ok(())
    }

    /// Writes what is left and the end, without which a file cannot be read, and gives the output
    /// back.
    ///
    /// # Errors
    /// Writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        if self.batch.rows() > 0 {
            self.sink.write(&self.batch.take()?)?;
        }
        self.sink.finish()
    }
}

impl<W: Write + Send> fmt::Debug for ColumnarWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnarWriter")
            .field("features", &self.batch.features())
            .finish_non_exhaustive()
    }
}
