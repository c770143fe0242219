//! The table of alerts, each a sentence with its reasons.

use crate::html::Html;
use crate::page::parts::{Clock, badge};
use crate::page::reasons;
use crate::sentence::{self, words};
use crate::{Alert, Report, number};

/// Reasons that are shown of one alert.
pub(super) const MOST_REASONS: usize = 3;

/// The alerts that the report holds: highest score first, then earliest.
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
    html.raw("</p>");
    let rows = shown.len().min(report.limits.alert_rows);
    if rows < shown.len() {
        html.raw("<noscript><p class=\"warning\">Without its script the page lists the first ")
            .text(number::count(rows as u64))
            .raw(" of them; all stand in its data.</p></noscript>");
    }
    html.raw("<p class=\"filter\" hidden><label for=\"filter\">Filter</label> <input id=\"filter\" type=\"search\" ");
    html.raw("placeholder=\"address, service, feature …\" autocomplete=\"off\"> <output for=\"filter\"></output></p>");
    html.raw("<div class=\"scroll\"><table class=\"cards\" id=\"alert-table\" data-page=\"")
        .text(report.limits.alert_rows.max(1))
        .raw("\" data-total=\"")
        .text(shown.len())
        .raw("\"><thead><tr>");
    html.raw("<th scope=\"col\" data-key=\"kind\">What</th><th scope=\"col\" data-key=\"score\" class=\"number\">Score</th>");
    html.raw("<th scope=\"col\" data-key=\"source\">What happened</th><th scope=\"col\" data-key=\"first\">When (UTC)</th>");
    html.raw(if labelled {
        "<th scope=\"col\" data-key=\"label\">Label</th>"
    } else {
        ""
    });
    html.raw("<th scope=\"col\">What stands out</th></tr></thead><tbody>");
    let threshold = report.line();
    for (row, alert) in shown.iter().take(rows).enumerate() {
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

/// The cells of a row. The script makes the same of the data of further alerts.
fn cells(alert: &Alert, threshold: Option<f64>, clock: Clock, labelled: bool, html: &mut Html) {
    html.raw("<td data-label=\"What\">");
    badge(html, alert.class.as_deref());
    html.raw("</td><td class=\"number\" data-label=\"Score\">");
    html.text(number::significant(alert.score));
    if let Some(threshold) = threshold.filter(|&t| t > 0.0 && alert.score.is_finite()) {
        let times = number::times(alert.score / threshold);
        html.raw("<br><span class=\"muted\">")
            .text(times)
            .raw(" threshold</span>");
    }
    html.raw("</td><td class=\"event\" data-label=\"\"><p>")
        .text(sentence::alert(alert))
        .raw("</p><span class=\"muted\">")
        .text(&alert.service)
        .raw("</span></td><td data-label=\"When\">");
    clock.write(html, alert.first_ns);
    html.raw("</td>");
    if labelled {
        html.raw("<td data-label=\"Label\">");
        html.text(words(alert.label.as_deref().unwrap_or("–")))
            .raw("</td>");
    }
    html.raw("<td class=\"why\" data-label=\"\">");
    reasons::list(html, &alert.reasons, MOST_REASONS);
    html.raw("</td>");
}
