//! What can be asked for.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::query::AlertQuery;
use super::{Site, events, guard, health, parts, scrape};
use crate::json::Json;
use crate::live::board::{AlertWire, Refusal, bounded_text};
use crate::live::{MarkUse, Marking, metrics};
use crate::page::SCRIPT_HASH;

/// Bytes of a request's body.
const BODY_BYTES: usize = 4 << 10;

pub(super) fn all(site: Arc<Site>) -> Router {
    Router::new()
        .route("/", get(parts::page))
        .route("/parts/{name}", get(parts::part))
        .route("/card", get(card))
        .route("/events", get(events::stream))
        .route("/api/state", get(state))
        .route("/api/alerts", get(alerts))
        .route("/api/alerts/{id}/false", post(mark_false).delete(unmark))
        .route("/metrics", get(scraped))
        .route(health::WELL, get(health::well))
        .route(health::LIVE, get(health::live))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&site), guard::guard))
        .with_state(site)
}

async fn state(State(site): State<Arc<Site>>) -> Response {
    json(StatusCode::OK, &site.board.all().wire())
}

async fn alerts(State(site): State<Arc<Site>>, Query(query): Query<AlertQuery>) -> Response {
    let all = site.board.all();
    let chosen: Vec<AlertWire<'_>> = query
        .choose(&all.alerts)
        .into_iter()
        .map(AlertWire::of)
        .collect();
    json(StatusCode::OK, &chosen)
}

/// The card is a document that stands alone, with its own script and styles. So it is shown like one of
/// somebody else's: it cannot ask for anything, nor act as the dashboard.
async fn card(State(site): State<Arc<Site>>) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{SCRIPT_HASH}'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts"
    );
    match site.board.card() {
        Some(html) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
                (header::CONTENT_SECURITY_POLICY, policy),
            ];
            (headers, html.to_string()).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no card yet.\n").into_response(),
    }
}

async fn scraped(State(site): State<Arc<Site>>) -> Response {
    let mut all = scrape::metrics(&site.board, site.readers.count());
    all.extend(site.board.metrics());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics::text(&all)).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkFalse {
    becomes: MarkUse,
    note: String,
}

async fn mark_false(
    State(site): State<Arc<Site>>,
    Path(alert): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Another site's form cannot send this kind without asking first.
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return told(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body must be JSON.");
    }
    let Ok(MarkFalse { becomes, mut note }) = serde_json::from_slice(&body) else {
        let words = "The body must be like {\"becomes\": \"allow_list\", \"training\" or \"both\", \"note\": \"why\"}.";
        return told(StatusCode::BAD_REQUEST, words);
    };
    bounded_text(&mut note);
    if note.trim().is_empty() {
        return told(
            StatusCode::BAD_REQUEST,
            "Say why it is false: whoever looks at it in a month will want to know.",
        );
    }
    mark(
        &site,
        Marking {
            alert,
            becomes: Some(becomes),
            note,
        },
    )
}

/// Takes back what was said of an alert.
async fn unmark(State(site): State<Arc<Site>>, Path(alert): Path<String>) -> Response {
    let (becomes, note) = (None, String::new());
    mark(
        &site,
        Marking {
            alert,
            becomes,
            note,
        },
    )
}

fn mark(site: &Site, marking: Marking) -> Response {
    match site.board.mark(marking) {
        Ok(()) => told(StatusCode::ACCEPTED, "The sensor has been told."),
        Err(Refusal::Unknown) => told(
            StatusCode::NOT_FOUND,
            "There is no such alert, or no longer.",
        ),
        Err(Refusal::Closed) => told(
            StatusCode::NOT_IMPLEMENTED,
            "This sensor takes no markings.",
        ),
        Err(Refusal::Busy) => told(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many markings wait; try again.",
        ),
    }
}

#[derive(Serialize)]
struct Told {
    message: &'static str,
}

fn told(status: StatusCode, message: &'static str) -> Response {
    json(status, &Told { message })
}

pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = Json::of(value).as_str().to_owned();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
