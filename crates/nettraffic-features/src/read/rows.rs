//! Fields to values, row by row.

use std::sync::Arc;

use super::account::{Replaced, ReplacedValues};
use super::bind::{Binding, NumberSource};
use super::fields::Fields;
use super::layout::DerivedLabel;
use super::number::{self, Number};
use super::text::{LabelColumn, Labels, TextColumn};
use super::{Refusal, Table, TableAccount, TableError};
use crate::{Column, ColumnKind, FeatureMatrix, Missing, Schema};

/// What a category field without a value is.
const UNSET: &str = "-";
/// Characters of a wrong value that a refusal shows.
const EXCERPT: usize = 40;

/// The rows of a batch while they are read.
pub(super) struct Rows {
    binding: Binding,
    /// Once categories are settled.
    schema: Option<Arc<Schema>>,
    derived: Option<DerivedLabel>,
    /// Whether a label or identity may turn out not to be in the table.
    drops_blanks: bool,
    /// Row after row.
    values: Vec<f64>,
    labels: Vec<Labels>,
    identity: Vec<TextColumn>,
    lines: Vec<u64>,
    /// What was replaced in the row at hand.
    replaced: Vec<(usize, Replaced)>,
}

impl Rows {
    pub(super) fn new(
        binding: Binding,
        schema: Option<Arc<Schema>>,
        derived: Option<DerivedLabel>,
        drops_blanks: bool,
    ) -> Result<Self, TableError> {
        if schema.is_none() {
            Schema::new(binding.columns.clone())?;
        }
        let labels = binding.labels.iter();
        let identity = binding.identity.iter();
        Ok(Self {
            labels: labels
                .map(|(_, column)| Labels::new(&column.name, column.mend))
                .collect(),
            identity: identity.map(|(_, name)| TextColumn::new(name)).collect(),
            binding,
            schema,
            derived,
            drops_blanks,
            values: Vec::new(),
            lines: Vec::new(),
            replaced: Vec::new(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn left_out(&self) -> &[String] {
        &self.binding.left_out
    }

    /// What the account says about columns before the first row.
    pub(super) fn open_account(&self, account: &mut TableAccount) {
        let columns = self.binding.columns.iter();
        account.replaced = columns
            .map(|column| ReplacedValues::of(&column.name))
            .collect();
        account.left_out.clone_from(&self.binding.left_out);
        account.unknown.clone_from(&self.binding.unknown);
        account.absent.clone_from(&self.binding.absent);
    }

    /// Appends a row, or nothing at all.
    pub(super) fn push(
        &mut self,
        fields: &Fields,
        line: u64,
        account: &mut TableAccount,
    ) -> Result<(), Refusal> {
        let start = self.values.len();
        self.values.resize(start + self.binding.columns.len(), 0.0);
        let Some(row) = self.values.get_mut(start..) else {
            return Ok(());
        };
        self.replaced.clear();
        for source in &self.binding.numbers {
            if let Err(reason) = number(source, fields, row, &mut self.replaced) {
                let column = self.binding.columns.get(source.at);
                self.values.truncate(start);
                return Err(refusal(reason, column));
            }
        }
        // Only now, so that a refused row teaches no category.
        for source in &mut self.binding.categories {
            let name = fields.get(source.field).unwrap_or(UNSET);
            let known = source.vocabulary.number(name);
            if known.is_none() {
                self.replaced.push((source.at, Replaced::Unseen));
            }
            if let Some(value) = row.get_mut(source.at) {
                // Settled later where the vocabulary is still growing.
                let other = match source.learned {
                    true => u32::MAX,
                    false => source.vocabulary.names().len() as u32,
                };
                *value = f64::from(known.unwrap_or(other));
            }
        }
        for (at, why) in self.replaced.drain(..) {
            if let Some(column) = account.replaced.get_mut(at) {
                column.count(why);
            }
        }
        for ((field, _), labels) in self.binding.labels.iter().zip(&mut self.labels) {
            let mended = labels.push(fields.get(*field).unwrap_or_default());
            account.encoding.labels_mended += u64::from(mended);
        }
        for ((field, _), column) in self.binding.identity.iter().zip(&mut self.identity) {
            column.push(fields.get(*field).unwrap_or_default());
        }
        self.lines.push(line);
        Ok(())
    }

    /// The rows so far as a table; the next ones begin another.
    pub(super) fn take(&mut self, account: &TableAccount) -> Result<Table, TableError> {
        let schema = match &self.schema {
            Some(schema) => Arc::clone(schema),
            None => self.settle()?,
        };
        let values = std::mem::take(&mut self.values);
        let mut labels: Vec<LabelColumn> = self.labels.iter_mut().map(Labels::take).collect();
        if self.drops_blanks {
            labels.retain(|column| !column.is_blank());
        }
        if let Some(derived) = self.derived {
            let from = labels.iter().find(|column| column.name() == derived.from);
            let follows = from.map(|column| column.derive(derived.name, derived.of));
            labels.extend(follows);
        }
        let mut identity: Vec<TextColumn> = Vec::new();
        for column in &mut self.identity {
            let next = TextColumn::new(column.name());
            identity.push(std::mem::replace(column, next));
        }
        if self.drops_blanks {
            identity.retain(|column| !column.is_blank());
        }
        Ok(Table {
            matrix: FeatureMatrix::from_rows(schema, values)?,
            labels,
            identity,
            lines: std::mem::take(&mut self.lines),
            account: account.clone(),
        })
    }

    /// Puts learned categories in order; from now on nothing is learned.
    fn settle(&mut self) -> Result<Arc<Schema>, TableError> {
        let width = self.binding.columns.len();
        for source in self
            .binding
            .categories
            .iter_mut()
            .filter(|source| source.learned)
        {
            let renumbered = source.vocabulary.settle();
            source.learned = false;
            let names = source.vocabulary.names();
            let other = names.len() as f64;
            for value in self.values.iter_mut().skip(source.at).step_by(width.max(1)) {
                let new = renumbered.get(*value as usize);
                *value = new.map_or(other, |new| f64::from(*new));
            }
            if let Some(column) = self.binding.columns.get_mut(source.at) {
                let names = names.iter().map(|name| name.clone().into());
                column.kind = ColumnKind::Category(names.collect());
            }
        }
        let schema = Arc::new(Schema::new(self.binding.columns.clone())?);
        self.schema = Some(Arc::clone(&schema));
        Ok(schema)
    }
}

/// Why a field is no value of its column.
enum Wrong {
    Empty,
    Text(String),
    NotFinite(String),
}

fn number(
    source: &NumberSource,
    fields: &Fields,
    row: &mut [f64],
    replaced: &mut Vec<(usize, Replaced)>,
) -> Result<(), Wrong> {
    let text = fields.get(source.field);
    let why = match text.map(number::parse) {
        Some(Number::Finite(number)) => {
            if let Some(value) = row.get_mut(source.at) {
                *value = number;
            }
            return Ok(());
        }
        Some(Number::NotFinite(why)) => Replaced::NotFinite(why),
        Some(Number::Text) => {
            let text = text.unwrap_or_default();
            let flag = match text {
                "true" | "T" if source.flag => 1.0,
                "false" | "F" if source.flag => 0.0,
                _ => return Err(Wrong::Text(excerpt(text))),
            };
            if let Some(value) = row.get_mut(source.at) {
                *value = flag;
            }
            return Ok(());
        }
        None => Replaced::Empty,
    };
    let default = match (source.missing, text) {
        (Missing::Zero, _) => 0.0,
        (Missing::Indicated(default), _) => default,
        (Missing::Never, None) => return Err(Wrong::Empty),
        (Missing::Never, Some(text)) => return Err(Wrong::NotFinite(excerpt(text))),
    };
    if let Some(value) = row.get_mut(source.at) {
        *value = default;
    }
    if let Some(indicator) = source.indicator.and_then(|at| row.get_mut(at)) {
        *indicator = 1.0;
    }
    replaced.push((source.at, why));
    Ok(())
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT).collect()
}

fn refusal(reason: Wrong, column: Option<&Column>) -> Refusal {
    let column = column.map_or_else(String::new, |column| column.name.to_string());
    match reason {
        Wrong::Empty => Refusal::Empty { column },
        Wrong::Text(text) => Refusal::NotANumber { column, text },
        Wrong::NotFinite(text) => Refusal::NotFinite { column, text },
    }
}
