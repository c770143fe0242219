//! What became of all alerts.

use serde::Serialize;

use super::fate::{Fate, Limit, Why};

/// What became of all alerts of a run: `raised = written + suppressed()`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GateCounters {
    /// All that were raised.
    pub raised: u64,
    /// Those that were to be written.
    pub written: u64,
    /// Suppressed: an entry of the allow-list speaks of them.
    pub allowed: u64,
    /// Suppressed: like one that was written before.
    pub repeated: u64,
    /// Suppressed: more than one source may raise.
    pub limited_by_source: u64,
    /// Suppressed: more than all sources together may raise.
    pub limited_overall: u64,
    /// Written alerts that are remembered at the moment, to know repeats.
    pub remembered: u64,
    /// What was forgotten before its time to keep memory bounded: alerts that would have been repeats were
    /// written, or a source was given a fresh allowance.
    pub forgotten: u64,
    /// Summaries of limits that nobody took.
    pub summaries_lost: u64,
}

impl GateCounters {
    /// All that were not written.
    #[must_use]
    pub fn suppressed(&self) -> u64 {
        self.allowed + self.repeated + self.limited_by_source + self.limited_overall
    }

    pub(super) fn count(&mut self, fate: &Fate) {
        self.raised += 1;
        *match fate {
            Fate::Write => &mut self.written,
            Fate::Suppress(Why::Allowed(_)) => &mut self.allowed,
            Fate::Suppress(Why::Repeated { .. }) => &mut self.repeated,
            Fate::Suppress(Why::Limited(Limit::Source)) => &mut self.limited_by_source,
            Fate::Suppress(Why::Limited(Limit::Overall)) => &mut self.limited_overall,
        } += 1;
    }
}
