//! A detector's decisions as a few rules that a person can read.

mod rule;
#[cfg(test)]
mod tests;

use std::fmt;

use ndarray::{Array2, ArrayView2};

use crate::forest::RandomForest;
use crate::{Classifier, ModelError};

pub use rule::{Condition, Rule};

/// Most questions that a rule asks.
const MAX_DEPTH: usize = 4;
/// Least rows of a rule, so that none is made for a single flow.
const LEAST_ROWS: usize = 5;

/// A shallow tree that imitates a detector, read as rules (Craven and Shavlik 1996 call it the
/// detector's surrogate). It explains the detector as a whole, roughly; how roughly,
/// [`Surrogate::fidelity`] says.
///
/// Give it the features in their own units, not as prepared for the detector: rules then
/// speak of ports and bytes. NaN is a missing value. The same rows give the same rules, on any number of threads.
///
/// The tree is grown like those of the [`RandomForest`](crate::RandomForest), but on all rows, and each node asks the
/// best of all columns.
///
/// ```
/// use ndarray::array;
/// use nettraffic_models::Surrogate;
///
/// let rows = array![[80.0, 9.0], [80.0, 7.0], [443.0, 8.0], [80.0, 7.5], [443.0, 9.5],
///     [22.0, 900.0], [22.0, 950.0], [23.0, 800.0], [80.0, 990.0], [443.0, 870.0]];
/// let alarms = [false, false, false, false, false, true, true, true, true, true];
/// let names = ["destination_port", "packets_per_second"].map(str::to_owned);
/// let rules = Surrogate::fit(rows.view(), &alarms, &names)?;
/// assert_eq!(rules.to_string(), "\
/// 2 rules decide as the detector does on 100.0 % of 10 rows, and on 100.0 % of its 5 alarms.
/// anomalous (5 rows, 100.0 % of them alarms): packets_per_second > 404.8
/// normal (5 rows, 0.0 % of them alarms): packets_per_second ≤ 404.8
/// ");
/// # Ok::<(), nettraffic_models::ModelError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Surrogate {
    tree: RandomForest,
    rules: Vec<Rule>,
    fidelity: Fidelity,
}

/// How often rules decide as the detector does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fidelity {
    /// Rows that were decided.
    pub rows: u64,
    /// Rows on which both decide alike.
    pub agreed: u64,
    /// Rows on which the detector alarms.
    pub alarms: u64,
    /// Rows on which both alarm.
    pub alarms_agreed: u64,
}

impl Surrogate {
    /// Rules of at most four questions that imitate `decisions`, which tell for each of `rows`,
    /// shape `(rows, columns)`, whether the detector alarms. `names` are those of the columns, with units if you like.
    ///
    /// # Errors
    /// Numbers of names, decisions and rows that do not fit; an infinite value; decisions that are all the same, of which no rule
    /// is needed.
    pub fn fit(
        rows: ArrayView2<'_, f64>,
        decisions: &[bool],
        names: &[String],
    ) -> Result<Self, ModelError> {
        if names.len() != rows.ncols() {
            return Err(ModelError::Columns {
                expected: names.len(),
                found: rows.ncols(),
            });
        }
        let rows = narrow(rows);
        let labels: Vec<usize> = decisions.iter().map(|alarm| usize::from(*alarm)).collect();
        let classes = ["normal", "anomalous"].map(str::to_owned);
        let tree = RandomForest::single(rows.view(), &labels, &classes, MAX_DEPTH, LEAST_ROWS)?;
        let decided = decide(&tree, rows.view())?;
        Ok(Self {
            rules: rule::of(&tree, rows.view(), decisions, names),
            fidelity: Fidelity::of(&decided, decisions),
            tree,
        })
    }

    /// The rules, those that alarm before the others, of many rows before few. For each row exactly one holds.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// How well the rules imitate the detector on the rows that they were made from.
    #[must_use]
    pub fn fidelity(&self) -> Fidelity {
        self.fidelity
    }

    /// What the rules say of each row.
    ///
    /// # Errors
    /// Another number of columns, or an infinite value.
    pub fn decide(&self, rows: ArrayView2<'_, f64>) -> Result<Vec<bool>, ModelError> {
        decide(&self.tree, narrow(rows).view())
    }

    /// How well the rules imitate the detector on further rows.
    ///
    /// # Errors
    /// As [`Surrogate::decide`], and another number of decisions than rows.
    pub fn fidelity_on(
        &self,
        rows: ArrayView2<'_, f64>,
        decisions: &[bool],
    ) -> Result<Fidelity, ModelError> {
        if decisions.len() != rows.nrows() {
            return Err(ModelError::Parameter {
                name: "decisions",
                value: decisions.len().to_string(),
                expected: "one for each row",
            });
        }
        Ok(Fidelity::of(&self.decide(rows)?, decisions))
    }
}

impl fmt::Display for Surrogate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fidelity { rows, alarms, .. } = self.fidelity;
        let percent = |share: Option<f64>| 100.0 * share.unwrap_or_default();
        writeln!(
            f,
            "{} rules decide as the detector does on {:.1} % of {rows} rows, and on {:.1} % of its {alarms} alarms.",
            self.rules.len(),
            percent(self.fidelity.share()),
            percent(self.fidelity.share_of_alarms()),
        )?;
        self.rules.iter().try_for_each(|rule| writeln!(f, "{rule}"))
    }
}

impl Fidelity {
    fn of(decided: &[bool], decisions: &[bool]) -> Self {
        let count = |holds: fn(bool, bool) -> bool| {
            let both = decided.iter().zip(decisions);
            both.filter(|(rules, detector)| holds(**rules, **detector))
                .count() as u64
        };
        Self {
            rows: count(|_, _| true),
            agreed: count(|rules, detector| rules == detector),
            alarms: count(|_, detector| detector),
            alarms_agreed: count(|rules, detector| rules && detector),
        }
    }

    /// Share of the rows on which both decide alike; `None` without rows.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        rule::share(self.agreed, self.rows)
    }

    /// Share of the detector's alarms that the rules raise too; `None` without alarms.
    /// Alarms are few: rules that never alarm would agree on most rows.
    #[must_use]
    pub fn share_of_alarms(&self) -> Option<f64> {
        rule::share(self.alarms_agreed, self.alarms)
    }
}

fn decide(tree: &RandomForest, rows: ArrayView2<'_, f32>) -> Result<Vec<bool>, ModelError> {
    let probabilities = tree.probabilities(rows)?;
    Ok(probabilities
        .outer_iter()
        .map(|shares| rule::alarms(shares.as_slice().unwrap_or_default()))
        .collect())
}

/// As the tree takes them; finite values beyond the range of `f32` become its ends.
#[expect(clippy::cast_possible_truncation, reason = "rules need no more digits")]
fn narrow(rows: ArrayView2<'_, f64>) -> Array2<f32> {
    let ends = f64::from(f32::MIN)..=f64::from(f32::MAX);
    rows.mapv(|value| match value.is_finite() {
        true => value.clamp(*ends.start(), *ends.end()) as f32,
        false => value as f32,
    })
}
