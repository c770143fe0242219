//! A share with the doubt that few rows leave.

use nettraffic_eval::{Confidence, grouped, wilson};
use serde::Serialize;

/// How many of some rows it was, and where the true share lies with 95 % confidence (Wilson 1927).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Rate {
    /// Rows that it was.
    pub hits: u64,
    /// All rows.
    pub rows: u64,
    /// Their share, `None` without rows.
    pub share: Option<f64>,
    /// Its 95 % interval, low end first.
    pub interval: Option<(f64, f64)>,
}

impl Rate {
    /// The share of `hits` among `rows`.
    #[must_use]
    pub fn of(hits: u64, rows: u64) -> Self {
        let interval = wilson(hits, rows, Confidence::PERCENT_95);
        Self {
            hits,
            rows,
            share: (rows > 0).then(|| hits as f64 / rows as f64),
            interval: interval.map(|interval| (interval.low, interval.high)),
        }
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (hits, rows) = (grouped(self.hits), grouped(self.rows));
        match (self.share, self.interval) {
            (Some(share), Some((low, high))) => write!(
                f,
                "{:.2} % ({hits} of {rows}, 95 % interval {:.2} to {:.2} %)",
                share * 100.0,
                low * 100.0,
                high * 100.0
            ),
            _ => write!(f, "undefined ({hits} of {rows})"),
        }
    }
}
