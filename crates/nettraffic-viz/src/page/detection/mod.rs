//! The page of a detection: sections in order.

mod about;
mod alerts;
mod data;
mod evaluation;
mod headline;
mod histogram;
mod incidents;
mod map;
mod over_time;
mod services;
mod talkers;
mod timeline;
mod volume;

use super::shell;
use crate::html::Html;
use crate::json::Json;
use crate::{Figure, Report};

/// The whole document.
pub(crate) fn document(report: &Report) -> Html {
    let mut html = Html::default();
    headline::write(report, &mut html);
    html.raw("<main>");
    over_time::write(report, &mut html);
    incidents::write(report, &mut html);
    alerts::write(report, &mut html);
    scores(report, &mut html);
    evaluation::write(report, &mut html);
    traffic(report, &mut html);
    about::write(report, &mut html);
    html.raw("</main>");
    shell::document(&report.title, &html, &Json::of(&data::Data::of(report)))
}

/// The charts as images.
pub(crate) fn figures(report: &Report) -> Vec<Figure> {
    let charts = [
        (
            "scores-over-time",
            "Scores over time",
            timeline::chart(report),
            0.45,
        ),
        (
            "traffic-over-time",
            "Traffic over time",
            volume::bytes(report),
            0.3,
        ),
        (
            "packets-over-time",
            "Packets over time",
            volume::packets(report),
            0.2,
        ),
        (
            "score-histogram",
            "Distribution of scores",
            histogram::chart(report),
            0.45,
        ),
        ("flow-map", "Map of flows", map::chart(report), 1.0),
        (
            "roc",
            "Recall against false alarms",
            evaluation::curve(report),
            1.0,
        ),
    ];
    let figure = |(name, title, plot, ratio): (&str, &str, Option<crate::chart::Plot>, f64)| {
        Some(Figure::new(name, plot?.to_svg(title, ratio)))
    };
    charts.into_iter().filter_map(figure).collect()
}

/// How scores are distributed, and where flows lie.
fn scores(report: &Report, html: &mut Html) {
    let (histogram, map) = (histogram::chart(report), map::chart(report));
    if histogram.is_none() && map.is_none() {
        return;
    }
    html.raw("<section aria-labelledby=\"flows\"><h2 id=\"flows\">Flows by their scores and features</h2><div class=\"columns\">");
    histogram::write(histogram, html);
    map::write(report, map, html);
    html.raw("</div></section>");
}

/// Who talked, and what was spoken.
fn traffic(report: &Report, html: &mut Html) {
    if report.talkers.is_empty() && report.services.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"traffic\"><h2 id=\"traffic\">Hosts and services</h2><div class=\"columns broad\">");
    talkers::write(report, html);
    services::write(report, html);
    html.raw("</div></section>");
}
