//! Models side by side on the same rows.

use crate::html::Html;
use crate::{PairedTest, Study, number};

/// Pairs that are shown at first; the script shows the others on demand.
const FOLDED: usize = 15;

pub(super) fn write(study: &Study, html: &mut Html) {
    if study.pairs.is_empty() {
        return;
    }
    html.raw("<h3>Two models on the same rows</h3><div class=\"scroll\"><table class=\"sortable dense\" data-fold=\"")
        .text(FOLDED)
        .raw("\"><thead><tr>");
    let has_parts = study.pairs.iter().any(|pair| !pair.part.is_empty());
    if has_parts {
        html.raw("<th scope=\"col\" data-sort>Part</th>");
    }
    html.raw("<th scope=\"col\" data-sort>Model</th><th scope=\"col\" data-sort>Against</th>");
    for head in [
        "Area, difference",
        "p",
        "Only it is right",
        "Only the other is",
        "p (alerts)",
    ] {
        html.raw("<th scope=\"col\" data-sort class=\"number\">")
            .raw(head)
            .raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for pair in &study.pairs {
        row(pair, has_parts, html);
    }
    html.raw("</tbody></table></div><p class=\"note\">Areas under the ROC curves by DeLong's paired test, with its 95 % interval; rows that only one of the two judges right at the first threshold by McNemar's exact test. Every p is corrected for the number of pairs that were tested (Holm), and takes rows for independent: where those of one attack hang together it is too small.</p>");
}

fn row(pair: &PairedTest, has_parts: bool, html: &mut Html) {
    html.raw("<tr>");
    if has_parts {
        html.raw("<td>").text(&pair.part).raw("</td>");
    }
    html.raw("<th scope=\"row\">")
        .text(&pair.first)
        .raw("</th><td>")
        .text(&pair.second)
        .raw("</td><td class=\"number\" data-value=\"")
        .text(finite(pair.difference).unwrap_or(-1e300))
        .raw("\">")
        .text(finite(pair.difference).map_or_else(none, signed));
    if let Some((low, high)) = pair.interval {
        html.raw(" <span class=\"muted\">[")
            .text(signed(low))
            .raw(", ")
            .text(signed(high))
            .raw("]</span>");
    }
    html.raw("</td>");
    probability(pair.p_value, html);
    for count in [pair.only_first, pair.only_second] {
        html.raw("<td class=\"number\" data-value=\"")
            .text(count)
            .raw("\">")
            .text(number::count(count))
            .raw("</td>");
    }
    probability(pair.alerts_p, html);
    html.raw("</tr>");
}

fn probability(p: Option<f64>, html: &mut Html) {
    let p = finite(p);
    html.raw("<td class=\"number\" data-value=\"")
        .text(p.unwrap_or(2.0))
        .raw("\">")
        .text(match p {
            None => none(),
            Some(p) if p < 0.001 => "< 0.001".to_owned(),
            Some(p) => format!("{p:.3}"),
        })
        .raw("</td>");
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

fn signed(value: f64) -> String {
    format!("{value:+.3}")
}

fn none() -> String {
    "–".to_owned()
}
