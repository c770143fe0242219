//! Flow records on their way out.

use std::num::NonZeroUsize;

use nettraffic_capture::{CaptureError, PacketSource, Timestamp};
use nettraffic_features::{
    ExtractionCounters, Extractor, FeatureSet, FlowWriter, ParallelExtractor, RunningSummary,
};
use nettraffic_flow::{Flow, FlowConfig, PacketBatches};

use crate::{Failure, Output, RecordRows, Recording};

/// Writes flow records and, on request, sums up their columns.
pub struct Recorder {
    rows: RecordRows,
    sink: Sink,
    statistics: Option<RunningSummary>,
    last: Timestamp,
    row: Vec<f64>,
}

enum Sink {
    Lines(FlowWriter, Output),
    #[cfg(feature = "parquet")]
    Columns(Box<nettraffic_features::ColumnarWriter<Output>>, String),
}

#[cfg(feature = "parquet")]
impl Sink {
    fn columns(recording: &Recording, rows: &RecordRows, output: Output) -> Result<Self, Failure> {
        let format = match recording.format {
            crate::RecordFormat::Parquet => nettraffic_features::ColumnarFormat::Parquet,
            _ => nettraffic_features::ColumnarFormat::ArrowFile,
        };
        let place = output.place().to_owned();
        nettraffic_features::ColumnarWriter::with_columns(
            output,
            &rows.schema(),
            format,
            rows.columns(),
        )
        .map(|writer| Self::Columns(Box::new(writer), place.clone()))
        .map_err(|error| Failure::writing(&place, &error))
    }
}

/// Makes a record ready on a thread of its own.
type Render = Box<dyn FnMut(&Flow, &[f64]) -> Rendered + Send>;

/// A record as a thread of its own has made it ready.
struct Rendered {
    line: Vec<u8>,
    /// The row, where it is needed once more.
    row: Vec<f64>,
}

impl Recorder {
    /// Writes records with these rows to `output`, in the format of `recording`.
    ///
    /// # Errors
    /// The beginning cannot be written.
    pub fn new(
        recording: &Recording,
        rows: RecordRows,
        mut output: Output,
    ) -> Result<Self, Failure> {
        let sink = match recording.text() {
            Some(format) => {
                let writer = rows.writer(format);
                output.write(writer.header())?;
                Sink::Lines(writer, output)
            }
            #[cfg(feature = "parquet")]
            None => Sink::columns(recording, &rows, output)?,
            #[cfg(not(feature = "parquet"))]
            None => unreachable!("all formats are lines"),
        };
        Ok(Self {
            rows,
            sink,
            statistics: None,
            last: Timestamp::default(),
            row: Vec::new(),
        })
    }

    /// Sums up the columns as well.
    #[must_use]
    pub fn with_statistics(mut self) -> Self {
        self.statistics = Some(RunningSummary::new(self.rows.schema()));
        self
    }

    /// Writes the records of all packets; errors of the input go to `error`, and reading goes on.
    ///
    /// # Errors
    /// A record cannot be written.
    pub fn record_all<S: PacketSource>(
        &mut self,
        packets: &mut PacketBatches<S>,
        features: FeatureSet,
        config: FlowConfig,
        threads: NonZeroUsize,
        error: impl FnMut(CaptureError),
    ) -> Result<ExtractionCounters, Failure> {
        if threads.get() > 1 {
            let extractor = ParallelExtractor::new(features, config, threads);
            let renderer = self.renderer();
            return extractor.run(
                packets,
                renderer,
                |flow, record| self.take(flow, &record),
                error,
            );
        }
        self.record_on_one_thread(packets, Extractor::new(features, config), error)
    }

    fn record_on_one_thread<S: PacketSource>(
        &mut self,
        packets: &mut PacketBatches<S>,
        mut extractor: Extractor,
        mut error: impl FnMut(CaptureError),
    ) -> Result<ExtractionCounters, Failure> {
        let mut features = Vec::new();
        loop {
            let ended = match packets.next_batch() {
                Ok(Some(batch)) => {
                    extractor.push_all(batch);
                    false
                }
                Ok(None) => {
                    extractor.finish();
                    true
                }
                Err(damage) => {
                    error(damage);
                    false
                }
            };
            while let Some(flow) = extractor.pop(&mut features) {
                self.record(&flow, &features)?;
                features.clear();
            }
            if ended {
                return Ok(extractor.all_counters());
            }
        }
    }

    /// Writes one record with these features.
    fn record(&mut self, flow: &Flow, features: &[f64]) -> Result<(), Failure> {
        self.row.clear();
        self.rows.complete(flow, features, &mut self.row);
        if let Some(statistics) = &mut self.statistics {
            statistics.add(&self.row);
        }
        self.last = self.last.max(flow.ended);
        match &mut self.sink {
            Sink::Lines(writer, output) => output.write(writer.record(flow, &self.row)),
            #[cfg(feature = "parquet")]
            Sink::Columns(writer, place) => {
                (writer.record(flow, &self.row)).map_err(|error| Failure::writing(&place, &error))
            }
        }
    }

    /// Makes what makes records ready on other threads.
    fn renderer(&self) -> impl Fn() -> Render + use<> {
        let rows = self.rows.clone();
        let writer = match &self.sink {
            Sink::Lines(writer, _) => Some(writer.clone()),
            #[cfg(feature = "parquet")]
            Sink::Columns(..) => None,
        };
        let keeps_rows = writer.is_none() || self.statistics.is_some();
        move || {
            let (rows, mut writer, mut row) = (rows.clone(), writer.clone(), Vec::new());
            Box::new(move |flow, features| {
                row.clear();
                rows.complete(flow, features, &mut row);
                let line = writer
                    .as_mut()
                    .map_or_else(Vec::new, |writer| writer.record(flow, &row).to_vec());
                let row = if keeps_rows { row.clone() } else { Vec::new() };
                Rendered { line, row }
            })
        }
    }

    /// Writes a record that another thread has made ready.
    fn take(&mut self, flow: &Flow, record: &Rendered) -> Result<(), Failure> {
        if let Some(statistics) = &mut self.statistics {
            statistics.add(&record.row);
        }
        self.last = self.last.max(flow.ended);
        match &mut self.sink {
            Sink::Lines(_, output) => output.write(&record.line),
            #[cfg(feature = "parquet")]
            Sink::Columns(writer, place) => {
                (writer.record(flow, &record.row)).map_err(|error| Failure::writing(&place, &error))
            }
        }
    }

    /// Ends the output; gives what the columns look like, when that was asked for.
    ///
    /// # Errors
    /// The end cannot be written.
    pub fn finish(self) -> Result<Option<RunningSummary>, Failure> {
        match self.sink {
            Sink::Lines(writer, mut output) => {
                output.write(&writer.footer(self.last))?;
                output.finish()?;
            }
            #[cfg(feature = "parquet")]
            Sink::Columns(writer, place) => {
                let output = writer.finish();
                output
                    .map_err(|error| Failure::writing(&place, &error))?
                    .finish()?;
            }
        }
        Ok(self.statistics)
    }
}
