//! A window that grows while its mean stays, and forgets what is old when it moves.

/// Buckets of one size before two of them become one of twice the size.
const OF_ONE_SIZE: usize = 5;
/// Cuts are looked for once in so many values.
const EVERY: u64 = 4;
/// Neither side of a cut is shorter.
const SHORTEST: u64 = 5;

/// Adaptive windowing (Bifet and Gavaldà 2007): the mean of recent values, over a window that is cut as soon as
/// two parts of it have means that differ by more than chance allows.
///
/// Values lie between 0 and 1. Memory and time grow with the logarithm of the window: buckets of
/// 1, 2, 4 … values, at most six of a size.
///
/// ```
/// use nettraffic_detect::Adwin;
///
/// let mut adwin = Adwin::new(0.002);
/// let before = (0..1_000).filter(|i| adwin.push(f64::from(i % 2)).is_some()).count();
/// let after = (0..1_000).filter(|_| adwin.push(1.0).is_some()).count();
/// assert_eq!(before, 0);
/// assert!(after > 0 && adwin.mean() > Some(0.95));
/// ```
#[derive(Clone, Debug)]
pub struct Adwin {
    /// Chance of a cut in values that do not change.
    delta: f64,
    /// Buckets of 2^i values at `i`, the oldest first.
    sizes: Vec<Vec<Bucket>>,
    total: Bucket,
    pushed: u64,
}

/// The mean has moved.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// Mean of the values that were forgotten.
    pub before: f64,
    /// Mean of those that are left.
    pub after: f64,
    /// How many are left.
    pub values: u64,
}

/// Some values beside each other.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    values: u64,
    sum: f64,
    /// Sum of squared distances from the mean.
    spread: f64,
}

impl Bucket {
    fn mean(self) -> f64 {
        self.sum / self.values.max(1) as f64
    }

    /// Both together (Chan, Golub and LeVeque 1979).
    fn with(self, other: Self) -> Self {
        let values = self.values + other.values;
        let apart = self.mean() - other.mean();
        let weight = self.values as f64 * other.values as f64 / values.max(1) as f64;
        Self {
            values,
            sum: self.sum + other.sum,
            spread: self.spread + other.spread + apart * apart * weight,
        }
    }
}

impl Adwin {
    /// An empty window; `delta` is the chance of a false cut at each look, held to between 1e-12
    /// (also for NaN) and 0.5.
    #[must_use]
    pub fn new(delta: f64) -> Self {
        Self {
            delta: if delta.is_nan() {
                1e-12
            } else {
                delta.clamp(1e-12, 0.5)
            },
            sizes: vec![Vec::new()],
            total: Bucket::default(),
            pushed: 0,
        }
    }

    /// Adds a value, held to 0 to 1 (0 for NaN). Tells when the mean has moved.
    pub fn push(&mut self, value: f64) -> Option<Change> {
        let value = if value.is_nan() {
            0.0
        } else {
            value.clamp(0.0, 1.0)
        };
        let bucket = Bucket {
            values: 1,
            sum: value,
            spread: 0.0,
        };
        self.total = self.total.with(bucket);
        self.insert(bucket);
        self.pushed += 1;
        if !self.pushed.is_multiple_of(EVERY) {
            return None;
        }
        let before = self.total;
        while self.cut() {}
        let forgotten = before.values - self.total.values;
        (forgotten > 0).then(|| Change {
            before: (before.sum - self.total.sum) / forgotten as f64,
            after: self.total.mean(),
            values: self.total.values,
        })
    }

