//! Who talked most.

use crate::html::Html;
use crate::page::parts::bar;
use crate::{Report, number};

/// Hosts that are shown at first; the script shows the others on demand.
const FOLDED: usize = 12;

pub(super) fn write(report: &Report, html: &mut Html) {
    if report.talkers.is_empty() {
        return;
    }
    let all = report.traffic.total().bytes;
    html.raw("<div><h3>Top talkers</h3><div class=\"scroll\"><table class=\"sortable\" data-fold=\"")
        .text(FOLDED)
        .raw("\"><thead><tr><th scope=\"col\" data-sort>Host</th><th scope=\"col\" data-sort class=\"number\">Alerts</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Peers</th><th scope=\"col\" data-sort class=\"number\">Flows</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Sent</th><th scope=\"col\" data-sort class=\"number\">Received</th>");
    html.raw("<th scope=\"col\">Share of bytes</th></tr></thead><tbody>");
    for talker in &report.talkers {
        html.raw("<tr><th scope=\"row\"><span class=\"address\">")
            .text(&talker.address)
            .raw("</span></th>");
        let more = if talker.many_peers { "+" } else { "" };
        let cells = [
            (talker.alerts, number::count(talker.alerts)),
            (
                talker.peers,
                format!("{}{more}", number::count(talker.peers)),
            ),
            (talker.flows, number::count(talker.flows)),
            (talker.bytes_sent, number::bytes(talker.bytes_sent)),
            (talker.bytes_received, number::bytes(talker.bytes_received)),
        ];
        for (at, (value, text)) in cells.into_iter().enumerate() {
            html.raw(if at == 0 && value > 0 {
                "<td class=\"number alarming\" data-value=\""
            } else {
                "<td class=\"number\" data-value=\""
            });
            html.text(value).raw("\">").text(text).raw("</td>");
        }
        html.raw("<td class=\"narrow\">");
        let share = talker.bytes() as f64 / all.max(1) as f64;
        bar(html, share);
        html.raw("</td></tr>");
    }
    html.raw("</tbody></table></div></div>");
}
