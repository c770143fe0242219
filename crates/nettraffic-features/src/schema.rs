//! The definition of a row: which columns, in which unit, in which order.

use std::fmt;
use std::hash::Hasher;

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::{Column, ColumnKind, Missing};

/// Names a schema exactly: its columns' names, versions, units, kinds and order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// The columns of a matrix, in order; no name stands there twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredSchema")]
pub struct Schema {
    columns: Vec<Column>,
}

impl Schema {
    /// A schema of `columns`, in that order.
    ///
    /// # Errors
    /// The name that stands there twice.
    pub fn new(columns: Vec<Column>) -> Result<Self, DuplicateColumn> {
        let mut names = std::collections::HashSet::new();
        if let Some(twice) = columns.iter().find(|column| !names.insert(&*column.name)) {
            return Err(DuplicateColumn {
                name: twice.name.to_string(),
            });
        }
        Ok(Self { columns })
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many columns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no column.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The position of the column of that name.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The columns at `columns`, in that order.
    ///
    /// # Panics
    /// When an index is not below the number of columns, or is there twice.
    #[must_use]
    pub fn select(&self, columns: &[usize]) -> Self {
        let selected = columns.iter().map(|column| self.columns[*column].clone());
        Self::new(selected.collect()).expect("each column once")
    }

    /// A keyless 128-bit hash of everything that gives the rows their meaning: the same for the
    /// same schema on every machine and in every release.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut encoder = Encoder(SipHasher24::new());
        encoder.number(self.columns.len() as u64);
        for column in &self.columns {
            encoder.column(column);
        }
        Fingerprint(encoder.0.finish128().as_u128())
    }
}

/// Feeds a schema to a hash in a form of its own, in which no two schemas look the same.
struct Encoder(SipHasher24);

impl Encoder {
    fn number(&mut self, number: u64) {
        self.0.write(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.write(text.as_bytes());
    }

    fn column(&mut self, column: &Column) {
        self.text(&column.name);
        self.number(column.version.into());
        self.text(column.unit.name());
        match &column.kind {
            ColumnKind::Number => self.text("number"),
            ColumnKind::Indicator => self.text("indicator"),
            ColumnKind::Category(names) => {
                self.text("category");
                self.number(names.len() as u64);
                for name in names {
                    self.text(name);
                }
            }
        }
        match column.missing {
            Missing::Never => self.text("never"),
            Missing::Zero => self.text("zero"),
            Missing::Indicated(value) => {
                self.text("indicated");
                self.number(value.to_bits());
            }
        }
    }
}

/// A schema as it is read, not yet checked.
#[derive(Deserialize)]
#[serde(rename = "Schema")]
struct StoredSchema {
    columns: Vec<Column>,
}

impl TryFrom<StoredSchema> for Schema {
    type Error = DuplicateColumn;

    fn try_from(stored: StoredSchema) -> Result<Self, DuplicateColumn> {
        Self::new(stored.columns)
    }
}

/// Two columns of a schema bear the same name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the column {name:?} stands in the schema twice")]
pub struct DuplicateColumn {
    /// The name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unit;

    fn schema(columns: impl IntoIterator<Item = Column>) -> Schema {
        Schema::new(columns.into_iter().collect()).unwrap()
    }

    #[test]
    fn every_part_of_a_column_is_in_the_fingerprint() {
        let number = || Column::number("a", Unit::Bytes);
        let schemas = [
            schema([]),
            schema([number()]),
            schema([Column::number("b", Unit::Bytes)]),
            schema([Column::number("a", Unit::Count)]),
            schema([number().with_version(2)]),
            schema([number().with_missing(Missing::Zero)]),
            schema([number().with_missing(Missing::Indicated(0.0))]),
            schema([number().with_missing(Missing::Indicated(1.0))]),
            schema([number(), number().indicator()]),
            schema([number().indicator(), number()]),
            schema([Column::category("a", ["x", "y"])]),
            schema([Column::category("a", ["xy"])]),
            schema([Column::category("a", ["y", "x"])]),
            schema([Column::category("a", ["x"]), Column::category("y", [""; 0])]),
        ];
        for (i, a) in schemas.iter().enumerate() {
            for (j, b) in schemas.iter().enumerate() {
                assert_eq!(a.fingerprint() == b.fingerprint(), i == j, "{i} and {j}");
            }
        }
    }

    /// Bundles carry fingerprints: a change here makes every trained detector useless.
    #[test]
    fn fingerprints_last() {
        let column = Column::number("duration", Unit::Seconds);
        assert_eq!(
            schema([column.with_missing(Missing::Zero)])
                .fingerprint()
                .to_string(),
            "62db43d620d67e00f598554d74b760b6"
        );
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_also_when_read() {
        let twice = vec![Column::number("a", Unit::None); 2];
        let error = DuplicateColumn { name: "a".into() };
        assert_eq!(Schema::new(twice.clone()), Err(error));

        let read = |columns: &Vec<Column>| {
            let bytes = postcard::to_stdvec(columns).unwrap();
            postcard::from_bytes::<Schema>(&bytes)
        };
        assert!(read(&twice).is_err());
        assert_eq!(
            read(&twice[..1].to_vec()),
            Schema::new(twice[..1].to_vec()).map_err(|_| unreachable!())
        );
    }
}
