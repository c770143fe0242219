//! How many false alarms a user can live with.

use std::time::Duration;

use nettraffic_capture::Timestamp;

const DAY: f64 = 86_400.0;

/// How many false alarms are acceptable; the threshold is set from it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FalseAlarmGoal {
    /// A share of benign flows, above 0 and below 1.
    Rate(f64),
    /// Alerts a day of active time, above 0.
    PerDay(f64),
}

impl Default for FalseAlarmGoal {
    fn default() -> Self {
        Self::PerDay(10.0)
    }
}

impl FalseAlarmGoal {
    /// The share of benign flows that this goal allows, when `pace` says how many flows a day has.
    pub(crate) fn rate(self, pace: Pace) -> Option<f64> {
        let rate = match self {
            Self::Rate(rate) => rate,
            Self::PerDay(alerts) => alerts / pace.flows_per_day()?,
        };
        // More alerts a day than there are flows: every flow may alert, but a rate stays below 1.
        Some(rate.clamp(f64::MIN_POSITIVE, 0.999))
    }

    /// Whether the number is in its range.
    pub(crate) fn is_sound(self) -> bool {
        match self {
            Self::Rate(rate) => rate > 0.0 && rate < 1.0,
            Self::PerDay(alerts) => alerts > 0.0 && alerts.is_finite(),
        }
    }
}

/// How many flows came in how much active time.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Pace {
    flows: u64,
    active_nanos: u64,
}

impl Pace {
    /// Counts flows that began at `starts` (any order). Gaps longer than `longest_gap` are
    /// not active time: a capture that was put together from mornings has no nights.
    #[must_use]
    pub fn of(starts: impl IntoIterator<Item = Timestamp>, longest_gap: Duration) -> Self {
        let mut starts: Vec<Timestamp> = starts.into_iter().collect();
        starts.sort_unstable();
        let active: u128 = starts
            .windows(2)
            .map(|pair| pair[1].saturating_since(pair[0]))
            .filter(|gap| *gap <= longest_gap)
            .map(|gap| gap.as_nanos())
            .sum();
        Self {
            flows: starts.len() as u64,
            active_nanos: u64::try_from(active).unwrap_or(u64::MAX),
        }
    }

    /// Number of flows.
    #[must_use]
    pub fn flows(self) -> u64 {
        self.flows
    }

    /// Time in which they came, without the long gaps.
    #[must_use]
    pub fn active_time(self) -> Duration {
        Duration::from_nanos(self.active_nanos)
    }

    /// Flows a day of active time; `None` when no time passed.
    #[must_use]
    pub fn flows_per_day(self) -> Option<f64> {
        (self.active_nanos > 0).then(|| self.flows as f64 / self.active_time().as_secs_f64() * DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(seconds: &[i64]) -> Pace {
        Pace::of(
            seconds.iter().map(|s| Timestamp::from_seconds(*s, 0)),
            Duration::from_secs(120),
        )
    }

    #[test]
    fn long_gaps_are_not_active_time() {
        // 100 s of traffic, a night, 100 s of traffic.
        let pace = pace(&[50_100, 0, 100, 50_000]);
        assert_eq!(pace.active_time(), Duration::from_secs(200));
        assert_eq!(pace.flows_per_day(), Some(4.0 / 200.0 * DAY));
    }

    #[test]
    fn a_day_needs_time_that_passed() {
        for (starts, goal, expected) in [
            (&[][..], FalseAlarmGoal::PerDay(10.0), None),
            (&[5, 5], FalseAlarmGoal::PerDay(10.0), None),
            (&[5, 5], FalseAlarmGoal::Rate(0.01), Some(0.01)),
            (&[0, 100], FalseAlarmGoal::PerDay(17.28), Some(0.01)),
            (&[0, 100], FalseAlarmGoal::PerDay(1e9), Some(0.999)),
        ] {
            let rate = goal.rate(pace(starts));
            assert_eq!(rate.is_some(), expected.is_some(), "{goal:?} {starts:?}");
            if let (Some(rate), Some(expected)) = (rate, expected) {
                assert!((rate - expected).abs() < 1e-12, "{rate} {expected}");
            }
        }
    }
}
