//! Alerts that belong together.

use super::parts::{Clock, badge, names, words};
use crate::html::Html;
use crate::{Incident, Report, number, time};

pub(super) fn write(report: &Report, html: &mut Html) {
    if report.incidents.is_empty() {
        return;
    }
    let clock = Clock::new(report.span());
    html.raw("<section aria-labelledby=\"incidents\"><h2 id=\"incidents\">Incidents</h2>");
    html.raw("<p class=\"about\">Alerts of one source, or on one target from many sources, told as one.</p>");
    html.raw("<div class=\"scroll\"><table class=\"cards sortable\"><thead><tr>");
    html.raw("<th scope=\"col\" data-sort>What</th><th scope=\"col\" data-sort>From</th>");
    html.raw("<th scope=\"col\" data-sort>To</th><th scope=\"col\" data-sort class=\"number\">Alerts</th>");
    html.raw("<th scope=\"col\" data-sort>When (UTC)</th><th scope=\"col\" data-sort class=\"number\">Top score</th>");
    html.raw("<th scope=\"col\">Mainly because of</th></tr></thead><tbody>");
    for incident in report.incidents.iter().take(report.limits.incidents) {
        row(incident, clock, html);
    }
    html.raw("</tbody></table></div>");
    let hidden = report
        .incidents
        .len()
        .saturating_sub(report.limits.incidents);
    if hidden > 0 {
        html.raw("<p class=\"about\">").text(number::counted(
            hidden as u64,
            "more incident is",
            "more incidents are",
        ));
        html.raw(" not shown.</p>");
    }
    html.raw("</section>");
}

fn row(incident: &Incident, clock: Clock, html: &mut Html) {
    html.raw("<tr><td data-label=\"What\">");
    badge(html, incident.class.as_deref());
    html.raw("</td><td data-label=\"From\">");
    names(html, &incident.sources, 3);
    html.raw("</td><td data-label=\"To\">");
    names(html, &incident.targets, 3);
    ports(&incident.ports, html);
    html.raw("</td><td class=\"number\" data-label=\"Alerts\" data-value=\"")
        .text(incident.alerts)
        .raw("\">");
    html.text(number::count(incident.alerts));
    html.raw("</td><td data-label=\"When\" data-value=\"")
        .text(incident.first_ns)
        .raw("\">");
    clock.write(html, incident.first_ns);
    html.raw("<br><span class=\"muted\">");
    html.text(match incident.last_ns.abs_diff(incident.first_ns) {
        0 => "one moment".into(),
        length => format!("for {}", time::length(length)),
    });
    html.raw("</span></td><td class=\"number\" data-label=\"Top score\" data-value=\"")
        .text(incident.score)
        .raw("\">");
    html.text(number::significant(incident.score));
    html.raw("</td><td data-label=\"Mainly because of\">");
    let reasons: Vec<String> = incident
        .reasons
        .iter()
        .take(3)
        .map(|name| words(name))
        .collect();
    html.text(reasons.join(", ")).raw("</td></tr>");
}

fn ports(ports: &[u16], html: &mut Html) {
    if ports.is_empty() {
        return;
    }
    let shown: Vec<String> = ports.iter().take(4).map(u16::to_string).collect();
    let more = ports.len() - shown.len();
    html.raw("<br><span class=\"muted\">")
        .raw(if ports.len() == 1 { "port " } else { "ports " });
    html.text(shown.join(", "));
    if more > 0 {
        html.text(format_args!(" and {} more", number::count(more as u64)));
    }
    html.raw("</span>");
}
