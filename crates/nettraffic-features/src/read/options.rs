//! How a table is to be read.

use std::io::Read;
use std::sync::Arc;

use super::{Table, TableError, TableFormat, TableLayout, TableReader};
use crate::Schema;

/// What a reader holds at most; a table beyond it costs a refused row or is an error, but never
/// more memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableLimits {
    /// Bytes of a line. A longer one is a refused row. 1 MiB unless told otherwise.
    pub line: usize,
    /// Columns of a table. 4,096 unless told otherwise.
    pub columns: usize,
    /// Categories that are learned for one column; further ones are "another one". 1,024 unless
    /// told otherwise.
    pub categories: usize,
    /// Rows that [`TableOptions::read`] holds. 10 million unless told otherwise.
    pub rows: usize,
}

impl Default for TableLimits {
    fn default() -> Self {
        Self {
            line: 1 << 20,
            columns: 4_096,
            categories: 1_024,
            rows: 10_000_000,
        }
    }
}

impl TableLimits {
    /// With another limit on the bytes of a line.
    #[must_use]
    pub const fn with_line(mut self, bytes: usize) -> Self {
        self.line = bytes;
        self
    }

    /// With another limit on columns.
    #[must_use]
    pub const fn with_columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// With another limit on learned categories.
    #[must_use]
    pub const fn with_categories(mut self, categories: usize) -> Self {
        self.categories = categories;
        self
    }

    /// With another limit on rows in memory.
    #[must_use]
    pub const fn with_rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }
}

/// How a table is to be read; as it stands, the format is told by the first line, and the schema
/// and its categories come from the table.
///
/// ```
/// use std::sync::Arc;
/// use nettraffic_features::TableOptions;
///
/// let row = |service: &str, label: &str| {
///     format!("0,tcp,{service},SF,{}0,{label},21\n", "0,".repeat(36))
/// };
/// let train = row("http", "normal") + &row("smtp", "neptune");
/// let train = TableOptions::default().read(train.as_bytes())?;
/// assert_eq!(train.matrix.schema().len(), 41);
/// assert_eq!(train.is_attack(1), Some(true));
/// assert_eq!(train.label_column("family").and_then(|family| family.get(1)), Some("dos"));
///
/// // A table to test on is read with the categories of training; "ftp" is one past the last.
/// let schema = Arc::clone(train.matrix.schema());
/// let test = TableOptions::default().schema(schema).read(row("ftp", "normal").as_bytes())?;
/// assert_eq!(test.matrix.row(0)[2], 2.0);
/// # Ok::<(), nettraffic_features::TableError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    pub(super) kind: Kind,
    pub(super) schema: Option<Arc<Schema>>,
    pub(super) limits: TableLimits,
}

/// What the table is.
#[derive(Clone, Debug, Default)]
pub(super) enum Kind {
    #[default]
    Detect,
    Known(TableFormat),
    Other(Box<TableLayout>),
}

impl TableOptions {
    /// A table of this format, whatever its first line says.
    #[must_use]
    pub fn format(mut self, format: TableFormat) -> Self {
        self.kind = Kind::Known(format);
        self
    }

    /// A table of a layout of the caller's.
    #[must_use]
    pub fn layout(mut self, layout: TableLayout) -> Self {
        self.kind = Kind::Other(Box::new(layout));
        self
    }

    /// Rows of this schema: its columns in its order, with its categories and its rules for
    /// missing values. Columns of the table that it does not have are left out.
    #[must_use]
    pub fn schema(mut self, schema: Arc<Schema>) -> Self {
        self.schema = Some(schema);
        self
    }

    /// With other limits.
    #[must_use]
    pub const fn limits(mut self, limits: TableLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Begins to read a table, to be taken in batches. Whoever has a compressed one undoes that
    /// first.
    ///
    /// # Errors
    /// The input fails, or its format is to be told and is none that is known.
    pub fn open<R: Read>(self, input: R) -> Result<TableReader<R>, TableError> {
        TableReader::open(self, input)
    }

    /// Reads a table as a whole.
    ///
    /// # Errors
    /// As [`TableOptions::open`] and [`TableReader::next_batch`]; more rows than the limit.
    pub fn read(self, input: impl Read) -> Result<Table, TableError> {
        self.open(input)?.read_all()
    }
}
