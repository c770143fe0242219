//! Server-sent events: all of the board, then what changes.

use std::convert::Infallible;
use std::fmt::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Site;
use crate::json::Json;
use crate::live::board::Picture;

/// Readers at once.
pub(super) const READERS: usize = 16;
/// How often a reader is told what has changed. It asks the board, rather than being woken by it,
/// so that a change costs the sensor nothing more.
const PERIOD: Duration = Duration::from_millis(250);
/// After so long a comment is sent: who went away without a word is found out, and proxies keep the line.
const SILENCE: Duration = Duration::from_secs(15);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Places for readers.
pub(super) struct Readers(Arc<Semaphore>);

impl Default for Readers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(READERS)))
    }
}

impl Readers {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        READERS.saturating_sub(self.0.available_permits())
    }
}

pub(super) async fn stream(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let Ok(place) = Arc::clone(&site.readers.0).try_acquire_owned() else {
        let answer = (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "5")],
            "too many readers\n",
        );
        return answer.into_response();
    };
    let last = headers
        .get(LAST_EVENT_ID)
        .and_then(|name| name.to_str().ok());
    let last = last.and_then(|name| site.board.number_in(name));
    // One event waits while one is on its way; a slower reader gets the next changes in one piece.
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(feed(site, last, sender, place));
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::new(Stream(receiver)),
    )
        .into_response()
}

/// Tells a reader until it leaves or the dashboard stops.
async fn feed(
    site: Arc<Site>,
    mut last: Option<u64>,
    reader: mpsc::Sender<Bytes>,
    _place: OwnedSemaphorePermit,
) {
    let mut stopped = site.stopped.clone();
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Instant::now();
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = reader.closed() => return,
            _ = ticks.tick() => {}
        }
        let change = last.and_then(|last| site.board.after(last));
        let event = match change {
            Some(change) if Some(change.number) == last => match told.elapsed() > SILENCE {
                true => ": still here\n\n".to_owned(),
                false => continue,
            },
            Some(change) => {
                last = Some(change.number);
                event("change", &change)
            }
            None => {
                let all = site.board.all();
                last = Some(all.number);
                event("state", &all)
            }
        };
        let sent = tokio::select! {
            _ = stopped.changed() => return,
            sent = reader.send(event.into()) => sent,
        };
        if sent.is_err() {
            return;
        }
        told = Instant::now();
    }
}

/// One event. JSON has no line breaks of its own, and those in texts are escaped.
fn event(name: &str, picture: &Picture) -> String {
    let data = Json::of(&picture.wire());
    let mut text = String::with_capacity(data.as_str().len() + 64);
    // Writing into a string cannot fail.
    let _ = write!(
        text,
        "event: {name}\nid: {}\ndata: {}\n\n",
        picture.name(),
        data.as_str()
    );
    text
}

struct Stream(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|event| event.map(|event| Ok(Frame::data(event))))
    }
}
