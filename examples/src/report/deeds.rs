//! What the alerts of one source and class have in common, in bounded memory.

use std::collections::BTreeMap;

use nettraffic_detect::{Expected, Observed, Reason, Verdict};
use nettraffic_viz as viz;

use super::words::{unit, words};

/// Values of a feature that are kept to find a typical one: those of the first alerts.
const MOST_VALUES: usize = 64;

/// What the alerts of one source and class have in common.
#[derive(Default)]
pub(super) struct Deeds {
    pub(super) alerts: u64,
    pub(super) exchange: viz::Exchange,
    /// When its flows began, nanoseconds since 1970, and the gaps between them in seconds.
    last_begin: Option<i64>,
    gaps: u64,
    sum: f64,
    squares: f64,
    /// By name of the feature.
    features: BTreeMap<String, Seen>,
}

/// What was seen of a feature.
struct Seen {
    reason: Reason,
    numbers: Vec<f64>,
    others: BTreeMap<String, u64>,
    alerts: u64,
}

impl Deeds {
    pub(super) fn push(&mut self, verdict: &Verdict) {
        let flow = &verdict.flow;
        self.alerts += 1;
        add(&mut self.exchange, &exchange(verdict));
        let begin = flow.first.as_nanos();
        if let Some(last) = self.last_begin {
            let gap = begin.abs_diff(last) as f64 / 1e9;
            self.gaps += 1;
            self.sum += gap;
            self.squares += gap * gap;
        }
        self.last_begin = Some(begin);
        for reason in verdict.alert.iter().flat_map(|alert| &alert.reasons) {
            match self.features.get_mut(&reason.feature) {
                Some(seen) => seen.push(reason),
                None => {
                    let mut seen = Seen {
                        reason: reason.clone(),
                        numbers: Vec::new(),
                        others: BTreeMap::new(),
                        alerts: 0,
                    };
                    seen.push(reason);
                    self.features.insert(reason.feature.clone(), seen);
                }
            }
        }
    }

    /// How regularly its flows began; `None` with fewer than four.
    pub(super) fn rhythm(&self) -> Option<viz::Rhythm> {
        let count = self.gaps as f64;
        let gap = self.sum / count;
        (self.gaps >= 3 && gap > 0.0).then(|| viz::Rhythm {
            gap,
            variation: (self.squares / count - gap * gap).max(0.0).sqrt() / gap,
        })
    }

    /// The reason of a feature, with what a typical alert showed and how many alerts it drove.
    pub(super) fn typical(&self, feature: &str, share: f64) -> Option<(u64, viz::Reason)> {
        let seen = self.features.get(feature)?;
        let mut reason = seen.reason.clone();
        reason.observed = seen.typical();
        reason.share = share as f32;
        Some((seen.alerts, view(&reason)))
    }
}

impl Seen {
    fn push(&mut self, reason: &Reason) {
        self.alerts += 1;
        match &reason.observed {
            Observed::Number(value) if self.numbers.len() < MOST_VALUES => {
                self.numbers.push(*value);
            }
            Observed::Category(name) if self.others.len() < MOST_VALUES => {
                *self.others.entry(name.clone()).or_default() += 1;
            }
            _ => {}
        }
    }

    /// The median, or the most frequent category.
    fn typical(&self) -> Observed {
        let mut numbers = self.numbers.clone();
        numbers.sort_by(f64::total_cmp);
        if let Some(median) = numbers.get(numbers.len() / 2) {
            return Observed::Number(*median);
        }
        let most = self.others.iter().max_by_key(|(_, count)| **count);
        most.map_or(Observed::Undefined, |(name, _)| {
            Observed::Category(name.clone())
        })
    }
}

/// What the flow of a verdict exchanged.
pub(super) fn exchange(verdict: &Verdict) -> viz::Exchange {
    let flow = &verdict.flow;
    viz::Exchange {
        packets_sent: flow.forward.packets,
        bytes_sent: flow.forward.ip_bytes,
        packets_received: flow.backward.packets,
        bytes_received: flow.backward.ip_bytes,
    }
}

pub(super) fn add(sum: &mut viz::Exchange, other: &viz::Exchange) {
    sum.packets_sent += other.packets_sent;
    sum.bytes_sent += other.bytes_sent;
    sum.packets_received += other.packets_received;
    sum.bytes_received += other.bytes_received;
}

/// A reason as a report shows it.
pub(crate) fn view(reason: &Reason) -> viz::Reason {
    let (name, share) = (reason.feature.clone(), f64::from(reason.share));
    let unit = unit(&name, reason.unit);
    let words = words(&name);
    let view = match (&reason.observed, &reason.expected) {
        (Observed::Number(value), Expected::Range { low, high }) => {
            viz::Reason::measured(name, unit, *value, (*low, *high), share)
        }
        (observed, Expected::Range { low, high }) => {
            let usual = unit.describe_range(*low, *high);
            let view = viz::Reason::new(name, told(observed, reason), usual, share);
            // Said as a number of things: no time to the first answer.
            viz::Reason {
                unit: viz::Unit::Count,
                ..view
            }
        }
        (observed, expected) => {
            let expected = expected.describe(reason.unit).replace('_', " ");
            viz::Reason::new(name, told(observed, reason), expected, share)
        }
    };
    match words {
        Some(words) => view.with_words(words),
        None => view,
    }
}

fn told(observed: &Observed, reason: &Reason) -> String {
    match observed {
        // A flow without an answer has no time to the first one.
        Observed::Undefined => "no".to_owned(),
        other => other.describe(reason.unit).replace('_', " "),
    }
}
