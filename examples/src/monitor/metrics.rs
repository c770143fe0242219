//! What Prometheus is told beyond what the live page shows.

use nettraffic_detect::DriftLevel;
use nettraffic_sensor::{ConditionKind, Phase, Status};
use nettraffic_viz::live::Metric;

/// The metrics of a status.
pub(super) fn metrics(status: &Status) -> Vec<Metric> {
    let alerts = &status.alerts;
    let why = [
        ("allowed", alerts.allowed),
        ("repeated", alerts.repeated),
        ("limited_by_source", alerts.limited_by_source),
        ("limited_overall", alerts.limited_overall),
    ];
    let suppressed = why.into_iter().fold(
        Metric::counter(
            "nettraffic_alerts_suppressed_total",
            "Alerts that were raised but not written, by reason",
        ),
        |metric, (why, count)| metric.with(&[("why", why)], count),
    );
    let flows = Metric::counter(
        "nettraffic_flows_total",
        "Flow records, by what became of them",
    )
    .with(&[("use", "learned")], status.learned)
    .with(&[("use", "judged")], status.judged);
    let phases = ["learning", "training", "detecting", "ended"]
        .into_iter()
        .fold(
            Metric::gauge(
                "nettraffic_phase",
                "What the sensor is doing: 1 for the phase that it is in",
            ),
            |metric, phase| {
                metric.with(&[("phase", phase)], u64::from(phase == status.phase.name()))
            },
        );
    let progress = match status.phase {
        Phase::Learning { progress, .. } => progress,
        _ => 1.0,
    };
    let conditions = ConditionKind::ALL.into_iter().fold(
        Metric::gauge(
            "nettraffic_condition",
            "What is wrong for as long as it lasts: 1 while it does",
        ),
        |metric, kind| {
            let holds = (status.conditions.iter()).any(|condition| condition.kind == kind);
            metric.with(&[("kind", kind.name())], u64::from(holds))
        },
    );
    let mut metrics = vec![
        suppressed,
        conditions,
        flows,
        phases,
        Metric::gauge(
            "nettraffic_learning_progress",
            "How much of the learning period has passed, 0 to 1",
        )
        .with(&[], progress),
        Metric::gauge("nettraffic_incidents_open", "Incidents that are going on")
            .with(&[], status.incidents.open),
        Metric::counter(
            "nettraffic_troubles_total",
            "How often something went wrong",
        )
        .with(&[], status.trouble_count),
        Metric::counter(
            "nettraffic_gaps_total",
            "Times in which an interface could not be watched",
        )
        .with(&[], status.gap_count),
    ];
    if let Some(saving) = &status.saving {
        let told = Metric::counter(
            "nettraffic_state_writes_total",
            "How often what outlives a run was written",
        );
        metrics.push(
            told.with(&[("outcome", "written")], saving.written)
                .with(&[("outcome", "failed")], saving.failed),
        );
    }
    if let Some(drift) = &status.drift {
        let moved = drift.moved(DriftLevel::Moderate).count() as u64;
        metrics.push(
            Metric::gauge(
                "nettraffic_drift_features_moved",
                "Features whose values are not those of the training",
            )
            .with(&[], moved),
        );
    }
    let by_source = |name, help, count: fn(&nettraffic_sensor::SourceStatus) -> Option<u64>| {
        let told = status
            .sources
            .iter()
            .filter_map(|source| Some((source, count(source)?)));
        told.fold(Metric::counter(name, help), |metric, (source, count)| {
            metric.with(&[("source", &source.name)], count)
        })
    };
    metrics.extend([
        by_source(
            "nettraffic_source_packets_total",
            "Packets that a source gave",
            |source| Some(source.received),
        ),
        by_source(
            "nettraffic_source_shed_total",
            "Packets of a source that were shed at the queue",
            |source| Some(source.shed),
        ),
        by_source(
            "nettraffic_source_kernel_drops_total",
            "Packets of a source that the kernel dropped",
            |source| source.kernel_drops,
        ),
    ]);
    metrics
}
