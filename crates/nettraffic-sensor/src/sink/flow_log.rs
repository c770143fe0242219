//! Every flow with its score, as Zeek writes connections.

use std::path::PathBuf;
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{Evidence, Verdict};
use nettraffic_features::{Column, FlowFormat, FlowWriter, RecordColumns, Schema, Unit};

use super::file::{BATCH, Frame, Lines, LogFile, Rotation};
use super::{Dealt, Event, Sink, SinkError, Wants};

/// Where flows are written, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowLogConfig {
    /// The file. Its folder must exist.
    pub path: PathBuf,
    /// How a line is written (as Zeek does).
    pub format: FlowFormat,
    /// When the file is moved away (never).
    pub rotation: Rotation,
}

impl FlowLogConfig {
    /// As Zeek writes `conn.log`, in a file that is never moved away.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            format: FlowFormat::ZeekTsv,
            rotation: Rotation::default(),
        }
    }

    /// In another format.
    #[must_use]
    pub const fn with_format(mut self, format: FlowFormat) -> Self {
        self.format = format;
        self
    }

    /// In a file that is moved away when it is due.
    #[must_use]
    pub const fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }
}

/// Writes every flow with its score: the columns of Zeek's `conn.log`, the Community ID, then `score`, `threshold` and
/// `alert`, which is `no`, `unusual` or `known`.
///
/// A log that is done with ends with the line `#close` where the format has one. As in any log of lines here, none is
/// ever left torn; but flows that had been written before a restart are not told from others.
pub struct FlowLog {
    name: String,
    writer: FlowWriter,
    log: LogFile,
    /// The latest moment that was written of.
    latest: Timestamp,
}

/// What `alert` says, by place.
const ALERTS: [&str; 3] = ["no", "unusual", "known"];

impl FlowLog {
    /// Opens the file, or creates it readable for owner and group.
    ///
    /// # Errors
    /// It cannot be opened or read, ends with something that is no part of such a line, or another process writes it.
    pub fn open(config: &FlowLogConfig) -> Result<Self, SinkError> {
        let columns = vec![
            Column::number("score", Unit::None),
            Column::number("threshold", Unit::None),
            Column::category("alert", ALERTS),
        ];
        let schema = Schema::new(columns).map_err(|error| SinkError::lasting(error.to_string()))?;
        let record = RecordColumns::zeek().with_community_id();
        let writer = FlowWriter::with_columns(Arc::new(schema), config.format, &record);
        let frame = Frame {
            header: writer.header().to_vec(),
            footer: Vec::new(),
            is_ours: |part| matches!(part, [b'#' | b'{' | b'-' | b'0'..=b'9' | b't', ..]),
        };
        Ok(Self {
            name: format!("flows {}", config.path.display()),
            writer,
            log: LogFile::open(&config.path, frame, config.rotation.clone())?,
            latest: Timestamp::MIN,
        })
    }

    /// Bytes of a torn line that were cut away at the start.
    #[must_use]
    pub const fn mended(&self) -> u64 {
        self.log.mended()
    }
}

impl Sink for FlowLog {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self) -> Wants {
        Wants::FLOWS
    }

    fn batch(&self) -> usize {
        BATCH
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        let mut lines = Lines::default();
        for event in events {
            let Some(verdict) = event.verdict() else {
                return Err(SinkError::lasting("an incident is no flow"));
            };
            let line = self.writer.record(&verdict.flow, &row(verdict));
            lines.push(line.strip_suffix(b"\n").unwrap_or(line));
        }
        let written = self.log.append(&lines)?;
        for event in events.iter().take(written) {
            self.latest = self.latest.max(event.time());
        }
        self.log.frame.footer = self.writer.footer(self.latest);
        Ok(Dealt::written(written))
    }

    fn reopen(&mut self) -> Result<(), SinkError> {
        self.log.reopen()
    }

    fn trouble(&mut self) -> Option<String> {
        self.log.trouble()
    }

    fn close(&mut self) -> Result<(), SinkError> {
        self.log.close()
    }
}

fn row(verdict: &Verdict) -> [f64; 3] {
    let alert = match verdict.alert.as_ref().map(|alert| alert.evidence) {
        None => 0.0,
        Some(Evidence::Known) => 2.0,
        Some(_) => 1.0,
    };
    [decimal(verdict.score), decimal(verdict.threshold), alert]
}

/// The number whose shortest decimals are those of `value`: 0.1 rather than 0.10000000149011612.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}
