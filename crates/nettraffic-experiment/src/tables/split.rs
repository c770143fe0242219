//! What is trained on, and what is tested on.

use std::collections::{BTreeSet, HashSet};

use nettraffic_eval::{group_folds, stratified_split};
use nettraffic_features::FeatureMatrix;

use super::TableRows;
use crate::ExperimentError;

/// Share of the training rows that a model is fitted on; thresholds are set on the others.
const FIT_SHARE: f64 = 0.8;

/// Rows to train on and rows to test on. Whoever chooses parameters takes
/// [`validation`](Self::validation) or [`folds_of_types`](Self::folds_of_types), which know nothing of the test rows.
///
/// ```
/// use std::sync::Arc;
/// use nettraffic_eval::RocCurve;
/// use nettraffic_experiment::tables::{TableRows, TableSplit};
/// use nettraffic_features::{Column, FeatureMatrix, Preprocessor, Schema, Unit};
/// use nettraffic_models::{AnomalyModel, KMeans, Metric, Threshold};
///
/// let schema = Arc::new(Schema::new(vec![Column::number("ports", Unit::Count)])?);
/// let table = |benign: usize| {
///     let values = (0..100).map(|row| if row < benign { row as f64 % 7.0 } else { 90.0 });
///     let label = |row| if row < benign { "benign" } else { "scan" }.to_owned();
///     let features = FeatureMatrix::from_rows(Arc::clone(&schema), values.collect())?;
///     TableRows::new(features, (0..100).map(label).collect())
///         .map_err(Box::<dyn std::error::Error>::from)
/// };
/// let split = TableSplit::new(table(95)?, table(60)?)?;
///
/// let rows = split.one_class(42)?;
/// assert_eq!((rows.fit.rows(), rows.calibration.rows()), (76, 19));
/// let prepare = Preprocessor::params().fit(&rows.fit)?;
/// let model = KMeans::params(2).metric(Metric::Euclidean).fit(&prepare.apply(&rows.fit)?)?;
/// let score = |rows| -> Result<Vec<f32>, Box<dyn std::error::Error>> {
///     Ok(model.score(prepare.apply(rows)?.view())?.to_vec())
/// };
/// let threshold = Threshold::at_rate(&score(&rows.calibration)?, 0.1)?;
/// let scores = score(split.test().features())?;
/// assert_eq!(RocCurve::new(&scores, &split.test().attacks())?.area(), Some(1.0));
/// assert_eq!(scores.iter().filter(|score| threshold.is_alert(**score)).count(), 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TableSplit {
    train: TableRows,
    test: TableRows,
}

/// Rows for a model that learns what is usual.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OneClass {
    /// Rows to fit preprocessing and model on.
    pub fit: FeatureMatrix,
    /// Rows to set the threshold on.
    pub calibration: FeatureMatrix,
}

/// Rows for a model that learns what is an attack.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Supervised {
    /// Rows to fit preprocessing and model on.
    pub fit: TableRows,
    /// Benign rows to set the threshold on.
    pub calibration: FeatureMatrix,
}

impl TableSplit {
    /// A split into two tables of one schema.
    ///
    /// # Errors
    /// Tables of different schemas.
    pub fn new(train: TableRows, test: TableRows) -> Result<Self, ExperimentError> {
        let (expected, found) = (train.features().schema(), test.features().schema());
        if expected != found {
            return Err(nettraffic_features::PrepareError::Schema {
                expected: expected.fingerprint(),
                found: found.fingerprint(),
            }
            .into());
        }
        Ok(Self { train, test })
    }

    /// All rows to train on.
    #[must_use]
    pub fn train(&self) -> &TableRows {
        &self.train
    }

    /// The rows to test on.
    #[must_use]
    pub fn test(&self) -> &TableRows {
        &self.test
    }

    /// Attacks that are tested on and were not trained on.
    #[must_use]
    pub fn unseen_attacks(&self) -> BTreeSet<&str> {
        let known: BTreeSet<&str> = self.train.labels().iter().map(String::as_str).collect();
        let tested = self.test.labels().iter().map(String::as_str);
        tested.filter(|label| !known.contains(label)).collect()
    }

    /// How many test rows have the very features of a training row.
    #[must_use]
    pub fn repeated_rows(&self) -> u64 {
        let known: HashSet<Vec<u64>> = (0..self.train.len())
            .map(|row| self.train.key(row))
            .collect();
        let rows = 0..self.test.len();
        rows.filter(|row| known.contains(&self.test.key(*row)))
            .count() as u64
    }