    /// Mean of the values in the window, `None` when there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.total.values > 0).then(|| self.total.mean())
    }

    /// Values in the window.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.total.values
    }

    fn insert(&mut self, bucket: Bucket) {
        let mut bucket = Some(bucket);
        for size in &mut self.sizes {
            let Some(next) = bucket.take() else { return };
            size.push(next);
            if size.len() > OF_ONE_SIZE {
                bucket = size.drain(..2).reduce(Bucket::with);
            }
        }
        self.sizes.extend(bucket.map(|bucket| vec![bucket]));
    }

    /// Forgets the oldest bucket when the window must be cut anywhere.
    fn cut(&mut self) -> bool {
        let all = self.total;
        let variance = all.spread.max(0.0) / all.values.max(1) as f64;
        let doubt = (2.0 * (all.values.max(2) as f64).ln() / self.delta).ln();
        let oldest_first = self.sizes.iter().rev().flatten();
        let mut old = Bucket::default();
        let mut found = false;
        for bucket in oldest_first {
            old = old.with(*bucket);
            let new = all.values - old.values;
            if old.values < SHORTEST || new < SHORTEST {
                continue;
            }
            let new_mean = (all.sum - old.sum) / new as f64;
            let inverse = 1.0 / old.values as f64 + 1.0 / new as f64;
            let allowed = (2.0 * inverse * variance * doubt).sqrt() + 2.0 / 3.0 * inverse * doubt;
            if (old.mean() - new_mean).abs() > allowed {
                found = true;
                break;
            }
        }
        found && self.forget_oldest()
    }

    fn forget_oldest(&mut self) -> bool {
        while self.sizes.last().is_some_and(Vec::is_empty) && self.sizes.len() > 1 {
            self.sizes.pop();
        }
        let Some(size) = self.sizes.last_mut().filter(|size| !size.is_empty()) else {
            return false;
        };
        size.remove(0);
        let left = self.sizes.iter().rev().flatten().copied();
        self.total = left.reduce(Bucket::with).unwrap_or_default();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of a linear congruential generator, between 0 and 1.
    fn uniform(seed: u64) -> impl Iterator<Item = f64> {
        let mut state = seed.wrapping_mul(2) + 1;
        std::iter::repeat_with(move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        })
    }

    #[test]
    fn values_that_do_not_change_are_hardly_ever_cut() {
        let mut cuts = 0;
        for seed in 0..50 {
            let mut adwin = Adwin::new(0.002);
            cuts += uniform(seed)
                .take(5_000)
                .filter(|value| adwin.push(*value).is_some())
                .count();
            let buckets: usize = adwin.sizes.iter().map(Vec::len).sum();
            assert!(buckets <= 6 * 14, "{buckets}");
            assert!(cuts > 0 || adwin.values() == 5_000);
        }
        assert!(cuts <= 2, "{cuts} cuts in 250,000 values");
    }

    #[test]
    fn a_mean_that_moves_is_found_the_sooner_the_further() {
        let mut delays = Vec::new();
        for shift in [0.1, 0.2, 0.4] {
            let mut sum = 0;
            for seed in 0..20 {
                let mut adwin = Adwin::new(0.002);
                let mut values = uniform(seed);
                values.by_ref().take(2_000).for_each(|value| {
                    adwin.push(value);
                });
                let found = values
                    .take(5_000)
                    .position(|value| adwin.push(value * (1.0 - 2.0 * shift)).is_some());
                sum += found.unwrap();
            }
            delays.push(sum / 20);
        }
        println!("delays {delays:?}");
        assert!(delays.is_sorted_by(|a, b| a > b), "{delays:?}");
        assert!(delays[0] < 600 && delays[2] < 100, "{delays:?}");
    }

    #[test]
    fn a_chance_that_is_none_is_held_to_the_range() {
        for (delta, held) in [(f64::NAN, 1e-12), (-1.0, 1e-12), (0.1, 0.1), (7.0, 0.5)] {
            assert_eq!(Adwin::new(delta).delta, held);
        }
        let mut adwin = Adwin::new(f64::NAN);
        let mut push = |value| (0..500).filter_map(|_| adwin.push(value)).count();
        assert_eq!(push(0.0), 0);
        assert!(push(1.0) > 0);
    }

    #[test]
    fn the_total_is_that_of_the_buckets() {
        let mut adwin = Adwin::new(0.01);
        for (index, value) in uniform(3).take(4_000).enumerate() {
            adwin.push(if index > 2_000 { value / 5.0 } else { value });
        }
        let values: u64 = adwin
            .sizes
            .iter()
            .flatten()
            .map(|bucket| bucket.values)
            .sum();
        let sum: f64 = adwin.sizes.iter().flatten().map(|bucket| bucket.sum).sum();
        assert_eq!(values, adwin.values());
        assert!((sum - adwin.total.sum).abs() < 1e-6);
        assert!(values < 2_500, "{values}");
        assert_eq!(Adwin::new(0.1).mean(), None);
        assert_eq!(adwin.push(f64::NAN), None);
    }
}
