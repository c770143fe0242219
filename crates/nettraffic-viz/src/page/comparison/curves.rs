//! ROC and PR curves, with bands over seeds.

use crate::chart::{Axis, Key, Path, Plot, Tone, legend, thin};
use crate::html::Html;
use crate::{Curve, ModelOutcome, Study};

/// Points of a curve that lie closer than this are one.
const STEP: f64 = 0.002;

/// Recall against the false-alarm rate.
pub(super) fn roc(study: &Study) -> Option<Plot> {
    let mut plot = Plot::new(Axis::shares("False-alarm rate"), Axis::shares("Recall"));
    plot.path("chance", Path::line([(0.0, 0.0), (1.0, 1.0)]));
    let drawn = draw(study, |model| model.roc.as_ref(), &mut plot);
    drawn.map(|names| plot.told(format!("ROC curves of {names}.")))
}

/// Precision against recall.
pub(super) fn pr(study: &Study) -> Option<Plot> {
    let mut plot = Plot::new(Axis::shares("Recall"), Axis::shares("Precision"));
    if let Some(share) = study
        .attack_share
        .filter(|share| (0.0..=1.0).contains(share))
    {
        plot.path("chance", Path::line([(0.0, share), (1.0, share)]));
    }
    let drawn = draw(study, |model| model.pr.as_ref(), &mut plot);
    drawn.map(|names| plot.told(format!("Precision-recall curves of {names}.")))
}

pub(super) fn write(study: &Study, html: &mut Html) {
    let charts = [
        ("Recall against false alarms", roc(study)),
        ("Precision against recall", pr(study)),
    ];
    if charts.iter().all(|(_, plot)| plot.is_none()) {
        return;
    }
    html.raw("<h3>Curves</h3>");
    let has_curve = |model: &&ModelOutcome| model.roc.is_some() || model.pr.is_some();
    legend(html, &named(study, has_curve));
    html.raw("<div class=\"columns\">");
    for (title, plot) in charts {
        if let Some(plot) = plot {
            html.raw("<div><h4>").raw(title).raw("</h4>");
            plot.draw(html, "square");
            html.raw("</div>");
        }
    }
    html.raw("</div><p class=\"note\">A line is the mean over seeds, its band the standard deviation; dashed is chance.</p>");
}

/// Models with their colours: those of their places, whatever charts they are in.
pub(super) fn named(study: &Study, wanted: impl Fn(&&ModelOutcome) -> bool) -> Vec<(Key, String)> {
    let all = study.models.iter().enumerate();
    all.filter(|(_, model)| wanted(model))
        .map(|(place, model)| (Tone::of(place).key, model.name.clone()))
        .collect()
}

/// Draws what there is and names the models; `None` when there is nothing.
fn draw(
    study: &Study,
    curve: impl Fn(&ModelOutcome) -> Option<&Curve>,
    plot: &mut Plot,
) -> Option<String> {
    let mut lines = Vec::new();
    for (place, model) in study.models.iter().enumerate() {
        let Some(band) = curve(model).and_then(Curve::band) else {
            continue;
        };
        let tone = Tone::of(place);
        if band.high != band.low {
            plot.path(tone.band, Path::band(&band.high, &band.low));
        }
        lines.push((tone, thin(band.mean, STEP), &model.name));
    }
    // Lines lie over all bands.
    let mut names = Vec::new();
    for (tone, line, name) in lines {
        plot.titled(tone.line, Path::line(line), name);
        plot.key(tone.key, name);
        names.push(name.as_str());
    }
    (!names.is_empty()).then(|| names.join(", "))
}
