//! Deadlines against a list of them that is sorted anew each time.

use std::time::Duration;

use nettraffic_capture::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::table::deadlines::{Deadline, Deadlines};

const SLOTS: u32 = 12;

/// What happens to a slot, or to the clock.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// It has a deadline this long after the clock, from now on.
    Due(u32, u64),
    /// It is over.
    Over(u32),
    /// The clock moves on by this.
    Clock(u64),
    /// All is over, and the clock stands here.
    Reset(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let far = vec![0, 1, 5, 64, 127, 128, 1 << 20, 1 << 40, i64::MAX as u64];
    let times = vec![i64::MIN, -1, 0, 1_700_000_000_000_000_000, i64::MAX - 99];
    prop_oneof![
        10 => (0..SLOTS, 0u64..300).prop_map(|(slot, after)| Event::Due(slot, after)),
        2 => (0..SLOTS, select(far.clone())).prop_map(|(slot, after)| Event::Due(slot, after)),
        3 => (0..SLOTS).prop_map(Event::Over),
        10 => (0u64..80).prop_map(Event::Clock),
        1 => select(far).prop_map(Event::Clock),
        1 => select(times).prop_map(Event::Reset),
    ]
}

fn after(time: Timestamp, nanos: u64) -> Timestamp {
    time.saturating_add(Duration::from_nanos(nanos))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn come_in_their_order_whatever_the_clock_does(
        events in vec(event(), 1..120),
        timeout in select(vec![0, 1, 127, 128, 300, 1 << 20, u64::MAX]),
    ) {
        let timeout = Duration::from_nanos(timeout);
        let mut deadlines = Deadlines::new(timeout);
        let mut due: Vec<Option<Deadline>> = vec![None; SLOTS as usize];
        let mut clock = Timestamp::from_nanos(0);
        for (sequence, event) in (0..).zip(events) {
            match event {
                Event::Due(slot, nanos) => {
                    let at = after(clock, nanos.min(timeout.as_nanos() as u64));
                    let deadline = Deadline { at, sequence };
                    let before = due[slot as usize].replace(deadline);
                    // One that is put off files nothing.
                    if before.is_none_or(|before| deadline < before) {
                        deadlines.file(slot, deadline, clock);
                    }
                }
                Event::Over(slot) => {
                    due[slot as usize] = None;
                    deadlines.remove(slot);
                }
                Event::Clock(nanos) => clock = after(clock, nanos),
                Event::Reset(time) => {
                    for (slot, due) in (0..).zip(&mut due) {
                        *due = None;
                        deadlines.remove(slot);
                    }
                    clock = Timestamp::from_nanos(time);
                }
            }
            let mut expected: Vec<_> = (0..SLOTS)
                .filter_map(|slot| Some((due[slot as usize]?, slot)))
                .filter(|(due, _)| due.at < clock)
                .collect();
            expected.sort_unstable();
            prop_assert!(expected.is_empty() || deadlines.may_be_due(clock));
            for (deadline, slot) in expected {
                let found = deadlines.pop(clock, |slot| due[slot as usize]);
                prop_assert_eq!(found, Some((slot, deadline.at)));
                due[slot as usize] = None;
            }
            if deadlines.may_be_due(clock) {
                prop_assert_eq!(deadlines.pop(clock, |slot| due[slot as usize]), None);
            }
        }
    }
}

/// Flows that leave before they are due, while the clock stands and while it goes.
#[test]
fn what_is_over_leaves_nothing_behind() {
    for (timeout, step) in [(120_000_000_000, 0), (120_000_000_000, 1_000), (0, 0)] {
        let mut deadlines = Deadlines::new(Duration::from_nanos(timeout));
        let mut clock = Timestamp::from_nanos(0);
        // One that stays: were there none, all marks could go at once.
        let stays = Deadline {
            at: clock,
            sequence: u64::MAX,
        };
        deadlines.file(16, stays, clock);
        for sequence in 0..100_000 {
            let slot = sequence as u32 % 16;
            let at = clock;
            deadlines.file(slot, Deadline { at, sequence }, clock);
            deadlines.remove(slot);
            clock = after(clock, step);
        }
        assert!(deadlines.marks() < 5_000, "{} marks", deadlines.marks());
    }
}

/// A clock that steps back finds the buckets as good as new.
#[test]
fn a_clock_that_steps_back_finds_buckets_again() {
    let mut deadlines = Deadlines::new(Duration::from_secs(120));
    let late = Timestamp::from_seconds(1_000_000_000, 0);
    let deadline = |at| Deadline { at, sequence: 0 };
    deadlines.file(0, deadline(late), late);
    deadlines.remove(0);
    let early = Timestamp::from_seconds(1_000, 0);
    for slot in 0..1_000 {
        deadlines.file(slot, deadline(after(early, 60_000_000_000)), early);
    }
    assert_eq!(deadlines.marks(), 0);
}
