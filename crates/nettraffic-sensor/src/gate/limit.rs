//! Rates of alerts: of each source, and of all together.

use std::net::IpAddr;

use nettraffic_capture::Timestamp;
use serde::{Deserialize, Serialize};

use super::bounded::BoundedMap;
use super::config::AlertRate;
use super::fate::Limit;

/// A token bucket for each source and one for all together. An alert takes a token of both, or of none.
#[derive(Debug)]
pub(super) struct Limiter {
    per_source: AlertRate,
    sources: BoundedMap<IpAddr, Bucket>,
    overall_rate: AlertRate,
    overall: Option<Bucket>,
    forgotten: u64,
}

/// What was saved up at a moment, in nanoseconds of rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bucket {
    saved: u64,
    at: i64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    overall: Option<Bucket>,
    sources: Vec<(IpAddr, Bucket)>,
}

impl Bucket {
    /// What is saved up by `now`. When the clock stepped back nothing is added, and saving goes on from there.
    fn by(bucket: Option<&Self>, rate: AlertRate, now: Timestamp) -> Self {
        let at = now.as_nanos();
        let saved = bucket.map_or(rate.most(), |bucket| {
            let rested = now
                .saturating_since(Timestamp::from_nanos(bucket.at))
                .as_nanos();
            let rested = u64::try_from(rested).unwrap_or(u64::MAX);
            bucket.saved.saturating_add(rested).min(rate.most())
        });
        Self { saved, at }
    }

    fn spend(self, rate: AlertRate) -> Option<Self> {
        let saved = self.saved.checked_sub(rate.cost())?;
        Some(Self { saved, ..self })
    }
}

impl Limiter {
    pub(super) fn new(per_source: AlertRate, overall: AlertRate, most_sources: usize) -> Self {
        Self {
            per_source,
            sources: BoundedMap::new(most_sources),
            overall_rate: overall,
            overall: None,
            forgotten: 0,
        }
    }

    /// Spends what an alert costs, if it is there.
    pub(super) fn admit(&mut self, source: IpAddr, now: Timestamp) -> Result<(), Limit> {
        let of_source = Bucket::by(self.sources.get(&source), self.per_source, now);
        let overall = Bucket::by(self.overall.as_ref(), self.overall_rate, now);
        let spent = match (
            of_source.spend(self.per_source),
            overall.spend(self.overall_rate),
        ) {
            (None, _) => Err(Limit::Source),
            (_, None) => Err(Limit::Overall),
            (Some(of_source), Some(overall)) => Ok((of_source, overall)),
        };
        let is_known = self.sources.get(&source).is_some();
        let (of_source, overall) = spent.unwrap_or((of_source, overall));
        self.overall = Some(overall);
        // A source that was never admitted owes nothing, so a flood of them takes no room.
        if (spent.is_ok() || is_known)
            && let Some((_, forgotten)) = self.sources.put(source, of_source)
        {
            let rested = Bucket::by(Some(&forgotten), self.per_source, now);
            self.forgotten += u64::from(rested.saved < self.per_source.most());
        }
        spent.map(|_| ())
    }

    /// Whether all that can be saved is, by a source or by all together.
    pub(super) fn is_rested(&self, source: Option<IpAddr>, now: Timestamp) -> bool {
        let (bucket, rate) = match source {
            Some(source) => (self.sources.get(&source), self.per_source),
            None => (self.overall.as_ref(), self.overall_rate),
        };
        Bucket::by(bucket, rate, now).saved == rate.most()
    }

    /// Sources that were forgotten while they were in debt.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(super) fn state(&self) -> State {
        State {
            overall: self.overall,
            sources: (self.sources.iter())
                .map(|(source, bucket)| (*source, *bucket))
                .collect(),
        }
    }

    pub(super) fn restore(&mut self, state: State) {
        self.overall = state.overall;
        for (source, bucket) in state.sources {
            self.sources.put(source, bucket);
        }
    }
}
