//! How a sensor fares, as its live page tells it.

use std::time::{Duration, SystemTime};

use nettraffic_capture::Timestamp;
use nettraffic_detect::DriftLevel;
use nettraffic_sensor::{Phase, SourceStatus, Status};
use nettraffic_viz::{Fact, live};

use crate::describe::grouped;

/// How it fares.
pub(super) fn health(status: &Status) -> live::Health {
    let sum = |drops: fn(&SourceStatus) -> Option<u64>| {
        let told = status.sources.iter().filter_map(drops);
        told.reduce(|sum, drops| sum + drops)
    };
    live::Health {
        uptime_ns: Some(u64::try_from(status.uptime.as_nanos()).unwrap_or(u64::MAX)),
        received: status.received(),
        decoded: status.decoded.decoded(),
        skipped: (status.decoded.skips())
            .filter(|(_, packets)| *packets > 0)
            .map(|(reason, packets)| live::Skipped {
                reason: reason.replace('_', " "),
                packets,
            })
            .collect(),
        kernel_drops: sum(|source| source.kernel_drops),
        interface_drops: sum(|source| source.interface_drops),
        queue_drops: status.shed(),
        queues: (status.sources.iter())
            .map(|source| live::Queue {
                name: match status.sources.len() {
                    1 => "packets".to_owned(),
                    _ => format!("packets of {}", source.name),
                },
                depth: source.waiting,
                capacity: source.capacity,
                dropped: source.shed,
            })
            .collect(),
        open_flows: status.open_flows,
        flow_limit: status.most_flows,
        evicted_flows: status.flows.evicted,
        alerts_raised: status.alerts.raised,
        alerts_written: status.alerts.written,
        alerts_suppressed: status.alerts.suppressed(),
        sinks: (status.sinks.iter())
            .map(|sink| live::Sink {
                name: sink.name.clone(),
                written: sink.counters.written,
                failed: sink.counters.errors,
                dropped: sink.counters.lost(),
                error: (sink.last_error.as_ref())
                    .filter(|_| sink.failing)
                    .map(|error| error.what.clone()),
            })
            .collect(),
        gaps: (status.gaps.iter())
            .map(|gap| live::Gap {
                source: gap.source.to_string(),
                from_ns: gap.begin.as_nanos(),
                to_ns: Some(gap.end.as_nanos()),
                reason: gap.cause.clone(),
            })
            .chain((status.sources.iter()).filter_map(|source| {
                Some(live::Gap {
                    source: source.name.to_string(),
                    from_ns: status.now.as_nanos(),
                    to_ns: None,
                    reason: source.waits.clone()?,
                })
            }))
            .collect(),
        problems: problems(status),
    }
}

/// All that makes a sensor not well: sources that give nothing, outputs that cannot be written, and what is wrong with
/// itself for as long as it lasts.
fn problems(status: &Status) -> Vec<String> {
    let waiting = (status.sources.iter())
        .filter_map(|source| Some(format!("{}: {}", source.name, source.waits.as_ref()?)));
    let failing = status.sinks.iter().filter(|sink| sink.failing).map(|sink| {
        let error = sink.last_error.as_ref();
        let what = error.map_or("cannot be written", |error| &error.what);
        format!("{}: {what}", sink.name)
    });
    let lasting = (status.conditions.iter())
        .map(|condition| format!("{} (since {})", condition.what, zulu(condition.since)));
    waiting.chain(failing).chain(lasting).collect()
}

/// A time of the clock on the wall.
fn zulu(time: Timestamp) -> impl std::fmt::Display {
    let since = Duration::from_nanos(u64::try_from(time.as_nanos()).unwrap_or(0));
    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since)
}

/// What it is doing.
pub(super) fn learning(status: &Status) -> live::Learning {
    let mut facts = Vec::new();
    let (phase, progress, left) = match status.phase {
        Phase::Learning {
            progress,
            left,
            flows,
            needed,
        } => {
            facts.push(Fact::new("Flows so far", grouped(flows)));
            facts.push(Fact::new("Flows needed at least", grouped(needed)));
            (live::Phase::Learning, Some(progress), Some(left))
        }
        Phase::Training { flows, waiting } => {
            facts.push(Fact::new("Flows learned from", grouped(flows)));
            facts.push(Fact::new("Flows that wait to be judged", grouped(waiting)));
            (live::Phase::Training, None, None)
        }
        Phase::Detecting => (live::Phase::Detecting, None, None),
        _ => (live::Phase::Ended, None, None),
    };
    if status.judged > 0 {
        facts.push(Fact::new("Flows judged", grouped(status.judged)));
    }
    if let Some(renewed) = &status.renewed {
        facts.push(Fact::new("Latest successor", renewed.outcome.clone()));
    }
    if let Some(drift) = &status.drift {
        let moved = drift.moved(DriftLevel::Moderate).count();
        facts.push(Fact::new("Features that moved", grouped(moved as u64)));
    }
    if let Some(trouble) = status.troubles.last() {
        facts.push(Fact::new("Latest trouble", trouble.clone()));
    }
    live::Learning {
        phase,
        progress,
        left_ns: left.map(|left| u64::try_from(left.as_nanos()).unwrap_or(u64::MAX)),
        facts,
    }
}
