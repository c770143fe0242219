//! The bounded queue between those who offer events and the thread that writes them, with what both count.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::{Dealt, Event, EventKind, OutletCounters, Trouble, Wants};

/// Shared by an outlet and its thread.
pub(super) struct Queue {
    capacity: usize,
    /// Places that flows may take.
    for_flows: usize,
    state: Mutex<State>,
    /// Something came that the thread waits for, or it ended.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Waiting>,
    /// Those that the thread took out and has not dealt with.
    in_hand: usize,
    /// Without those that wait.
    counters: OutletCounters,
    last_error: Option<Trouble>,
    failing: bool,
    reopen: bool,
    closing: Option<Instant>,
    /// The thread ended, or is no longer waited for: whatever it says no longer counts.
    over: bool,
}

/// An event and when it was offered.
pub(super) struct Waiting {
    pub(super) event: Event,
    pub(super) since: Instant,
}

/// What the thread is to do next.
pub(super) enum Task {
    Write(Vec<Waiting>),
    Reopen,
    Close,
}

impl Queue {
    pub(super) fn new(capacity: usize, wants: Wants) -> Self {
        Self {
            capacity,
            // Flows end by the hundred thousand at once; no alert is to find that they took its place.
            for_flows: match wants.mixes_flows() {
                true => capacity - capacity / 4,
                false => capacity,
            },
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(super) const fn capacity(&self) -> usize {
        self.capacity
    }

    /// Takes an event in if there is room.
    pub(super) fn offer(&self, event: &Event) -> bool {
        let mut state = self.state();
        state.counters.offered += 1;
        let most = match event.kind() {
            EventKind::Flow => self.for_flows,
            EventKind::Alert | EventKind::Incident => self.capacity,
        };
        let has_room = state.queue.len() + state.in_hand < most;
        if !has_room || state.over || state.closing.is_some() {
            state.counters.refused += 1;
            return false;
        }
        state.queue.push_back(Waiting {
            event: event.clone(),
            since: Instant::now(),
        });
        let first = state.queue.len() == 1;
        drop(state);
        // The thread sleeps on an empty queue only.
        if first {
            self.changed.notify_all();
        }
        true
    }

    /// Asks the thread to reopen its sink before it writes anything more.
    pub(super) fn reopen(&self) {
        self.state().reopen = true;
        self.changed.notify_all();
    }

    /// Waits for something to do.
    pub(super) fn next(&self, most: usize) -> Task {
        let mut state = self.state();
        loop {
            if std::mem::take(&mut state.reopen) {
                return Task::Reopen;
            }
            if !state.queue.is_empty() && !state.out_of_time() {
                let count = state.queue.len().min(most.max(1));
                state.in_hand = count;
                return Task::Write(state.queue.drain(..count).collect());
            }
            if state.closing.is_some() {
                return Task::Close;
            }
            state = wait(&self.changed, state);
        }
    }

    /// Whether the sink is to be reopened, which is then no longer asked for.
    pub(super) fn take_reopen(&self) -> bool {
        std::mem::take(&mut self.state().reopen)
    }

    /// Whether there is no time left for trying.
    pub(super) fn out_of_time(&self) -> bool {
        self.state().out_of_time()
    }

    /// Sleeps, but not past a request to reopen or to close, nor past the end of the time to close in.
    pub(super) fn pause(&self, pause: Duration) {
        let until = after(pause);
        let mut state = self.state();
        let was_closing = state.closing.is_some();
        while !state.reopen && !state.over && state.closing.is_some() == was_closing {
            let until = state.closing.map_or(until, |closing| closing.min(until));
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Counts events that the thread took out and has dealt with.
    pub(super) fn dealt(&self, dealt: Dealt) {
        self.count(dealt.events(), |counters| {
            counters.written += dealt.written as u64;
            counters.skipped += dealt.skipped as u64;
        });
        self.state().failing = false;
    }

    /// Counts events that the thread took out and has given up.
    pub(super) fn failed(&self, events: usize) {
        self.count(events, |counters| counters.failed += events as u64);
    }

    fn count(&self, events: usize, add: impl FnOnce(&mut OutletCounters)) {
        let mut state = self.state();
        if !state.over {
            state.in_hand = state.in_hand.saturating_sub(events);
            add(&mut state.counters);
        }
    }

    /// Keeps an error of writing in mind.
    pub(super) fn error(&self, what: String) {
        let mut state = self.state();
        state.counters.errors += 1;
        state.failing = true;
        state.last_error = Some(trouble(what));
    }

    /// Keeps in mind what went wrong without an event being lost by it.
    pub(super) fn trouble(&self, what: String) {
        self.state().last_error = Some(trouble(what));
    }

    /// Takes nothing more in, and lets the thread go on until then.
    pub(super) fn begin_close(&self, until: Instant) {
        self.state().closing.get_or_insert(until);
        self.changed.notify_all();
    }

    /// Waits for the thread to end, and counts as failed what it has not dealt with by then.
    pub(super) fn wait_for_end(&self) {
        let mut state = self.state();
        while let Some(until) = state.closing.filter(|_| !state.over) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
        state.end();
    }

    /// The thread ends: whatever was left is given up.
    pub(super) fn end(&self) {
        self.state().end();
        self.changed.notify_all();
    }

    /// Counters, the last error, and whether the latest attempt failed.
    pub(super) fn status(&self) -> (OutletCounters, Option<Trouble>, bool) {
        let state = self.state();
        let mut counters = state.counters;
        counters.waiting = (state.queue.len() + state.in_hand) as u64;
        (counters, state.last_error.clone(), state.failing)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn out_of_time(&self) -> bool {
        self.over || (self.closing).is_some_and(|until| Instant::now() >= until)
    }

    fn end(&mut self) {
        self.over = true;
        self.counters.failed += (self.queue.len() + self.in_hand) as u64;
        self.queue.clear();
        self.in_hand = 0;
    }
}

fn wait<'a>(changed: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    changed.wait(state).unwrap_or_else(PoisonError::into_inner)
}

/// The moment after so much time; of more time than can be told, a year.
pub(super) fn after(time: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let now = Instant::now();
    now.checked_add(time).unwrap_or_else(|| now + YEAR)
}

fn trouble(what: String) -> Trouble {
    Trouble {
        at: SystemTime::now(),
        what,
    }
}
