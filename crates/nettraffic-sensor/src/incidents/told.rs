//! What is told of incidents: begins, rises and ends, none doubled, none without the other.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use nettraffic_detect::{AlertId, AllowEntry};
use nettraffic_flow::FlowEnd;
use proptest::prelude::*;

use super::*;
use crate::gate::testing::Raised;
use crate::{Limit, Severity};

type Outcome = Result<(), Box<dyn Error>>;

const REPEATED: Fate = Fate::Suppress(Why::Repeated { of: AlertId(0) });
const LIMITED: Fate = Fate::Suppress(Why::Limited(Limit::Overall));

fn incidents(most: usize) -> OpenIncidents {
    OpenIncidents::new(IncidentConfig {
        most,
        ..IncidentConfig::default()
    })
}

fn push(incidents: &mut OpenIncidents, raised: &Raised, fate: &Fate) -> Vec<IncidentEvent> {
    incidents.push(&mut raised.alert(), fate)
}

fn turns(events: &[IncidentEvent]) -> Vec<&'static str> {
    let turn = |event: &IncidentEvent| event.cause().unwrap_or(event.turn.name());
    events.iter().map(turn).collect()
}

fn seconds(events: &[IncidentEvent]) -> Vec<i64> {
    let second = |event: &IncidentEvent| event.at.as_nanos() / 1_000_000_000;
    events.iter().map(second).collect()
}

#[test]
fn an_incident_is_told_when_it_begins_when_it_worsens_and_when_it_is_over() -> Outcome {
    let mut incidents = incidents(100);
    let alert = |id, second, severity| Raised {
        severity,
        ..Raised::new(id, second, 1)
    };
    let mut told = Vec::new();
    for (raised, fate, expected) in [
        (alert(1, 10, Severity::Low), Fate::Write, &["opened"][..]),
        (alert(2, 20, Severity::Low), REPEATED, &[]),
        (alert(3, 30, Severity::High), Fate::Write, &["worsened"]),
        (alert(4, 40, Severity::Medium), Fate::Write, &[]),
        (alert(5, 50, Severity::Critical), Fate::Write, &["worsened"]),
        // An hour after the last one, whenever that is noticed.
        (
            alert(6, 9_000, Severity::Low),
            Fate::Write,
            &["quiet", "opened"],
        ),
    ] {
        let events = push(&mut incidents, &raised, &fate);
        assert_eq!(turns(&events), expected, "{raised:?}");
        told.extend(events);
    }
    assert_eq!(seconds(&told), [10, 30, 50, 3_650, 9_000]);
    let over = &told[3].incident;
    assert_eq!(
        (over.facts.alerts, over.written, over.repeated, over.limited),
        (5, 4, 1, 0)
    );
    assert_eq!(
        (over.flows, over.left_out(), over.severity),
        (5, 1, Severity::Critical)
    );
    // What was told before says what was known then.
    assert_eq!(
        (told[0].incident.facts.alerts, told[0].incident.severity),
        (1, Severity::Low)
    );
    let counters = incidents.counters();
    assert_eq!(
        (
            counters.told_opened,
            counters.told_worsened,
            counters.told_closed
        ),
        (2, 2, 1)
    );
    Ok(())
}

#[test]
fn a_clock_that_steps_back_closes_at_the_moment_it_shows() {
    let mut incidents = incidents(100);
    push(&mut incidents, &Raised::new(1, 9_000, 1), &Fate::Write);
    let events = incidents.tick(Timestamp::from_seconds(100, 0));
    assert_eq!(
        (turns(&events), seconds(&events)),
        (vec!["quiet"], vec![100])
    );
}

