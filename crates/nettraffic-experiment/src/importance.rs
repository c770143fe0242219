//! What features count in a fitted model.

use serde::{Deserialize, Serialize};

/// How much each feature counts in a fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Importance {
    /// What the shares are of.
    pub kind: ImportanceKind,
    /// One for each feature of the study, in their order; they sum to 1.
    pub shares: Vec<f64>,
}

/// What shares of features are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ImportanceKind {
    /// Of what contributes to the scores of the test's attacks, whatever the sign: the mean over attacks, each
    /// of which weighs the same.
    Contributions,
    /// Of the decrease of impurity over all splits of a forest: of what its training rows are split by.
    Impurity,
    /// The model looks at one feature alone.
    Single,
}

impl ImportanceKind {
    /// Its name in data files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Contributions => "contributions",
            Self::Impurity => "impurity",
            Self::Single => "single",
        }
    }
}

impl Importance {
    /// Of values of which only the size counts; `None` where all are 0, or one is no number.
    pub(crate) fn of(kind: ImportanceKind, values: &[f64]) -> Option<Self> {
        let shares = shares(values)?;
        Some(Self { kind, shares })
    }

    /// The mean share of each feature, rows weighing the same; rows without shares are left out. `None` without any.
    pub(crate) fn mean(
        kind: ImportanceKind,
        rows: impl IntoIterator<Item = Vec<f64>>,
    ) -> Option<Self> {
        let mut sums: Vec<f64> = Vec::new();
        for row in rows.into_iter().filter_map(|row| shares(&row)) {
            sums.resize(sums.len().max(row.len()), 0.0);
            (sums.iter_mut().zip(row)).for_each(|(sum, share)| *sum += share);
        }
        Self::of(kind, &sums)
    }
}

fn shares(values: &[f64]) -> Option<Vec<f64>> {
    // Divided twice, so that the sum of large values does not become infinite.
    let most = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    let parts: Vec<f64> = values.iter().map(|value| value.abs() / most).collect();
    let total: f64 = parts.iter().sum();
    (total.is_finite() && total > 0.0).then(|| parts.into_iter().map(|part| part / total).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one_whatever_the_sign_and_size() {
        let of = |values: &[f64]| {
            let found = Importance::of(ImportanceKind::Contributions, values);
            found.map(|found| found.shares)
        };
        for (values, expected) in [
            (&[3.0, -1.0, 0.0][..], Some(vec![0.75, 0.25, 0.0])),
            (&[f64::MAX, f64::MAX], Some(vec![0.5, 0.5])),
            (&[0.0, 0.0], None),
            (&[f64::NAN, 1.0], None),
            (&[f64::INFINITY, 1.0], None),
            (&[], None),
        ] {
            assert_eq!(of(values), expected, "{values:?}");
        }
    }

    #[test]
    fn attacks_weigh_the_same_however_strange() {
        let rows = [vec![1e6, 0.0], vec![-1.0, 1.0], vec![0.0, 0.0]];
        let mean = Importance::mean(ImportanceKind::Contributions, rows);
        assert_eq!(mean.map(|mean| mean.shares), Some(vec![0.75, 0.25]));
        assert_eq!(Importance::mean(ImportanceKind::Impurity, []), None);
    }
}
