use std::error::Error;

use nettraffic_capture::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::Severity;
use crate::gate::testing::{Raised, address};

type Outcome = Result<(), Box<dyn Error>>;

fn incidents(most: usize) -> OpenIncidents {
    OpenIncidents::new(IncidentConfig {
        most,
        ..IncidentConfig::default()
    })
}

fn push(incidents: &mut OpenIncidents, raised: &Raised) -> IncidentId {
    push_with(incidents, raised, &Fate::Write).0
}

fn push_with(
    incidents: &mut OpenIncidents,
    raised: &Raised,
    fate: &Fate,
) -> (IncidentId, Vec<IncidentEvent>) {
    let mut alert = raised.alert();
    let events = incidents.push(&mut alert, fate);
    (alert.incident, events)
}

/// Those that are not open any more.
fn closed(counters: &IncidentCounters) -> u64 {
    counters.closed_quiet + counters.closed_early + counters.merged + counters.closed_at_end
}

/// Sources, targets and alerts of each, in rank order.
fn outline(incidents: &OpenIncidents) -> Vec<(usize, usize, u64)> {
    let ranked = incidents.ranked(usize::MAX);
    let facts = ranked.iter().map(|incident| &incident.facts);
    facts
        .map(|facts| (facts.sources.len(), facts.targets.len(), facts.alerts))
        .collect()
}

#[test]
fn what_one_source_does_is_one_incident() -> Outcome {
    let mut incidents = incidents(100);
    let first = Raised::new(1, 10, 1);
    let id = push(&mut incidents, &first);
    let scan = Raised {
        id: 2,
        second: 20,
        target: 8,
        port: 22,
        class: "scan",
        severity: Severity::High,
        ..first
    };
    assert_eq!(push(&mut incidents, &scan), id);
    assert_eq!(
        push(
            &mut incidents,
            &Raised {
                id: 3,
                class: "scan",
                ..first
            }
        ),
        id
    );
    let other = push(
        &mut incidents,
        &Raised {
            id: 4,
            source: 2,
            ..first
        },
    );
    assert_ne!(other, id);
    let incident = incidents.get(id).ok_or("open")?;
    assert_eq!(incident.facts.sources, [address(1)].into());
    assert_eq!(incident.facts.targets, [8, 9].map(address).into());
    assert_eq!(incident.facts.ports, [22, 80].into());
    assert_eq!(
        (incident.facts.alerts, incident.severity),
        (3, Severity::High)
    );
    assert_eq!(
        (incident.facts.class.as_deref(), incident.is_distributed()),
        (Some("scan"), false)
    );
    assert_eq!(
        incident.classes,
        [(None, 1), (Some("scan".to_owned()), 2)].into()
    );
    assert_eq!(
        (incident.worst.alert().id.0, incident.worst.incident),
        (2, id)
    );
    let ranked: Vec<_> = incidents
        .ranked(1)
        .iter()
        .map(|incident| incident.id)
        .collect();
    assert_eq!(ranked, [id]);
    Ok(())
}

#[test]
fn an_incident_is_over_after_an_hour_of_quiet() {
    // Seconds of the alerts of one source, and the number of the incident of each.
    for (seconds, expected) in [
        (&[0, 3_599, 7_198][..], &[0, 0, 0][..]),
        (&[0, 3_600], &[0, 1]),
        (&[0, 3_600, 3_601], &[0, 1, 1]),
        // The clock stepped back: a little, and by an hour.
        (&[3_599, 0, 10], &[0, 0, 0]),
        (&[3_600, 0, 10], &[0, 1, 1]),
    ] {
        let mut incidents = incidents(100);
        let mut seen = Vec::new();
        let mut numbers = Vec::new();
        for second in seconds {
            let id = push(&mut incidents, &Raised::new(1, *second, 1));
            if !seen.contains(&id) {
                seen.push(id);
            }
            numbers.extend(seen.iter().position(|known| *known == id));
        }
        assert_eq!(numbers, expected, "{seconds:?}");
        let counters = incidents.counters();
        assert_eq!(
            (counters.opened, counters.open),
            (seen.len() as u64, 1),
            "{seconds:?}"
        );
    }
}

#[test]
fn a_tick_closes_what_is_quiet_and_it_can_still_be_looked_at() -> Outcome {
    let mut incidents = incidents(100);
    let id = push(&mut incidents, &Raised::new(1, 0, 1));
    incidents.tick(Timestamp::from_seconds(3_599, 0));
    assert_eq!(incidents.counters().open, 1);
    incidents.tick(Timestamp::from_seconds(3_600, 0));
    assert_eq!(
        (incidents.counters().open, incidents.counters().closed_quiet),
        (0, 1)
    );
    assert_eq!(incidents.get(id).ok_or("closed lately")?.facts.alerts, 1);
    assert_eq!(incidents.closed().count(), 1);
    Ok(())
}

