//! Which alerts are listed: of each source and class those with the highest scores.

use std::collections::BTreeMap;

use nettraffic_detect::Verdict;

use super::Kind;

/// Alerts of one source and class that are listed: a flood must not hide everything else.
const MOST_ALERTS_OF_ONE: usize = 200;
/// Alerts that are listed.
const MOST_ALERTS: usize = 20_000;
/// Sources and classes that are told apart for this; alerts of further ones are counted.
const MOST_KINDS: usize = 1_000;

/// The alerts that are listed, by source and class.
#[derive(Default)]
pub(super) struct Listing {
    listed: BTreeMap<Kind, Vec<Listed>>,
    alerts: usize,
}

/// An alert in the list: its score, and where it stands.
struct Listed {
    score: f32,
    index: usize,
}

/// Where an alert goes in the list.
pub(super) enum Place {
    Next,
    InsteadOf(usize),
    None,
}

impl Listing {
    /// Where to list an alert: of each source and class the highest scores stay.
    pub(super) fn place(&mut self, verdict: &Verdict, kind: &Kind) -> Place {
        let is_full = self.alerts >= MOST_ALERTS;
        if self.listed.len() == MOST_KINDS && !self.listed.contains_key(kind) {
            return Place::None;
        }
        let next = self.alerts;
        let listed = self.listed.entry(kind.clone()).or_default();
        if listed.len() < MOST_ALERTS_OF_ONE && !is_full {
            listed.push(Listed {
                score: verdict.score,
                index: next,
            });
            self.alerts += 1;
            return Place::Next;
        }
        // Of equally low scores the first one.
        match listed.iter_mut().min_by(|a, b| a.score.total_cmp(&b.score)) {
            Some(lowest) if lowest.score < verdict.score => {
                lowest.score = verdict.score;
                Place::InsteadOf(lowest.index)
            }
            _ => Place::None,
        }
    }
}
