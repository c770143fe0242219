//! What a detector looks at, and what is usual.

use crate::html::Html;
use crate::sentence::words;
use crate::{Card, CardFeature, number};

/// Features that are shown at first; the script shows the others on demand.
const FOLDED: usize = 25;
/// Categories that are named.
const MOST_NAMED: usize = 4;

pub(super) fn write(card: &Card, html: &mut Html) {
    if card.features.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"features\"><h2 id=\"features\">What it looks at</h2><p class=\"about\">")
        .text(number::counted(card.features.len() as u64, "feature", "features"))
        .raw(". 98 % of the benign training flows lie in the usual range.</p>");
    html.raw("<div class=\"scroll\"><table class=\"sortable dense\" data-fold=\"")
        .text(FOLDED)
        .raw("\"><thead><tr><th scope=\"col\" data-sort>Feature</th><th scope=\"col\" data-sort>What it is</th><th scope=\"col\">Usual</th></tr></thead><tbody>");
    for feature in &card.features {
        html.raw("<tr><th scope=\"row\"><code>")
            .text(&feature.name)
            .raw("</code></th><td>")
            .text((feature.words.clone()).unwrap_or_else(|| words(&feature.name)))
            .raw("</td><td>")
            .text(usual(feature))
            .raw("</td></tr>");
    }
    html.raw("</tbody></table></div></section>");
}

fn usual(feature: &CardFeature) -> String {
    if let Some((low, high)) = feature.usual {
        return feature.unit.describe_range(low, high);
    }
    let named = feature.categories.iter().take(MOST_NAMED);
    let mut told: Vec<String> = named
        .map(|(name, share)| format!("{} {}", words(name), number::percent(*share)))
        .collect();
    if feature.categories.len() > told.len() {
        told.push(format!("{} more", feature.categories.len() - told.len()));
    }
    if told.is_empty() {
        "–".to_owned()
    } else {
        told.join(", ")
    }
}
