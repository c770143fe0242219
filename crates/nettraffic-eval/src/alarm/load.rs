//! How many false alarms somebody has to look at.

use std::time::Duration;

use serde::Serialize;

use crate::{Confidence, Interval};

/// Alarms in a stretch of time.
///
/// ```
/// use std::time::Duration;
/// use nettraffic_eval::{AlarmLoad, Confidence, active_time};
///
/// let minutes = |minute: i64| minute * 60_000_000_000;
/// // Two hours of traffic, with a night between that nobody recorded.
/// let times: Vec<i64> = (0..=60).chain(1000..=1060).map(minutes).collect();
/// let observed = active_time(&times, Duration::from_secs(120));
/// assert_eq!(observed, Duration::from_secs(7200));
/// let load = AlarmLoad::new(6, observed);
/// assert_eq!((load.per_hour(), load.per_day()), (Some(3.0), Some(72.0)));
/// let interval = load.per_day_interval(Confidence::PERCENT_95).expect("two hours");
/// assert!(interval.contains(40.0) && interval.contains(140.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AlarmLoad {
    /// Alarms raised.
    pub alarms: u64,
    /// In how much time of traffic.
    pub observed: Duration,
}

impl AlarmLoad {
    /// So many alarms in so much time; time without traffic does not count ([`active_time`]).
    #[must_use]
    pub fn new(alarms: u64, observed: Duration) -> Self {
        Self { alarms, observed }
    }

    /// Alarms an hour; `None` when no time passed.
    #[must_use]
    pub fn per_hour(&self) -> Option<f64> {
        self.per(HOUR)
    }

    /// Alarms a day of 24 hours of such traffic; `None` when no time passed.
    #[must_use]
    pub fn per_day(&self) -> Option<f64> {
        self.per(24.0 * HOUR)
    }

    /// Interval of [`AlarmLoad::per_hour`], as if alarms came independently of each other (the score
    /// interval of a Poisson rate). Alarms that come in bursts vary more than that.
    #[must_use]
    pub fn per_hour_interval(&self, confidence: Confidence) -> Option<Interval> {
        self.interval(HOUR, confidence)
    }

    /// Interval of [`AlarmLoad::per_day`], likewise.
    #[must_use]
    pub fn per_day_interval(&self, confidence: Confidence) -> Option<Interval> {
        self.interval(24.0 * HOUR, confidence)
    }

    fn per(&self, seconds: f64) -> Option<f64> {
        let observed = self.observed.as_secs_f64();
        (observed > 0.0).then(|| self.alarms as f64 * (seconds / observed))
    }

    fn interval(&self, seconds: f64, confidence: Confidence) -> Option<Interval> {
        let scale = seconds / Some(self.observed.as_secs_f64()).filter(|time| *time > 0.0)?;
        let (count, z) = (self.alarms as f64, confidence.z());
        let middle = count + z * z / 2.0;
        let half = z * (count + z * z / 4.0).sqrt();
        let low = if self.alarms == 0 { 0.0 } else { middle - half };
        Some(Interval::new(
            low * scale,
            (middle + half) * scale,
            confidence,
        ))
    }
}

/// Seconds.
const HOUR: f64 = 3600.0;

/// How long there was traffic: from the first time to the last without the gaps longer than
/// `longest_gap`. Times are nanoseconds in any order. Zero for fewer than two times.
#[must_use]
pub fn active_time(times_ns: &[i64], longest_gap: Duration) -> Duration {
    let mut times = times_ns.to_vec();
    times.sort_unstable();
    let gaps = times.windows(2).filter_map(|pair| match pair {
        [earlier, later] => Some(Duration::from_nanos(later.abs_diff(*earlier))),
        _ => None,
    });
    gaps.filter(|gap| *gap <= longest_gap).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_has_no_rate() {
        let none = AlarmLoad::new(3, Duration::ZERO);
        assert_eq!(
            (
                none.per_day(),
                none.per_hour_interval(Confidence::PERCENT_95)
            ),
            (None, None)
        );
        assert_eq!(active_time(&[7], Duration::MAX), Duration::ZERO);
        let widest = active_time(&[i64::MAX, i64::MIN], Duration::MAX);
        assert_eq!(widest, Duration::from_nanos(u64::MAX));
    }

    #[test]
    fn interval_is_the_root_of_the_score_test() {
        for alarms in [0, 1, 7, 400] {
            let load = AlarmLoad::new(alarms, Duration::from_secs(3600));
            let interval = load.per_hour_interval(Confidence::PERCENT_95);
            let z = Confidence::PERCENT_95.z();
            let (low, high) = interval.map_or((-1.0, -1.0), |found| (found.low, found.high));
            // At both ends (count − rate) / sqrt(rate) is z.
            assert!(
                ((high - alarms as f64) / high.sqrt() - z).abs() < 1e-9,
                "{alarms}"
            );
            assert!(
                alarms == 0 && low == 0.0 || ((alarms as f64 - low) / low.sqrt() - z).abs() < 1e-9
            );
        }
    }

    #[test]
    fn gaps_do_not_count() {
        let times = [0, 10, 30, 1000, 1010];
        assert_eq!(
            active_time(&times, Duration::from_nanos(20)),
            Duration::from_nanos(40)
        );
    }
}
