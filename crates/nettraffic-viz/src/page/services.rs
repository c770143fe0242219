//! What the traffic was made of.

use super::parts::bar;
use crate::html::Html;
use crate::{Report, number};

/// Services that are shown by name.
const MOST: usize = 15;

pub(super) fn write(report: &Report, html: &mut Html) {
    if report.services.is_empty() {
        return;
    }
    let all: u64 = report
        .services
        .iter()
        .fold(0, |sum, share| sum.saturating_add(share.bytes));
    html.raw(
        "<section aria-labelledby=\"services\"><h2 id=\"services\">Protocols and services</h2>",
    );
    html.raw("<div class=\"scroll\"><table class=\"sortable\"><thead><tr><th scope=\"col\" data-sort>Service</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Flows</th><th scope=\"col\" data-sort class=\"number\">Packets</th>");
    html.raw("<th scope=\"col\" data-sort class=\"number\">Bytes</th><th scope=\"col\">Share of bytes</th></tr></thead><tbody>");
    for share in report.services.iter().take(MOST) {
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
        html.raw("<td class=\"wide\">");
        bar(
            html,
            if all == 0 {
                0.0
            } else {
                share.bytes as f64 / all as f64
            },
        );
        html.raw("</td></tr>");
    }
    html.raw("</tbody></table></div>");
    let more = report.services.len().saturating_sub(MOST);
    if more > 0 {
        html.raw("<p class=\"about\">").text(number::counted(
            more as u64,
            "more service is",
            "more services are",
        ));
        html.raw(" not shown; their bytes count in the shares.</p>");
    }
    html.raw("</section>");
}
