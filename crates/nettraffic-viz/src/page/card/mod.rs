//! The page of a detector.

mod drift;
mod features;

use super::parts::{bar, facts};
use super::shell;
use crate::html::Html;
use crate::json::Json;
use crate::sentence::words;
use crate::{Card, Fact, Measured, number, time};

/// The whole document.
pub(crate) fn document(card: &Card) -> Html {
    let mut html = Html::default();
    header(card, &mut html);
    html.raw("<main>");
    drift::write(card, &mut html);
    threshold(card, &mut html);
    training(card, &mut html);
    for measured in &card.measured {
        fared(measured, &mut html);
    }
    features::write(card, &mut html);
    html.raw("</main>");
    shell::document(&card.title, &html, &Json::of(card))
}

fn header(card: &Card, html: &mut Html) {
    html.raw("<header><p class=\"brand\">nettraffic</p><p class=\"subject\">Detector</p><h1>")
        .text(&card.title)
        .raw("</h1>");
    if !card.summary.is_empty() {
        html.raw("<p class=\"lead\">")
            .text(&card.summary)
            .raw("</p>");
    }
    for warning in &card.warnings {
        html.raw("<p class=\"warning\" role=\"note\"><strong>Note:</strong> ")
            .text(warning)
            .raw("</p>");
    }
    figures(&card.figures, html);
    html.raw("</header>");
}

/// Key figures.
fn figures(told: &[Fact], html: &mut Html) {
    if told.is_empty() {
        return;
    }
    html.raw("<dl class=\"figures\">");
    for fact in told {
        html.raw("<div class=\"figure\"><dt>")
            .text(&fact.name)
            .raw("</dt><dd>")
            .text(&fact.value)
            .raw("</dd></div>");
    }
    html.raw("</dl>");
}

fn threshold(card: &Card, html: &mut Html) {
    if card.threshold.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"threshold\"><h2 id=\"threshold\">What it promises</h2>");
    html.raw("<p class=\"about\">Measured on benign flows that the scoring model had not seen; it holds for traffic like that of the training.</p>");
    facts(&card.threshold, html);
    html.raw("</section>");
}

fn training(card: &Card, html: &mut Html) {
    if card.training.is_empty() && card.attacks.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"training\"><h2 id=\"training\">What it learned from</h2><div class=\"columns\"><div>");
    if let Some((first, last)) = card.period_ns {
        let day = |nanos| format!("{} {}", time::date(nanos), time::second(nanos));
        html.raw("<p class=\"about\">")
            .text(format_args!(
                "Flows that began from {} to {} UTC.",
                day(first),
                day(last)
            ))
            .raw("</p>");
    }
    facts(&card.training, html);
    html.raw("</div>");
    if !card.attacks.is_empty() {
        let largest = card.attacks.iter().map(|(_, rows)| *rows).max();
        html.raw("<div><h3>Labelled attacks, by flows</h3><ul class=\"counts\">");
        for (class, rows) in &card.attacks {
            let part = *rows as f64 / largest.unwrap_or(1).max(1) as f64;
            html.raw("<li><span>")
                .text(words(class))
                .raw("</span><span class=\"bar\" aria-hidden=\"true\"><i style=\"width:")
                .text(format_args!("{:.1}%", 100.0 * part))
                .raw("\"></i></span><span class=\"share\">")
                .text(number::count(*rows))
                .raw("</span></li>");
        }
        html.raw("</ul></div>");
    }
    html.raw("</div></section>");
}

fn fared(measured: &Measured, html: &mut Html) {
    html.raw("<section><h2>How it fared on ")
        .text(&measured.data)
        .raw("</h2>");
    figures(&measured.figures, html);
    if !measured.classes.is_empty() {
        html.raw("<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th scope=\"col\" data-sort>Attack</th><th scope=\"col\" data-sort class=\"number\">Flows</th><th scope=\"col\" data-sort>Found</th></tr></thead><tbody>");
        for (class, found, rows) in &measured.classes {
            let share = *found as f64 / (*rows).max(1) as f64;
            html.raw("<tr><th scope=\"row\">").text(words(class));
            html.raw("</th><td class=\"number\" data-value=\"")
                .text(rows)
                .raw("\">")
                .text(number::count(*rows))
                .raw("</td><td class=\"wide\" data-value=\"")
                .text(share)
                .raw("\">");
            bar(html, share);
            html.raw("</td></tr>");
        }
        html.raw("</tbody></table></div>");
    }
    html.raw("</section>");
}
