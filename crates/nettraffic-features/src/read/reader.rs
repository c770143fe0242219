//! Tables row by row, in batches.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

use super::bind::bind;
use super::fields::Fields;
use super::framer::{Framer, Step};
use super::layout::TableLayout;
use super::lines::{Line, Lines};
use super::options::Kind;
use super::rows::Rows;
use super::{Refusal, Table, TableAccount, TableError, TableFormat, TableLimits, TableOptions};
use crate::Schema;

/// Reads a flow table in batches of rows; see [`TableOptions::open`].
///
/// Holds one line and one batch. Categories that no schema gives are learned from the first
/// batch, and what is new in later ones is "another one".
///
/// ```
/// use nettraffic_features::{TableLayout, TableOptions, Unit};
///
/// let layout = TableLayout::delimited(',').number("bytes", Unit::Bytes);
/// let text = "bytes\n1\n2\nmany\n3\n";
/// let mut reader = TableOptions::default().layout(layout).open(text.as_bytes())?;
/// let mut sizes = Vec::new();
/// while let Some(batch) = reader.next_batch(2)? {
///     sizes.push(batch.rows());
/// }
/// assert_eq!(sizes, [2, 1]);
/// let refused = &reader.account().refusals[0];
/// assert_eq!(refused.to_string(), "line 4: column \"bytes\": \"many\" is no number");
/// # Ok::<(), nettraffic_features::TableError>(())
/// ```
pub struct TableReader<R> {
    lines: Lines<R>,
    format: Option<TableFormat>,
    layout: TableLayout,
    schema: Option<Arc<Schema>>,
    limits: TableLimits,
    framer: Framer,
    fields: Fields,
    /// Once the columns are known.
    rows: Option<Rows>,
    account: TableAccount,
    /// What ended the batch that was given last.
    error: Option<TableError>,
    ended: bool,
}

/// Where reading stands after a line.
enum Progress {
    /// There may be more.
    On,
    /// The input ended.
    End,
}

impl<R: Read> TableReader<R> {
    pub(super) fn open(options: TableOptions, input: R) -> Result<Self, TableError> {
        let limits = options.limits;
        let mut lines = Lines::new(input, limits.line);
        let mut account = TableAccount::default();
        let (format, layout) = match options.kind {
            Kind::Other(layout) => (None, *layout),
            Kind::Known(format) => (Some(format), format.layout()),
            Kind::Detect => {
                let format = detect(&mut lines, &mut account)?;
                (Some(format), format.layout())
            }
        };
        Ok(Self {
            framer: Framer::new(&layout, limits.columns),
            lines,
            format,
            layout,
            schema: options.schema,
            limits,
            fields: Fields::default(),
            rows: None,
            account,
            error: None,
            ended: false,
        })
    }

    /// The format; `None` when the caller gave a layout.
    #[must_use]
    pub const fn format(&self) -> Option<TableFormat> {
        self.format
    }

    /// What became of everything that was read so far.
    #[must_use]
    pub const fn account(&self) -> &TableAccount {
        &self.account
    }

    /// The next rows, at least one and at most `rows` (one, when that is 0); `None` at the end.
    ///
    /// # Errors
    /// The input fails; the columns are not known, lack one of the given schema, have no
    /// feature, or change. Rows before the fault are given first, and nothing follows it.
    pub fn next_batch(&mut self, rows: usize) -> Result<Option<Table>, TableError> {
        let filled = self.fill(rows.max(1));
        let has_rows = self.rows.as_ref().is_some_and(|rows| rows.len() > 0);
        match filled {
            Err(error) if has_rows => self.error = Some(error),
            Err(error) => return Err(error),
            Ok(()) if !has_rows => return Ok(None),
            Ok(()) => {}
        }
        self.take().map(Some)
    }

    pub(super) fn read_all(mut self) -> Result<Table, TableError> {
        let limit = self.limits.rows;
        self.fill(limit.saturating_add(1))?;
        if self.rows.as_ref().is_some_and(|rows| rows.len() > limit) {
            return Err(TableError::TooManyRows { limit });
        }
        if self.rows.is_none() {
            if self.account.lines == self.account.blank {
                return Err(TableError::Empty);
            }
            // A table without rows has columns all the same.
            self.fields.clear();
            self.bind()?;
        }
        self.take()
    }

