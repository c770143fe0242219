//! What limits left out, told when they have ended.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::IpAddr;

use nettraffic_capture::Timestamp;

use crate::Severity;

/// Limits that are followed one by one, and summaries that wait to be taken.
const MOST: usize = 1_000;

/// What a limit left out from its first alert to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitSummary {
    /// Whose alerts were limited; `None` for those of all sources together.
    pub source: Option<IpAddr>,
    /// When the first one was left out.
    pub since: Timestamp,
    /// When the last one was.
    pub until: Timestamp,
    /// How many were.
    pub left_out: u64,
    /// The most urgent of them.
    pub highest: Severity,
}

impl fmt::Display for LimitSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} alerts", self.left_out)?;
        if let Some(source) = self.source {
            write!(f, " of {source}")?;
        }
        write!(
            f,
            " were too many and left out from {} to {}, the most urgent {}",
            self.since, self.until, self.highest
        )
    }
}

#[derive(Debug, Default)]
pub(super) struct Summaries {
    open: BTreeMap<Option<IpAddr>, LimitSummary>,
    ended: VecDeque<LimitSummary>,
    lost: u64,
}

impl Summaries {
    /// Counts an alert that a limit left out.
    pub(super) fn add(&mut self, source: Option<IpAddr>, severity: Severity, now: Timestamp) {
        if self.open.len() >= MOST
            && !self.open.contains_key(&source)
            && let Some((_, any)) = self.open.pop_last()
        {
            self.push(any);
        }
        let summary = self.open.entry(source).or_insert(LimitSummary {
            source,
            since: now,
            until: now,
            left_out: 0,
            highest: severity,
        });
        summary.until = now;
        summary.left_out += 1;
        summary.highest = summary.highest.max(severity);
    }

    /// Ends the limits of those that have rested.
    pub(super) fn end(&mut self, now: Timestamp, is_rested: impl Fn(Option<IpAddr>) -> bool) {
        // One that was left out a moment ago shows that the limit holds, even where its bucket was forgotten.
        let has_ended = |summary: &LimitSummary| summary.until < now && is_rested(summary.source);
        let ended: Vec<_> = self
            .open
            .extract_if(.., |_, summary| has_ended(summary))
            .collect();
        for (_, summary) in ended {
            self.push(summary);
        }
    }

    /// Ends all limits.
    pub(super) fn end_all(&mut self) {
        for (_, summary) in std::mem::take(&mut self.open) {
            self.push(summary);
        }
    }

    pub(super) fn pop(&mut self) -> Option<LimitSummary> {
        self.ended.pop_front()
    }

    pub(super) fn open(&self) -> impl Iterator<Item = &LimitSummary> {
        self.open.values()
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    fn push(&mut self, summary: LimitSummary) {
        if self.ended.len() >= MOST {
            self.ended.pop_front();
            self.lost += 1;
        }
        self.ended.push_back(summary);
    }
}
