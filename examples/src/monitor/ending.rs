//! How it was, told at the end.

use nettraffic_sensor::Status;

use crate::describe::grouped;

/// Tells how a sensor fared, on standard error, and whether its input was sound.
pub(super) fn tell(status: &Status) -> bool {
    let decoded = status.decoded.decoded();
    eprintln!(
        "\n{} packets received, {} processed, {} shed at the queue, {} dropped by kernel and interface",
        grouped(status.received()),
        grouped(status.processed),
        grouped(status.shed()),
        grouped(status.dropped()),
    );
    eprintln!(
        "{} decoded, {} skipped; {} flows judged, {} learned from",
        grouped(decoded),
        grouped(status.processed - decoded),
        grouped(status.judged),
        grouped(status.learned),
    );
    let alerts = &status.alerts;
    eprintln!(
        "{} alerts raised = {} written + {} allowed + {} repeated + {} beyond the limits",
        grouped(alerts.raised),
        grouped(alerts.written),
        grouped(alerts.allowed),
        grouped(alerts.repeated),
        grouped(alerts.limited_by_source + alerts.limited_overall),
    );
    for sink in &status.sinks {
        let counters = &sink.counters;
        eprint!("{}: {} written", sink.name, grouped(counters.written));
        if counters.skipped > 0 {
            eprint!(", {} had been written before", grouped(counters.skipped));
        }
        if counters.lost() > 0 {
            eprint!(", {} LOST", grouped(counters.lost()));
        }
        eprintln!();
    }
    if status.trouble_count > 0 {
        eprintln!(
            "trouble came {} times, as told above",
            grouped(status.trouble_count)
        );
    }
    status.trouble_count == 0
}
