//! Which alerts are written, and why the others are not.

mod bounded;
mod config;
mod counters;
mod fate;
mod limit;
mod repeats;
mod summary;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use bounded::BoundedMap;
pub use config::{AlertRate, GateConfig};
pub use counters::GateCounters;
pub use fate::{Fate, Limit, Why};
pub use summary::LimitSummary;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{AlertId, AllowList, EntryUse};
use serde::{Deserialize, Serialize};

use self::limit::Limiter;
use self::repeats::{Repeats, Subject};
use self::summary::Summaries;
use crate::{SensorAlert, Severity};

/// Decides over each alert: written or suppressed, and by what.
///
/// 1. What the allow-list allows is suppressed.
/// 2. So is what repeats: an alert of the same model, source, destination and service was written less than an
///    hour before, or this very one was, as an early record. One of higher severity, or with a class where there
///    was none, is no repeat.
/// 3. So is what exceeds the rate of its source or of all together; critical alerts have a second allowance
///    that the others cannot use up.
///
/// Time is that of the alerts ([`SensorAlert::time`]): the same alerts meet the same fate whenever they are
/// replayed. Memory is bounded; where something must be forgotten, the alert is written rather than not.
///
/// ```
/// use nettraffic_detect::AllowList;
/// use nettraffic_sensor::{Fate, Gate, GateConfig, SensorAlert};
///
/// # fn raised() -> Option<SensorAlert> { None }
/// let mut gate = Gate::new(&GateConfig::default(), AllowList::default());
/// while let Some(mut alert) = raised() {
///     match gate.decide(&mut alert) {
///         Fate::Write => println!("{} {}", alert.severity, alert.alert().id),
///         Fate::Suppress(why) => eprintln!("{} {why}", alert.alert().id),
///         _ => {}
///     }
/// }
/// assert_eq!(gate.counters().raised, gate.counters().written + gate.counters().suppressed());
/// ```
#[derive(Debug)]
pub struct Gate {
    allow: AllowList,
    repeats: Repeats,
    usual: Limiter,
    /// For critical alerts, when the usual allowance is used up.
    reserve: Limiter,
    summaries: Summaries,
    counters: GateCounters,
}

/// What a gate must remember over a restart. Damaged or crafted, it can make alerts pass or wait, no more.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct GateState {
    repeats: repeats::State,
    usual: limit::State,
    reserve: limit::State,
    allow: Vec<(u64, EntryUse)>,
}

impl Gate {
    /// A gate that has seen nothing yet.
    #[must_use]
    pub fn new(config: &GateConfig, allow: AllowList) -> Self {
        let limiter = |per_source, overall| Limiter::new(per_source, overall, config.most_sources);
        Self {
            allow,
            repeats: Repeats::new(config.repeat_after, config.most_repeats),
            usual: limiter(config.per_source, config.overall),
            reserve: limiter(config.critical_per_source, config.critical_overall),
            summaries: Summaries::default(),
            counters: GateCounters::default(),
        }
    }

    /// What becomes of an alert. One that is to be written is told how many like it were left out before.
    pub fn decide(&mut self, alert: &mut SensorAlert) -> Fate {
        let fate = self.fate(alert);
        self.counters.count(&fate);
        fate
    }

    fn fate(&mut self, alert: &mut SensorAlert) -> Fate {
        let now = alert.time();
        if let Some(listed) = self.allow.allows(alert.verdict(), alert.model(), now) {
            return Fate::Suppress(Why::Allowed(listed.entry.clone()));
        }
        let subject = Subject::of(alert);
        if let Some(of) = self.repeats.repeated(&subject, alert) {
            self.repeats.leave_out(&subject);
            return Fate::Suppress(Why::Repeated { of });
        }
        let source = alert.verdict().flow.key.initiator;
        let mut admitted = self.usual.admit(source, now);
        if admitted.is_err() && alert.severity == Severity::Critical {
            admitted = self.reserve.admit(source, now).or(admitted);
        }
        if let Err(limit) = admitted {
            self.repeats.leave_out(&subject);
            let limited = (limit == Limit::Source).then_some(source);
            self.summaries.add(limited, alert.severity, now);
            return Fate::Suppress(Why::Limited(limit));
        }
        alert.left_out = self.repeats.write(subject, alert);
        Fate::Write
    }

    /// Says that packet time is `now`, so that limits end when nothing more is raised. Decisions do not depend
    /// on it.
    pub fn tick(&mut self, now: Timestamp) {
        let usual = &self.usual;
        self.summaries
            .end(now, |source| usual.is_rested(source, now));
    }

    /// Says that no alert follows: every limit ends.
    pub fn end(&mut self) {
        self.summaries.end_all();
    }

    /// What a limit left out that has ended since the last call.
    pub fn pop_summary(&mut self) -> Option<LimitSummary> {
        self.summaries.pop()
    }

    /// Limits that hold at the moment, with what they have left out so far.
    pub fn limits_in_force(&self) -> impl Iterator<Item = &LimitSummary> {
        self.summaries.open()
    }

    /// What became of all alerts.
    #[must_use]
    pub fn counters(&self) -> GateCounters {
        GateCounters {
            remembered: self.repeats.len() as u64,
            forgotten: self.repeats.forgotten() + self.usual.forgotten() + self.reserve.forgotten(),
            summaries_lost: self.summaries.lost(),
            ..self.counters
        }
    }

    /// The alerts that are not wanted, and how often each entry was of use.
    #[must_use]
    pub fn allow_list(&self) -> &AllowList {
        &self.allow
    }

    /// The same, to add an entry.
    pub fn allow_list_mut(&mut self) -> &mut AllowList {
        &mut self.allow
    }

    /// Alerts that a run before this one wrote, as the end of its log tells: they are repeats. 10,000 are
    /// remembered.
    pub fn recall(&mut self, written: impl IntoIterator<Item = AlertId>) {
        written.into_iter().for_each(|id| self.repeats.recall(id));
    }

    /// What is to be remembered over a restart.
    #[must_use]
    pub fn state(&self) -> GateState {
        GateState {
            repeats: self.repeats.state(),
            usual: self.usual.state(),
            reserve: self.reserve.state(),
            allow: self.allow.uses(),
        }
    }

    /// Takes up what was remembered, in place of what this gate remembers.
    pub fn restore(&mut self, state: GateState) {
        self.repeats.restore(state.repeats);
        self.usual.restore(state.usual);
        self.reserve.restore(state.reserve);
        self.allow.restore_uses(&state.allow);
    }
}
