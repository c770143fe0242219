//! Recall of each class by each model, as a table whose cells are the darker the more was found.

use crate::html::Html;
use crate::sentence::words;
use crate::{ClassRecall, ModelOutcome, Study, number};

pub(super) fn write(study: &Study, html: &mut Html) {
    let models: Vec<&ModelOutcome> = (study.models.iter())
        .filter(|model| !model.recall.is_empty())
        .collect();
    let classes = classes(&models);
    if classes.is_empty() {
        return;
    }
    html.raw("<h3>Recall by class of attack</h3><div class=\"scroll\"><table class=\"sortable heat\"><thead><tr><th scope=\"col\" data-sort>Class</th><th scope=\"col\" data-sort class=\"number\">Rows</th>");
    for model in &models {
        html.raw("<th scope=\"col\" data-sort class=\"number\">")
            .text(&model.name)
            .raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    // Where all are new, as to models that learn from usual rows alone, the word would tell nothing.
    let are_mixed =
        classes.iter().any(|class| class.is_new) && !classes.iter().all(|class| class.is_new);
    for ClassRecall {
        class,
        rows,
        is_new,
        ..
    } in classes
    {
        html.raw("<tr><th scope=\"row\">").text(words(class));
        if are_mixed && *is_new {
            html.raw(" <span class=\"muted\">new</span>");
        }
        html.raw("</th><td class=\"number\" data-value=\"")
            .text(rows)
            .raw("\">")
            .text(number::count(*rows))
            .raw("</td>");
        for model in &models {
            let found = model.recall.iter().find(|recall| recall.class == *class);
            cell(found.and_then(ClassRecall::mean), html);
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table></div>");
    if are_mixed {
        html.raw("<p class=\"note\">Of classes that are new no row was trained on.</p>");
    }
}

/// A cell with a ground of a tenth per 10 % of recall.
fn cell(recall: Option<f64>, html: &mut Html) {
    let Some(recall) = recall else {
        html.raw("<td class=\"number\" data-value=\"-1\">–</td>");
        return;
    };
    html.raw("<td class=\"number warm\" style=\"--heat:")
        .text(format_args!("{:.0}%", 100.0 * recall.clamp(0.0, 1.0)))
        .raw("\" data-value=\"")
        .text(recall)
        .raw("\">")
        .text(number::percent(recall))
        .raw("</td>");
}

/// Each class once, in the order of their coming.
fn classes<'a>(models: &[&'a ModelOutcome]) -> Vec<&'a ClassRecall> {
    let mut classes: Vec<&ClassRecall> = Vec::new();
    for recall in models.iter().flat_map(|model| &model.recall) {
        if !classes.iter().any(|known| known.class == recall.class) {
            classes.push(recall);
        }
    }
    classes
}
