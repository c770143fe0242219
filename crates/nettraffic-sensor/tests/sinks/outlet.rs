//! The queue before a sink: nothing waits for it, and every event is accounted for.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nettraffic_sensor::{
    Dealt, Event, EventKind, Outlet, OutletConfig, OutletCounters, Outlets, Sink, SinkError, Wants,
};
use proptest::prelude::*;

use crate::events::{incident, scan, scans, usual};
use crate::{Outcome, wait_for};

/// What a sink does when it is next asked to write; afterwards it writes everything.
#[derive(Clone, Debug)]
enum Step {
    Write(usize),
    Skip(usize),
    Passing,
    Lasting,
    Miscount,
    Panic,
}

/// Does as it is told, and remembers what it was given.
struct Scripted {
    steps: VecDeque<Step>,
    written: Arc<Mutex<Vec<u64>>>,
    reopened: Arc<Mutex<u32>>,
    batch: usize,
    wants: Wants,
    /// Waits for a word before each step, if there is one to wait for.
    gate: Option<Receiver<()>>,
}

impl Scripted {
    fn new(steps: &[Step]) -> Self {
        Self {
            steps: steps.iter().cloned().collect(),
            written: Arc::default(),
            reopened: Arc::default(),
            batch: 4,
            wants: Wants::ALERTS,
            gate: None,
        }
    }

    fn gated() -> (Self, Sender<()>) {
        let (sender, gate) = channel();
        let mut sink = Self::new(&[]);
        (sink.batch, sink.gate) = (1, Some(gate));
        (sink, sender)
    }
}

impl Sink for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn wants(&self) -> Wants {
        self.wants
    }

    fn batch(&self) -> usize {
        self.batch
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        if let Some(gate) = &self.gate {
            gate.recv()
                .map_err(|_| SinkError::lasting("the test is over"))?;
        }
        let ids = events.iter().filter_map(|event| match event {
            Event::Alert(alert) => Some(alert.alert().id.0),
            _ => None,
        });
        let step = self.steps.pop_front().unwrap_or(Step::Write(events.len()));
        match step {
            Step::Write(most) => {
                let written = most.clamp(1, events.len());
                let mut page = self
                    .written
                    .lock()
                    .map_err(|_| SinkError::lasting("poisoned"))?;
                page.extend(ids.take(written));
                Ok(Dealt::written(written))
            }
            Step::Skip(most) => Ok(Dealt {
                written: 0,
                skipped: most.clamp(1, events.len()),
            }),
            Step::Passing => Err(SinkError::passing("writing", io::ErrorKind::StorageFull)),
            Step::Lasting => Err(SinkError::lasting("no such thing")),
            Step::Miscount => Ok(Dealt::written(events.len() + 1)),
            Step::Panic => panic!("a fault that was planted"),
        }
    }

    fn reopen(&mut self) -> Result<(), SinkError> {
        *self
            .reopened
            .lock()
            .map_err(|_| SinkError::lasting("poisoned"))? += 1;
        Ok(())
    }
}

fn quick() -> OutletConfig {
    OutletConfig::default().with_pauses(Duration::from_micros(100), Duration::from_millis(1))
}

fn sum(counters: &OutletCounters) -> u64 {
    counters.written + counters.refused + counters.failed + counters.skipped + counters.waiting
}

#[test]
fn a_full_queue_refuses_and_counts() -> Outcome {
    let (sink, gate) = Scripted::gated();
    let outlet = Outlet::new(sink, &quick().with_capacity(10))?;
    let began = Instant::now();
    let taken = scans(1_000)?
        .iter()
        .filter(|event| outlet.offer(event))
        .count();
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(taken, 10);
    let counters = outlet.status().counters;
    assert_eq!(
        (counters.offered, counters.refused, counters.waiting),
        (1_000, 990, 10)
    );
    for _ in 0..4 {
        gate.send(())?;
    }
    wait_for("four to be written", || {
        outlet.status().counters.written == 4
    })?;
    let counters = outlet.status().counters;
    assert_eq!((counters.waiting, counters.lost()), (6, 990));
    assert_eq!(sum(&counters), 1_000);
    // There is room again.
    let taken = scans(10)?
        .iter()
        .filter(|event| outlet.offer(event))
        .count();
    assert_eq!(taken, 4);
    drop(gate);
    let counters = outlet.close(Duration::from_secs(5)).counters;
    assert_eq!(
        (counters.offered, counters.written, counters.failed),
        (1_010, 4, 10)
    );
    assert_eq!((counters.waiting, sum(&counters)), (0, 1_010));
    Ok(())
}

