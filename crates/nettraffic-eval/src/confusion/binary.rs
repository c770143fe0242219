//! Alert or no alert.

use super::ConfusionMatrix;
use crate::error::ratio;
use crate::precision_at_base_rate;

/// Alert (`true`) or no alert: `true` is the class that is looked for.
impl ConfusionMatrix<bool> {
    /// Of its four counts.
    #[must_use]
    pub fn of_counts(
        true_positives: u64,
        false_positives: u64,
        false_negatives: u64,
        true_negatives: u64,
    ) -> Self {
        let count = |predicted, actual| match (predicted, actual) {
            (true, true) => true_positives,
            (true, false) => false_positives,
            (false, true) => false_negatives,
            (false, false) => true_negatives,
        };
        // Only classes that occur, as counting rows would find them.
        let occurs = |class: &bool| {
            let others = [false, true].map(|other| (count(*class, other), count(other, *class)));
            others != [(0, 0); 2]
        };
        let classes: Vec<bool> = [false, true].into_iter().filter(occurs).collect();
        let mut counts = Vec::new();
        for actual in &classes {
            counts.extend(classes.iter().map(|predicted| count(*predicted, *actual)));
        }
        Self { classes, counts }
    }

    /// Attacks that raised an alert.
    #[must_use]
    pub fn true_positives(&self) -> u64 {
        self.count(&true, &true)
    }

    /// Benign rows that raised an alert: the false alarms.
    #[must_use]
    pub fn false_positives(&self) -> u64 {
        self.count(&true, &false)
    }

    /// Benign rows that raised none.
    #[must_use]
    pub fn true_negatives(&self) -> u64 {
        self.count(&false, &false)
    }

    /// Attacks that raised none: the misses.
    #[must_use]
    pub fn false_negatives(&self) -> u64 {
        self.count(&false, &true)
    }

    /// Share of the alerts that are attacks; `None` without alerts.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        self.precision_of(&true)
    }

    /// Share of the attacks that raised an alert; `None` without attacks.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        self.recall_of(&true)
    }

    /// Harmonic mean of precision and recall; `None` with neither alerts nor attacks.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        self.f1_of(&true)
    }

    /// Share of the benign rows that raised an alert; `None` without benign rows.
    #[must_use]
    pub fn false_alarm_rate(&self) -> Option<f64> {
        ratio(self.false_positives(), self.actual(&false))
    }

    /// Share of attacks among the alerts on a network where attacks are `base_rate` of all rows,
    /// were recall and false-alarm rate as here: see [`precision_at_base_rate`].
    #[must_use]
    pub fn precision_at_base_rate(&self, base_rate: f64) -> Option<f64> {
        precision_at_base_rate(self.recall()?, self.false_alarm_rate()?, base_rate)
    }
}