#[test]
fn five_sources_on_one_target_become_one_incident_that_others_join() -> Outcome {
    let mut incidents = incidents(100);
    let flood = |source| Raised {
        class: "flood",
        ..Raised::new(u64::from(source), i64::from(source), source)
    };
    let parts: Vec<_> = (1..=4)
        .map(|source| push(&mut incidents, &flood(source)))
        .collect();
    assert_eq!(outline(&incidents), [(1, 1, 1); 4]);
    // Neither another class nor another target makes it five.
    push(
        &mut incidents,
        &Raised {
            class: "scan",
            ..flood(11)
        },
    );
    push(
        &mut incidents,
        &Raised {
            target: 8,
            ..flood(12)
        },
    );
    assert_eq!(incidents.counters().open, 6);
    let all = push(&mut incidents, &flood(5));
    assert!(parts.contains(&all), "it keeps the identity of a part");
    assert_eq!(incidents.counters().open, 3);
    // Another source joins at once, and so does one that is part of it.
    assert_eq!(push(&mut incidents, &flood(6)), all);
    assert_eq!(push(&mut incidents, &flood(1)), all);
    let incident = incidents.get(all).ok_or("open")?;
    assert_eq!(
        (incident.facts.sources.len(), incident.facts.alerts),
        (6, 7)
    );
    assert!(incident.is_distributed());
    assert_eq!(
        (incident.facts.first, incident.active),
        (Timestamp::from_seconds(1, 0), Timestamp::from_seconds(1, 0))
    );
    for part in &parts {
        assert_eq!(incidents.get(*part).map(|incident| incident.id), Some(all));
    }
    assert_eq!(incidents.counters().merged, 4);
    // A part that does something else begins an incident of its own.
    let elsewhere = push(
        &mut incidents,
        &Raised {
            target: 7,
            ..flood(1)
        },
    );
    assert_ne!(elsewhere, all);
    Ok(())
}

#[test]
fn the_least_urgent_make_room_and_never_a_more_urgent_one() {
    let apart = |number: u32, severity| Raised {
        target: 1_000 + number,
        severity,
        ..Raised::new(u64::from(number), i64::from(number), number)
    };
    let mut incidents = incidents(3);
    push(&mut incidents, &apart(1, Severity::High));
    push(&mut incidents, &apart(2, Severity::Low));
    push(&mut incidents, &apart(3, Severity::Low));
    push(&mut incidents, &apart(4, Severity::Medium));
    let sources = |incidents: &OpenIncidents| -> Vec<_> {
        let mut sources: Vec<_> = incidents
            .ranked(9)
            .iter()
            .flat_map(|i| i.facts.sources.clone())
            .collect();
        sources.sort_unstable();
        sources
    };
    assert_eq!(sources(&incidents), [1, 3, 4].map(address));
    push(&mut incidents, &apart(5, Severity::Critical));
    push(&mut incidents, &apart(6, Severity::Critical));
    assert_eq!(sources(&incidents), [1, 5, 6].map(address));
    let low = apart(7, Severity::Low);
    assert_eq!(
        push(&mut incidents, &low),
        low.alert().incident,
        "an incident of its own"
    );
    assert_eq!(sources(&incidents), [1, 5, 6].map(address));
    let counters = incidents.counters();
    assert_eq!(
        (
            counters.alerts,
            counters.alerts_without,
            counters.closed_early
        ),
        (7, 1, 3)
    );
}

#[test]
fn a_flood_from_a_million_sources_hides_nobody() -> Outcome {
    let mut incidents = incidents(1_000);
    let real = Raised {
        class: "scan",
        severity: Severity::High,
        ..Raised::new(1, 0, 1)
    };
    let id = push(&mut incidents, &real);
    for number in 0..1_000_000 {
        let source = 1_000 + number;
        // Half on one target, half on targets of their own.
        let target = if number % 2 == 0 {
            77
        } else {
            2_000_000 + number
        };
        let raised = Raised {
            target,
            ..Raised::new(u64::from(source), i64::from(number) / 1_000, source)
        };
        push(&mut incidents, &raised);
    }
    let counters = incidents.counters();
    assert_eq!(counters.open, 1_000);
    assert_eq!(counters.opened, counters.open + closed(&counters));
    assert!(
        incidents.actors.len() <= 1_000 + 200 + 1,
        "{} actors",
        incidents.actors.len()
    );
    assert_eq!(incidents.get(id).ok_or("still open")?.facts.alerts, 1);
    let flood = incidents.ranked(2).pop().ok_or("the flood")?;
    assert_eq!((flood.facts.alerts, flood.facts.truncated), (500_000, true));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_alert_is_in_one_incident_or_counted(
        alerts in prop::collection::vec((0_u32..12, 0_u32..3, 0_i64..9_000, 0_usize..4, any::<bool>()), 0..200),
    ) {
        let mut incidents = OpenIncidents::new(IncidentConfig { most: 6, ..IncidentConfig::default() });
        for (id, (source, target, second, severity, has_class)) in alerts.iter().enumerate() {
            let raised = Raised {
                target: *target,
                severity: Severity::ALL[*severity],
                class: if *has_class { "scan" } else { "" },
                ..Raised::new(id as u64, *second, *source)
            };
            push(&mut incidents, &raised);
        }
        let counters = incidents.counters();
        prop_assert_eq!(counters.alerts, alerts.len() as u64);
        prop_assert!(counters.open <= 6);
        prop_assert_eq!(counters.opened, counters.open + closed(&counters));
        if counters.closed_quiet + counters.closed_early <= 100 {
            let all = incidents.ranked(usize::MAX).into_iter().chain(incidents.closed());
            let grouped: u64 = all.map(|incident| incident.facts.alerts).sum();
            prop_assert_eq!(grouped + counters.alerts_without, counters.alerts);
        }
        // Nothing leads to what is gone.
        for id in incidents.actors.values() {
            prop_assert!(incidents.incidents.contains_key(id));
        }
    }
}
