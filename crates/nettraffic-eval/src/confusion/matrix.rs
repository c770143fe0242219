//! The confusion matrix: what was predicted against what is.

use serde::Serialize;

use crate::EvalError;
use crate::error::{ratio, same_length};

/// Most classes: beyond it the counts, one for each pair, would take over 128 MiB.
const MOST_CLASSES: usize = 4096;

/// How often each class was predicted for each actual class.
///
/// The class type `C` is whatever names a class: `bool` for alert or no alert, `&str` or
/// `String` for attack names, a number. Its classes are those that occur in either slice.
///
/// Metrics follow the definitions of scikit-learn's `metrics` module, except that what is
/// undefined is `None` instead of 0.
///
/// ```
/// use nettraffic_eval::ConfusionMatrix;
///
/// let actual = ["benign", "scan", "scan", "flood"];
/// let predicted = ["benign", "scan", "flood", "flood"];
/// let matrix = ConfusionMatrix::new(&predicted, &actual)?;
/// assert_eq!(matrix.recall_of(&"scan"), Some(0.5));
/// assert_eq!(matrix.balanced_accuracy(), Some(2.5 / 3.0));
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfusionMatrix<C> {
    /// Ascending.
    pub(super) classes: Vec<C>,
    /// Row-major: one row per actual class, one column per predicted class.
    pub(super) counts: Vec<u64>,
}

impl<C: Ord + Clone> ConfusionMatrix<C> {
    /// Counts every row's predicted class against its actual class.
    ///
    /// # Errors
    /// The slices differ in length, or name more than 4,096 classes.
    pub fn new(predicted: &[C], actual: &[C]) -> Result<Self, EvalError> {
        same_length(
            "predictions",
            predicted.len(),
            "actual classes",
            actual.len(),
        )?;
        let mut seen: Vec<&C> = predicted.iter().chain(actual).collect();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() > MOST_CLASSES {
            return Err(EvalError::TooManyClasses {
                classes: seen.len(),
                limit: MOST_CLASSES,
            });
        }
        let classes: Vec<C> = seen.into_iter().cloned().collect();
        let mut matrix = Self {
            counts: vec![0; classes.len() * classes.len()],
            classes,
        };
        for (predicted, actual) in predicted.iter().zip(actual) {
            if let Some(cell) = matrix.cell(predicted, actual) {
                matrix.counts[cell] += 1;
            }
        }
        Ok(matrix)
    }

    /// The classes that occur, ascending.
    #[must_use]
    pub fn classes(&self) -> &[C] {
        &self.classes
    }

    /// Rows of class `actual` that were predicted to be `predicted`; 0 for classes that do not occur.
    #[must_use]
    pub fn count(&self, predicted: &C, actual: &C) -> u64 {
        self.cell(predicted, actual)
            .map_or(0, |cell| self.counts[cell])
    }

    /// Rows in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Rows that were predicted to be `class`.
    #[must_use]
    pub fn predicted(&self, class: &C) -> u64 {
        self.classes.iter().map(|a| self.count(class, a)).sum()
    }

    /// Rows that are of `class`.
    #[must_use]
    pub fn actual(&self, class: &C) -> u64 {
        self.classes.iter().map(|p| self.count(p, class)).sum()
    }

    /// Share of rows predicted right; `None` without rows.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.right(), self.total())
    }

    /// Share of the rows predicted to be `class` that are; `None` when it was never predicted.
    #[must_use]
    pub fn precision_of(&self, class: &C) -> Option<f64> {
        ratio(self.count(class, class), self.predicted(class))
    }

    /// Share of the rows of `class` that were predicted to be; `None` when there is none.
    #[must_use]
    pub fn recall_of(&self, class: &C) -> Option<f64> {
        ratio(self.count(class, class), self.actual(class))
    }

    /// Harmonic mean of precision and recall, as 2·hits / (predicted + actual); `None` when the
    /// class does not occur at all. A class that occurs but is never predicted has an F1 of 0.
    #[must_use]
    pub fn f1_of(&self, class: &C) -> Option<f64> {
        ratio(
            2 * self.count(class, class),
            self.predicted(class) + self.actual(class),
        )
    }

    /// Rows predicted right.
    pub(super) fn right(&self) -> u64 {
        self.classes
            .iter()
            .map(|class| self.count(class, class))
            .sum()
    }

    fn cell(&self, predicted: &C, actual: &C) -> Option<usize> {
        let column = self.classes.binary_search(predicted).ok()?;
        let row = self.classes.binary_search(actual).ok()?;
        Some(row * self.classes.len() + column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_classes_than_a_matrix_is_made_for_are_refused() {
        let names: Vec<usize> = (0..=MOST_CLASSES).collect();
        let most = ConfusionMatrix::new(&names[1..], &names[1..]);
        assert_eq!(most.map(|matrix| matrix.total()), Ok(MOST_CLASSES as u64));
        let refused = ConfusionMatrix::new(&names, &names).map(|matrix| matrix.total());
        assert!(matches!(
            refused,
            Err(EvalError::TooManyClasses { classes: 4097, .. })
        ));
    }
}
