use std::error::Error;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{AlertId, AllowList};
use proptest::prelude::*;

use super::testing::{Raised, address};
use super::*;
use crate::Severity;

type Outcome = Result<(), Box<dyn Error>>;

fn gate() -> Gate {
    Gate::new(&GateConfig::default(), AllowList::default())
}

/// `written +left_out`, or the name of what suppressed it.
fn outcome(gate: &mut Gate, raised: &Raised) -> String {
    let mut alert = raised.alert();
    match gate.decide(&mut alert) {
        Fate::Write => format!("written +{}", alert.left_out),
        Fate::Suppress(why) => why.name().to_owned(),
    }
}

fn check(gate: &mut Gate, raised: &[(Raised, &str)]) {
    for (number, (raised, expected)) in raised.iter().enumerate() {
        assert_eq!(
            outcome(gate, raised),
            *expected,
            "number {number}: {raised:?}"
        );
    }
}

const FIRST: Raised = Raised::new(1, 0, 1);

#[test]
fn an_alert_is_written_once_in_an_hour_unless_there_is_more_to_it() {
    let at = |id, second| Raised {
        id,
        second,
        ..FIRST
    };
    check(
        &mut gate(),
        &[
            (FIRST, "written +0"),
            (at(2, 1), "repeated"),
            (
                Raised {
                    source: 2,
                    ..at(3, 1)
                },
                "written +0",
            ),
            (
                Raised {
                    target: 8,
                    ..at(4, 1)
                },
                "written +0",
            ),
            (
                Raised {
                    port: 22,
                    ..at(5, 1)
                },
                "written +0",
            ),
            (
                Raised {
                    model: "forest:1",
                    ..at(6, 1)
                },
                "written +0",
            ),
            // Another bundle of the same model.
            (
                Raised {
                    model: "kmeans:2",
                    ..at(7, 1)
                },
                "repeated",
            ),
            (at(8, 3_599), "repeated"),
            (at(9, 3_600), "written +3"),
            (at(10, 3_601), "repeated"),
            (
                Raised {
                    class: "scan",
                    ..at(11, 3_602)
                },
                "written +1",
            ),
            (at(12, 3_603), "repeated"),
            (
                Raised {
                    severity: Severity::High,
                    ..at(13, 3_604)
                },
                "written +1",
            ),
            (
                Raised {
                    severity: Severity::Medium,
                    class: "scan",
                    ..at(14, 3_605)
                },
                "repeated",
            ),
            (
                Raised {
                    severity: Severity::Critical,
                    ..at(15, 3_606)
                },
                "written +1",
            ),
        ],
    );
}

#[test]
fn the_final_record_of_an_early_one_is_a_repeat_however_late() {
    let later = |second| Raised { second, ..FIRST };
    check(
        &mut gate(),
        &[
            (FIRST, "written +0"),
            (later(86_400), "repeated"),
            (
                Raised {
                    severity: Severity::High,
                    ..later(86_401)
                },
                "written +1",
            ),
            (
                Raised {
                    id: 2,
                    ..later(86_402)
                },
                "repeated",
            ),
        ],
    );
}

#[test]
fn a_clock_that_steps_back_neither_floods_nor_silences() {
    let at = |id, second, source| Raised::new(id, second, source);
    let day = 86_400;
    let mut gate = gate();
    check(
        &mut gate,
        &[
            (at(1, day, 1), "written +0"),
            (at(2, day - 3_599, 1), "repeated"),
            (at(3, day - 3_600, 1), "written +1"),
            (at(4, 0, 1), "written +0"),
        ],
    );
    // A source that is limited goes on to save up from the time to which the clock stepped back.
    for port in 1..=100 {
        outcome(
            &mut gate,
            &Raised {
                port,
                ..at(100, day, 5)
            },
        );
    }
    check(
        &mut gate,
        &[
            (at(5, 10, 5), "limited_by_source"),
            (at(6, 19, 5), "limited_by_source"),
            (at(7, 20, 5), "written +0"),
        ],
    );
}

