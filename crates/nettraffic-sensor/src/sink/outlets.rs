//! Several sinks at once.

use std::time::Duration;

use super::queue::after;
use super::{Event, EventKind, Outlet, OutletStatus};

/// Several sinks at once, none of which holds another up.
#[derive(Debug, Default)]
pub struct Outlets(Vec<Outlet>);

impl Outlets {
    /// These.
    #[must_use]
    pub const fn new(outlets: Vec<Outlet>) -> Self {
        Self(outlets)
    }

    /// One more.
    pub fn push(&mut self, outlet: Outlet) {
        self.0.push(outlet);
    }

    /// Hands an event to each. Never waits.
    pub fn offer(&self, event: &Event) {
        for outlet in &self.0 {
            outlet.offer(event);
        }
    }

    /// Whether each has room for so many events more, and some to spare, or cannot write at the moment: there is no use
    /// in waiting for one that cannot.
    #[must_use]
    pub fn have_room(&self, events: usize) -> bool {
        self.0.iter().all(|outlet| {
            let OutletStatus {
                counters,
                capacity,
                failing,
                ..
            } = outlet.status();
            let waiting = usize::try_from(counters.waiting).unwrap_or(usize::MAX);
            failing || waiting == 0 || waiting.saturating_add(events) <= capacity / 2
        })
    }

    /// Whether any of them wants flows, too.
    #[must_use]
    pub fn want_flows(&self) -> bool {
        self.0
            .iter()
            .any(|outlet| outlet.wants().has(EventKind::Flow))
    }

    /// Lets each open its file again, or connect again.
    pub fn reopen(&self) {
        self.0.iter().for_each(Outlet::reopen);
    }

    /// How each fares.
    #[must_use]
    pub fn status(&self) -> Vec<OutletStatus> {
        self.0.iter().map(Outlet::status).collect()
    }

    /// Closes all, side by side: within that time, not within a multiple of it.
    #[must_use]
    pub fn close(self, within: Duration) -> Vec<OutletStatus> {
        let until = after(within);
        self.0.iter().for_each(|outlet| outlet.begin_close(until));
        self.0.into_iter().map(Outlet::finish_close).collect()
    }
}
