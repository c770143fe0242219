//! What the board knows, as metrics.

use crate::live::{Board, Metric};

/// The metrics of every sensor.
pub(super) fn metrics(board: &Board, readers: usize) -> Vec<Metric> {
    let slow = "Times that a reader of the dashboard was too slow and began anew.";
    let mut metrics = vec![
        Metric::gauge(
            "nettraffic_dashboard_readers",
            "Readers of the dashboard's events.",
        )
        .with(&[], readers as u64),
        Metric::counter("nettraffic_dashboard_slow_readers_total", slow).with(&[], board.behind()),
    ];
    if let Some((started, now)) = board.span_ns() {
        let watched = now.saturating_sub(started).max(0) as f64 / 1e9;
        metrics.push(
            Metric::gauge(
                "nettraffic_watched_seconds",
                "Packet time since the first packet.",
            )
            .with(&[], watched),
        );
    }
    metrics.extend(allowed(board));
    let Some(health) = board.health() else {
        return metrics;
    };

    if let Some(uptime) = health.uptime_ns {
        metrics.push(
            Metric::gauge(
                "nettraffic_uptime_seconds",
                "Time since the start, by the clock on the wall.",
            )
            .with(&[], uptime as f64 / 1e9),
        );
    }
    metrics.push(single(
        "nettraffic_packets_received_total",
        "Packets that reached the sensor.",
        health.received,
    ));
    metrics.push(single(
        "nettraffic_packets_decoded_total",
        "Packets whose headers were understood.",
        health.decoded,
    ));
    let skipped = Metric::counter(
        "nettraffic_packets_skipped_total",
        "Packets that were not decoded, by reason.",
    );
    metrics.push(health.skipped.iter().fold(skipped, |metric, skipped| {
        metric.with(&[("reason", &skipped.reason)], skipped.packets)
    }));
    let dropped = Metric::counter(
        "nettraffic_packets_dropped_total",
        "Packets that were lost, by place.",
    );
    let places = [
        ("kernel", health.kernel_drops),
        ("interface", health.interface_drops),
        ("queue", Some(health.queue_drops)),
    ];
    metrics.push(
        places
            .iter()
            .fold(dropped, |metric, (place, packets)| match packets {
                Some(packets) => metric.with(&[("place", place)], *packets),
                None => metric,
            }),
    );

    let depth = Metric::gauge("nettraffic_queue_depth", "What waits in a queue.");
    let capacity = Metric::gauge("nettraffic_queue_capacity", "What may wait in a queue.");
    let shed = Metric::counter("nettraffic_queue_dropped_total", "What found a queue full.");
    let queues =
        health
            .queues
            .iter()
            .fold((depth, capacity, shed), |(depth, capacity, shed), queue| {
                let labels: &[(&str, &str)] = &[("queue", &queue.name)];
                (
                    depth.with(labels, queue.depth),
                    capacity.with(labels, queue.capacity),
                    shed.with(labels, queue.dropped),
                )
            });
    metrics.extend(<[Metric; 3]>::from(queues));

    let gauge = |name, help, value: u64| Metric::gauge(name, help).with(&[], value);
    metrics.push(gauge(
        "nettraffic_open_flows",
        "Flows that are open.",
        health.open_flows,
    ));
    metrics.push(gauge(
        "nettraffic_flow_limit",
        "Flows that may be open.",
        health.flow_limit,
    ));
    metrics.push(single(
        "nettraffic_evicted_flows_total",
        "Flows ended early for want of room.",
        health.evicted_flows,
    ));
    metrics.push(single(
        "nettraffic_alerts_raised_total",
        "Alerts: written and suppressed ones.",
        health.alerts_raised,
    ));
    metrics.push(
        Metric::counter("nettraffic_alerts_total", "Alerts by outcome.")
            .with(&[("outcome", "written")], health.alerts_written)
            .with(&[("outcome", "suppressed")], health.alerts_suppressed),
    );
    let sinks = Metric::counter(
        "nettraffic_sink_records_total",
        "Records by sink and outcome.",
    );
    metrics.push(health.sinks.iter().fold(sinks, |metric, sink| {
        let labels = |outcome| [("sink", sink.name.as_str()), ("outcome", outcome)];
        metric
            .with(&labels("written"), sink.written)
            .with(&labels("failed"), sink.failed)
            .with(&labels("dropped"), sink.dropped)
    }));
    let open = health.gaps.iter().filter(|gap| gap.to_ns.is_none()).count();
    metrics.push(gauge(
        "nettraffic_open_gaps",
        "Sources that give nothing now.",
        open as u64,
    ));
    metrics.push(gauge(
        "nettraffic_problems",
        "Things that are wrong now.",
        health.problems.len() as u64,
    ));
    metrics
}

/// How often each entry of the allow-list was of use.
fn allowed(board: &Board) -> [Metric; 2] {
    let hits = Metric::counter(
        "nettraffic_allowed_alerts_total",
        "Alerts that an entry of the allow-list suppressed.",
    );
    let last = Metric::gauge(
        "nettraffic_allowed_last_seconds",
        "When it last did, in packet time since the Unix epoch.",
    );
    let entries = board.allowed();
    entries
        .iter()
        .flat_map(|entries| entries.iter())
        .fold([hits, last], |[hits, last], entry| {
            // Of two that are called the same what they speak of tells them apart.
            let labels: &[(&str, &str)] = &[("entry", &entry.name), ("criteria", &entry.criteria)];
            [
                hits.with(labels, entry.hits),
                match entry.last_ns {
                    Some(at) => last.with(labels, at as f64 / 1e9),
                    None => last,
                },
            ]
        })
}

fn single(name: &str, help: &str, value: u64) -> Metric {
    Metric::counter(name, help).with(&[], value)
}
