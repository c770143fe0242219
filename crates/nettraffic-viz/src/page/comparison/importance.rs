//! What features count in each model.

use crate::html::Html;
use crate::sentence::words;
use crate::{ModelOutcome, Study, number};

/// Features that are shown of one model.
const MOST: usize = 10;

pub(super) fn write(study: &Study, html: &mut Html) {
    for model in (study.models.iter()).filter(|model| !model.importance.is_empty()) {
        html.raw("<div><h3>What counts in ")
            .text(&model.name)
            .raw("</h3>");
        list(model, html);
        html.raw("</div>");
    }
}

fn list(model: &ModelOutcome, html: &mut Html) {
    let finite = |mean: f64| if mean.is_finite() { mean } else { 0.0 };
    let largest = (model.importance.iter())
        .map(|importance| finite(importance.mean).abs())
        .fold(0.0, f64::max);
    html.raw("<ul class=\"counts\">");
    for importance in model.importance.iter().take(MOST) {
        let mean = finite(importance.mean);
        let part = if largest > 0.0 {
            (mean / largest).max(0.0)
        } else {
            0.0
        };
        html.raw("<li><span>")
            .text(words(&importance.feature))
            .raw("</span><span class=\"bar\" aria-hidden=\"true\"><i style=\"width:")
            .text(format_args!("{:.1}%", 100.0 * part))
            .raw("\"></i></span><span class=\"share\">")
            .text(number::percent(mean));
        if let Some(spread) = importance.spread.filter(|spread| spread.is_finite()) {
            html.raw(" ± ").text(number::percent(spread));
        }
        html.raw("</span></li>");
    }
    html.raw("</ul>");
    if !model.importance_of.is_empty() {
        html.raw("<p class=\"note\">")
            .text(&model.importance_of)
            .raw("</p>");
    }
    if model.importance.len() > MOST {
        let more = (model.importance.len() - MOST) as u64;
        html.raw("<p class=\"note\">")
            .text(number::counted(more, "feature counts", "features count"))
            .raw(" less.</p>");
    }
}
