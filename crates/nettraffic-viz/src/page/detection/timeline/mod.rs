//! Scores over time, with the threshold.

mod scatter;

use scatter::{Frame, Scatter};

use crate::chart::{Key, Plot, Scale};
use crate::html::Html;
use crate::{Report, ScorePoint, number, time};

/// A highest score this many times the threshold no longer fits a linear axis.
const LINEAR_REACH: f64 = 6.0;
/// A logarithmic axis begins at most this many decades below the threshold.
const DECADES_BELOW: i32 = 4;
/// Beyond this, differences and powers of ten would overflow.
const FURTHEST: f64 = 1e100;

/// The chart; `None` without a score that can be drawn.
pub(super) fn chart(report: &Report) -> Option<Plot> {
    let points = drawable(report);
    let (first, last) = report.span().filter(|_| !points.is_empty())?;
    let mut plot = scatter(report, &points, first, last).plot(report.line());
    plot.key(Key::ALERT, "alert");
    plot.key(Key::FLOW, "other flow");
    if let Some(threshold) = report.line() {
        let name = format!("threshold {}", number::significant(threshold));
        plot.key(Key::RULE, name);
    }
    Some(plot.told(alternative(&points, report.line(), first, last)))
}

/// What the chart shows, above it.
pub(super) fn explain(report: &Report, html: &mut Html) {
    html.raw("<p class=\"about\">Every judged flow at the time of its first packet: the higher, the stranger.");
    if let Some(threshold) = &report.threshold {
        html.raw(" The threshold stands for ")
            .text(&threshold.meaning)
            .raw(".");
    }
    html.raw("</p>");
}

/// How many flows became how many dots.
pub(super) fn account(report: &Report, html: &mut Html) {
    let points = drawable(report);
    let Some((first, last)) = report.span().filter(|_| !points.is_empty()) else {
        return;
    };
    let not_drawn = report.scores.len() - points.len();
    html.raw("<p class=\"note\">")
        .text(scatter(report, &points, first, last).account(not_drawn))
        .raw("</p>");
}

/// The axis of scores: the same in every chart of them.
pub(super) fn score_scale(report: &Report) -> Scale {
    scale(&drawable(report), report.line())
}

fn drawable(report: &Report) -> Vec<&ScorePoint> {
    let finite = |point: &&ScorePoint| point.score.is_finite();
    report.scores.iter().filter(finite).collect()
}

fn scatter(report: &Report, points: &[&ScorePoint], first: i64, last: i64) -> Scatter {
    let scale = scale(points, report.line());
    Scatter::new(report, points, Frame { first, last, scale })
}

/// Linear, unless the scores reach far beyond the threshold. Scores beyond [`FURTHEST`] are
/// drawn at the ends: no chart could show them beside others.
fn scale(points: &[&ScorePoint], threshold: Option<f64>) -> Scale {
    let bounded = |score: f64| score.clamp(-FURTHEST, FURTHEST);
    let scores = points.iter().map(|point| bounded(point.score));
    let threshold = threshold.map(bounded);
    let high = scores.clone().chain(threshold).fold(f64::MIN, f64::max);
    let low = scores.chain(threshold).fold(f64::MAX, f64::min);
    match threshold {
        Some(threshold) if threshold > 0.0 && high > LINEAR_REACH * threshold => {
            let lowest = threshold * 10_f64.powi(-DECADES_BELOW);
            Scale::logarithmic(low.max(lowest), high)
        }
        // Scores have a natural zero unless they go below it.
        _ => Scale::nice(low.min(0.0), high),
    }
}

fn alternative(points: &[&ScorePoint], threshold: Option<f64>, first: i64, last: i64) -> String {
    let mut scores: Vec<f64> = points.iter().map(|point| point.score).collect();
    scores.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| number::significant(scores.get(place).copied().unwrap_or(0.0));
    let alerts = points.iter().filter(|point| point.alert).count();
    let line = |value| format!(" The threshold is {}.", number::significant(value));
    format!(
        "Scores of {} from {} to {} UTC: median {}, highest {}; {}.{}",
        number::counted(points.len() as u64, "flow", "flows"),
        time::second(first),
        time::second(last),
        at(points.len() / 2),
        at(points.len() - 1),
        number::counted(alerts as u64, "alert", "alerts"),
        threshold.map_or_else(String::new, line)
    )
}
