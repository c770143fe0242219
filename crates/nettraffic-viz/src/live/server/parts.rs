//! The page and what it is made of.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::{IntoResponse, Response};

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

const PAGE: &str = include_str!("../assets/page.html");

/// Name, kind and content of each part.
const PARTS: [(&str, &str, &str); 13] = [
    (
        "icon.svg",
        "image/svg+xml",
        include_str!("../assets/icon.svg"),
    ),
    (
        "style.css",
        STYLE,
        concat!(
            include_str!("../../assets/base.css"),
            include_str!("../../assets/table.css"),
            include_str!("../../assets/chart.css"),
            include_str!("../../assets/narrow.css"),
            include_str!("../assets/live.css"),
        ),
    ),
    (
        "uplot.css",
        STYLE,
        include_str!("../assets/uplot/uPlot.min.css"),
    ),
    (
        "uplot.js",
        SCRIPT,
        include_str!("../assets/uplot/uPlot.iife.min.js"),
    ),
    // What the rows of reports are made with makes those of the live page, too.
    (
        "rows.js",
        SCRIPT,
        concat!(
            include_str!("../../assets/rows.js"),
            "export { badge, clean, element, percent, reasonItem, significant, spaced };\n",
        ),
    ),
    ("words.js", SCRIPT, include_str!("../assets/words.js")),
    ("store.js", SCRIPT, include_str!("../assets/store.js")),
    ("charts.js", SCRIPT, include_str!("../assets/charts.js")),
    ("alerts.js", SCRIPT, include_str!("../assets/alerts.js")),
    (
        "incidents.js",
        SCRIPT,
        include_str!("../assets/incidents.js"),
    ),
    ("marking.js", SCRIPT, include_str!("../assets/marking.js")),
    ("panels.js", SCRIPT, include_str!("../assets/panels.js")),
    ("main.js", SCRIPT, include_str!("../assets/main.js")),
];

pub(super) async fn page() -> Response {
    ([(header::CONTENT_TYPE, HTML)], PAGE).into_response()
}

pub(super) async fn part(Path(name): Path<String>) -> Response {
    match PARTS.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, content)) => ([(header::CONTENT_TYPE, *kind)], *content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