#[test]
fn flows_leave_room_for_alerts_and_incidents() -> Outcome {
    let begin = || incident(1).map(|[begin, _]| begin);
    for (wants, expected, others) in [
        (Wants::ALERTS.and(Wants::FLOWS), (9, 3), scans(100)?),
        (
            Wants::INCIDENTS.and(Wants::FLOWS),
            (9, 3),
            vec![begin()?; 100],
        ),
        (Wants::FLOWS, (12, 0), scans(100)?),
    ] {
        let (mut sink, gate) = Scripted::gated();
        sink.wants = wants;
        let outlet = Outlet::new(sink, &quick().with_capacity(12))?;
        let flows = (0..100)
            .filter(|second| outlet.offer(&usual(*second)))
            .count();
        let others = others.iter().filter(|event| outlet.offer(event)).count();
        assert_eq!((flows, others), expected, "{wants:?}");
        drop(gate);
        let counters = outlet.close(Duration::from_secs(5)).counters;
        assert_eq!(sum(&counters), counters.offered);
    }
    Ok(())
}

#[test]
fn passing_errors_are_tried_again_in_order() -> Outcome {
    let sink = Scripted::new(&[Step::Passing, Step::Write(2), Step::Passing, Step::Passing]);
    let written = Arc::clone(&sink.written);
    let outlet = Outlet::new(sink, &quick())?;
    for event in scans(20)? {
        outlet.offer(&event);
    }
    let status = outlet.close(Duration::from_secs(5));
    assert_eq!((status.counters.written, status.counters.errors), (20, 3));
    assert_eq!(
        *written.lock().map_err(|_| "poisoned")?,
        Vec::from_iter(0..20)
    );
    let what = status.last_error.ok_or("an error")?.what;
    assert!(what.starts_with("writing: "), "{what}");
    assert!(!status.failing);
    Ok(())
}

#[test]
fn what_cannot_be_written_takes_no_other_with_it() -> Outcome {
    // The batch fails, then the first of it alone; all others are written.
    let (mut sink, gate) = Scripted::gated();
    (sink.batch, sink.steps) = (4, [Step::Write(1), Step::Lasting, Step::Lasting].into());
    let written = Arc::clone(&sink.written);
    let outlet = Outlet::new(sink, &quick())?;
    for event in scans(5)? {
        outlet.offer(&event);
    }
    for _ in 0..20 {
        gate.send(())?;
    }
    let counters = outlet.close(Duration::from_secs(5)).counters;
    assert_eq!((counters.written, counters.failed), (4, 1));
    let written = written.lock().map_err(|_| "poisoned")?;
    assert_eq!(written.len(), 4);
    Ok(())
}

#[test]
fn patience_ends_and_later_events_have_their_own_try() -> Outcome {
    let sink = Scripted::new(&vec![Step::Passing; 1_000_000]);
    let config = quick().with_patience(Duration::from_millis(50));
    let outlet = Outlet::new(sink, &config)?;
    outlet.offer(&scan(1)?);
    wait_for("the first to be given up", || {
        outlet.status().counters.failed == 1
    })?;
    let status = outlet.status();
    assert!(status.failing && status.counters.errors > 1, "{status:?}");
    outlet.offer(&scan(2)?);
    wait_for("the second to be given up", || {
        outlet.status().counters.failed == 2
    })?;
    let counters = outlet.close(Duration::from_secs(5)).counters;
    assert_eq!((counters.offered, counters.failed), (2, 2));
    Ok(())
}

#[test]
fn closing_ends_in_time_whatever_the_sink_does() -> Outcome {
    let (stuck, _gate) = Scripted::gated();
    let failing = Scripted::new(&vec![Step::Passing; 1_000_000]);
    let sound = Scripted::new(&[]);
    let mut outlets = Outlets::default();
    outlets.push(Outlet::new(Box::new(stuck) as Box<dyn Sink>, &quick())?);
    outlets.push(Outlet::new(failing, &quick())?);
    outlets.push(Outlet::new(sound, &quick())?);
    for event in scans(100)? {
        outlets.offer(&event);
    }
    let began = Instant::now();
    let status = outlets.close(Duration::from_millis(200));
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    let became: Vec<_> = status
        .iter()
        .map(|s| (s.counters.written, s.counters.failed))
        .collect();
    assert_eq!(became, [(0, 100), (0, 100), (100, 0)]);
    Ok(())
}