#[test]
fn limits_leave_room_for_others_and_for_critical_ones() {
    let mut gate = gate();
    // One source alone: 30 at once, then one in 10 s.
    let scan = |port: u16| Raised {
        port,
        ..Raised::new(u64::from(port), 0, 1)
    };
    for port in 1..=30 {
        assert_eq!(outcome(&mut gate, &scan(port)), "written +0", "{port}");
    }
    let critical = |raised| Raised {
        severity: Severity::Critical,
        ..raised
    };
    check(
        &mut gate,
        &[
            (scan(31), "limited_by_source"),
            (
                Raised {
                    second: 9,
                    ..scan(32)
                },
                "limited_by_source",
            ),
            (
                Raised {
                    second: 10,
                    ..scan(33)
                },
                "written +0",
            ),
            (
                Raised {
                    second: 10,
                    ..scan(34)
                },
                "limited_by_source",
            ),
            (
                Raised {
                    second: 10,
                    ..critical(scan(35))
                },
                "written +0",
            ),
            (
                Raised {
                    source: 2,
                    second: 10,
                    ..scan(36)
                },
                "written +0",
            ),
        ],
    );
    // Many sources: 300 at once, of which 31 + 1 are spent and 10 s of rest give 10.
    let many = |source: u32| Raised::new(u64::from(source), 10, source);
    let written = (1_000..2_000)
        .filter(|source| outcome(&mut gate, &many(*source)) == "written +0")
        .count();
    assert_eq!(written, 300 - 30 + 10 - 2);
    check(
        &mut gate,
        &[
            (many(3_000), "limited_overall"),
            (
                Raised {
                    severity: Severity::High,
                    ..many(3_001)
                },
                "limited_overall",
            ),
            (critical(many(3_002)), "written +0"),
        ],
    );
    // The reserve of one source ends before that of all.
    let of_one = (1..=20).filter(|port| {
        let raised = Raised {
            port: 1_000 + port,
            ..critical(many(3_002))
        };
        outcome(&mut gate, &raised) == "written +0"
    });
    assert_eq!(of_one.count(), 9);
    check(&mut gate, &[(critical(many(3_003)), "written +0")]);
}

#[test]
fn when_a_limit_has_ended_it_tells_what_it_left_out() -> Outcome {
    let mut gate = gate();
    for number in 0..50 {
        let severity = if number == 40 {
            Severity::High
        } else {
            Severity::Low
        };
        let raised = Raised {
            port: number,
            second: i64::from(number) / 10,
            severity,
            ..FIRST
        };
        outcome(&mut gate, &raised);
    }
    let seconds = |second| Timestamp::from_seconds(second, 0);
    // 30 alerts were spent, which takes 300 s to save up.
    gate.tick(seconds(5));
    assert_eq!(gate.pop_summary(), None);
    assert_eq!(gate.limits_in_force().count(), 1);
    gate.tick(seconds(299));
    assert_eq!(gate.pop_summary(), None);
    gate.tick(seconds(301));
    let summary = gate.pop_summary().ok_or("a summary")?;
    let told = (
        summary.source,
        summary.since,
        summary.until,
        summary.left_out,
        summary.highest,
    );
    assert_eq!(
        told,
        (Some(address(1)), seconds(3), seconds(4), 20, Severity::High)
    );
    assert_eq!(
        (gate.pop_summary(), gate.limits_in_force().count()),
        (None, 0)
    );
    Ok(())
}

#[test]
fn what_is_allowed_is_suppressed_first_and_spends_nothing() -> Outcome {
    let list = "[[allow]]\nreason = 'ours'\nsource = '0.0.0.1'\nmodels = 'kmeans'\nexpires = 1970-01-01T00:01:00Z";
    let mut gate = Gate::new(&GateConfig::default(), AllowList::parse("a.toml", list)?);
    for number in 0..1_000 {
        assert_eq!(
            outcome(
                &mut gate,
                &Raised {
                    port: number,
                    ..FIRST
                }
            ),
            "allowed"
        );
    }
    check(
        &mut gate,
        &[
            (Raised { source: 2, ..FIRST }, "written +0"),
            (
                Raised {
                    model: "forest:1",
                    ..FIRST
                },
                "written +0",
            ),
            (
                Raised {
                    second: 59,
                    ..FIRST
                },
                "allowed",
            ),
            (
                Raised {
                    second: 60,
                    ..FIRST
                },
                "written +0",
            ),
        ],
    );
    let mut alert = FIRST.alert();
    let Fate::Suppress(why) = gate.decide(&mut alert) else {
        return Err("it is allowed".into());
    };
    assert_eq!(why.to_string(), "allowed: ours");
    Ok(())
}

#[test]
fn what_was_written_before_a_crash_is_not_written_again() {
    let mut gate = gate();
    gate.recall([AlertId(1), AlertId(2)]);
    let critical = Raised {
        severity: Severity::Critical,
        ..FIRST
    };
    check(
        &mut gate,
        &[
            (critical, "repeated"),
            (Raised { id: 3, ..FIRST }, "written +0"),
        ],
    );
}

