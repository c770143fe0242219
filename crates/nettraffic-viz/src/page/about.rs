//! How the report came about.

use crate::html::Html;
use crate::{Fact, Report};

pub(super) fn write(report: &Report, html: &mut Html) {
    if report.facts.is_empty() && report.account.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"about\"><h2 id=\"about\">About this run</h2><div class=\"columns\">");
    list("Detector", &report.facts, html);
    list("Account of packets and flows", &report.account, html);
    html.raw("</div></section>");
}

fn list(title: &'static str, facts: &[Fact], html: &mut Html) {
    if facts.is_empty() {
        return;
    }
    html.raw("<div><h3>")
        .raw(title)
        .raw("</h3><dl class=\"facts\">");
    for fact in facts {
        html.raw("<div><dt>")
            .text(&fact.name)
            .raw("</dt><dd>")
            .text(&fact.value)
            .raw("</dd></div>");
    }
    html.raw("</dl></div>");
}