    /// The benign training rows: 80 % to fit on, 20 % to set the threshold on.
    ///
    /// # Errors
    /// None that the rows could cause.
    pub fn one_class(&self, seed: u64) -> Result<OneClass, ExperimentError> {
        self.contaminated(0.0, seed)
    }

    /// As [`TableSplit::one_class`], with attacks of the training rows mixed in unnoticed, among the rows to
    /// fit on as well as among those to calibrate on: they make up `share` of all (or less, where
    /// there are too few attacks).
    ///
    /// # Errors
    /// `share` is not from 0 to below 1.
    pub fn contaminated(&self, share: f64, seed: u64) -> Result<OneClass, ExperimentError> {
        if !(0.0..1.0).contains(&share) {
            return Err(nettraffic_eval::EvalError::Share { value: share }.into());
        }
        let benign = indices(&self.train.attacks(), false);
        let attacks = indices(&self.train.attacks(), true);
        let wanted = (benign.len() as f64 * share / (1.0 - share)).round();
        let drawn = (wanted / attacks.len().max(1) as f64).min(1.0);
        let drawn = stratified_split(&vec![(); attacks.len()], drawn, seed)?.train;
        let mut rows = benign;
        rows.extend(drawn.iter().map(|index| attacks[*index]));
        // Benign rows and attacks by themselves, so that both parts hold the same share.
        let is_attack = self.train.attacks();
        let kinds: Vec<bool> = rows.iter().map(|row| is_attack[*row]).collect();
        let split = stratified_split(&kinds, FIT_SHARE, seed)?;
        let part = |chosen: &[usize]| {
            let chosen: Vec<usize> = chosen.iter().map(|index| rows[*index]).collect();
            self.train.features().select(&chosen)
        };
        Ok(OneClass {
            fit: part(&split.train),
            calibration: part(&split.test),
        })
    }

    /// 80 % of the training rows, of every attack as of the benign ones, to fit on; the benign
    /// ones of the others to set the threshold on.
    ///
    /// # Errors
    /// None that the rows could cause.
    pub fn supervised(&self, seed: u64) -> Result<Supervised, ExperimentError> {
        let Self { train, test } = self.validation(seed)?;
        let calibration = test.features().select(&indices(&test.attacks(), false));
        Ok(Supervised {
            fit: train,
            calibration,
        })
    }

    /// The training rows alone, 80 % of each kind to train and 20 % to test: for choosing
    /// parameters. All of its attacks are known ones.
    ///
    /// # Errors
    /// None that the rows could cause.
    pub fn validation(&self, seed: u64) -> Result<Self, ExperimentError> {
        let split = stratified_split(self.train.labels(), FIT_SHARE, seed)?;
        Self::new(
            self.train.select(&split.train),
            self.train.select(&split.test),
        )
    }

    /// The training rows alone, `folds` times: each tests on other kinds of attack, none of which it
    /// trains on, and on another part of the benign rows. For choosing parameters that shall
    /// serve for new attacks too.
    ///
    /// # Errors
    /// Fewer than two folds or two kinds of attack.
    pub fn folds_of_types(&self, folds: usize, seed: u64) -> Result<Vec<Self>, ExperimentError> {
        let attacks = indices(&self.train.attacks(), true);
        let benign = indices(&self.train.attacks(), false);
        let kinds: Vec<&str> = (attacks.iter())
            .map(|row| self.train.labels()[*row].as_str())
            .collect();
        let by_kind = group_folds(&kinds, folds, seed)?;
        // Every benign row is a group of its own.
        let each: Vec<usize> = (0..benign.len()).collect();
        let by_row = group_folds(&each, by_kind.len(), seed)?;
        let part = |attack: &[usize], usual: &[usize]| {
            let attack = attack.iter().map(|index| attacks[*index]);
            let usual = usual.iter().map(|index| benign[*index]);
            let mut rows: Vec<usize> = attack.chain(usual).collect();
            rows.sort_unstable();
            self.train.select(&rows)
        };
        (by_kind.iter().zip(&by_row))
            .map(|(attack, usual)| {
                Self::new(
                    part(&attack.train, &usual.train),
                    part(&attack.test, &usual.test),
                )
            })
            .collect()
    }
}

