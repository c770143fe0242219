//! Our rows under the names, and in the units, of public tables.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::sets::cic::{COLUMNS, CicColumn};
use crate::{Column, ColumnKind, DuplicateColumn, Missing, Schema, Unit};

/// Whose names the columns of features bear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FeatureNames {
    /// Our own, with times in seconds.
    #[default]
    Own,
    /// Those of CIC-IDS2017, without the blanks before them, with times in microseconds.
    Cic2017,
    /// Those of CSE-CIC-IDS2018, with times in microseconds.
    Cic2018,
}

impl FeatureNames {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Own, Self::Cic2017, Self::Cic2018];

    /// The word for it: `own`, `cic2017`, `cic2018`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Cic2017 => "cic2017",
            Self::Cic2018 => "cic2018",
        }
    }

    /// What the table has under this name; `None` when it lacks the column.
    fn of(self, column: &CicColumn) -> Option<&'static str> {
        match self {
            Self::Own => Some(column.ours),
            Self::Cic2017 => Some(column.in_2017),
            Self::Cic2018 => column.in_2018,
        }
    }
}

impl fmt::Display for FeatureNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FeatureNames {
    type Err = UnknownNames;

    fn from_str(name: &str) -> Result<Self, UnknownNames> {
        let known = Self::ALL.into_iter().find(|names| names.name() == name);
        known.ok_or_else(|| UnknownNames {
            name: name.to_owned(),
        })
    }
}

/// A word for none of [`FeatureNames`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no names {name:?}; there are own, cic2017 and cic2018")]
#[non_exhaustive]
pub struct UnknownNames {
    /// The word.
    pub name: String,
}

/// Why rows cannot bear the names of a public table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The table has a column that is made of a feature which the rows lack.
    #[error("the names {names} need the feature {feature}; the set cic has it")]
    Lacks {
        /// The feature.
        feature: &'static str,
        /// Whose names were asked for.
        names: FeatureNames,
    },
    /// Another column has the name that a feature would bear.
    #[error(transparent)]
    Taken(#[from] DuplicateColumn),
}

/// Turns rows of features into rows with the names, order and units of a public table, so that
/// what was trained on such tables can read them.
///
/// Times become microseconds. A window that is undefined becomes −1, as in those tables, and other
/// undefined values become 0; the tables have no columns that tell. Features that the table does not
/// have stand behind its columns, as they are.
///
/// ```
/// use nettraffic_features::{FeatureNames, FeatureSet, Projection};
///
/// let schema = FeatureSet::named("cic")?.schema();
/// let projection = Projection::of(&schema, FeatureNames::Cic2017)?;
/// let columns = projection.schema();
/// assert_eq!(columns.columns()[0].name, "Flow Duration");
///
/// let mut seconds = vec![0.0; schema.len()];
/// seconds[0] = 2.5;
/// let mut row = Vec::new();
/// projection.apply(&seconds, &mut row);
/// assert_eq!(row[0], 2_500_000.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Projection {
    schema: Arc<Schema>,
    steps: Vec<Step>,
}

/// How one column is made.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// The column that it is made of.
    from: usize,
    is_time: bool,
    /// The value where the column behind that one, its indicator, is not 0.
    undefined: Option<f64>,
}

impl Projection {
    /// A projection of rows of `schema`.
    ///
    /// # Errors
    /// The first feature that these names need and `schema` lacks, or a column of it that has one of
    /// these names already.
    pub fn of(schema: &Schema, names: FeatureNames) -> Result<Self, ProjectionError> {
        let mut columns = Vec::new();
        let mut steps = Vec::new();
        let mut named = HashSet::new();
        let table = if names == FeatureNames::Own {
            &[][..]
        } else {
            &COLUMNS
        };
        for column in table {
            let Some(name) = names.of(column) else {
                continue;
            };
            let lacks = ProjectionError::Lacks {
                feature: column.ours,
                names,
            };
            let from = schema.position(column.ours).ok_or(lacks)?;
            let own = schema.columns().get(from);
            steps.push(Step::of(from, column, own));
            columns.push(rename(name, column, own));
            named.insert(from);
        }
        for (from, column) in schema.columns().iter().enumerate() {
            let told =
                column.kind == ColumnKind::Indicator && from > 0 && named.contains(&(from - 1));
            if !named.contains(&from) && !told {
                columns.push(column.clone());
                steps.push(Step::copy(from));
            }
        }
        Ok(Self {
            schema: Arc::new(Schema::new(columns)?),
            steps,
        })
    }

    /// What the rows hold that [`Projection::apply`] makes.
    #[must_use]
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.schema)
    }

    /// Appends the projection of `row`, which has the schema that this was made for; of a shorter
    /// one, what it lacks is 0. Allocates only to make room in `projected`.
    pub fn apply(&self, row: &[f64], projected: &mut Vec<f64>) {
        let at = |index: usize| row.get(index).copied().unwrap_or(0.0);
        projected.extend(self.steps.iter().map(|step| match step.undefined {
            Some(value) if at(step.from + 1) != 0.0 => value,
            _ if step.is_time => microseconds(at(step.from)),
            _ => at(step.from),
        }));
    }
}