    /// Reads until there are that many rows or nothing follows.
    fn fill(&mut self, most: usize) -> Result<(), TableError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let filled = self.fill_rows(most);
        if self.framer.is_json() {
            self.account.unknown = self.framer.unknown().to_vec();
            if let Some(rows) = &self.rows {
                let left_out = rows.left_out().iter();
                let seen = left_out.filter(|name| self.framer.saw(name));
                self.account.left_out = seen.cloned().collect();
            }
        }
        filled
    }

    fn fill_rows(&mut self, most: usize) -> Result<(), TableError> {
        while !self.ended && self.rows.as_ref().is_none_or(|rows| rows.len() < most) {
            match self.line() {
                Ok(Progress::On) => {}
                Ok(Progress::End) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Reads one line.
    fn line(&mut self) -> Result<Progress, TableError> {
        let line = match self.lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(Progress::End),
            Err(error) => return Err(failed(&self.lines, error)),
        };
        self.account.lines += 1;
        let step = match line {
            Line::TooLong => Err(Refusal::TooLong {
                limit: self.limits.line,
            }),
            Line::Whole {
                bytes,
                carriage_return,
            } => {
                self.account.encoding.carriage_returns += u64::from(carriage_return);
                // Checking first is much faster than mending at once.
                let text = match std::str::from_utf8(bytes) {
                    Ok(text) => Cow::Borrowed(text),
                    Err(_) => {
                        self.account.encoding.broken_lines += 1;
                        String::from_utf8_lossy(bytes)
                    }
                };
                if bytes.trim_ascii().is_empty() {
                    self.account.blank += 1;
                    return Ok(Progress::On);
                }
                self.framer.step(&text, &mut self.fields)
            }
        };
        let line = self.lines.number();
        self.account.encoding.byte_order_mark = self.lines.byte_order_mark();
        match step {
            Ok(Step::Heading) => self.account.headings += 1,
            Ok(Step::PassedOver) => self.account.passed_over += 1,
            Ok(Step::OtherColumns) => {
                self.account.headings += 1;
                return Err(TableError::ColumnsChange { line });
            }
            Ok(Step::TooEarly) => {
                let reason = Refusal::NoColumns;
                self.refuse(line, reason);
                return Err(TableError::NoHeader { line });
            }
            Ok(Step::Row) => self.row(line)?,
            Err(reason) if self.framer.awaits_header() => {
                self.account.headings += 1;
                return Err(TableError::Header { line, reason });
            }
            Err(reason) => self.refuse(line, reason),
        }
        Ok(Progress::On)
    }

    /// Takes the fields as a row.
    fn row(&mut self, line: u64) -> Result<(), TableError> {
        if self.rows.is_none()
            && let Err(error) = self.bind()
        {
            self.refuse(line, Refusal::NoColumns);
            return Err(error);
        }
        let Some(rows) = &mut self.rows else {
            return Ok(());
        };
        self.account.rows += 1;
        match rows.push(&self.fields, line, &mut self.account) {
            Ok(()) => self.account.kept += 1,
            Err(reason) => self.account.refuse(line, reason),
        }
        Ok(())
    }

    fn refuse(&mut self, line: u64, reason: Refusal) {
        self.account.rows += 1;
        self.account.refuse(line, reason);
    }

    /// Finds out which field is what.
    fn bind(&mut self) -> Result<(), TableError> {
        let binding = bind(
            self.framer.names(),
            &self.layout,
            self.schema.as_deref(),
            &self.fields,
            self.limits.categories,
        )?;
        let schema = self.schema.clone();
        let rows = Rows::new(binding, schema, self.layout.derived, self.framer.is_json())?;
        rows.open_account(&mut self.account);
        self.rows = Some(rows);
        Ok(())
    }

    fn take(&mut self) -> Result<Table, TableError> {
        let Some(rows) = &mut self.rows else {
            return Err(TableError::Empty);
        };
        rows.take(&self.account)
    }
}

/// The format of a table, from its first line with something on it.
fn detect<R: Read>(
    lines: &mut Lines<R>,
    account: &mut TableAccount,
) -> Result<TableFormat, TableError> {
    loop {
        let (blank, format, start) = match lines.peek() {
            Ok(None) => return Err(TableError::Empty),
            Err(error) => return Err(failed(lines, error)),
            Ok(Some(Line::TooLong)) => (false, None, String::new()),
            Ok(Some(Line::Whole { bytes, .. })) => (
                bytes.trim_ascii().is_empty(),
                TableFormat::detect(bytes),
                String::from_utf8_lossy(bytes).chars().take(60).collect(),
            ),
        };
        match format {
            Some(format) => return Ok(format),
            None if !blank => return Err(TableError::UnknownFormat { start }),
            None => {}
        }
        if let Ok(Some(Line::Whole {
            carriage_return, ..
        })) = lines.next()
        {
            account.encoding.carriage_returns += u64::from(carriage_return);
        }
        account.lines += 1;
        account.blank += 1;
    }
}

fn failed<R: Read>(lines: &Lines<R>, error: io::Error) -> TableError {
    TableError::Io {
        line: lines.number(),
        error,
    }
}

impl<R> fmt::Debug for TableReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableReader")
            .field("format", &self.format)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}