/// Where `kinds` is `kind`.
fn indices(kinds: &[bool], kind: bool) -> Vec<usize> {
    let kinds = kinds.iter().enumerate();
    kinds
        .filter_map(|(index, found)| (*found == kind).then_some(index))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::testing::rows;

    /// 100 benign rows, 40 of four attacks; of the tested attacks one is new.
    fn split() -> Result<TableSplit, ExperimentError> {
        let label = |row: u32| match row {
            0..100 => "benign",
            100..120 => "scan",
            120..130 => "flood",
            130..135 => "worm",
            _ => "guess",
        };
        let train: Vec<_> = (0..140)
            .map(|row| {
                (
                    [f64::from(row), f64::from(u8::from(row >= 100))],
                    label(row),
                )
            })
            .collect();
        let test = [
            ([0.5, 0.0], "benign"),
            ([200.0, 1.0], "scan"),
            ([300.0, 1.0], "novel"),
        ];
        TableSplit::new(rows(&train)?, rows(&test)?)
    }

    fn attacks_of(rows: &FeatureMatrix) -> f64 {
        rows.view().column(1).sum()
    }

    #[test]
    fn one_class_rows_are_benign_and_in_one_part_each() -> Result<(), ExperimentError> {
        let rows = split()?.one_class(1)?;
        assert_eq!((rows.fit.rows(), rows.calibration.rows()), (80, 20));
        let mut seen: Vec<u32> = (rows.fit.view().column(0).iter())
            .chain(rows.calibration.view().column(0))
            .map(|value| *value as u32)
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
        assert_eq!(split()?.one_class(1)?, rows);
        assert_ne!(split()?.one_class(2)?, rows);
        Ok(())
    }

    #[test]
    fn contamination_is_the_share_of_all_rows_in_both_parts() -> Result<(), ExperimentError> {
        for (share, fit, calibration) in [(0.0, 0.0, 0.0), (0.05, 4.0, 1.0), (0.2, 20.0, 5.0)] {
            let rows = split()?.contaminated(share, 1)?;
            assert_eq!(attacks_of(&rows.fit), fit, "{share}");
            assert_eq!(attacks_of(&rows.calibration), calibration, "{share}");
            assert_eq!(rows.fit.rows() as f64, 80.0 + fit);
        }
        // No more than there are.
        let rows = split()?.contaminated(0.9, 1)?;
        assert_eq!(attacks_of(&rows.fit) + attacks_of(&rows.calibration), 40.0);
        for share in [-0.1, 1.0, f64::NAN] {
            assert!(split()?.contaminated(share, 1).is_err());
        }
        Ok(())
    }

    #[test]
    fn supervised_rows_hold_every_attack_and_calibrate_on_benign_ones()
    -> Result<(), ExperimentError> {
        let rows = split()?.supervised(3)?;
        let counts = [
            ("benign", 80),
            ("flood", 8),
            ("guess", 4),
            ("scan", 16),
            ("worm", 4),
        ];
        assert_eq!(rows.fit.counts(), counts.into());
        assert_eq!(
            (rows.calibration.rows(), attacks_of(&rows.calibration)),
            (20, 0.0)
        );
        Ok(())
    }

    #[test]
    fn a_fold_tests_on_attacks_that_it_does_not_train_on() -> Result<(), ExperimentError> {
        let whole = split()?;
        let folds = whole.folds_of_types(3, 5)?;
        assert_eq!(folds.len(), 3);
        let mut tested = 0;
        for fold in &folds {
            let unseen = fold.unseen_attacks();
            assert!(!unseen.is_empty());
            for (label, count) in fold.test().counts() {
                assert_eq!(unseen.contains(label), label != "benign");
                assert!(label != "benign" || (33..=34).contains(&count));
            }
            assert_eq!(fold.train().len() + fold.test().len(), 140);
            tested += fold.test().len();
        }
        assert_eq!(tested, 140);
        assert!(whole.folds_of_types(1, 5).is_err());
        Ok(())
    }

    #[test]
    fn repeated_rows_are_counted() -> Result<(), ExperimentError> {
        let train = rows(&[([1.0, 0.0], "benign"), ([2.0, 0.0], "scan")])?;
        let test = rows(&[
            ([1.0, -0.0], "scan"),
            ([1.0, 1.0], "scan"),
            ([2.0, 0.0], "benign"),
            ([2.0, 0.0], "benign"),
        ])?;
        assert_eq!(TableSplit::new(train, test)?.repeated_rows(), 3);
        Ok(())
    }

    #[test]
    fn attacks_that_were_not_trained_on_are_told() -> Result<(), ExperimentError> {
        assert_eq!(split()?.unseen_attacks(), ["novel"].into());
        assert!(split()?.validation(1)?.unseen_attacks().is_empty());
        Ok(())
    }
}