#[test]
fn a_sink_is_reopened_before_it_writes_more_and_while_it_fails() -> Outcome {
    let sink = Scripted::new(&[Step::Passing]);
    let (written, reopened) = (Arc::clone(&sink.written), Arc::clone(&sink.reopened));
    let hour = Duration::from_secs(3_600);
    let outlet = Outlet::new(sink, &OutletConfig::default().with_pauses(hour, hour))?;
    outlet.offer(&scan(1)?);
    wait_for("the failure", || outlet.status().counters.errors == 1)?;
    // The pause of an hour ends at once.
    outlet.reopen();
    wait_for("the alert", || outlet.status().counters.written == 1)?;
    assert_eq!(*reopened.lock().map_err(|_| "poisoned")?, 1);
    outlet.reopen();
    wait_for("the second time", || {
        reopened.lock().is_ok_and(|times| *times == 2)
    })?;
    assert_eq!(outlet.close(Duration::from_secs(5)).counters.lost(), 0);
    assert_eq!(*written.lock().map_err(|_| "poisoned")?, [1]);
    Ok(())
}

#[test]
fn a_sink_that_panics_stops_nobody() -> Outcome {
    let outlet = Outlet::new(Scripted::new(&[Step::Panic]), &quick())?;
    outlet.offer(&scan(1)?);
    wait_for("the panic", || outlet.status().counters.failed == 1)?;
    assert!(!outlet.offer(&scan(2)?));
    let status = outlet.close(Duration::from_secs(5));
    assert_eq!((status.counters.failed, status.counters.refused), (1, 1));
    assert_eq!(
        status.last_error.ok_or("an error")?.what,
        "the sink panicked"
    );
    Ok(())
}

#[test]
fn times_without_end_are_no_fault() -> Outcome {
    let config = OutletConfig::default()
        .with_pauses(Duration::MAX, Duration::MAX)
        .with_patience(Duration::MAX);
    let outlet = Outlet::new(Scripted::new(&[Step::Passing]), &config)?;
    outlet.offer(&scan(1)?);
    wait_for("the failure", || outlet.status().counters.errors == 1)?;
    // What ends the pause is that it closes.
    assert_eq!(outlet.close(Duration::MAX).counters.written, 1);
    Ok(())
}

#[test]
fn kinds_that_a_sink_does_not_want_are_not_counted() -> Outcome {
    let [begin, _] = incident(2)?;
    let events = [scan(1)?, begin, usual(1)];
    // Whether alerts, incidents and flows are taken.
    for (wants, expected) in [
        (Wants::default(), [true, false, false]),
        (Wants::ALERTS, [true, false, false]),
        (Wants::INCIDENTS, [false, true, false]),
        (Wants::FLOWS, [false, false, true]),
        (Wants::ALERTS.and(Wants::INCIDENTS), [true, true, false]),
        (Wants::INCIDENTS.and(Wants::FLOWS), [false, true, true]),
        (
            [EventKind::Flow, EventKind::Alert].into_iter().collect(),
            [true, false, true],
        ),
    ] {
        let mut sink = Scripted::new(&[]);
        sink.wants = wants;
        let outlet = Outlet::new(sink, &quick())?;
        assert_eq!(outlet.wants(), wants);
        assert_eq!(
            events.each_ref().map(|event| outlet.offer(event)),
            expected,
            "{wants:?}"
        );
        let taken = expected.iter().filter(|is_taken| **is_taken).count() as u64;
        assert_eq!(outlet.close(Duration::from_secs(5)).counters.offered, taken);
    }
    Ok(())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_usize..6).prop_map(Step::Write),
        (1_usize..6).prop_map(Step::Skip),
        Just(Step::Passing),
        Just(Step::Lasting),
        Just(Step::Miscount),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever a sink does, no event is counted twice or not at all, and what it wrote is what is counted.
    #[test]
    fn every_event_is_accounted_for(
        steps in proptest::collection::vec(step(), 0..40),
        events in 0_u64..60,
        capacity in 1_usize..50,
        batch in 1_usize..9,
    ) {
        let failed = |error: &dyn std::fmt::Display| TestCaseError::fail(error.to_string());
        let mut sink = Scripted::new(&steps);
        sink.batch = batch;
        let written = Arc::clone(&sink.written);
        let outlet = Outlet::new(sink, &quick().with_capacity(capacity)).map_err(|e| failed(&e))?;
        for event in scans(events).map_err(|e| failed(&e))? {
            outlet.offer(&event);
            let counters = outlet.status().counters;
            prop_assert_eq!(sum(&counters), counters.offered);
            prop_assert!(counters.waiting <= capacity as u64);
        }
        let counters = outlet.close(Duration::from_secs(5)).counters;
        prop_assert_eq!(counters.offered, events);
        prop_assert_eq!((sum(&counters), counters.waiting), (events, 0));
        let written = written.lock().map_err(|e| failed(&e))?;
        prop_assert_eq!(written.len() as u64, counters.written);
        prop_assert!(written.is_sorted_by(|a, b| a < b), "{:?}", written);
    }
}
