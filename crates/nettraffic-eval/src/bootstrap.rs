//! Intervals of any statistic by drawing rows again.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;

use crate::{Confidence, Interval};

/// A seeded percentile bootstrap (Efron 1979): the same seed gives the same interval.
///
/// ```
/// use nettraffic_eval::{Bootstrap, PrCurve};
///
/// let scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2];
/// let labels = [true, true, false, true, false, true, false, false];
/// let average_precision = |rows: &[usize]| {
///     let scores: Vec<f64> = rows.iter().map(|&row| scores[row]).collect();
///     let labels: Vec<bool> = rows.iter().map(|&row| labels[row]).collect();
///     PrCurve::new(&scores, &labels).ok()?.average_precision()
/// };
/// let found = Bootstrap::new(42).stratified(&labels, average_precision).expect("defined");
/// assert!(found.interval.contains(found.estimate));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    seed: u64,
    replicates: u32,
    confidence: Confidence,
}

/// What a [`Bootstrap`] found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Resampled {
    /// The statistic of the rows themselves.
    pub estimate: f64,
    /// Its percentile interval.
    pub interval: Interval,
    /// Draws on which the statistic was defined.
    pub replicates: u32,
    /// Draws on which it was not; they are left out of the interval.
    pub undefined: u32,
}

