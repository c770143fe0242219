//! The page of a comparison: a section for each study.

mod calibration;
mod classes;
mod confusion;
mod curves;
mod importance;
mod leaks;
mod pairs;
mod scoreboard;

use super::parts::facts;
use super::shell;
use crate::html::Html;
use crate::json::Json;
use crate::{Comparison, Figure, Study, number};

/// The whole document.
pub(crate) fn document(comparison: &Comparison) -> Html {
    let mut html = Html::default();
    header(comparison, &mut html);
    html.raw("<main>");
    contents(comparison, &mut html);
    for (place, study) in comparison.studies.iter().enumerate() {
        section(place, study, &mut html);
    }
    about(comparison, &mut html);
    html.raw("</main>");
    shell::document(&comparison.title, &html, &Json::of(comparison))
}

/// The curves as images.
pub(crate) fn figures(comparison: &Comparison) -> Vec<Figure> {
    let of_study = |(place, study): (usize, &Study)| {
        let charts = [
            ("roc", "Recall against false alarms", curves::roc(study)),
            ("pr", "Precision against recall", curves::pr(study)),
            ("calibration", "Calibration", calibration::chart(study)),
        ];
        let name = study.name.clone();
        let figure = move |(kind, title, plot): (&str, &str, Option<crate::chart::Plot>)| {
            let svg = plot?.to_svg(&format!("{title}: {name}"), 1.0);
            Some(Figure::new(format!("{}-{kind}", place + 1), svg))
        };
        charts.map(figure).into_iter().flatten()
    };
    (comparison.studies.iter().enumerate())
        .flat_map(of_study)
        .collect()
}

fn header(comparison: &Comparison, html: &mut Html) {
    html.raw("<header><p class=\"brand\">nettraffic</p><p class=\"subject\">Comparison of models</p><h1>")
        .text(&comparison.title)
        .raw("</h1>");
    for warning in &comparison.warnings {
        html.raw("<p class=\"warning\" role=\"note\"><strong>Note:</strong> ")
            .text(warning)
            .raw("</p>");
    }
    html.raw("</header>");
}

fn about(comparison: &Comparison, html: &mut Html) {
    if comparison.facts.is_empty() && comparison.beside.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"about\"><h2 id=\"about\">About this run</h2>");
    for beside in &comparison.beside {
        // `./` makes it a name in this folder, whatever it holds.
        html.raw("<p><a href=\"./")
            .text(&beside.file)
            .raw("\">")
            .text(&beside.file)
            .raw("</a>: ")
            .text(&beside.tells)
            .raw("</p>");
    }
    facts(&comparison.facts, html);
    html.raw("</section>");
}

/// What there is, where there is more than one study: names that lead to their sections.
fn contents(comparison: &Comparison, html: &mut Html) {
    if comparison.studies.len() < 2 {
        return;
    }
    html.raw("<nav><ol class=\"contents\">");
    for (place, study) in comparison.studies.iter().enumerate() {
        html.raw("<li><a href=\"#study-")
            .text(place + 1)
            .raw("\">")
            .text(&study.name)
            .raw("</a> <span class=\"muted\">")
            .text(number::counted(
                study.models.len() as u64,
                "model",
                "models",
            ));
        if !study.leaks.is_empty() {
            html.raw(", ")
                .text(number::counted(study.leaks.len() as u64, "leak", "leaks"));
        }
        html.raw("</span></li>");
    }
    html.raw("</ol></nav>");
}

fn section(place: usize, study: &Study, html: &mut Html) {
    html.raw("<section><h2 id=\"study-")
        .text(place + 1)
        .raw("\">")
        .text(&study.name)
        .raw("</h2>");
    leaks::write(study, html);
    scoreboard::write(study, html);
    curves::write(study, html);
    pairs::write(study, html);
    classes::write(study, html);
    confusion::write(study, html);
    html.raw("<div class=\"columns\">");
    calibration::write(study, html);
    importance::write(study, html);
    html.raw("</div>");
    scoreboard::timing(study, html);
    html.raw("<div class=\"columns\">");
    for (title, told) in [
        ("Data and protocol", &study.facts),
        ("Published by others, with their protocol", &study.published),
    ] {
        if !told.is_empty() {
            html.raw("<div><h3>").raw(title).raw("</h3>");
            facts(told, html);
            html.raw("</div>");
        }
    }
    html.raw("</div></section>");
}
