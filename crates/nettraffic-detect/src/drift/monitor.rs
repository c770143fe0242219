//! Recent rows beside the training rows.

use std::sync::Arc;

use nettraffic_features::ColumnKind;

use super::{Adwin, DriftLevel, DriftReport, FeatureDrift, ScoreDrift};
use crate::{DetectError, Detector, FlowRows, Rate};

/// Recent rows that are compared.
const WINDOW: usize = 2_000;
/// Chance of a change in scores that do not change, at each look.
const DELTA: f64 = 0.002;
/// Rows whose p-values are put together to one value: flows that belong together are strange
/// together, and the test for a change takes its values to be independent.
const BLOCK: u64 = 16;
/// Chance that any feature seems to have moved when none has.
const CHANCE: f64 = 0.01;
/// Added to the rows of each bin, so that an empty one has a logarithm.
const HALF: f64 = 0.5;

/// Compares recent benign rows with what a detector was trained on: each feature by the population
/// stability index of the last 2,000 rows, the scores by [`Adwin`] over the means of 16
/// p-values.
///
/// Give it rows as they come, without those that are known to be attacks. Leaving out all that
/// raised an alert would hide the drift that raises false alarms.
///
/// ```
/// # use nettraffic_detect::{Detector, DetectError, DriftLevel, DriftMonitor, FlowRows};
/// # fn look(detector: Detector, recent: &FlowRows) -> Result<(), DetectError> {
/// let mut monitor = DriftMonitor::new(detector);
/// monitor.push(recent)?;
/// let report = monitor.report();
/// for feature in report.moved(DriftLevel::Moderate) {
///     println!("{feature}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DriftMonitor {
    detector: Arc<Detector>,
    scores: Adwin,
    changes: u64,
    /// Sum of the p-values of a block that is not full, and their number.
    block: (f64, u64),
    /// For each row of the window the bin of each column.
    places: Vec<u16>,
    is_alarm: Vec<bool>,
    /// Where the next row goes once the window is full.
    next: usize,
}

impl DriftMonitor {
    /// No rows yet.
    #[must_use]
    pub fn new(detector: impl Into<Arc<Detector>>) -> Self {
        Self {
            detector: detector.into(),
            scores: Adwin::new(DELTA),
            changes: 0,
            block: (0.0, 0),
            places: Vec::new(),
            is_alarm: Vec::new(),
            next: 0,
        }
    }

    /// Adds rows in their order; the oldest ones leave the window.
    ///
    /// # Errors
    /// Rows of other features.
    pub fn push(&mut self, flows: &FlowRows) -> Result<(), DetectError> {
        let scores = self.detector.scores(flows)?;
        for (index, score) in scores.into_iter().enumerate() {
            let p_value = self.detector.threshold().p_value(score);
            self.push_p_value(p_value);
            let is_alarm = self.detector.threshold().is_alert(score);
            self.place(flows.row(index), is_alarm);
        }
        Ok(())
    }

    /// How far the rows of the window are from those of the training.
    #[must_use]
    pub fn report(&self) -> DriftReport {
        let columns = &self.detector.stored.baseline.reference.columns;
        let mut features: Vec<_> = (0..columns.len())
            .map(|column| self.feature(column))
            .collect();
        features.sort_by(|a, b| {
            let by_level = b.level.cmp(&a.level);
            by_level.then(b.stability_index.total_cmp(&a.stability_index))
        });
        let rows = self.is_alarm.len() as u64;
        let alarms = self.is_alarm.iter().filter(|alarm| **alarm).count() as u64;
        DriftReport {
            rows,
            training_rows: self.detector.stored.baseline.reference.rows,
            features,
            scores: ScoreDrift {
                changes: self.changes,
                mean_p_value: self.scores.mean(),
                alarms: Rate::of(alarms, rows),
                expected_alarms: self.detector.threshold().expected_rate(),
            },
        }
    }

    fn push_p_value(&mut self, p_value: f64) {
        self.block = (self.block.0 + p_value, self.block.1 + 1);
        if self.block.1 == BLOCK {
            let mean = self.block.0 / BLOCK as f64;
            self.changes += u64::from(self.scores.push(mean).is_some());
            self.block = (0.0, 0);
        }
    }

