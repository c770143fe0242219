//! How it was, told at the end.

use std::fmt::Write as _;

use nettraffic_sensor::Status;

use super::say::say;
use crate::Failure;
use crate::describe::grouped;

/// Tells how a sensor fared, and whether its input was sound.
///
/// # Errors
/// A sink could not write all that it was to.
pub(super) fn tell(status: &Status) -> Result<bool, Failure> {
    let decoded = status.decoded.decoded();
    let mut text = format!(
        "{} packets received, {} processed, {} shed at the queue, {} dropped by kernel and interface\n\
         {} decoded, {} skipped; {} flows judged, {} learned from",
        grouped(status.received()),
        grouped(status.processed),
        grouped(status.shed()),
        grouped(status.dropped()),
        grouped(decoded),
        grouped(status.processed - decoded),
        grouped(status.judged),
        grouped(status.learned),
    );
    if status.unjudged > 0 {
        let _ = write!(
            text,
            ", {} open at the end and not judged for want of time",
            grouped(status.unjudged)
        );
    }
    let alerts = &status.alerts;
    let _ = write!(
        text,
        "\n{} alerts raised = {} written + {} allowed + {} repeated + {} beyond the limits",
        grouped(alerts.raised),
        grouped(alerts.written),
        grouped(alerts.allowed),
        grouped(alerts.repeated),
        grouped(alerts.limited_by_source + alerts.limited_overall),
    );
    let incidents = &status.incidents;
    let _ = write!(
        text,
        "\n{} incidents = {} over + {} open at the end + {} closed to make room + {} parts of others",
        grouped(incidents.opened),
        grouped(incidents.closed_quiet),
        grouped(incidents.open + incidents.closed_at_end),
        grouped(incidents.closed_early),
        grouped(incidents.merged),
    );
    let mut lost = Vec::new();
    for sink in &status.sinks {
        let counters = &sink.counters;
        let _ = write!(
            text,
            "\n{}: {} written",
            sink.name,
            grouped(counters.written)
        );
        if counters.skipped > 0 {
            let _ = write!(
                text,
                ", {} had been written before",
                grouped(counters.skipped)
            );
        }
        if counters.lost() > 0 {
            let why = sink
                .last_error
                .as_ref()
                .map_or("no room", |error| &error.what);
            let _ = write!(text, ", {} LOST ({why})", grouped(counters.lost()));
            lost.push(format!("{} lost {}", sink.name, grouped(counters.lost())));
        }
    }
    if status.trouble_count > 0 {
        let _ = write!(
            text,
            "\ntrouble came {} times, as told above",
            grouped(status.trouble_count)
        );
    }
    say(text);
    match lost.is_empty() {
        true => Ok(status.damaged == 0),
        false => Err(Failure::Output(lost.join("; "))),
    }
}
