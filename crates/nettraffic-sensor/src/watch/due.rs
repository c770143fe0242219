//! Times of packet time that come again and again.

use std::time::Duration;

use nettraffic_capture::Timestamp;

/// When something is due: each so often from a beginning on, so that it depends on that beginning alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    every: Option<Duration>,
    at: Option<Timestamp>,
}

/// Nothing is due more often.
const MOST_OFTEN: Duration = Duration::from_secs(1);

impl Due {
    /// Due each so often; never without a time, or with none at all.
    pub(crate) fn new(every: Option<Duration>) -> Self {
        let every = every.filter(|every| !every.is_zero());
        Self {
            every: every.map(|every| every.max(MOST_OFTEN)),
            at: None,
        }
    }

    /// The time is counted from here, unless it is already.
    pub(crate) fn begin(&mut self, time: Timestamp) {
        if let (Some(every), None) = (self.every, self.at) {
            self.at = Some(time.saturating_add(every));
        }
    }

    /// When it is due: [`Timestamp::MIN`] when that depends on a beginning that is not known, [`Timestamp::MAX`] when never.
    pub(crate) fn at(&self) -> Timestamp {
        match self.every {
            Some(_) => self.at.unwrap_or(Timestamp::MIN),
            None => Timestamp::MAX,
        }
    }

    /// Whether it is due; then it is so next when its time has passed once more.
    pub(crate) fn has_come(&mut self, now: Timestamp) -> bool {
        let (Some(every), Some(at)) = (self.every, self.at) else {
            return false;
        };
        let has_come = now >= at;
        if has_come {
            self.at = Some(at.saturating_add(every));
        }
        has_come
    }

    /// Leaves out the times before this one.
    pub(crate) fn skip_to(&mut self, time: Timestamp) {
        let (Some(every), Some(at)) = (self.every, self.at) else {
            return;
        };
        let behind = time.saturating_since(at).as_nanos();
        let missed = behind.div_ceil(every.as_nanos());
        let nanos = u64::try_from(missed.saturating_mul(every.as_nanos()));
        self.at = Some(at.saturating_add(Duration::from_nanos(nanos.unwrap_or(u64::MAX))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second, 0)
    }

    #[test]
    fn what_is_due_depends_on_its_beginning_alone() {
        let mut due = Due::new(Some(Duration::from_secs(10)));
        assert_eq!(due.at(), Timestamp::MIN);
        due.begin(at(3));
        due.begin(at(5));
        assert_eq!(due.at(), at(13));
        assert!(!due.has_come(at(12)));
        assert!(due.has_come(at(13)) && due.at() == at(23));
        // Leaving out is as coming to each.
        for (to, next) in [(20, 23), (23, 23), (24, 33), (99, 103)] {
            let mut due = due;
            due.skip_to(at(to));
            assert_eq!(due.at(), at(next), "{to}");
        }
        due.skip_to(Timestamp::MAX);
        assert_eq!(due.at(), Timestamp::MAX);
    }

    #[test]
    fn without_a_time_nothing_is_due() {
        for every in [None, Some(Duration::ZERO)] {
            let mut due = Due::new(every);
            due.begin(at(3));
            due.skip_to(at(9));
            assert!(due.at() == Timestamp::MAX && !due.has_come(Timestamp::MAX));
        }
    }
}
