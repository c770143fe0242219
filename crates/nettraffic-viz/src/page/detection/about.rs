//! How the report came about, and what it says nothing of.

use crate::html::Html;
use crate::page::parts::facts;
use crate::{Fact, Report};

pub(super) fn write(report: &Report, html: &mut Html) {
    if !report.not_looked_at.is_empty() {
        html.raw(
            "<section aria-labelledby=\"unseen\"><h2 id=\"unseen\">What was not looked at</h2>",
        );
        html.raw("<p class=\"about\">Nothing in this report speaks of what stands here.</p>");
        facts(&report.not_looked_at, html);
        html.raw("</section>");
    }
    if report.facts.is_empty() && report.account.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"about\"><h2 id=\"about\">About this run</h2><div class=\"columns\">");
    list("Detector", &report.facts, html);
    list("Account of packets and flows", &report.account, html);
    html.raw("</div></section>");
}

fn list(title: &'static str, told: &[Fact], html: &mut Html) {
    if told.is_empty() {
        return;
    }
    html.raw("<div><h3>").raw(title).raw("</h3>");
    facts(told, html);
    html.raw("</div>");
}