    fn place(&mut self, row: &[f64], is_alarm: bool) {
        let columns = &self.detector.stored.baseline.reference.columns;
        // A bundle whose bins have no place in 16 bits is refused.
        let places = (columns.iter().zip(row)).map(|(bins, value)| bins.place(*value) as u16);
        if self.is_alarm.len() < WINDOW {
            self.places.extend(places);
            self.is_alarm.push(is_alarm);
            return;
        }
        let from = self.next * columns.len();
        (self.places[from..].iter_mut().zip(places)).for_each(|(old, new)| *old = new);
        self.is_alarm[self.next] = is_alarm;
        self.next = (self.next + 1) % WINDOW;
    }

    fn feature(&self, column: usize) -> FeatureDrift {
        let reference = &self.detector.stored.baseline.reference;
        let bins = &reference.columns[column];
        let mut counts = vec![0_u64; bins.shares().len()];
        for row in self.places.chunks_exact(reference.columns.len()) {
            counts[usize::from(row[column])] += 1;
        }
        let (recent, trained) = (self.is_alarm.len() as f64, reference.rows as f64);
        let smooth = |count: f64, rows: f64| (count + HALF) / (rows + HALF * counts.len() as f64);
        let parts = bins.shares().iter().zip(&counts).map(|(share, count)| {
            let expected = smooth(share * trained, trained);
            let found = smooth(*count as f64, recent);
            (found - expected) * (found / expected).ln()
        });
        let parts: Vec<f64> = parts.collect();
        let stability_index = parts.iter().sum();
        let most = (0..parts.len()).max_by(|a, b| parts[*a].total_cmp(&parts[*b]));
        let most = most.unwrap_or_default();
        let by_chance = by_chance(counts.len(), recent, trained, reference.columns.len());
        FeatureDrift {
            feature: self.schema().columns()[column].name.to_string(),
            stability_index,
            by_chance,
            level: DriftLevel::of(stability_index, by_chance),
            values: self.values(column, most),
            expected_share: bins.shares()[most],
            found_share: counts[most] as f64 / recent.max(1.0),
        }
    }

    /// The values of a bin in words.
    fn values(&self, column: usize, place: usize) -> String {
        let schema = self.schema();
        if let ColumnKind::Category(names) = &schema.columns()[column].kind {
            return names
                .get(place)
                .map_or("another value", |name| name)
                .to_owned();
        }
        let unit = schema.columns()[column].unit;
        self.detector.stored.baseline.reference.columns[column].describe(place, unit)
    }

    fn schema(&self) -> Arc<nettraffic_features::Schema> {
        self.detector.features().schema()
    }
}

/// Without drift the index is about `1 / recent + 1 / trained` times a chi-square variable with one degree
/// of freedom fewer than there are bins (Yurdakul and Naranjo 2020): its quantile, the chance shared among
/// all features.
fn by_chance(bins: usize, recent: f64, trained: f64, features: usize) -> f64 {
    if bins < 2 || recent < 1.0 || trained < 1.0 {
        return f64::MAX;
    }
    let tail = CHANCE / features.max(1) as f64;
    (1.0 / recent + 1.0 / trained) * chi_square(tail, (bins - 1) as f64)
}

/// The value that a chi-square variable exceeds with the chance `tail`, within some percent (Wilson and
/// Hilferty 1931; the normal quantile is Hastings' of 1955, within 0.0005).
fn chi_square(tail: f64, degrees: f64) -> f64 {
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let z = t - above / below;
    let ninth = 2.0 / (9.0 * degrees);
    degrees * (1.0 - ninth + z * ninth.sqrt()).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (tail, degrees, expected) in [
            (0.05, 1.0, 3.841),
            (0.05, 10.0, 18.307),
            (0.01, 12.0, 26.217),
            (0.001, 5.0, 20.515),
        ] {
            let found = chi_square(tail, degrees);
            assert!((found / expected - 1.0).abs() < 0.03, "{found} {expected}");
        }
    }
}
