//! Whether traffic is still as the detector knows it.

use crate::html::Html;
use crate::page::parts::facts;
use crate::sentence::words;
use crate::{Card, Drift, number};

/// Features that are shown at first; the script shows the others on demand.
const FOLDED: usize = 15;
/// An index of this fills the bar.
const FULL: f64 = 0.5;

pub(super) fn write(card: &Card, html: &mut Html) {
    let Some(drift) = &card.drift else { return };
    html.raw("<section aria-labelledby=\"drift\"><h2 id=\"drift\">Whether it still fits</h2>");
    html.raw(if drift.has_drifted {
        "<p class=\"warning\" role=\"note\"><strong>Traffic has drifted</strong> away from that of the training: a successor should be trained.</p>"
    } else {
        "<p class=\"sound\">Recent traffic is like that of the training, as far as chance lets one see.</p>"
    });
    facts(&drift.facts, html);
    features(drift, html);
    html.raw("</section>");
}

fn features(drift: &Drift, html: &mut Html) {
    if drift.features.is_empty() {
        return;
    }
    html.raw("<h3>Features, those that moved most first</h3><div class=\"scroll\"><table class=\"sortable dense\" data-fold=\"")
        .text(FOLDED)
        .raw("\"><thead><tr><th scope=\"col\" data-sort>Feature</th><th scope=\"col\" data-sort>Moved</th><th scope=\"col\" data-sort>Stability index</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">By chance below</th><th scope=\"col\">What moved most</th><th scope=\"col\" data-sort class=\"number\">In training</th><th scope=\"col\" data-sort class=\"number\">Now</th></tr></thead><tbody>");
    for feature in &drift.features {
        html.raw("<tr><th scope=\"row\">")
            .text((feature.words.clone()).unwrap_or_else(|| words(&feature.name)))
            .raw("</th><td>")
            .text(&feature.level)
            .raw("</td><td class=\"narrow\" data-value=\"")
            .text(feature.index)
            .raw("\"><span class=\"bar\" aria-hidden=\"true\"><i style=\"width:")
            .text(format_args!(
                "{:.0}%",
                100.0 * (feature.index / FULL).clamp(0.0, 1.0)
            ))
            .raw("\"></i></span><span class=\"share\">")
            .text(number::decimal(feature.index))
            .raw("</span></td>");
        let (before, now) = feature.shares;
        html.raw("<td class=\"number\">")
            .text(number::decimal(feature.by_chance))
            .raw("</td><td>")
            .text(&feature.values)
            .raw("</td>");
        for share in [before, now] {
            html.raw("<td class=\"number\" data-value=\"")
                .text(share)
                .raw("\">")
                .text(number::percent(share))
                .raw("</td>");
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table></div>");
}