#[test]
fn several_that_are_over_at_once_are_told_in_the_order_in_which_they_ended() {
    let mut incidents = incidents(100);
    for (source, severity) in [
        (1, Severity::High),
        (2, Severity::Low),
        (3, Severity::Medium),
    ] {
        let raised = Raised {
            target: source,
            severity,
            ..Raised::new(1, i64::from(source), source)
        };
        push(&mut incidents, &raised, &Fate::Write);
    }
    let events = incidents.tick(Timestamp::from_seconds(99_999, 0));
    assert_eq!(seconds(&events), [3_601, 3_602, 3_603]);
}

#[test]
fn what_is_beyond_the_limits_is_not_told_until_something_else_is() {
    let mut incidents = incidents(100);
    let alert = |id, source| Raised {
        target: 1_000 + source,
        ..Raised::new(id, 1, source)
    };
    assert!(push(&mut incidents, &alert(1, 1), &LIMITED).is_empty());
    assert!(push(&mut incidents, &alert(2, 2), &LIMITED).is_empty());
    let events = push(&mut incidents, &alert(3, 2), &REPEATED);
    assert_eq!(turns(&events), ["opened"]);
    assert_eq!(
        (events[0].incident.limited, events[0].incident.repeated),
        (1, 1)
    );
    // A rise that only an alert beyond the limits shows is told with the next.
    let urgent = Raised {
        severity: Severity::Critical,
        ..alert(4, 2)
    };
    assert!(push(&mut incidents, &urgent, &LIMITED).is_empty());
    assert_eq!(
        turns(&push(&mut incidents, &alert(5, 2), &REPEATED)),
        ["worsened"]
    );
    let events = incidents.end(Timestamp::from_seconds(2, 0));
    assert_eq!(turns(&events), ["stopped"]);
    let counters = incidents.counters();
    assert_eq!(
        (
            counters.closed_at_end,
            counters.told_opened,
            counters.told_closed
        ),
        (2, 1, 1)
    );
}

#[test]
fn what_is_allowed_belongs_to_no_incident() -> Outcome {
    let ours = Raised::new(1, 1, 1).alert();
    let entry = AllowEntry::of_false_alarm(ours.verdict(), ours.model(), "ours", ours.time());
    let entry = entry.ok_or("an alert")?;
    let mut incidents = incidents(100);
    let allowed = Fate::Suppress(Why::Allowed(Arc::new(entry)));
    assert!(push(&mut incidents, &Raised::new(1, 1, 1), &allowed).is_empty());
    assert_eq!(incidents.counters(), IncidentCounters::default());
    Ok(())
}

#[test]
fn parts_of_a_distributed_one_are_told_to_be_in_it() -> Outcome {
    let flood = |source| Raised {
        class: "flood",
        ..Raised::new(u64::from(source), i64::from(source), source)
    };
    for fates in [
        [
            Fate::Write,
            Fate::Write,
            Fate::Write,
            Fate::Write,
            Fate::Write,
        ],
        [Fate::Write, LIMITED, Fate::Write, LIMITED, LIMITED],
        [LIMITED, LIMITED, LIMITED, LIMITED, Fate::Write],
        [LIMITED, LIMITED, LIMITED, LIMITED, LIMITED],
    ] {
        let mut incidents = incidents(100);
        let (mut open, mut spread) = (BTreeSet::new(), Vec::new());
        for (source, fate) in (1..).zip(&fates) {
            for event in push(&mut incidents, &flood(source), fate) {
                let is_as_told = match event.turn {
                    Turn::Opened => open.insert(event.incident.id),
                    Turn::Worsened => {
                        spread.push(event.incident.is_distributed());
                        open.contains(&event.incident.id)
                    }
                    Turn::Closed(Closing::Merged(into)) => {
                        assert!(open.contains(&into), "into one that was told: {fates:?}");
                        open.remove(&event.incident.id)
                    }
                    Turn::Closed(_) => false,
                };
                assert!(is_as_told, "{fates:?}");
            }
        }
        assert!(spread.iter().all(|is_distributed| *is_distributed));
        assert!(spread.len() <= 1, "{fates:?}");
        let told = fates.iter().any(|fate| *fate != LIMITED);
        assert_eq!(open.len(), usize::from(told), "{fates:?}");
        let all = incidents.ranked(1).pop().ok_or("open")?;
        assert_eq!((all.facts.alerts, all.flows), (5, 5));
        assert_eq!(all.written + all.limited, 5);
    }
    Ok(())
}

