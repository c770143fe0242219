//! How well the detector did, where the truth is known.

use nettraffic_eval::{Confidence, ConfusionMatrix, Evaluation, Interval};

use crate::chart::{Axis, Key, Path, Plot, thin};
use crate::html::Html;
use crate::page::parts::{bar, figure};
use crate::sentence::words;
use crate::{Report, number};

const CONFIDENCE: Confidence = Confidence::PERCENT_95;

pub(super) fn write(report: &Report, html: &mut Html) {
    let Some(evaluation) = &report.evaluation else {
        return;
    };
    html.raw("<section aria-labelledby=\"evaluation\"><h2 id=\"evaluation\">Against the labels</h2><p class=\"about\">");
    html.text(format_args!(
        "{} benign flows and {} attack flows; {} without a known truth are left out. Brackets hold 95 % intervals; – means undefined.",
        number::count(evaluation.roc().negatives()),
        number::count(evaluation.roc().positives()),
        number::count(evaluation.unknown())
    ));
    html.raw("</p>");
    metrics(evaluation, html);
    html.raw("<div class=\"columns\">");
    confusion(evaluation.confusion(), html);
    roc(report, html);
    html.raw("</div>");
    classes(evaluation, html);
    html.raw("</section>");
}

fn metrics(evaluation: &Evaluation, html: &mut Html) {
    let confusion = evaluation.confusion();
    let none = String::new;
    html.raw("<dl class=\"figures\">");
    figure(
        html,
        "Recall",
        share(confusion.recall()),
        interval(evaluation.recall_interval(CONFIDENCE)),
    );
    figure(html, "Precision", share(confusion.precision()), none());
    figure(html, "F1", decimal(confusion.f1()), none());
    let false_alarms = evaluation.false_alarm_interval(CONFIDENCE);
    figure(
        html,
        "False-alarm rate",
        share(confusion.false_alarm_rate()),
        interval(false_alarms),
    );
    let area = evaluation.roc().area_interval(CONFIDENCE);
    let area = area.map(|i| format!("[{}, {}]", number::decimal(i.low), number::decimal(i.high)));
    figure(
        html,
        "ROC AUC",
        decimal(evaluation.roc().area()),
        area.unwrap_or_default(),
    );
    figure(
        html,
        "Average precision",
        decimal(evaluation.pr().average_precision()),
        none(),
    );
    html.raw("</dl>");
}

fn confusion(matrix: &ConfusionMatrix<bool>, html: &mut Html) {
    html.raw("<div><h3>Alerts and attacks</h3><table class=\"confusion\"><thead><tr><td></td>");
    html.raw("<th scope=\"col\">alert</th><th scope=\"col\">no alert</th><th scope=\"col\">all</th></tr></thead><tbody>");
    let rows = [
        (
            "attack",
            matrix.true_positives(),
            matrix.false_negatives(),
            ["hit", "miss"],
        ),
        (
            "benign",
            matrix.false_positives(),
            matrix.true_negatives(),
            ["false alarm", "quiet"],
        ),
    ];
    for (name, alerts, silent, names) in rows {
        html.raw("<tr><th scope=\"row\">").text(name).raw("</th>");
        for (count, name) in [alerts, silent].into_iter().zip(names) {
            html.raw("<td>")
                .text(number::count(count))
                .raw("<br><span class=\"muted\">");
            html.text(name).raw("</span></td>");
        }
        html.raw("<td>")
            .text(number::count(alerts + silent))
            .raw("</td></tr>");
    }
    html.raw("<tr><th scope=\"row\">all</th><td>")
        .text(number::count(matrix.predicted(&true)));
    html.raw("</td><td>")
        .text(number::count(matrix.predicted(&false)));
    html.raw("</td><td>")
        .text(number::count(matrix.total()))
        .raw("</td></tr></tbody></table></div>");
}

/// The ROC curve; `None` without labels, or without both attacks and benign flows.
pub(super) fn curve(report: &Report) -> Option<Plot> {
    let evaluation = report.evaluation.as_ref()?;
    let points = evaluation.roc().points();
    if points.is_empty() {
        return None;
    }
    let places = points
        .iter()
        .map(|point| (point.false_alarm_rate, point.recall));
    let curve = thin(places, 0.002);
    let mut plot = Plot::new(Axis::shares("False-alarm rate"), Axis::shares("Recall"));
    plot.path("chance", Path::line([(0.0, 0.0), (1.0, 1.0)]));
    plot.path("volume", Path::area(&curve));
    plot.path("volume-line", Path::line(curve.iter().copied()));
    plot.key(Key::RULE, "chance");
    let confusion = evaluation.confusion();
    let mut told = format!(
        "ROC curve with an area of {}.",
        decimal(evaluation.roc().area())
    );
    if let (Some(rate), Some(recall)) = (confusion.false_alarm_rate(), confusion.recall()) {
        let here = format!(
            "At the threshold the recall is {} at a false-alarm rate of {}.",
            number::percent(recall),
            number::percent(rate)
        );
        told = format!("{told} {here}");
        plot.marked_dot("dots loud", (rate, recall), here, None);
        plot.key(Key::ALERT, "at the threshold");
    }
    Some(plot.told(told))
}

fn roc(report: &Report, html: &mut Html) {
    let Some(plot) = curve(report) else { return };
    html.raw("<div><h3>Recall against false alarms</h3>");
    plot.draw(html, "square");
    plot.legend(html);
    html.raw("</div>");
}

fn classes(evaluation: &Evaluation, html: &mut Html) {
    if evaluation.classes().is_empty() {
        return;
    }
    html.raw("<h3>By attack</h3><div class=\"scroll\"><table class=\"sortable\"><thead><tr><th scope=\"col\" data-sort>Attack</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Flows</th><th scope=\"col\" data-sort>Recall</th>");
    html.raw("<th scope=\"col\">95 % interval</th><th scope=\"col\" data-sort class=\"number\">AUC against benign</th></tr></thead><tbody>");
    for class in evaluation.classes() {
        let recall = class.recall().unwrap_or(0.0);
        html.raw("<tr><th scope=\"row\">").text(words(&class.class));
        html.raw("</th><td class=\"number\" data-value=\"")
            .text(class.rows)
            .raw("\">")
            .text(number::count(class.rows));
        html.raw("</td><td class=\"wide\" data-value=\"")
            .text(recall)
            .raw("\">");
        bar(html, recall);
        html.raw("</td><td>")
            .text(interval(class.recall_interval(CONFIDENCE)));
        html.raw("</td><td class=\"number\" data-value=\"")
            .text(class.area.unwrap_or(-1.0))
            .raw("\">");
        html.text(decimal(class.area)).raw("</td></tr>");
    }
    html.raw("</tbody></table></div>");
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), number::percent)
}

fn decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "–".into(), number::decimal)
}

fn interval(interval: Option<Interval>) -> String {
    let told = |i: Interval| format!("[{}, {}]", number::percent(i.low), number::percent(i.high));
    interval.map_or_else(String::new, told)
}
