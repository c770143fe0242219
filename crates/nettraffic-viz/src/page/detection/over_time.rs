//! Scores, traffic and incidents on one axis of time.

use super::{timeline, volume};
use crate::Report;
use crate::html::Html;

pub(super) fn write(report: &Report, html: &mut Html) {
    let (scores, bytes, packets) = (
        timeline::chart(report),
        volume::bytes(report),
        volume::packets(report),
    );
    if scores.is_none() && bytes.is_none() {
        return;
    }
    html.raw("<section aria-labelledby=\"over-time\"><h2 id=\"over-time\">Over time</h2>");
    if let Some(scores) = &scores {
        timeline::explain(report, html);
        scores.legend(html);
        scores.draw(html, "tall timed");
    }
    if let Some(bytes) = &bytes {
        volume::explain(report, html);
        bytes.legend(html);
        bytes.draw(html, "medium timed");
    }
    if let Some(packets) = &packets {
        packets.draw(html, "short timed");
    }
    timeline::account(report, html);
    html.raw("</section>");
}