#[test]
fn a_spread_to_many_sources_is_told_once() {
    let mut incidents = incidents(100);
    let mut events = Vec::new();
    for source in 1..9 {
        let flood = Raised {
            class: "flood",
            ..Raised::new(u64::from(source), 1, source)
        };
        events.extend(push(&mut incidents, &flood, &Fate::Write));
    }
    // The fifth is part of it before it is told of.
    let of = |turn| turns(&events).iter().filter(|told| **told == turn).count();
    assert_eq!((of("opened"), of("merged"), of("worsened")), (4, 3, 1));
    let spread = events.iter().find(|event| event.turn == Turn::Worsened);
    let sources = spread.map(|event| event.incident.facts.sources.len());
    assert_eq!(sources, Some(5));
}

#[test]
fn what_makes_room_is_told() {
    let mut incidents = incidents(1);
    push(&mut incidents, &Raised::new(1, 1, 1), &Fate::Write);
    let events = push(&mut incidents, &Raised::new(2, 7, 2), &Fate::Write);
    assert_eq!(
        (turns(&events), seconds(&events)),
        (vec!["room", "opened"], vec![7, 7])
    );
}

#[test]
fn at_the_end_all_are_closed_the_most_urgent_first() {
    let mut incidents = incidents(1_000);
    for source in 0..300 {
        let severity = Severity::ALL[source as usize % 4];
        let raised = Raised {
            severity,
            target: 1_000 + source,
            ..Raised::new(1, 5, source)
        };
        push(&mut incidents, &raised, &Fate::Write);
    }
    let events = incidents.end(Timestamp::from_seconds(9, 0));
    assert_eq!(turns(&events), vec!["stopped"; 300]);
    let severities = events.iter().map(|event| event.incident.severity);
    assert!(severities.is_sorted_by(|a, b| a >= b));
    assert_eq!(incidents.counters().open, 0);
    // All of them can still be looked at.
    assert_eq!(incidents.closed().count(), 300);
    assert!(incidents.end(Timestamp::from_seconds(9, 0)).is_empty());
}

#[test]
fn an_event_is_known_by_the_same_name_in_every_run_and_another_by_another() {
    let run = |alerts: u64, end: i64| -> Vec<EventId> {
        let mut incidents = incidents(100);
        let mut events = Vec::new();
        for id in 0..alerts {
            let severity = Severity::ALL[id.min(3) as usize];
            let raised = Raised {
                severity,
                ..Raised::new(id, id as i64, 1)
            };
            events.extend(push(&mut incidents, &raised, &Fate::Write));
        }
        events.extend(incidents.end(Timestamp::from_seconds(end, 0)));
        events.iter().map(IncidentEvent::id).collect()
    };
    assert_eq!(run(4, 50), run(4, 50));
    // As severe, but of one alert more.
    let (short, long) = (run(4, 50), run(5, 50));
    assert_eq!(short[..4], long[..4]);
    // A run that was stopped later tells of another end.
    assert_ne!(short.last(), long.last());
    assert_ne!(run(4, 50).last(), run(4, 9_000).last());
    assert_eq!(BTreeSet::from_iter(run(4, 50)).len(), 5);
}

