//! Whether a probability means what it says.

use crate::chart::{Axis, Path, Plot, Tone};
use crate::html::Html;
use crate::{ModelOutcome, Study};

/// Observed shares against the probabilities that were given.
pub(super) fn chart(study: &Study) -> Option<Plot> {
    let mut plot = Plot::new(
        Axis::shares("Probability that was given"),
        Axis::shares("Share that are attacks"),
    );
    plot.path("chance", Path::line([(0.0, 0.0), (1.0, 1.0)]));
    let mut names = Vec::new();
    for (place, model) in study.models.iter().enumerate() {
        let points: Vec<(f64, f64)> = points(model);
        if points.is_empty() {
            continue;
        }
        let tone = Tone::of(place);
        plot.path(tone.line, Path::line(points.iter().copied()));
        plot.titled(tone.dots, Path::dots(points), &model.name);
        plot.key(tone.key, &model.name);
        names.push(model.name.as_str());
    }
    (!names.is_empty()).then(|| plot.told(format!("Calibration of {}.", names.join(", "))))
}

pub(super) fn write(study: &Study, html: &mut Html) {
    let Some(plot) = chart(study) else { return };
    html.raw("<div><h3>Calibration</h3>");
    plot.legend(html);
    plot.draw(html, "square");
    html.raw("<p class=\"note\">On the dashed line a probability means what it says.</p></div>");
}

fn points(model: &ModelOutcome) -> Vec<(f64, f64)> {
    let share = |value: &f64| (0.0..=1.0).contains(value);
    (model.calibration.iter())
        .filter(|point| point.rows > 0 && share(&point.predicted) && share(&point.observed))
        .map(|point| (point.predicted, point.observed))
        .collect()
}
