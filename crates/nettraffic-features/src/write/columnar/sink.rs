//! Where batches of columns go.

use std::io::{self, Write};

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::ColumnarFormat;

/// The writer of a format.
pub(super) enum Sink<W: Write + Send> {
    Parquet(Box<ArrowWriter<W>>),
    ArrowFile(FileWriter<W>),
    ArrowStream(StreamWriter<W>),
}

/// Records of a row group.
const ROW_GROUP: usize = 65_536;
/// A column of which the different values take more bytes than this in a row group is written as it is,
/// and not by numbers of values: to look each of them up costs more than to write it.
const DICTIONARY: usize = 32 * 1024;

impl<W: Write + Send> Sink<W> {
    pub(super) fn new(output: W, schema: SchemaRef, format: ColumnarFormat) -> io::Result<Self> {
        match format {
            ColumnarFormat::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::SNAPPY)
                    .set_max_row_group_row_count(Some(ROW_GROUP))
                    .set_dictionary_page_size_limit(DICTIONARY)
                    // Not the version of a library: the same input gives the same bytes.
                    .set_created_by("nettraffic".to_owned())
                    .build();
                let writer = ArrowWriter::try_new(output, schema, Some(properties));
                Ok(Self::Parquet(Box::new(writer.map_err(of_parquet)?)))
            }
            ColumnarFormat::ArrowFile => FileWriter::try_new(output, &schema)
                .map(Self::ArrowFile)
                .map_err(of_arrow),
            ColumnarFormat::ArrowStream => StreamWriter::try_new(output, &schema)
                .map(Self::ArrowStream)
                .map_err(of_arrow),
        }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        match self {
            Self::Parquet(writer) => writer.write(batch).map_err(of_parquet),
            Self::ArrowFile(writer) => writer.write(batch).map_err(of_arrow),
            Self::ArrowStream(writer) => writer.write(batch).map_err(of_arrow),
        }
    }

    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Parquet(writer) => writer.into_inner().map_err(of_parquet),
            // Both of them finish.
            Self::ArrowFile(writer) => writer.into_inner().map_err(of_arrow),
            Self::ArrowStream(writer) => writer.into_inner().map_err(of_arrow),
        }
    }
}

/// The error of the output where it is one, so that a broken pipe is still told from others.
fn of_parquet(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    }
}

pub(super) fn of_arrow(error: ArrowError) -> io::Error {
    match error {
        ArrowError::IoError(_, error) => error,
        other => io::Error::other(other),
    }
}
