//! Alerts that belong together, each told in a sentence.

use crate::html::Html;
use crate::page::parts::{Clock, Strip, badge, members};
use crate::page::reasons;
use crate::{Incident, Report, number, sentence, time};

/// Incidents that are shown at first; the script shows the others on demand.
const FOLDED: usize = 12;
/// Reasons that are shown of one incident.
const MOST_REASONS: usize = 3;
/// Addresses that are named of one incident.
const MOST_NAMED: usize = 4;

pub(super) fn write(report: &Report, html: &mut Html) {
    if report.incidents.is_empty() {
        return;
    }
    let (clock, strip) = (Clock::new(report.span()), Strip::new(report.span()));
    html.raw("<section aria-labelledby=\"incidents\"><h2 id=\"incidents\">Incidents</h2>");
    html.raw("<p class=\"about\">Alerts of one source, or on one target from many sources, told as one. A band is what is usual, the dot what was seen; a share is a reason’s part of what made the scores high.</p>");
    html.raw("<div class=\"scroll\"><table class=\"cards sortable\" data-fold=\"")
        .text(FOLDED)
        .raw("\"><thead><tr><th scope=\"col\" data-sort>What</th><th scope=\"col\">What happened</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Alerts</th>");
    html.raw("<th scope=\"col\" data-sort>When (UTC)</th><th scope=\"col\" data-sort class=\"number\">Top score</th>");
    html.raw("<th scope=\"col\">What stands out</th></tr></thead><tbody>");
    for incident in report.incidents.iter().take(report.limits.incidents) {
        row(incident, clock, strip, html);
    }
    html.raw("</tbody></table></div>");
    let hidden = report
        .incidents
        .len()
        .saturating_sub(report.limits.incidents);
    if hidden > 0 {
        html.raw("<p class=\"note\">").text(number::counted(
            hidden as u64,
            "more incident is",
            "more incidents are",
        ));
        html.raw(" not shown.</p>");
    }
    html.raw("</section>");
}

fn row(incident: &Incident, clock: Clock, strip: Strip, html: &mut Html) {
    html.raw("<tr><td data-label=\"What\">");
    badge(html, incident.class.as_deref());
    html.raw("</td><td class=\"event\" data-label=\"\"><p>")
        .text(sentence::incident(incident))
        .raw("</p>");
    let ports: Vec<String> = incident.ports.iter().map(u16::to_string).collect();
    let lists = [
        ("from", &incident.sources, MOST_NAMED),
        ("to", &incident.targets, MOST_NAMED),
        ("ports", &ports, 3 * MOST_NAMED),
    ];
    for (word, list, most) in lists {
        // The sentence names what is only one.
        if list.len() > 1 {
            members(html, word, list, most);
        }
    }
    html.raw("</td><td class=\"number\" data-label=\"Alerts\" data-value=\"")
        .text(incident.alerts)
        .raw("\">");
    alerts(incident, html);
    html.raw("</td><td data-label=\"When\" data-value=\"")
        .text(incident.first_ns)
        .raw("\">");
    clock.write(html, incident.first_ns);
    html.raw("<br><span class=\"muted\">");
    html.text(match incident.last_ns.abs_diff(incident.first_ns) {
        0 => "one moment".into(),
        length => format!("for {}", time::length(length)),
    });
    html.raw("</span>");
    strip.write(html, incident.first_ns, incident.last_ns);
    html.raw("</td><td class=\"number\" data-label=\"Top score\" data-value=\"")
        .text(incident.score)
        .raw("\">");
    html.text(number::significant(incident.score));
    html.raw("</td><td class=\"why\" data-label=\"\">");
    reasons::list(html, &incident.reasons, MOST_REASONS);
    html.raw("</td></tr>");
}

/// The number of alerts, which leads to those of the incident where they come from one address.
fn alerts(incident: &Incident, html: &mut Html) {
    let count = number::count(incident.alerts);
    match &incident.sources[..] {
        [source] => {
            html.raw("<a href=\"#alerts\" data-filter=\"").text(source);
            if let Some(class) = &incident.class {
                html.raw(" ").text(sentence::words(class));
            }
            html.raw("\">").text(count).raw("</a>");
        }
        _ => {
            html.text(count);
        }
    }
}
