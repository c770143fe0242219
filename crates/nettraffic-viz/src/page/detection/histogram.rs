//! How the scores are distributed.

use super::timeline::score_scale;
use crate::chart::{Axis, Key, Path, Plot, Scale};
use crate::html::Html;
use crate::{Report, number};

/// Bars of the chart.
const BARS: usize = 60;

/// The chart; `None` without a score that can be drawn.
pub(super) fn chart(report: &Report) -> Option<Plot> {
    let scores = score_scale(report);
    let (mut all, mut alerts) = ([0_u64; BARS], [0_u64; BARS]);
    for point in report.scores.iter().filter(|point| point.score.is_finite()) {
        let bar = ((scores.at(point.score) * BARS as f64) as usize).min(BARS - 1);
        all[bar] += 1;
        alerts[bar] += u64::from(point.alert);
    }
    let most = all.iter().copied().max().filter(|most| *most > 0)?;
    // Below one there is nothing, so that a bar of one flow is to be seen.
    let counts = Scale::logarithmic(0.5, (most as f64).max(1.0));
    let mut plot = Plot::new(
        Axis::numbers("Score", &scores),
        Axis::numbers("Flows (log scale)", &counts),
    );
    plot.path("bars quiet", bars(&all, &counts));
    plot.path("bars loud", bars(&alerts, &counts));
    plot.key(Key::ALERTS, "alerts");
    plot.key(Key::FLOWS, "all flows");
    if let Some(threshold) = report.line() {
        plot.key(Key::RULE, "threshold");
        let x = scores.at(threshold);
        plot.path("threshold", Path::line([(x, 0.0), (x, 1.0)]));
    }
    let flows: u64 = all.iter().sum();
    let told = format!(
        "Histogram of the scores of {}, {} of them alerts; the highest bar holds {}.",
        number::counted(flows, "flow", "flows"),
        number::count(alerts.iter().sum()),
        number::count(most)
    );
    Some(plot.told(told))
}

pub(super) fn write(plot: Option<Plot>, html: &mut Html) {
    let Some(plot) = plot else { return };
    html.raw("<div><h3>Distribution of scores</h3>");
    plot.legend(html);
    plot.draw(html, "roomy");
    html.raw("</div>");
}

fn bars(counts: &[u64; BARS], scale: &Scale) -> Path {
    let bar = |(place, &count): (usize, &u64)| {
        let edge = |place: usize| place as f64 / BARS as f64;
        (count > 0).then(|| (edge(place), edge(place + 1), scale.at(count as f64)))
    };
    Path::bars(counts.iter().enumerate().filter_map(bar))
}
