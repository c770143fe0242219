//! How many alerts are too many.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Bounds of a [`Gate`](crate::Gate).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GateConfig {
    /// For how long after one was written alerts like it are repeats (1 h).
    #[serde(with = "seconds")]
    pub repeat_after: Duration,
    /// Written alerts that are remembered for it (50,000, in about 10 MB).
    pub most_repeats: usize,
    /// Alerts of one source (30 at once, then 6 a minute).
    pub per_source: AlertRate,
    /// Alerts of all together (300 at once, then 60 a minute).
    pub overall: AlertRate,
    /// Critical alerts of one source beyond these (10 at once, then 2 a minute).
    pub critical_per_source: AlertRate,
    /// Critical alerts of all together beyond these (100 at once, then 20 a minute).
    pub critical_overall: AlertRate,
    /// Sources whose rates are remembered (10,000).
    pub most_sources: usize,
}

/// So many at once, and so many a minute in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AlertRate {
    /// At once; 0 counts as 1.
    pub burst: u32,
    /// A minute; 0 counts as 1.
    pub per_minute: u32,
}

impl AlertRate {
    /// So many at once, and so many a minute in the long run.
    #[must_use]
    pub const fn new(burst: u32, per_minute: u32) -> Self {
        Self { burst, per_minute }
    }

    /// Nanoseconds in which the right to one alert grows.
    pub(super) fn cost(self) -> u64 {
        60_000_000_000 / u64::from(self.per_minute.max(1))
    }

    /// Nanoseconds of rest that are saved up at most.
    pub(super) fn most(self) -> u64 {
        self.cost().saturating_mul(self.burst.max(1).into())
    }
}

impl Default for GateConfig {
    fn default() -> Self {
        Self {
            repeat_after: Duration::from_secs(3_600),
            most_repeats: 50_000,
            per_source: AlertRate::new(30, 6),
            overall: AlertRate::new(300, 60),
            critical_per_source: AlertRate::new(10, 2),
            critical_overall: AlertRate::new(100, 20),
            most_sources: 10_000,
        }
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.as_secs().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