impl Bootstrap {
    /// 1,000 draws, 95 %.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            replicates: 1000,
            confidence: Confidence::PERCENT_95,
        }
    }

    /// With this many draws.
    #[must_use]
    pub fn replicates(mut self, replicates: u32) -> Self {
        self.replicates = replicates;
        self
    }

    /// With this confidence.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Draws `n` of `n` rows with replacement and asks `statistic` about each draw.
    ///
    /// `None` when the statistic is undefined (or not finite) on the rows themselves or on more than one
    /// draw in twenty: then its interval would be one of lucky draws.
    pub fn rows(
        &self,
        n: usize,
        statistic: impl FnMut(&[usize]) -> Option<f64>,
    ) -> Option<Resampled> {
        self.within(&[(0..n).collect()], statistic)
    }

    /// As [`Bootstrap::rows`], but draws within each stratum, so that every draw holds as many
    /// rows of each as the data do. With the labels as strata, metrics of attack against
    /// benign stay defined.
    pub fn stratified<T: Ord>(
        &self,
        strata: &[T],
        statistic: impl FnMut(&[usize]) -> Option<f64>,
    ) -> Option<Resampled> {
        self.within(&rows_by(strata), statistic)
    }

    /// Draws whole groups, as many as there are, and every row of those: for rows that are not
    /// independent, such as the flows of one host or capture. Their number varies between draws.
    /// With few groups (below about 20) intervals come out too narrow.
    pub fn grouped<G: Ord>(
        &self,
        groups: &[G],
        statistic: impl FnMut(&[usize]) -> Option<f64>,
    ) -> Option<Resampled> {
        let groups = rows_by(groups);
        let draw = |rng: &mut Xoshiro256PlusPlus, rows: &mut Vec<usize>| {
            for _ in &groups {
                rows.extend(&groups[rng.gen_range(0..groups.len())]);
            }
        };
        self.draw_one(groups.concat(), draw, statistic)
    }

    /// As [`Bootstrap::grouped`], but draws the groups of each stratum among themselves (a group with rows of
    /// several strata counts in each), and asks for several statistics of each draw at once. Nothing is told where a
    /// stratum has a single group: one attacker says nothing about others.
    ///
    /// Groups, strata and rows go by place: what is beyond the shorter of the two slices is left out.
    pub fn stratified_groups<T: Ord, G: Ord>(
        &self,
        strata: &[T],
        groups: &[G],
        statistics: impl FnMut(&[usize]) -> Vec<Option<f64>>,
    ) -> Vec<Option<Resampled>> {
        let keys: Vec<(&T, &G)> = strata.iter().zip(groups).collect();
        let groups = rows_by(&keys);
        let strata: Vec<&[Vec<usize>]> = groups
            .chunk_by(|a, b| keys[a[0]].0 == keys[b[0]].0)
            .collect();
        if strata.iter().any(|groups| groups.len() < 2) {
            return Vec::new();
        }
        let draw = |rng: &mut Xoshiro256PlusPlus, rows: &mut Vec<usize>| {
            for groups in &strata {
                for _ in *groups {
                    rows.extend(&groups[rng.gen_range(0..groups.len())]);
                }
            }
        };
        self.draws(groups.concat(), draw, statistics)
    }

    fn within(
        &self,
        groups: &[Vec<usize>],
        statistic: impl FnMut(&[usize]) -> Option<f64>,
    ) -> Option<Resampled> {
        let draw = |rng: &mut Xoshiro256PlusPlus, rows: &mut Vec<usize>| {
            for group in groups {
                rows.extend(group.iter().map(|_| group[rng.gen_range(0..group.len())]));
            }
        };
        self.draw_one(groups.concat(), draw, statistic)
    }

    fn draw_one(
        &self,
        rows: Vec<usize>,
        draw: impl Fn(&mut Xoshiro256PlusPlus, &mut Vec<usize>),
        mut statistic: impl FnMut(&[usize]) -> Option<f64>,
    ) -> Option<Resampled> {
        let found = self.draws(rows, draw, |rows| vec![statistic(rows)]);
        found.into_iter().next().flatten()
    }

    /// One result for each statistic that the rows themselves have.
    fn draws(
        &self,
        mut rows: Vec<usize>,
        draw: impl Fn(&mut Xoshiro256PlusPlus, &mut Vec<usize>),
        mut statistics: impl FnMut(&[usize]) -> Vec<Option<f64>>,
    ) -> Vec<Option<Resampled>> {
        let finite = |value: &f64| value.is_finite();
        rows.sort_unstable();
        let estimates = statistics(&rows);
        let estimates: Vec<Option<f64>> = (estimates.into_iter())
            .map(|value| value.filter(finite))
            .collect();
        if estimates.iter().all(Option::is_none) {
            return vec![None; estimates.len()];
        }
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        let mut values = vec![Vec::new(); estimates.len()];
        for _ in 0..self.replicates {
            rows.clear();
            draw(&mut rng, &mut rows);
            for (values, value) in values.iter_mut().zip(statistics(&rows)) {
                values.extend(value.filter(finite));
            }
        }
        (estimates.into_iter().zip(values))
            .map(|(estimate, values)| self.resampled(estimate?, values))
            .collect()
    }

    fn resampled(&self, estimate: f64, mut values: Vec<f64>) -> Option<Resampled> {
        let undefined = self.replicates - values.len() as u32;
        if undefined > self.replicates / 20 {
            return None;
        }
        values.sort_unstable_by(f64::total_cmp);
        let outside = (1.0 - self.confidence.probability()) / 2.0;
        let interval = Interval::new(
            quantile(&values, outside)?,
            quantile(&values, 1.0 - outside)?,
            self.confidence,
        );
        Some(Resampled {
            estimate,
            interval,
            replicates: self.replicates - undefined,
            undefined,
        })
    }
}

/// The rows of each key, ascending by key.
fn rows_by<K: Ord>(keys: &[K]) -> Vec<Vec<usize>> {
    let mut rows: Vec<usize> = (0..keys.len()).collect();
    rows.sort_by_key(|&row| &keys[row]);
    rows.chunk_by(|&a, &b| keys[a] == keys[b])
        .map(<[usize]>::to_vec)
        .collect()
}

