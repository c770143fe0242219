//! Whether all is well, for whoever restarts what is not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Site;
use crate::live::Phase;
use crate::time;

/// When the board was last seen to change.
#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<(u64, Instant)>>);

impl Pulse {
    /// How long ago a change was seen; looks whether there is a new one.
    fn age(&self, number: u64) -> Duration {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, at) = *seen.get_or_insert_with(|| (number, Instant::now()));
        if known == number {
            return at.elapsed();
        }
        *seen = Some((number, Instant::now()));
        Duration::ZERO
    }
}

/// Feels the pulse once a second.
pub(super) async fn watch(site: Arc<Site>, mut stopped: watch::Receiver<bool>) {
    loop {
        site.pulse.age(site.board.number());
        tokio::select! {
            _ = stopped.changed() => return,
            () = sleep(Duration::from_secs(1)) => {}
        }
    }
}

/// What is wrong; nothing when all is well.
pub(super) fn problems(site: &Site) -> Vec<String> {
    let health = site.board.health();
    let mut problems = health
        .map(|health| health.problems.clone())
        .unwrap_or_default();
    let age = site.pulse.age(site.board.number());
    let ended = site.board.phase() == Phase::Ended;
    if site
        .options
        .stale_after
        .is_some_and(|limit| age > limit && !ended)
    {
        let age = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        problems.push(format!(
            "nothing was heard of the sensor for {}",
            time::length(age)
        ));
    }
    problems
}
