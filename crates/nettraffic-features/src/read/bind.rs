//! Which field of a row becomes which feature, label or identity.

use std::borrow::Cow;

use super::TableError;
use super::fields::Fields;
use super::layout::{ColumnRole, LayoutColumn, OtherColumns, TableLayout};
use super::number::{self, Number};
use super::vocabulary::Vocabulary;
use crate::{Column, ColumnKind, Missing, Schema, Unit};

/// Where everything in a row comes from.
pub(super) struct Binding {
    pub(super) columns: Vec<Column>,
    pub(super) numbers: Vec<NumberSource>,
    pub(super) categories: Vec<CategorySource>,
    /// Fields of labels, with their columns in the layout.
    pub(super) labels: Vec<(usize, LayoutColumn)>,
    pub(super) identity: Vec<(usize, Cow<'static, str>)>,
    pub(super) left_out: Vec<String>,
    pub(super) unknown: Vec<String>,
    pub(super) absent: Vec<String>,
}

/// A column of numbers.
pub(super) struct NumberSource {
    /// Its place in the row of features.
    pub(super) at: usize,
    pub(super) field: usize,
    pub(super) missing: Missing,
    /// The place of the column that tells where this one is missing.
    pub(super) indicator: Option<usize>,
    /// Whether words may stand for 0 and 1.
    pub(super) flag: bool,
}

/// A column of categories.
pub(super) struct CategorySource {
    /// Its place in the row of features.
    pub(super) at: usize,
    pub(super) field: usize,
    pub(super) vocabulary: Vocabulary,
    pub(super) learned: bool,
}

/// A feature that the table has.
struct Offer<'a> {
    name: &'a str,
    field: usize,
    column: Column,
}

/// Finds the place of every column of `names`. Columns that nothing is known about are numbers
/// if `first`, a row of the table, has a number there.
pub(super) fn bind(
    names: &[String],
    layout: &TableLayout,
    schema: Option<&Schema>,
    first: &Fields,
    most_categories: usize,
) -> Result<Binding, TableError> {
    let mut offers: Vec<Option<Offer<'_>>> = Vec::new();
    offers.resize_with(layout.columns.len(), || None);
    let mut binding = Binding {
        columns: Vec::new(),
        numbers: Vec::new(),
        categories: Vec::new(),
        labels: Vec::new(),
        identity: Vec::new(),
        left_out: Vec::new(),
        unknown: Vec::new(),
        absent: Vec::new(),
    };
    let index = layout.index();
    let mut taken = vec![false; layout.columns.len()];
    for (field, name) in names.iter().enumerate() {
        let known = index.find(name);
        let Some((at, known)) = known.and_then(|at| Some((at, layout.columns.get(at)?))) else {
            if layout.others == OtherColumns::LeftOut {
                binding.unknown.push(name.clone());
            } else {
                let column = column_of_other(name, layout, first.get(field));
                offers.push(Some(Offer {
                    name,
                    field,
                    column,
                }));
            }
            continue;
        };
        let twice = taken
            .get_mut(at)
            .is_some_and(|taken| std::mem::replace(taken, true));
        let column = match known.role {
            _ if twice => None,
            ColumnRole::Number { unit, missing } => {
                Some(Column::number(known.name.clone(), unit).with_missing(missing))
            }
            ColumnRole::Category => Some(Column::category(known.name.clone(), [""; 0])),
            ColumnRole::Label => {
                binding.labels.push((field, known.clone()));
                continue;
            }
            ColumnRole::Identity => {
                binding.identity.push((field, known.name.clone()));
                continue;
            }
            ColumnRole::LeftOut => None,
        };
        match (column, offers.get_mut(at)) {
            (Some(column), Some(offer)) => {
                *offer = Some(Offer {
                    name: &known.name,
                    field,
                    column,
                });
            }
            _ => binding.left_out.push(name.clone()),
        }
    }
    // The label that says most comes first, wherever it stands.
    binding
        .labels
        .sort_by_key(|(_, label)| index.find(&label.name));
    let mut features_are_absent = false;
    let absent = layout
        .columns
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| !**taken);
    for (column, _) in absent {
        let feature = is_feature(column.role);
        if feature || !layout.partial {
            binding.absent.push(column.name.to_string());
        }
        features_are_absent |= feature;
    }
    if features_are_absent && !layout.partial && schema.is_none() {
        return Err(TableError::MissingColumns {
            names: binding.absent,
        });
    }
    let offers: Vec<Offer<'_>> = offers.into_iter().flatten().collect();
    binding.columns = match schema {
        Some(schema) => schema.columns().to_vec(),
        None => all_columns(&offers),
    };
    binding.take(&offers, schema.is_none(), most_categories)?;
    Ok(binding)
}

const fn is_feature(role: ColumnRole) -> bool {
    matches!(role, ColumnRole::Number { .. } | ColumnRole::Category)
}

/// What a column is that the layout does not name.
fn column_of_other(name: &str, layout: &TableLayout, value: Option<&str>) -> Column {
    let known = layout.known.iter().find(|column| column.name == name);
    match (known, value.map(number::parse)) {
        (Some(column), _) => column.clone(),
        (None, Some(Number::Text)) => Column::category(name.to_owned(), [""; 0]),
        (None, _) => Column::number(name.to_owned(), Unit::None),
    }
}

/// The columns of all features, each with its indicator unless the table has that itself.
fn all_columns(offers: &[Offer<'_>]) -> Vec<Column> {
    let mut columns = Vec::new();
    for offer in offers {
        columns.push(offer.column.clone());
        if matches!(offer.column.missing, Missing::Indicated(_)) {
            let indicator = offer.column.indicator();
            if offers.iter().all(|other| other.name != indicator.name) {
                columns.push(indicator);
            }
        }
    }
    columns
}

impl Binding {
    /// Gives every column its field.
    fn take(
        &mut self,
        offers: &[Offer<'_>],
        learns: bool,
        most_categories: usize,
    ) -> Result<(), TableError> {
        if self.columns.is_empty() {
            return Err(TableError::NoFeatures);
        }
        let fields: std::collections::HashMap<&str, usize> = offers
            .iter()
            .map(|offer| (offer.name, offer.field))
            .collect();
        let mut missing_columns = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let field = fields.get(&*column.name).copied();
            match (&column.kind, field) {
                (ColumnKind::Category(names), Some(field)) => {
                    let learned = learns && names.is_empty();
                    let vocabulary = if learned {
                        Vocabulary::learned(most_categories)
                    } else {
                        Vocabulary::given(names.iter().map(|name| name.to_string()))
                    };
                    self.categories.push(CategorySource {
                        at,
                        field,
                        vocabulary,
                        learned,
                    });
                }
                (ColumnKind::Number | ColumnKind::Indicator, Some(field)) => {
                    self.numbers.push(NumberSource {
                        at,
                        field,
                        missing: column.missing,
                        indicator: None,
                        flag: column.unit == Unit::Flag,
                    });
                }
                (ColumnKind::Indicator, None) => match self.numbers.last_mut() {
                    Some(before) if before.at + 1 == at => before.indicator = Some(at),
                    _ => missing_columns.push(column.name.to_string()),
                },
                (_, None) => missing_columns.push(column.name.to_string()),
            }
        }
        if !missing_columns.is_empty() {
            return Err(TableError::MissingColumns {
                names: missing_columns,
            });
        }
        let unused = offers
            .iter()
            .filter(|offer| self.columns.iter().all(|column| column.name != offer.name));
        self.left_out
            .extend(unused.map(|offer| offer.name.to_owned()));
        Ok(())
    }
}
