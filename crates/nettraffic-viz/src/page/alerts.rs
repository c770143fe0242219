//! The table of alerts, each with its reasons.

use super::parts::{Clock, badge, bar, words};
use crate::html::Html;
use crate::{Alert, Report, number};

/// Reasons that are shown of one alert.
const MOST_REASONS: usize = 5;

/// The alerts in the table: highest score first, then earliest.
pub(super) fn shown(report: &Report) -> Vec<&Alert> {
    let mut alerts: Vec<&Alert> = report.alerts.iter().collect();
    alerts.sort_by(|a, b| {
        let score = b.score.total_cmp(&a.score);
        score
            .then(a.first_ns.cmp(&b.first_ns))
            .then_with(|| a.id.cmp(&b.id))
    });
    alerts.truncate(report.limits.alerts);
    alerts
}

/// The name of a row of the table, for links.
pub(super) fn anchor(row: usize) -> String {
    format!("alert-{}", row + 1)
}

pub(super) fn write(report: &Report, html: &mut Html) {
    let shown = shown(report);
    if shown.is_empty() {
        return;
    }
    let labelled = shown.iter().any(|alert| alert.label.is_some());
    let clock = Clock::new(report.span());
    html.raw(
        "<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Alerts</h2><p class=\"about\">",
    );
    html.text(extent(shown.len() as u64, report.alert_count()));
    html.raw(" A reason names a feature of the flow, what it showed, what is usual, and its part of what made the score high.</p>");
    html.raw("<p class=\"filter\" hidden><label for=\"filter\">Filter</label> <input id=\"filter\" type=\"search\" ");
    html.raw("placeholder=\"address, service, feature …\" autocomplete=\"off\"> <output for=\"filter\"></output></p>");
    html.raw(
        "<div class=\"scroll\"><table class=\"cards sortable\" id=\"alert-table\"><thead><tr>",
    );
    html.raw("<th scope=\"col\" data-sort>What</th><th scope=\"col\" data-sort class=\"number\">Score</th>");
    html.raw(
        "<th scope=\"col\" data-sort>From, to</th><th scope=\"col\" data-sort>When (UTC)</th>",
    );
    html.raw(if labelled {
        "<th scope=\"col\" data-sort>Label</th>"
    } else {
        ""
    });
    html.raw("<th scope=\"col\">Why</th></tr></thead><tbody>");
    let threshold = report.threshold.as_ref().map(|threshold| threshold.value);
    for (row, alert) in shown.iter().enumerate() {
        html.raw("<tr id=\"").text(anchor(row)).raw("\">");
        cells(alert, threshold, clock, labelled, html);
        html.raw("</tr>");
    }
    html.raw("</tbody></table></div></section>");
}

fn extent(shown: u64, all: u64) -> String {
    if shown == all {
        return "All alerts, highest score first.".into();
    }
    format!(
        "{} of {} alerts, the highest of each incident; the other {} are counted, not listed.",
        number::count(shown),
        number::count(all),
        number::count(all - shown)
    )
}

fn cells(alert: &Alert, threshold: Option<f64>, clock: Clock, labelled: bool, html: &mut Html) {
    html.raw("<td data-label=\"What\">");
    badge(html, alert.class.as_deref());
    html.raw("</td><td class=\"number\" data-label=\"Score\" data-value=\"")
        .text(alert.score)
        .raw("\">");
    html.text(number::significant(alert.score));
    if let Some(threshold) = threshold.filter(|&t| t > 0.0 && alert.score.is_finite()) {
        let times = number::times(alert.score / threshold);
        html.raw("<br><span class=\"muted\">")
            .text(times)
            .raw(" threshold</span>");
    }
    html.raw("</td><td data-label=\"From, to\"><span class=\"address\">")
        .text(&alert.source);
    html.raw("</span><br><span class=\"address\"><span class=\"muted\">to</span> ")
        .text(&alert.target);
    html.raw("</span><br><span class=\"muted\">")
        .text(&alert.service);
    html.raw("</span></td><td data-label=\"When\" data-value=\"")
        .text(alert.first_ns)
        .raw("\">");
    clock.write(html, alert.first_ns);
    html.raw("</td>");
    if labelled {
        html.raw("<td data-label=\"Label\">");
        html.text(words(alert.label.as_deref().unwrap_or("–")))
            .raw("</td>");
    }
    html.raw("<td data-label=\"Why\" class=\"why\"><ul>");
    for reason in alert.reasons.iter().take(MOST_REASONS) {
        html.raw("<li>");
        bar(html, reason.share);
        html.raw("<span class=\"reason\"><b>")
            .text(words(&reason.feature))
            .raw("</b> ");
        html.text(&reason.observed)
            .raw(" <span class=\"muted\">usually ");
        html.text(&reason.expected).raw("</span></span></li>");
    }
    html.raw("</ul></td>");
}
