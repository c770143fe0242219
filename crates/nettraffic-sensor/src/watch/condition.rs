//! What is wrong for as long as it lasts.

use nettraffic_capture::Timestamp;

/// Something that is wrong now. A trouble tells what happened; this stays in [`Status`](crate::Status) until it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Condition {
    /// What kind of thing.
    pub kind: ConditionKind,
    /// Since when, by the clock on the wall.
    pub since: Timestamp,
    /// What it is, and what to do about it, in words.
    pub what: String,
}

/// What can be wrong for a while, each at most once at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ConditionKind {
    /// The threshold of the serving detector is finer than its training could show: it will miss attacks.
    Blind,
    /// The last training failed, and nothing is judged yet.
    Training,
    /// What outlives a run could not be written the last time.
    State,
    /// What was to be reloaded is not: what was there before holds. Whoever reloads says so with
    /// [`Handle::hold`](crate::Handle::hold).
    Reload,
}

impl ConditionKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Blind, Self::Training, Self::State, Self::Reload];

    /// `blind`, `training`, `state` or `reload`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blind => "blind",
            Self::Training => "training",
            Self::State => "state",
            Self::Reload => "reload",
        }
    }
}

/// The conditions of the moment, in the order in which they began.
#[derive(Debug, Default)]
pub(crate) struct Conditions(Vec<Condition>);

impl Conditions {
    /// From `now` on, or still, this is so.
    pub(crate) fn hold(&mut self, kind: ConditionKind, what: String, now: Timestamp) {
        match self.0.iter_mut().find(|condition| condition.kind == kind) {
            Some(known) => known.what = what,
            None => self.0.push(Condition {
                kind,
                since: now,
                what,
            }),
        }
    }

    /// It is over.
    pub(crate) fn end(&mut self, kind: ConditionKind) {
        self.0.retain(|condition| condition.kind != kind);
    }

    pub(crate) fn all(&self) -> &[Condition] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_keeps_its_begin_until_it_is_over() {
        let at = |second| Timestamp::from_seconds(second, 0);
        let mut conditions = Conditions::default();
        conditions.hold(ConditionKind::Reload, "a typo".into(), at(1));
        conditions.hold(ConditionKind::State, "disk full".into(), at(2));
        conditions.hold(ConditionKind::Reload, "another one".into(), at(3));
        let told = |conditions: &Conditions| -> Vec<(&'static str, i64, String)> {
            let all = conditions.all().iter();
            all.map(|c| {
                (
                    c.kind.name(),
                    c.since.as_nanos() / 1_000_000_000,
                    c.what.clone(),
                )
            })
            .collect()
        };
        assert_eq!(
            told(&conditions),
            [
                ("reload", 1, "another one".into()),
                ("state", 2, "disk full".into())
            ]
        );
        conditions.end(ConditionKind::Reload);
        conditions.end(ConditionKind::Blind);
        conditions.hold(ConditionKind::Reload, "again".into(), at(9));
        assert_eq!(
            told(&conditions),
            [
                ("state", 2, "disk full".into()),
                ("reload", 9, "again".into())
            ]
        );
    }
}