#[test]
fn an_early_judgement_and_the_last_are_one_flow() -> Outcome {
    let mut incidents = incidents(100);
    for (id, end, fate) in [
        (1, FlowEnd::Early, Fate::Write),
        (1, FlowEnd::Fin, REPEATED),
        (2, FlowEnd::Fin, REPEATED),
    ] {
        let mut verdict = Raised::new(id, id as i64, 1).alert().verdict().clone();
        verdict.flow.end = end;
        let alert = SensorAlert::of(verdict, "kmeans:1".into(), "test".into());
        incidents.push(&mut alert.ok_or("an alert")?, &fate);
    }
    let incident = incidents.ranked(1).pop().ok_or("open")?;
    assert_eq!((incident.facts.alerts, incident.flows), (3, 2));
    assert_eq!((incident.written, incident.repeated), (1, 2));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, each incident is told to begin before all else, to rise at most four times, and to end once; and
    /// the ends account for every alert of the incidents that were told.
    #[test]
    fn what_is_told_is_the_whole_story(
        alerts in prop::collection::vec(
            (0_u32..12, 0_u32..3, 0_i64..9_000, 0_usize..4, any::<bool>(), 0_usize..3), 0..200),
    ) {
        let mut incidents = incidents(6);
        let mut events = Vec::new();
        let fates = [Fate::Write, REPEATED, LIMITED];
        let (mut of_incident, mut without) = (BTreeMap::new(), 0);
        for (id, (source, target, second, severity, has_class, fate)) in alerts.iter().enumerate() {
            let raised = Raised {
                target: *target,
                severity: Severity::ALL[*severity],
                class: if *has_class { "scan" } else { "" },
                ..Raised::new(id as u64, *second, *source)
            };
            let mut alert = raised.alert();
            let before = incidents.counters().alerts_without;
            events.extend(incidents.push(&mut alert, &fates[*fate]));
            match incidents.counters().alerts_without > before {
                true => without += 1,
                false => *of_incident.entry(alert.incident).or_insert(0_u64) += 1,
            }
        }
        events.extend(incidents.end(Timestamp::from_seconds(9_000, 0)));
        let mut told: BTreeMap<IncidentId, (u64, Option<u64>)> = BTreeMap::new();
        for event in &events {
            let incident = &event.incident;
            prop_assert_eq!(incident.facts.alerts, incident.written + incident.left_out());
            prop_assert!(incident.flows >= 1 && incident.flows <= incident.facts.alerts);
            match event.turn {
                Turn::Opened => prop_assert!(told.insert(incident.id, (0, None)).is_none()),
                Turn::Worsened => {
                    let (rises, end) = told.get_mut(&incident.id).ok_or_else(|| TestCaseError::fail("not begun"))?;
                    *rises += 1;
                    prop_assert!(*rises <= 4 && end.is_none());
                }
                Turn::Closed(closing) => {
                    let (_, end) = told.get_mut(&incident.id).ok_or_else(|| TestCaseError::fail("not begun"))?;
                    // What a part counted its whole tells, too.
                    let own = if matches!(closing, Closing::Merged(_)) { 0 } else { incident.facts.alerts };
                    prop_assert!(end.replace(own).is_none());
                }
            }
        }
        prop_assert!(told.values().all(|(_, end)| end.is_some()));
        let counters = incidents.counters();
        let count = |turn: &str| events.iter().filter(|event| event.turn.name() == turn).count() as u64;
        prop_assert_eq!(counters.told_opened, count("opened"));
        prop_assert_eq!(counters.told_worsened, count("worsened"));
        prop_assert_eq!(counters.told_closed, count("closed"));
        prop_assert_eq!(counters.told_opened, counters.told_closed);
        prop_assert_eq!(counters.alerts_without, without);
        prop_assert!(counters.opened >= counters.told_opened);
        let summed: u64 = told.values().filter_map(|(_, end)| *end).sum();
        let limited = alerts.iter().filter(|alert| alert.5 == 2).count() as u64;
        // Only incidents that have nothing but alerts beyond the limits are left out.
        prop_assert!(summed + without <= alerts.len() as u64);
        prop_assert!(summed + without + limited >= alerts.len() as u64, "{} {}", summed, without);
        prop_assert_eq!(of_incident.values().sum::<u64>() + without, alerts.len() as u64);
    }
}
