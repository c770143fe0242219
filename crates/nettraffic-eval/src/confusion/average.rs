//! One figure for all classes.

use super::ConfusionMatrix;

impl<C: Ord + Clone> ConfusionMatrix<C> {
    /// Unweighted mean of the classes' precision; `None` when any class was never predicted.
    #[must_use]
    pub fn macro_precision(&self) -> Option<f64> {
        mean(self.classes.iter().map(|class| self.precision_of(class)))
    }

    /// Unweighted mean of the classes' recall; `None` when a predicted class has no rows.
    #[must_use]
    pub fn macro_recall(&self) -> Option<f64> {
        mean(self.classes.iter().map(|class| self.recall_of(class)))
    }

    /// Unweighted mean of the classes' F1; `None` without rows.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        mean(self.classes.iter().map(|class| self.f1_of(class)))
    }

    /// Unweighted mean of the recall of those classes that have rows; `None` without rows.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let recalls = self.classes.iter().map(|class| self.recall_of(class));
        mean(recalls.filter(Option::is_some))
    }

    /// Matthews correlation coefficient, for several classes in the form of Gorodkin (2004,
    /// "Comparing two K-category assignments by a K-category correlation coefficient"):
    /// −1 to 1, 0 for chance. `None` when predictions or actual classes are all the same.
    #[must_use]
    pub fn mcc(&self) -> Option<f64> {
        let square = |count: u64| u128::from(count) * u128::from(count);
        let total = self.total();
        let (mut agreement, mut predicted, mut actual) = (0, 0, 0);
        for class in &self.classes {
            let (p, a) = (self.predicted(class), self.actual(class));
            agreement += u128::from(p) * u128::from(a);
            predicted += square(p);
            actual += square(a);
        }
        let (predicted, actual) = (square(total) - predicted, square(total) - actual);
        if predicted == 0 || actual == 0 {
            return None;
        }
        let right = u128::from(self.right()) * u128::from(total);
        let covariance = if right >= agreement {
            (right - agreement) as f64
        } else {
            -((agreement - right) as f64)
        };
        Some(covariance / ((predicted as f64).sqrt() * (actual as f64).sqrt()))
    }

    /// Mean of the classes' precision, weighted by their rows; `None` when a class that has rows
    /// was never predicted.
    #[must_use]
    pub fn weighted_precision(&self) -> Option<f64> {
        self.weighted(|class| self.precision_of(class))
    }

    /// Mean of the classes' recall, weighted by their rows, which is the accuracy; `None` without
    /// rows.
    #[must_use]
    pub fn weighted_recall(&self) -> Option<f64> {
        self.accuracy()
    }

    /// Mean of the classes' F1, weighted by their rows; `None` without rows.
    #[must_use]
    pub fn weighted_f1(&self) -> Option<f64> {
        self.weighted(|class| self.f1_of(class))
    }

    fn weighted(&self, metric: impl Fn(&C) -> Option<f64>) -> Option<f64> {
        let mut sum = 0.0;
        for class in &self.classes {
            // A class without rows has no weight, whether or not it is defined.
            match self.actual(class) {
                0 => {}
                rows => sum += rows as f64 * metric(class)?,
            }
        }
        (self.total() > 0).then(|| sum / self.total() as f64)
    }
}

/// Mean, `None` when there is nothing or something is undefined.
fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(tp: usize, fp: usize, tn: usize, fng: usize) -> ConfusionMatrix<bool> {
        let rows = [
            (true, true, tp),
            (true, false, fp),
            (false, false, tn),
            (false, true, fng),
        ];
        let (mut predicted, mut actual) = (Vec::new(), Vec::new());
        for (p, a, n) in rows {
            predicted.extend(std::iter::repeat_n(p, n));
            actual.extend(std::iter::repeat_n(a, n));
        }
        ConfusionMatrix::new(&predicted, &actual).unwrap()
    }

    #[test]
    fn binary_metrics_follow_their_definitions() {
        let m = binary(6, 2, 10, 3);
        assert_eq!(m.total(), 21);
        assert_eq!(m.accuracy(), Some(16.0 / 21.0));
        assert_eq!(m.precision(), Some(6.0 / 8.0));
        assert_eq!(m.recall(), Some(6.0 / 9.0));
        assert_eq!(m.f1(), Some(12.0 / 17.0));
        assert_eq!(m.false_alarm_rate(), Some(2.0 / 12.0));
        let expected = (6.0 * 10.0 - 2.0 * 3.0) / (8.0_f64 * 9.0 * 12.0 * 13.0).sqrt();
        assert!((m.mcc().unwrap() - expected).abs() < 1e-15);
        assert_eq!(m.balanced_accuracy(), Some((10.0 / 12.0 + 6.0 / 9.0) / 2.0));
    }

    #[test]
    fn what_is_undefined_is_none() {
        let empty = binary(0, 0, 0, 0);
        assert_eq!(
            [
                empty.accuracy(),
                empty.f1(),
                empty.macro_f1(),
                empty.mcc(),
                empty.balanced_accuracy()
            ],
            [None; 5]
        );
        let no_alerts = binary(0, 0, 5, 3);
        assert_eq!(no_alerts.precision(), None);
        assert_eq!(no_alerts.recall(), Some(0.0));
        assert_eq!(no_alerts.f1(), Some(0.0));
        assert_eq!(no_alerts.mcc(), None);
        assert_eq!(no_alerts.macro_precision(), None);
        let no_attacks = binary(0, 2, 5, 0);
        assert_eq!(no_attacks.recall(), None);
        assert_eq!(no_attacks.precision(), Some(0.0));
        assert_eq!(no_attacks.macro_recall(), None);
        assert_eq!(no_attacks.balanced_accuracy(), Some(5.0 / 7.0));
        let no_benign = binary(2, 0, 0, 1);
        assert_eq!(no_benign.false_alarm_rate(), None);
    }

    #[test]
    fn several_classes_are_counted_by_name() {
        let actual = ["benign", "scan", "scan", "flood", "benign", "scan"];
        let predicted = ["benign", "scan", "flood", "flood", "scan", "scan"];
        let m = ConfusionMatrix::new(&predicted, &actual).unwrap();
        assert_eq!(m.classes(), ["benign", "flood", "scan"]);
        assert_eq!(m.count(&"flood", &"scan"), 1);
        assert_eq!(m.count(&"scan", &"flood"), 0);
        assert_eq!(m.count(&"never", &"scan"), 0);
        assert_eq!(m.recall_of(&"scan"), Some(2.0 / 3.0));
        assert_eq!(m.precision_of(&"flood"), Some(0.5));
        let f1 = (2.0 / 3.0 + 2.0 / 3.0 + 4.0 / 6.0) / 3.0;
        assert!((m.macro_f1().unwrap() - f1).abs() < 1e-15);
        // Gorodkin: (4·6 − (1·2 + 2·1 + 3·3)) / sqrt((36 − 14)(36 − 14)).
        assert!((m.mcc().unwrap() - 11.0 / 22.0).abs() < 1e-15);
    }

    #[test]
    fn slices_of_different_length_are_refused() {
        let error = ConfusionMatrix::new(&[true], &[true, false]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "1 predictions but 2 actual classes: every row needs one of each"
        );
    }
}
