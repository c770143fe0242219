//! How the models did, and how long they took: one row each.

use crate::html::Html;
use crate::{Better, Measure, ModelOutcome, Study};

pub(super) fn write(study: &Study, html: &mut Html) {
    table(study, |model| &model.measures, html);
    let has_measures = study.models.iter().any(|model| !model.measures.is_empty());
    if has_measures && study.models.iter().any(|model| model.is_trivial) {
        html.raw("<p class=\"note\">Grey rows are trivial baselines: a model that does not beat them has learned nothing. ± is the standard deviation over seeds or folds; the best model of a column is bold, trivial ones aside.</p>");
    } else if has_measures {
        html.raw("<p class=\"note\">± is the standard deviation over seeds or folds; the best of a column is bold.</p>");
    }
    for remark in &study.remarks {
        html.raw("<p>").text(remark).raw("</p>");
    }
}

/// How long the models took; nothing where it was not measured.
pub(super) fn timing(study: &Study, html: &mut Html) {
    if study.models.iter().all(|model| model.timing.is_empty()) {
        return;
    }
    html.raw("<h3>Cost</h3>");
    table(study, |model| &model.timing, html);
    html.raw("<p class=\"note\">Measured among whatever else the machine did: compare rows, not reports. ± is the standard deviation over fits; the best model of a column is bold, trivial ones aside.</p>");
}

fn table<'a>(
    study: &'a Study,
    measures: impl Fn(&'a ModelOutcome) -> &'a Vec<Measure>,
    html: &mut Html,
) {
    let columns = columns(study, &measures);
    if columns.is_empty() {
        return;
    }
    html.raw("<div class=\"scroll\"><table class=\"sortable scores\"><thead><tr><th scope=\"col\" data-sort>Model</th>");
    for (column, _) in &columns {
        html.raw("<th scope=\"col\" data-sort class=\"number\">")
            .text(column)
            .raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for model in &study.models {
        html.raw(if model.is_trivial {
            "<tr class=\"trivial\"><th scope=\"row\">"
        } else {
            "<tr><th scope=\"row\">"
        });
        html.text(&model.name);
        html.raw(if model.is_trivial {
            " <span class=\"muted\">trivial</span></th>"
        } else {
            "</th>"
        });
        for (column, best) in &columns {
            let measure = measures(model)
                .iter()
                .find(|measure| measure.name == *column);
            cell(measure, *best, html);
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table></div>");
}

/// Names of the columns in the order of their coming, each with the best mean of a model that is not
/// trivial.
fn columns<'a>(
    study: &'a Study,
    measures: &impl Fn(&'a ModelOutcome) -> &'a Vec<Measure>,
) -> Vec<(&'a str, Option<f64>)> {
    let mut columns: Vec<(&str, Option<f64>)> = Vec::new();
    for model in &study.models {
        for measure in measures(model) {
            let known = columns.iter().position(|(name, _)| *name == measure.name);
            let place = known.unwrap_or(columns.len());
            if known.is_none() {
                columns.push((&measure.name, None));
            }
            let (Some(mean), Some((_, best))) = (measure.mean(), columns.get_mut(place)) else {
                continue;
            };
            let is_better = match measure.better {
                Better::Higher => best.is_none_or(|best| mean > best),
                Better::Lower => best.is_none_or(|best| mean < best),
                Better::Neither => false,
            };
            if is_better && !model.is_trivial {
                *best = Some(mean);
            }
        }
    }
    columns
}

fn cell(measure: Option<&Measure>, best: Option<f64>, html: &mut Html) {
    let Some(measure) = measure else {
        html.raw("<td class=\"number\" data-value=\"-1e300\">–</td>");
        return;
    };
    let mean = measure.mean();
    let (text, spread) = measure.mean_and_spread();
    html.raw("<td class=\"number\" data-value=\"")
        .text(mean.unwrap_or(-1e300))
        .raw("\">");
    let is_best = mean.is_some() && mean == best;
    html.raw(if is_best { "<b>" } else { "" })
        .text(text)
        .raw(if is_best { "</b>" } else { "" });
    if let Some(spread) = spread {
        html.raw(" <span class=\"muted\">")
            .text(spread)
            .raw("</span>");
    }
    if let Some((low, high)) = measure.interval {
        html.raw("<br><span class=\"muted\">[")
            .text(measure.value(low))
            .raw(", ")
            .text(measure.value(high))
            .raw("]</span>");
    }
    html.raw("</td>");
}
