//! What the columns of a table are.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::{Column, Missing, Unit};

/// What a column of a table is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ColumnRole {
    /// A feature: a quantity.
    Number {
        /// Unit of the values.
        unit: Unit,
        /// What becomes of an empty field, NaN or an infinity. With [`Missing::Never`] the row
        /// is refused.
        missing: Missing,
    },
    /// A feature: one of a list of names. A field without a value is the category `-`.
    Category,
    /// What the row really is.
    Label,
    /// Who, where and when: kept beside the features and never one of them.
    Identity,
    /// Not read.
    LeftOut,
}

/// What becomes of columns that a layout does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherColumns {
    /// They are not read; the account names them.
    LeftOut,
    /// They are features: quantities where the first row has a number, else categories.
    Features,
}

/// How a table is read: how lines become fields, and what each column is.
///
/// Names of columns are compared without the blanks around them, and without regard to case
/// where no column has the very name.
///
/// ```
/// use nettraffic_features::{TableLayout, TableOptions, Unit};
///
/// let layout = TableLayout::delimited(';')
///     .number("bytes", Unit::Bytes)
///     .category("protocol")
///     .label("class")
///     .identity("source");
/// let text = "source;protocol;bytes;class;remark\n192.0.2.1;tcp;120;scan;?\n192.0.2.2;udp;7;-;?\n";
/// let table = TableOptions::default().layout(layout).read(text.as_bytes())?;
/// assert_eq!(table.matrix.row(0).to_vec(), [120.0, 0.0]);
/// assert_eq!(table.label(0), Some("scan"));
/// assert_eq!(table.account.unknown, ["remark"]);
/// # Ok::<(), nettraffic_features::TableError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TableLayout {
    pub(super) framing: Framing,
    pub(super) columns: Vec<LayoutColumn>,
    pub(super) others: OtherColumns,
    /// Columns of which everything is known when they stand among the others.
    pub(super) known: Vec<Column>,
    pub(super) unset: Vec<String>,
    pub(super) derived: Option<DerivedLabel>,
    /// Whether features may be absent.
    pub(super) partial: bool,
}

/// How lines become fields.
#[derive(Clone, Debug)]
pub(super) enum Framing {
    Delimited {
        delimiter: char,
        /// Where the first line is no header: the names of the columns, of which those behind
        /// the last feature may be absent.
        names: Option<Vec<Cow<'static, str>>>,
    },
    Zeek,
    Json {
        /// Only records with this text in this field are rows.
        only: Option<(&'static str, &'static str)>,
    },
}

/// One column of a layout.
#[derive(Clone, Debug)]
pub(super) struct LayoutColumn {
    pub(super) name: Cow<'static, str>,
    pub(super) aliases: &'static [&'static str],
    pub(super) role: ColumnRole,
    /// How the spelling of a label is mended.
    pub(super) mend: fn(&str) -> Cow<'_, str>,
}

/// A label that follows from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct DerivedLabel {
    pub(super) name: &'static str,
    pub(super) from: &'static str,
    pub(super) of: fn(&str) -> &'static str,
}

impl TableLayout {
    /// Fields between delimiters, quoted as in RFC 4180 where need be; a header on the first
    /// line. A delimiter that is not ASCII is taken for a comma.
    #[must_use]
    pub const fn delimited(delimiter: char) -> Self {
        Self::of(Framing::Delimited {
            delimiter: if delimiter.is_ascii() { delimiter } else { ',' },
            names: None,
        })
    }

    /// One JSON object on each line. A field within an object within the record is named
    /// `outer.inner`.
    #[must_use]
    pub const fn json_lines() -> Self {
        Self::of(Framing::Json { only: None })
    }

    pub(super) const fn of(framing: Framing) -> Self {
        Self {
            framing,
            columns: Vec::new(),
            others: OtherColumns::LeftOut,
            known: Vec::new(),
            unset: Vec::new(),
            derived: None,
            partial: false,
        }
    }

    /// For a delimited table whose first line is no header: the names of its columns. Those
    /// behind the last feature may be absent from the table.
    #[must_use]
    pub fn without_header(
        mut self,
        columns: impl IntoIterator<Item = impl Into<Cow<'static, str>>>,
    ) -> Self {
        if let Framing::Delimited { names, .. } = &mut self.framing {
            *names = Some(columns.into_iter().map(Into::into).collect());
        }
        self
    }

    /// A column and what it is. Features stand in the schema in the order of these calls,
    /// whatever their order in the table. Of two columns of one name the first one counts.
    #[must_use]
    pub fn column(mut self, name: impl Into<Cow<'static, str>>, role: ColumnRole) -> Self {
        self.columns.push(LayoutColumn {
            name: name.into(),
            aliases: &[],
            role,
            mend: |text| Cow::Borrowed(text),
        });
        self
    }

    /// A quantity that stands in every row.
    #[must_use]
    pub fn number(self, name: impl Into<Cow<'static, str>>, unit: Unit) -> Self {
        let missing = Missing::Never;
        self.column(name, ColumnRole::Number { unit, missing })
    }

    /// A category.
    #[must_use]
    pub fn category(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.column(name, ColumnRole::Category)
    }

    /// A label.
    #[must_use]
    pub fn label(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.column(name, ColumnRole::Label)
    }

    /// A column that says who, where or when.
    #[must_use]
    pub fn identity(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.column(name, ColumnRole::Identity)
    }

    /// A column that is not read.
    #[must_use]
    pub fn left_out(self, name: impl Into<Cow<'static, str>>) -> Self {
        self.column(name, ColumnRole::LeftOut)
    }

    /// What becomes of all other columns; unless told otherwise they are left out.
    #[must_use]
    pub const fn others(mut self, others: OtherColumns) -> Self {
        self.others = others;
        self
    }

    /// A text that means "no value", beside the empty one.
    #[must_use]
    pub fn unset(mut self, marker: impl Into<String>) -> Self {
        self.unset.push(marker.into());
        self
    }

    /// Other names of the column that was added last.
    pub(super) fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.aliases = aliases;
        }
        self
    }

    /// How the labels of the column that was added last are mended.
    pub(super) fn mended(mut self, mend: fn(&str) -> Cow<'_, str>) -> Self {
        if let Some(column) = self.columns.last_mut() {
            column.mend = mend;
        }
        self
    }

    /// For a known table, of which not every edition has every feature.
    pub(super) const fn partial(mut self) -> Self {
        self.partial = true;
        self
    }

    /// Finds columns by the names that tables give them.
    pub(super) fn index(&self) -> ColumnIndex {
        let mut index = ColumnIndex::default();
        for (at, column) in self.columns.iter().enumerate() {
            for name in column.aliases.iter().copied().chain([&*column.name]) {
                index.exact.entry(name.to_owned()).or_insert(at);
                let folded = name.to_ascii_lowercase();
                index.folded.entry(folded).or_insert(at);
            }
        }
        index
    }
}

/// The columns of a layout by name.
#[derive(Debug, Default)]
pub(super) struct ColumnIndex {
    exact: HashMap<String, usize>,
    folded: HashMap<String, usize>,
}

impl ColumnIndex {
    /// The position of the column that a table calls `name`.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let name = name.trim_ascii();
        let exact = self.exact.get(name);
        exact
            .or_else(|| self.folded.get(&name.to_ascii_lowercase()))
            .copied()
    }
}