#[test]
fn a_flood_from_a_million_sources_takes_bounded_memory() -> Outcome {
    let config = GateConfig {
        most_repeats: 100,
        most_sources: 50,
        ..GateConfig::default()
    };
    let mut gate = Gate::new(&config, AllowList::default());
    for number in 0..1_000_000 {
        // Two minutes in all.
        let raised = Raised::new(
            u64::from(number),
            i64::from(number) * 120 / 1_000_000,
            number,
        );
        outcome(&mut gate, &raised);
        if number % 10_000 == 0 {
            gate.tick(raised.alert().time());
        }
    }
    let counters = gate.counters();
    assert_eq!(
        (counters.raised, counters.written, counters.limited_overall),
        (1_000_000, 300 + 119, 1_000_000 - 419)
    );
    assert_eq!(counters.remembered, 100);
    // Of 419 that were written 100 are remembered as such. Of their sources 50 are; those that were forgotten
    // within the 10 s after their alert are counted: 250 of the first moment, and 9 after it.
    assert_eq!(counters.forgotten, (419 - 100) + (250 + 9));
    let state = postcard::to_allocvec(&gate.state())?;
    assert!(state.len() < 20_000, "{} bytes", state.len());
    assert_eq!(gate.limits_in_force().count(), 1);
    Ok(())
}

/// Few of everything, so that they meet.
fn any_alert() -> impl Strategy<Value = Raised> {
    (
        0_u64..30,
        0_i64..5_000,
        0_u32..4,
        0_u16..3,
        0_usize..4,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(id, second, source, port, severity, has_class, is_forest)| Raised {
                port,
                severity: Severity::ALL[severity],
                class: if has_class { "scan" } else { "" },
                model: if is_forest { "forest:1" } else { "kmeans:1" },
                ..Raised::new(id, second, source)
            },
        )
}

fn small() -> Result<Gate, nettraffic_detect::AllowError> {
    let config = GateConfig {
        most_repeats: 3,
        most_sources: 2,
        per_source: AlertRate::new(2, 1),
        overall: AlertRate::new(4, 1),
        critical_per_source: AlertRate::new(1, 1),
        critical_overall: AlertRate::new(2, 1),
        ..GateConfig::default()
    };
    let list = "[[allow]]\nreason = 'ours'\nsource = '0.0.0.3'\nports = 1";
    Ok(Gate::new(&config, AllowList::parse("a.toml", list)?))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn raised_is_written_and_suppressed_exactly(alerts in prop::collection::vec(any_alert(), 0..200)) {
        let mut gate = small().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut seen = std::collections::BTreeMap::<String, u64>::new();
        let (mut told, mut summed) = (0, 0);
        for raised in &alerts {
            let mut alert = raised.alert();
            let name = match gate.decide(&mut alert) {
                Fate::Write => { told += alert.left_out; "written" }
                Fate::Suppress(why) => why.name(),
            };
            *seen.entry(name.to_owned()).or_default() += 1;
            gate.tick(alert.time());
        }
        let counters = gate.counters();
        let count = |name: &str| seen.get(name).copied().unwrap_or(0);
        prop_assert_eq!(counters.raised, alerts.len() as u64);
        prop_assert_eq!(counters.raised, counters.written + counters.suppressed());
        prop_assert_eq!(counters.written, count("written"));
        prop_assert_eq!(counters.allowed, count("allowed"));
        prop_assert_eq!(counters.repeated, count("repeated"));
        prop_assert_eq!(counters.limited_by_source, count("limited_by_source"));
        prop_assert_eq!(counters.limited_overall, count("limited_overall"));
        // Nothing is told twice.
        prop_assert!(told <= counters.suppressed() - counters.allowed);
        prop_assert!(counters.remembered <= 3);
        summed += gate.limits_in_force().map(|summary| summary.left_out).sum::<u64>();
        summed += std::iter::from_fn(|| gate.pop_summary()).map(|summary| summary.left_out).sum::<u64>();
        prop_assert_eq!(summed, counters.limited_by_source + counters.limited_overall);
    }

    #[test]
    fn a_restart_changes_no_decision(
        alerts in prop::collection::vec(any_alert(), 0..100),
        restart in 0_usize..100,
    ) {
        let fail = |error: Box<dyn Error>| TestCaseError::fail(error.to_string());
        let mut whole = small().map_err(|error| fail(error.into()))?;
        let mut parted = small().map_err(|error| fail(error.into()))?;
        for (number, raised) in alerts.iter().enumerate() {
            if number == restart {
                let state = postcard::to_allocvec(&parted.state()).map_err(|error| fail(error.into()))?;
                parted = small().map_err(|error| fail(error.into()))?;
                parted.restore(postcard::from_bytes(&state).map_err(|error| fail(error.into()))?);
            }
            prop_assert_eq!(outcome(&mut parted, raised), outcome(&mut whole, raised));
        }
    }
}
