//! What became of everything that stood in a table.

use std::collections::BTreeMap;
use std::fmt;

use super::number::NotFinite;

/// Refused rows that are kept in full; the others are counted.
pub(super) const MOST_REFUSALS: usize = 100;

/// What became of the lines, rows, columns and values of a table.
///
/// It closes: `lines = headings + blank + passed_over + rows`, and `rows = kept + refused`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TableAccount {
    /// Lines that were read.
    pub lines: u64,
    /// Header lines and comment lines.
    pub headings: u64,
    /// Lines with nothing on them.
    pub blank: u64,
    /// Records of another kind than flows, such as the other events of an event log.
    pub passed_over: u64,
    /// Rows: whole, damaged or not understood.
    pub rows: u64,
    /// Rows that became rows of the matrix.
    pub kept: u64,
    /// Rows that did not.
    pub refused: u64,
    /// Refused rows by [`Refusal::name`].
    pub refused_by_reason: BTreeMap<&'static str, u64>,
    /// The first 100 refused rows.
    pub refusals: Vec<RefusedRow>,
    /// What was replaced in each column of the matrix, in their order.
    pub replaced: Vec<ReplacedValues>,
    /// Columns that are known and no feature, label or identity: constants, doubles, verdicts of
    /// others; or features that the given schema does not ask for.
    pub left_out: Vec<String>,
    /// Features that the layout names and the table does not have; for a layout of the caller's
    /// all such columns.
    pub absent: Vec<String>,
    /// Columns that nothing is known about and that were not read.
    pub unknown: Vec<String>,
    /// What was repaired in the text.
    pub encoding: EncodingRepairs,
}

impl TableAccount {
    pub(super) fn refuse(&mut self, line: u64, reason: Refusal) {
        self.refused += 1;
        *self.refused_by_reason.entry(reason.name()).or_default() += 1;
        if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push(RefusedRow { line, reason });
        }
    }

    /// Values that were replaced, over all features.
    #[must_use]
    pub fn values_replaced(&self) -> u64 {
        self.replaced.iter().map(ReplacedValues::total).sum()
    }
}

/// As a tool prints it: one line of figures, then what is worth a look.
impl fmt::Display for TableAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rows, {} kept, {} refused; {} lines passed over; {} values replaced",
            self.rows,
            self.kept,
            self.refused,
            self.passed_over,
            self.values_replaced()
        )?;
        for (reason, count) in &self.refused_by_reason {
            write!(f, "\n{count} rows refused: {reason}")?;
        }
        for refusal in self.refusals.iter().take(5) {
            write!(f, "\n{refusal}")?;
        }
        for column in self.replaced.iter().filter(|column| column.total() > 0) {
            write!(f, "\n{column}")?;
        }
        for (what, names) in [
            ("left out", &self.left_out),
            ("absent", &self.absent),
            ("unknown columns", &self.unknown),
        ] {
            if !names.is_empty() {
                write!(f, "\n{what}: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedRow {
    /// Its line in the table, from 1.
    pub line: u64,
    /// Why.
    pub reason: Refusal,
}

impl fmt::Display for RefusedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Why a line is no row of the table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// More bytes than the limit.
    #[error("the line is longer than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// Another number of fields than the table has columns.
    #[error("{found} fields, the table has {expected} columns")]
    Columns {
        /// Columns of the table.
        expected: usize,
        /// Fields of the line.
        found: usize,
    },
    /// More fields than columns are allowed.
    #[error("more than {limit} fields")]
    TooManyFields {
        /// The limit.
        limit: usize,
    },
    /// A quote that is not closed on its line.
    #[error("a quote is not closed")]
    OpenQuote,
    /// The header once more, as where tables were put one behind the other.
    #[error("the header again")]
    HeaderAgain,
    /// What its columns are could not be told, which ends the reading.
    #[error("its columns are not known")]
    NoColumns,
    /// No JSON object.
    #[error("no JSON object: {reason}")]
    Json {
        /// What the parser said, with the column.
        reason: String,
    },
    /// Nothing stands where a value must.
    #[error("column {column:?} is empty")]
    Empty {
        /// The column.
        column: String,
    },
    /// Text where a number must stand.
    #[error("column {column:?}: {text:?} is no number")]
    NotANumber {
        /// The column.
        column: String,
        /// How the text begins.
        text: String,
    },
    /// NaN or infinity in a column that has no rule for it.
    #[error("column {column:?}: {text:?} is not finite")]
    NotFinite {
        /// The column.
        column: String,
        /// How the text begins.
        text: String,
    },
}

impl Refusal {
    /// The kind of reason: `too_long`, `columns`, ….
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too_long",
            Self::Columns { .. } => "columns",
            Self::TooManyFields { .. } => "too_many_fields",
            Self::OpenQuote => "open_quote",
            Self::HeaderAgain => "header_again",
            Self::NoColumns => "no_columns",
            Self::Json { .. } => "json",
            Self::Empty { .. } => "empty",
            Self::NotANumber { .. } => "not_a_number",
            Self::NotFinite { .. } => "not_finite",
        }
    }
}

/// What was replaced in one column of the matrix, by its rule for missing values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplacedValues {
    /// Name of the column.
    pub column: String,
    /// Nothing stood there.
    pub empty: u64,
    /// NaN stood there.
    pub not_a_number: u64,
    /// An infinity, or a number beyond the range of `f64`.
    pub infinite: u64,
    /// A category that the vocabulary does not have.
    pub unseen: u64,
}

impl ReplacedValues {
    pub(super) fn of(column: &str) -> Self {
        Self {
            column: column.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn count(&mut self, why: Replaced) {
        *match why {
            Replaced::Empty => &mut self.empty,
            Replaced::NotFinite(NotFinite::NotANumber) => &mut self.not_a_number,
            Replaced::NotFinite(NotFinite::Infinite) => &mut self.infinite,
            Replaced::Unseen => &mut self.unseen,
        } += 1;
    }

    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.empty + self.not_a_number + self.infinite + self.unseen
    }
}

impl fmt::Display for ReplacedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.column)?;
        for (count, what) in [
            (self.empty, "empty"),
            (self.not_a_number, "not a number"),
            (self.infinite, "infinite"),
            (self.unseen, "unseen"),
        ] {
            if count > 0 {
                write!(f, " {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// Why a value was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replaced {
    Empty,
    NotFinite(NotFinite),
    Unseen,
}

/// What was repaired in the text of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodingRepairs {
    /// Whether a byte-order mark stood at the beginning.
    pub byte_order_mark: bool,
    /// Lines that ended in carriage return and line feed.
    pub carriage_returns: u64,
    /// Lines that were not UTF-8: each broken place became U+FFFD.
    pub broken_lines: u64,
    /// Labels, one per row, whose spelling was mended (a broken dash, blanks, a final point).
    pub labels_mended: u64,
}
