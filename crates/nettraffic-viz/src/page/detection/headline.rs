//! What happened, in one sentence and a few figures.

use std::collections::{BTreeMap, BTreeSet};

use crate::html::Html;
use crate::page::parts::figure;
use crate::sentence::words;
use crate::{Report, number, time};

pub(super) fn write(report: &Report, html: &mut Html) {
    html.raw("<header><p class=\"brand\">nettraffic</p><p class=\"subject\">")
        .text(&report.title);
    if let Some((first, last)) = report.span() {
        html.raw(" <span class=\"muted\">")
            .text(period(first, last))
            .raw("</span>");
    }
    html.raw("</p><h1>").text(headline(report)).raw("</h1>");
    let kinds = kinds(report);
    if !kinds.is_empty() {
        html.raw("<p class=\"lead\">").text(kinds).raw("</p>");
    }
    for warning in &report.warnings {
        html.raw("<p class=\"warning\" role=\"note\"><strong>Note:</strong> ")
            .text(warning)
            .raw("</p>");
    }
    figures(report, html);
    html.raw("</header>");
}

fn figures(report: &Report, html: &mut Html) {
    html.raw("<dl class=\"figures\">");
    let judged = report.scores.len() as u64;
    let alerts = report.alert_count();
    let share = match judged {
        0 => String::new(),
        judged => format!(
            "{} of judged flows",
            number::percent(alerts as f64 / judged as f64)
        ),
    };
    figure(html, "Alerts", number::count(alerts), share);
    figure(html, "Sources", number::count(sources(report)), "");
    figure(html, "Flows judged", number::count(judged), "");
    let expected = report
        .threshold
        .as_ref()
        .and_then(|threshold| threshold.alerts_per_day);
    if let Some(expected) = expected {
        let note = "a day, from benign traffic";
        figure(
            html,
            "Alerts to expect",
            number::significant(expected),
            note,
        );
    }
    html.raw("</dl>");
}

fn headline(report: &Report) -> String {
    let alerts = report.alert_count();
    let judged = report.scores.len() as u64;
    match (alerts, judged) {
        (0, 0) => "No flow was judged".into(),
        (0, judged) => {
            let flows = number::counted(judged, "judged flow is", "judged flows is");
            format!("No alerts: none of {flows} above the threshold")
        }
        _ => format!(
            "{} from {}",
            number::counted(alerts, "alert", "alerts"),
            number::counted(sources(report), "source", "sources")
        ),
    }
}

/// `2 port scan, 1 unusual` – kinds of incident, or of alert where none were grouped.
fn kinds(report: &Report) -> String {
    let mut kinds: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    let incidents = report.incidents.iter().map(|incident| &incident.class);
    let alerts = report.alerts.iter().map(|alert| &alert.class);
    if report.incidents.is_empty() {
        alerts.for_each(|class| *kinds.entry(class.as_deref()).or_default() += 1);
    } else {
        incidents.for_each(|class| *kinds.entry(class.as_deref()).or_default() += 1);
    }
    let mut ranked: Vec<_> = kinds.into_iter().collect();
    // What has a name comes first, then what is most frequent.
    ranked.sort_by_key(|&(class, count)| (class.is_none(), std::cmp::Reverse(count)));
    let told = ranked.iter().take(6).map(|&(class, count)| {
        let name = class.map_or_else(|| "unusual behaviour".into(), words);
        if count == 1 {
            name
        } else {
            format!("{name} ×\u{a0}{}", number::count(count))
        }
    });
    let mut told: Vec<String> = told.collect();
    if ranked.len() > told.len() {
        told.push(format!("{} more kinds", ranked.len() - told.len()));
    }
    told.join(" · ")
}

fn sources(report: &Report) -> u64 {
    let of_incidents = report
        .incidents
        .iter()
        .flat_map(|incident| &incident.sources);
    let mut sources: BTreeSet<&str> = of_incidents.map(String::as_str).collect();
    if sources.is_empty() {
        sources.extend(report.alerts.iter().map(|alert| address(&alert.source)));
    }
    sources.len() as u64
}

/// The address of `address:port` or `[address]:port`; an IPv6 address without brackets has
/// several colons and stays whole.
fn address(endpoint: &str) -> &str {
    match endpoint.rsplit_once(':') {
        Some((address, _)) if address.ends_with(']') || !address.contains(':') => address,
        _ => endpoint,
    }
}

fn period(first: i64, last: i64) -> String {
    let end = if time::date(first) == time::date(last) {
        time::second(last)
    } else {
        format!("{} {}", time::date(last), time::second(last))
    };
    let length = time::length(last.abs_diff(first));
    format!(
        "{} {} to {end} UTC, {length}",
        time::date(first),
        time::second(first)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Alert, Incident, ScorePoint};

    #[test]
    fn the_headline_counts_in_words() {
        let alert = |source: &str| Alert {
            source: source.into(),
            ..Alert::default()
        };
        let mut report = Report::new("x");
        assert_eq!(headline(&report), "No flow was judged");
        report.scores = vec![ScorePoint::new(0, 1.0); 2000];
        assert_eq!(
            headline(&report),
            "No alerts: none of 2,000 judged flows is above the threshold"
        );
        report.alerts = vec![alert("10.0.0.1:5"), alert("10.0.0.1:6")];
        assert_eq!(headline(&report), "2 alerts from 1 source");
        report.alerts.extend([
            alert("::1"),
            alert("::2"),
            alert("[::1]:80"),
            alert("[::1]:81"),
        ]);
        report.further_alerts = 1000;
        assert_eq!(headline(&report), "1,006 alerts from 4 sources");
    }

    #[test]
    fn named_kinds_come_before_unusual_ones() {
        let mut report = Report::new("x");
        report.incidents = [
            None,
            None,
            None,
            Some("port_scan"),
            Some("flood"),
            Some("port_scan"),
        ]
        .map(|class| Incident {
            class: class.map(str::to_owned),
            ..Incident::default()
        })
        .to_vec();
        assert_eq!(
            kinds(&report),
            "port scan ×\u{a0}2 · flood · unusual behaviour ×\u{a0}3"
        );
    }
}