impl Step {
    const fn copy(from: usize) -> Self {
        Self {
            from,
            is_time: false,
            undefined: None,
        }
    }

    fn of(from: usize, named: &CicColumn, own: Option<&Column>) -> Self {
        Self {
            from,
            is_time: own.is_some_and(|own| own.unit == Unit::Seconds),
            undefined: named.undefined,
        }
    }
}

/// The column as the table has it: it has no indicators.
fn rename(name: &'static str, named: &CicColumn, own: Option<&Column>) -> Column {
    let unit = match own.map_or(Unit::None, |own| own.unit) {
        Unit::Seconds => Unit::Microseconds,
        other => other,
    };
    let missing = match own.map_or(Missing::Never, |own| own.missing) {
        Missing::Indicated(_) if named.undefined.is_some() => Missing::Never,
        Missing::Indicated(_) => Missing::Zero,
        other => other,
    };
    Column::number(name, unit).with_missing(missing)
}

/// Most times are whole nanoseconds divided by 10⁹: these are divided again, not multiplied, so that
/// whole microseconds stay whole.
fn microseconds(seconds: f64) -> f64 {
    let nanos = (seconds * 1e9).round();
    if nanos / 1e9 == seconds {
        nanos / 1e3
    } else {
        seconds * 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FeatureSet;

    fn projected(set: &str, names: FeatureNames) -> Result<Projection, Box<dyn std::error::Error>> {
        Ok(Projection::of(&FeatureSet::named(set)?.schema(), names)?)
    }

    fn columns(projection: &Projection) -> Vec<String> {
        let columns = projection.schema();
        let names = columns
            .columns()
            .iter()
            .map(|column| column.name.to_string());
        names.collect()
    }

    #[test]
    fn own_names_change_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let schema = FeatureSet::all().schema();
        let projection = Projection::of(&schema, FeatureNames::Own)?;
        assert_eq!(projection.schema(), schema);
        let row: Vec<f64> = (0..schema.len()).map(|at| at as f64 / 7.0).collect();
        let mut same = Vec::new();
        projection.apply(&row, &mut same);
        assert_eq!(same, row);
        Ok(())
    }

    #[test]
    fn the_set_cic_becomes_the_columns_of_the_tables() -> Result<(), Box<dyn std::error::Error>> {
        let of_2017 = columns(&projected("cic", FeatureNames::Cic2017)?);
        assert_eq!(of_2017.len(), 77);
        assert_eq!(of_2017.first().map(String::as_str), Some("Flow Duration"));
        assert_eq!(of_2017.last().map(String::as_str), Some("Idle Min"));
        let of_2018 = columns(&projected("cic", FeatureNames::Cic2018)?);
        assert_eq!(of_2018.len(), 76);
        assert!(of_2018.contains(&"TotLen Fwd Pkts".to_owned()));
        Ok(())
    }

    #[test]
    fn what_the_tables_lack_stands_behind() -> Result<(), Box<dyn std::error::Error>> {
        let names = columns(&projected("path,cic", FeatureNames::Cic2018)?);
        assert_eq!(names.len(), 76 + 6);
        assert_eq!(
            names.get(76).map(String::as_str),
            Some("forward_initial_ttl")
        );
        Ok(())
    }

    #[test]
    fn a_feature_that_is_not_there_is_named() -> Result<(), Box<dyn std::error::Error>> {
        let schema = FeatureSet::named("basic")?.schema();
        let error = Projection::of(&schema, FeatureNames::Cic2017).err();
        let text = error.map(|error| error.to_string());
        assert_eq!(
            text.as_deref(),
            Some("the names cic2017 need the feature forward_payload_max; the set cic has it")
        );
        Ok(())
    }

    #[test]
    fn times_become_microseconds_and_undefined_windows_minus_one()
    -> Result<(), Box<dyn std::error::Error>> {
        let schema = FeatureSet::named("cic")?.schema();
        let projection = Projection::of(&schema, FeatureNames::Cic2018)?;
        let mut row = vec![0.0; schema.len()];
        for (name, value) in [
            ("flow_duration", 4.393494),
            ("gap_mean", 1.0 / 3.0),
            ("forward_window", 8192.0),
            ("backward_window_missing", 1.0),
        ] {
            let at = schema.position(name).ok_or(name)?;
            *row.get_mut(at).ok_or(name)? = value;
        }
        let mut public = Vec::new();
        projection.apply(&row, &mut public);
        for (name, expected) in [
            ("Flow Duration", 4_393_494.0),
            ("Flow IAT Mean", 1e6 / 3.0),
            ("Init Fwd Win Byts", 8192.0),
            ("Init Bwd Win Byts", -1.0),
            ("Idle Max", 0.0),
        ] {
            let at = projection.schema().position(name).ok_or(name)?;
            assert_eq!(public.get(at), Some(&expected), "{name}");
        }
        Ok(())
    }

    #[test]
    fn names_are_read_by_their_words() {
        for names in FeatureNames::ALL {
            assert_eq!(names.name().parse(), Ok(names));
        }
        let unknown = "cic2019".parse::<FeatureNames>().map_err(|e| e.to_string());
        assert_eq!(
            unknown,
            Err("there are no names \"cic2019\"; there are own, cic2017 and cic2018".to_owned())
        );
    }
}
