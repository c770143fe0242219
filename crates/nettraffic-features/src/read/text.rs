//! Columns of text beside the features.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::vocabulary::Vocabulary;

/// One text per row, all in one piece of memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextColumn {
    name: String,
    text: String,
    ends: Vec<usize>,
}

impl TextColumn {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: String::new(),
            ends: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// Whether no row has a text.
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text of a row; `None` where the table has none.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        let end = *self.ends.get(row)?;
        let start = match row {
            0 => 0,
            _ => *self.ends.get(row - 1)?,
        };
        self.text.get(start..end).filter(|text| !text.is_empty())
    }
}

/// One of few names per row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelColumn {
    name: String,
    names: Vec<String>,
    rows: Vec<Option<u32>>,
}

impl LabelColumn {
    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names, in the order in which they came first.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of a row; `None` where the table has none.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&str> {
        Some(self.names.get(self.index(row)?)?)
    }

    /// The name of a row, as its index in [`LabelColumn::names`].
    #[must_use]
    pub fn index(&self, row: usize) -> Option<usize> {
        self.rows.get(row).copied()?.map(|index| index as usize)
    }

    /// Rows of each name.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&str, u64> {
        let mut counts = vec![0; self.names.len()];
        for index in self.rows.iter().flatten() {
            if let Some(count) = counts.get_mut(*index as usize) {
                *count += 1;
            }
        }
        let names = self.names.iter().map(String::as_str);
        names.zip(counts).filter(|(_, count)| *count > 0).collect()
    }

    /// The column that follows from this one.
    pub(super) fn derive(&self, name: &str, of: fn(&str) -> &'static str) -> Self {
        let mut names = Vocabulary::learned(usize::MAX);
        let numbers: Vec<_> = (self.names.iter().map(|label| names.number(of(label)))).collect();
        let number = |index: &Option<u32>| numbers.get((*index)? as usize).copied().flatten();
        Self {
            name: name.to_owned(),
            names: names.names().to_vec(),
            rows: self.rows.iter().map(number).collect(),
        }
    }

    /// Whether no row has a name.
    pub(super) fn is_blank(&self) -> bool {
        self.rows.iter().all(Option::is_none)
    }
}

/// Collects a column of labels.
pub(super) struct Labels {
    name: String,
    mend: fn(&str) -> Cow<'_, str>,
    /// What each text of the table became, and whether that is another text.
    known: HashMap<String, (Option<u32>, bool)>,
    names: Vocabulary,
    rows: Vec<Option<u32>>,
}

impl Labels {
    pub(super) fn new(name: &str, mend: fn(&str) -> Cow<'_, str>) -> Self {
        Self {
            name: name.to_owned(),
            mend,
            known: HashMap::new(),
            names: Vocabulary::learned(usize::MAX),
            rows: Vec::new(),
        }
    }

    /// Appends a label; tells whether it was mended.
    pub(super) fn push(&mut self, text: &str) -> bool {
        if let Some((label, mended)) = self.known.get(text) {
            self.rows.push(*label);
            return *mended;
        }
        let label = (self.mend)(text);
        let mended = label != text;
        let number = match &*label {
            "" => None,
            name => self.names.number(name),
        };
        self.known.insert(text.to_owned(), (number, mended));
        self.rows.push(number);
        mended
    }

    /// The column so far, which begins anew; names keep their numbers.
    pub(super) fn take(&mut self) -> LabelColumn {
        LabelColumn {
            name: self.name.clone(),
            names: self.names.names().to_vec(),
            rows: std::mem::take(&mut self.rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_row_and_empty_ones_are_none() {
        let mut column = TextColumn::new("source");
        for text in ["a", "", "bc"] {
            column.push(text);
        }
        let texts: Vec<_> = (0..4).map(|row| column.get(row)).collect();
        assert_eq!(texts, [Some("a"), None, Some("bc"), None]);
    }

    #[test]
    fn labels_that_are_the_same_once_mended_are_one() {
        let mut labels = Labels::new("label", |text| Cow::Borrowed(text.trim_end_matches('.')));
        let mended: Vec<_> = ["normal", "normal.", "", "smurf.", "normal."]
            .iter()
            .map(|text| labels.push(text))
            .collect();
        assert_eq!(mended, [false, true, false, true, true]);
        let column = labels.take();
        assert_eq!(column.names(), ["normal", "smurf"]);
        assert_eq!(
            column.counts(),
            BTreeMap::from([("normal", 3), ("smurf", 1)])
        );
        assert_eq!(column.get(2), None);
        let derived = column.derive("family", |label| {
            if label == "normal" {
                label_of(0)
            } else {
                label_of(1)
            }
        });
        assert_eq!(
            derived.counts(),
            BTreeMap::from([("benign", 3), ("dos", 1)])
        );
    }

    fn label_of(number: usize) -> &'static str {
        ["benign", "dos"].get(number).copied().unwrap_or_default()
    }
}
