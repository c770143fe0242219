//! What the traffic was made of.

use crate::html::Html;
use crate::page::parts::bar;
use crate::{Report, number};

/// Services that are shown at first; the script shows the others on demand.
const FOLDED: usize = 12;

pub(super) fn write(report: &Report, html: &mut Html) {
    if report.services.is_empty() {
        return;
    }
    let all: u64 = report
        .services
        .iter()
        .fold(0, |sum, share| sum.saturating_add(share.bytes));
    html.raw("<div><h3>Protocols and services</h3><div class=\"scroll\"><table class=\"sortable\" data-fold=\"")
        .text(FOLDED)
        .raw("\"><thead><tr><th scope=\"col\" data-sort>Service</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Flows</th><th scope=\"col\" data-sort class=\"number\">Packets</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Bytes</th><th scope=\"col\">Share of bytes</th></tr></thead><tbody>");
    for share in &report.services {
        html.raw("<tr><th scope=\"row\">")
            .text(&share.name)
            .raw("</th>");
        let cells = [
            (share.flows, number::count(share.flows)),
            (share.packets, number::count(share.packets)),
            (share.bytes, number::bytes(share.bytes)),
        ];
        for (value, text) in cells {
            html.raw("<td class=\"number\" data-value=\"")
                .text(value)
                .raw("\">")
                .text(text)
                .raw("</td>");
        }
        html.raw("<td class=\"narrow\">");
        bar(html, share.bytes as f64 / all.max(1) as f64);
        html.raw("</td></tr>");
    }
    html.raw("</tbody></table></div></div>");
}
