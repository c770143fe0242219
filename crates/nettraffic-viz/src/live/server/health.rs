//! Whether all is well, for whoever restarts what is not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::Site;
use super::guard::Asker;
use super::routes::json;
use crate::live::Phase;
use crate::time;

/// Whether all is well.
pub(super) const WELL: &str = "/health";
/// Whether the sensor is at work at all, well or not.
pub(super) const LIVE: &str = "/live";

#[derive(Serialize)]
struct Answer {
    status: &'static str,
    /// Not for everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<String>>,
}

/// 200 or 503; why is told to those who may know.
pub(super) async fn well(
    State(site): State<Arc<Site>>,
    Extension(asker): Extension<Asker>,
) -> Response {
    let (problems, silence) = (problems(&site), silence(&site));
    let reasons: Vec<String> = problems.into_iter().chain(silence).collect();
    let (code, status) = match reasons.is_empty() {
        true => (StatusCode::OK, "well"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "degraded"),
    };
    let reasons = (asker == Asker::Known).then_some(reasons);
    json(code, &Answer { status, reasons })
}

/// 200, or 503 when starting it anew is all that could help.
pub(super) async fn live(
    State(site): State<Arc<Site>>,
    Extension(asker): Extension<Asker>,
) -> Response {
    let silence = silence(&site);
    let (code, status) = match silence {
        None => (StatusCode::OK, "live"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "silent"),
    };
    let reasons = (asker == Asker::Known).then(|| silence.into_iter().collect());
    json(code, &Answer { status, reasons })
}

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

/// What the sensor says is wrong.
fn problems(site: &Site) -> Vec<String> {
    let health = site.board.health();
    health
        .map(|health| health.problems.clone())
        .unwrap_or_default()
}

/// For how long nothing was heard of a sensor that should be at work, where that is too long.
fn silence(site: &Site) -> Option<String> {
    let age = site.pulse.age(site.board.number());
    let ended = site.board.phase() == Phase::Ended;
    let limit = site.options.stale_after.filter(|_| !ended)?;
    (age > limit).then(|| {
        let age = u64::try_from(age.as_nanos()).unwrap_or(u64::MAX);
        format!("nothing was heard of the sensor for {}", time::length(age))
    })
}
