//! Which classes were taken for which.

use crate::html::Html;
use crate::sentence::words;
use crate::{Confusion, Study, number};

pub(super) fn write(study: &Study, html: &mut Html) {
    let models: Vec<(&str, &Confusion)> = (study.models.iter())
        .filter_map(|model| Some((model.name.as_str(), model.confusion.as_ref()?)))
        .filter(|(_, confusion)| !confusion.classes.is_empty())
        .collect();
    if models.is_empty() {
        return;
    }
    html.raw("<h3>What was taken for what</h3><div class=\"matrices\">");
    for (name, confusion) in models {
        html.raw("<div class=\"scroll\"><h4>")
            .text(name)
            .raw("</h4>");
        matrix(confusion, html);
        html.raw("</div>");
    }
    html.raw("</div><p class=\"note\">Rows are what it is, columns what the model said; a cell is the darker, the larger its part of the row.</p>");
}

fn matrix(confusion: &Confusion, html: &mut Html) {
    html.raw("<table class=\"confusion heat\"><thead><tr><td></td>");
    for verdict in &confusion.verdicts {
        html.raw("<th scope=\"col\">")
            .text(words(verdict))
            .raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for (class, counts) in &confusion.classes {
        let all: u64 = counts
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count));
        html.raw("<tr><th scope=\"row\">")
            .text(words(class))
            .raw("</th>");
        for count in counts.iter().take(confusion.verdicts.len()) {
            let share = *count as f64 / all.max(1) as f64;
            html.raw("<td class=\"warm\" style=\"--heat:")
                .text(format_args!("{:.0}%", 100.0 * share))
                .raw("\">")
                .text(number::count(*count))
                .raw("</td>");
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table>");
}