/// Quantile of ascending values, interpolated linearly (type 7 of Hyndman and Fan 1996).
pub(crate) fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let position = p * sorted.len().checked_sub(1)? as f64;
    let low = sorted.get(position.floor() as usize)?;
    let high = sorted.get(position.ceil() as usize)?;
    Some(low + (high - low) * position.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_of(values: &[f64]) -> impl Fn(&[usize]) -> Option<f64> + '_ {
        |rows| {
            let sum: f64 = rows.iter().map(|&row| values[row]).sum();
            (!rows.is_empty()).then(|| sum / rows.len() as f64)
        }
    }

    #[test]
    fn interval_of_a_mean_is_as_wide_as_theory_says() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let found = Bootstrap::new(7).rows(400, mean_of(&values)).unwrap();
        // Standard deviation of 0..20 is 5.77, over sqrt(400), times 1.96.
        let half = 1.96 * 5.766 / 20.0;
        assert_eq!(found.estimate, 9.5);
        assert!(
            (found.interval.low - (9.5 - half)).abs() < 0.08,
            "{found:?}"
        );
        assert!(
            (found.interval.high - (9.5 + half)).abs() < 0.08,
            "{found:?}"
        );
    }

    #[test]
    fn same_seed_same_interval_other_seed_another() {
        let values: Vec<f64> = (0..50).map(f64::from).collect();
        let run = |seed| {
            Bootstrap::new(seed)
                .replicates(200)
                .rows(50, mean_of(&values))
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn strata_keep_their_sizes_in_every_draw() {
        let strata = ["b", "a", "b", "b", "a", "b"];
        let mut draws = 0;
        let found = Bootstrap::new(3)
            .replicates(50)
            .stratified(&strata, |rows| {
                draws += 1;
                assert_eq!(rows.len(), 6);
                assert_eq!(rows.iter().filter(|&&row| strata[row] == "a").count(), 2);
                Some(rows[0] as f64)
            });
        assert_eq!(draws, 51);
        assert!(found.unwrap().interval.high > found.unwrap().interval.low);
    }

    #[test]
    fn groups_are_drawn_whole() {
        let groups = ["b", "a", "b", "b", "a", "c"];
        let found = Bootstrap::new(3).replicates(50).grouped(&groups, |rows| {
            for (row, group) in groups.iter().enumerate() {
                let times = |of: usize| rows.iter().filter(|&&drawn| drawn == of).count();
                let first = groups.iter().position(|other| other == group)?;
                assert_eq!(times(row), times(first));
            }
            Some(rows.len() as f64)
        });
        let found = found.map(|found| (found.estimate, found.interval.low, found.interval.high));
        assert!(found.is_some_and(|(all, low, high)| all == 6.0 && low < 6.0 && high > 6.0));
    }

    #[test]
    fn groups_are_drawn_whole_within_their_strata() {
        let attacks = [true, true, true, false, false, false, false];
        let hosts = [1, 1, 2, 1, 3, 3, 4];
        let bootstrap = Bootstrap::new(3).replicates(50);
        let mut draws = 0;
        let found = bootstrap.stratified_groups(&attacks, &hosts, |rows| {
            draws += 1;
            let times = |row: usize| rows.iter().filter(|drawn| **drawn == row).count();
            assert_eq!((times(0), times(4)), (times(1), times(5)));
            // Two of two attackers, three of three others.
            assert_eq!(times(0) + times(2), 2);
            assert_eq!(times(3) + times(4) + times(6), 3);
            vec![Some(times(0) as f64), None, Some(rows.len() as f64)]
        });
        assert_eq!((draws, found.len()), (51, 3));
        let ends = found[0].map(|found| (found.estimate, found.interval.low, found.interval.high));
        assert_eq!(ends, Some((1.0, 0.0, 2.0)));
        assert!(found[1].is_none() && found[2].is_some_and(|found| found.estimate == 7.0));
        // One attacker.
        let found = bootstrap.stratified_groups(&attacks, &[1; 7], |_| vec![Some(1.0)]);
        assert_eq!(found, []);
    }

    #[test]
    fn too_many_undefined_draws_give_no_interval() {
        let mut call = 0;
        let mut every = |n: u32| {
            call = 0;
            Bootstrap::new(1).replicates(100).rows(3, |_| {
                call += 1;
                (call == 1 || call % n != 0).then_some(1.0)
            })
        };
        assert_eq!(every(10), None);
        assert_eq!(every(50).unwrap().undefined, 2);
        assert_eq!(Bootstrap::new(1).rows(0, mean_of(&[])), None);
        assert_eq!(Bootstrap::new(1).rows(3, |_| Some(f64::NAN)), None);
        assert_eq!(Bootstrap::new(1).rows(3, |_| Some(f64::INFINITY)), None);
    }
}
