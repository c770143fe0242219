//! Scores over time, with the threshold.

mod scatter;

use scatter::{Frame, Scatter};

use crate::chart::Scale;
use crate::html::Html;
use crate::{Report, ScorePoint, number, time};

/// A highest score this many times the threshold no longer fits a linear axis.
const LINEAR_REACH: f64 = 6.0;
/// A logarithmic axis begins at most this many decades below the threshold.
const DECADES_BELOW: i32 = 4;
/// Beyond this, differences and powers of ten would overflow.
const FURTHEST: f64 = 1e100;

pub(super) fn write(report: &Report, html: &mut Html) {
    let finite = |point: &&ScorePoint| point.score.is_finite();
    let points: Vec<&ScorePoint> = report.scores.iter().filter(finite).collect();
    let Some((first, last)) = report.span().filter(|_| !points.is_empty()) else {
        return;
    };
    let threshold = report.threshold.as_ref().map(|threshold| threshold.value);
    let threshold = threshold.filter(|value| value.is_finite());
    let scale = scale(&points, threshold);
    let scatter = Scatter::new(report, &points, Frame { first, last, scale });

    html.raw("<section aria-labelledby=\"timeline\"><h2 id=\"timeline\">Scores over time</h2>");
    html.raw("<p class=\"about\">Every judged flow at the time of its first packet: the higher, the stranger.");
    if let Some(threshold) = &report.threshold {
        html.raw(" The threshold stands for ")
            .text(&threshold.meaning)
            .raw(".");
    }
    html.raw("</p><p class=\"legend\"><span class=\"key loud\"></span>alert");
    html.raw("<span class=\"key quiet\"></span>other flow");
    if let Some(threshold) = threshold {
        html.raw("<span class=\"key line\"></span>threshold ");
        html.text(number::significant(threshold));
    }
    html.raw("</p>");
    let alternative = alternative(&points, threshold, first, last);
    scatter.plot(threshold).draw(html, "tall", &alternative);
    let not_drawn = report.scores.len() - points.len();
    html.raw("<p class=\"about\">")
        .text(scatter.account(not_drawn))
        .raw("</p></section>");
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
