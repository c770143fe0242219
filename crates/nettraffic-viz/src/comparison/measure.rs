//! Figures that were measured several times.

use serde::Serialize;

use crate::{Unit, number};

/// A figure with one value per seed or fold.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measure {
    /// Its name, such as `ROC AUC`.
    pub name: String,
    /// What it is measured in.
    pub unit: Unit,
    /// Which values are better.
    pub better: Better,
    /// Its values, `None` for one that is undefined.
    pub values: Vec<Option<f64>>,
    /// A 95 % interval of one value, where one was computed.
    pub interval: Option<(f64, f64)>,
}

/// Which values of a measure are better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Better {
    /// Higher ones: areas, recall.
    #[default]
    Higher,
    /// Lower ones: false alarms, time.
    Lower,
    /// Neither: numbers of rows.
    Neither,
}

impl Measure {
    /// A measure of which all values are defined.
    pub fn new(name: impl Into<String>, unit: Unit, better: Better, values: Vec<f64>) -> Self {
        Self {
            name: name.into(),
            unit,
            better,
            values: values.into_iter().map(Some).collect(),
            interval: None,
        }
    }

    /// The values that are numbers.
    pub(crate) fn defined(&self) -> Vec<f64> {
        let finite = |value: &f64| value.is_finite();
        self.values
            .iter()
            .flatten()
            .copied()
            .filter(finite)
            .collect()
    }

    pub(crate) fn mean(&self) -> Option<f64> {
        mean(&self.defined())
    }

    /// Mean and spread in words: `0.970 ± 0.008`; `–` where nothing is defined.
    #[must_use]
    pub fn describe(&self) -> String {
        let (mean, spread) = self.mean_and_spread();
        [Some(mean), spread]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub(crate) fn mean_and_spread(&self) -> (String, Option<String>) {
        let values = self.defined();
        let Some(mean) = mean(&values) else {
            return ("–".to_owned(), None);
        };
        // That a number of rows is always the same goes without saying.
        let is_told = |spread: &f64| self.better != Better::Neither || *spread > 0.0;
        let spread = spread(&values).filter(is_told);
        let spread = spread.map(|spread| format!("± {}", self.value(spread)));
        (self.value(mean), spread)
    }

    pub(crate) fn value(&self, value: f64) -> String {
        match self.unit {
            Unit::Plain if value.abs() < 10.0 => number::decimal(value),
            unit => unit.describe(value),
        }
    }
}

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample standard deviation; `None` with fewer than two values.
pub(crate) fn spread(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_spreads_are_told() {
        for (unit, values, expected) in [
            (Unit::Plain, &[Some(0.96), Some(0.98)][..], "0.970 ± 0.014"),
            (Unit::Share, &[Some(0.9), None, Some(f64::NAN)], "90 %"),
            (Unit::Seconds, &[Some(2.0), Some(4.0)], "3 s ± 1.41 s"),
            (Unit::Plain, &[None], "–"),
            (Unit::Plain, &[], "–"),
        ] {
            let measure = Measure {
                unit,
                values: values.to_vec(),
                ..Measure::default()
            };
            assert_eq!(measure.describe(), expected);
        }
    }
}
