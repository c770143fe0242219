//! How values are spread, in buckets that grow with them.

/// Counts of values in two buckets per power of two, from which percentiles are estimated within
/// a known relative error, as in DDSketch (Masson, Rim and Lee 2019) with buckets that cost no
/// logarithm.
///
/// `SHIFT` low bits are left out of account. The first bucket holds what is below 2^`SHIFT`, the
/// second what is below twice that, and then each octave has a lower and an upper half, until the
/// last bucket, which holds everything above as well. Counts end at 2³² − 1, and until then the
/// order of values and the way in which they are split and merged change nothing.
///
/// ```
/// use nettraffic_flow::LogHistogram;
///
/// let mut lengths = LogHistogram::<32, 0>::default();
/// (1..=1000).for_each(|length| lengths.add(length));
/// let median = lengths.percentile(50, 1, 1000).ok_or("not empty")?;
/// assert!((median - 500.0).abs() <= 0.2 * 500.0);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHistogram<const BUCKETS: usize, const SHIFT: u32> {
    counts: [u32; BUCKETS],
}

impl<const BUCKETS: usize, const SHIFT: u32> Default for LogHistogram<BUCKETS, SHIFT> {
    fn default() -> Self {
        Self {
            counts: [0; BUCKETS],
        }
    }
}

impl<const BUCKETS: usize, const SHIFT: u32> LogHistogram<BUCKETS, SHIFT> {
    /// Takes in one value.
    #[inline]
    pub fn add(&mut self, value: u64) {
        let bucket = bucket_of(value >> SHIFT).min(BUCKETS - 1);
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
    }

    /// The values of both.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
        self
    }

    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| u64::from(*count)).sum()
    }

    /// About the smallest value that at least `percent` in a hundred do not exceed; `None` without
    /// values. `smallest` and `largest` are the range of all values, 0 and `u64::MAX` where it is
    /// not known: the narrower it is, the better the estimate.
    ///
    /// It lies in the range and in the bucket of the true value, and is off by a fifth of that at
    /// most, by a third in the second bucket; below and above no such bound holds.
    #[must_use]
    pub fn percentile(&self, percent: u8, smallest: u64, largest: u64) -> Option<f64> {
        // Counts have 32 bits: neither their sum nor a hundred times it comes near the end of 64.
        let rank = (self.count() * u64::from(percent.min(100)))
            .div_ceil(100)
            .max(1);
        let mut seen = 0;
        let bucket = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= rank
        })?;
        let top = match bucket + 1 < BUCKETS {
            true => lower_end::<SHIFT>(bucket + 1) - 1,
            false => u64::MAX,
        };
        let low = lower_end::<SHIFT>(bucket).max(smallest) as f64;
        let high = top.min(largest) as f64;
        // The harmonic mean of both ends is off from either by the same share of it.
        let sum = low + high;
        Some(match sum > 0.0 {
            true => (2.0 * low * (high / sum)).clamp(low.min(high), high.max(low)),
            false => 0.0,
        })
    }
}

#[inline]
fn bucket_of(value: u64) -> usize {
    let octave = value.max(1).ilog2();
    match octave {
        0 => value as usize,
        _ => (octave as usize) * 2 + (value >> (octave - 1) & 1) as usize,
    }
}

/// The smallest value of a bucket, as far as there is one.
fn lower_end<const SHIFT: u32>(bucket: usize) -> u64 {
    let (half, octave) = (bucket as u64 % 2, bucket as u32 / 2);
    let units = match octave {
        0 => half.into(),
        _ => (2 + u128::from(half)) << (octave - 1).min(64),
    };
    u64::try_from(units << SHIFT).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Fine = LogHistogram<32, 0>;

    fn histogram<const B: usize, const S: u32>(values: &[u64]) -> LogHistogram<B, S> {
        let mut histogram = LogHistogram::default();
        values.iter().for_each(|value| histogram.add(*value));
        histogram
    }

    #[test]
    fn an_octave_has_two_halves() {
        let values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 23, 24, 1 << 40];
        let buckets = values.map(bucket_of);
        assert_eq!(buckets, [0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 80]);
        assert_eq!((bucket_of(u64::MAX), lower_end::<0>(127)), (127, 3 << 62));
        for bucket in 0..127 {
            let low = lower_end::<0>(bucket);
            assert_eq!(bucket_of(low), bucket);
            assert_eq!(bucket_of(lower_end::<0>(bucket + 1) - 1), bucket);
        }
    }

    #[test]
    fn percentiles_of_hand_made_series() {
        for (values, percent, expected) in [
            (&[][..], 50, None),
            (&[0], 50, Some(0.0)),
            (&[7, 7, 7], 10, Some(7.0)),
            (&[0, 0, 1, 3], 50, Some(0.0)),
            (&[0, 0, 1, 3], 75, Some(1.0)),
            (&[0, 0, 1, 3], 76, Some(3.0)),
            // 4 and 5 share a bucket: 2·4·5 / (4 + 5).
            (&[2, 4, 4, 9], 50, Some(40.0 / 9.0)),
            // Above the last lower end, 49152, only the range is known.
            (
                &[1, 200_000, 200_000],
                90,
                Some(2.0 * 49_152.0 * 200_000.0 / 249_152.0),
            ),
            (&[200_000, 200_000], 90, Some(200_000.0)),
            (&[u64::MAX], 50, Some(u64::MAX as f64)),
        ] {
            let smallest = values.iter().min().copied().unwrap_or(0);
            let largest = values.iter().max().copied().unwrap_or(0);
            let found = histogram::<32, 0>(values).percentile(percent, smallest, largest);
            let near = match (found, expected) {
                (Some(found), Some(expected)) => (found - expected).abs() <= 1e-12 * expected,
                (found, expected) => found == expected,
            };
            assert!(near, "{percent} of {values:?}: {found:?}");
        }
    }

    proptest! {
        #[test]
        fn the_estimate_is_within_a_fifth(
            values in prop::collection::vec(prop_oneof![0_u64..40, 0_u64..49_152], 1..40),
            percent in 0_u8..=100,
            ranged in any::<bool>(),
        ) {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let rank = (sorted.len() * usize::from(percent)).div_ceil(100).max(1);
            let truth = sorted[rank - 1] as f64;
            let (low, high) = match ranged {
                true => (sorted[0], sorted[sorted.len() - 1]),
                false => (0, u64::MAX),
            };
            let found = histogram::<32, 0>(&values).percentile(percent, low, high).unwrap_or(-1.0);
            prop_assert!((found - truth).abs() <= 0.2 * truth, "{} for {}", found, truth);
        }

        #[test]
        fn low_bits_do_not_count(values in prop::collection::vec(any::<u64>(), 1..40), percent in 0_u8..=100) {
            let (low, high) = (values.iter().min().copied(), values.iter().max().copied());
            let (low, high) = (low.unwrap_or(0), high.unwrap_or(0));
            let found = histogram::<44, 16>(&values).percentile(percent, low, high).unwrap_or(-1.0);
            prop_assert!(found.is_finite() && (low as f64..=high as f64).contains(&found));
        }

        #[test]
        fn parts_merge_to_the_whole(values in prop::collection::vec(0_u64..1 << 20, 0..20), at in 0_usize..20) {
            let (left, right) = values.split_at(at.min(values.len()));
            let merged: Fine = histogram::<32, 0>(left).merged(&histogram(right));
            prop_assert_eq!(merged, histogram(&values));
            prop_assert_eq!(merged.count(), values.len() as u64);
        }
    }
}
