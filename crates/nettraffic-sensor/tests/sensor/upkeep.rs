//! Other detectors take over while a sensor works.

use std::time::Duration;

use nettraffic_sensor::{Renewal, Replay, Sensor, Speed};

use crate::common::{
    Padded, Seen, SeenParts, Tested, attacked, detector, learning, office, replay, trained,
};

#[test]
fn another_detector_takes_over_and_no_packet_is_lost() -> Tested {
    let (seen, other) = (Seen::default(), trained(2));
    let input = replay(&attacked(3)).speed(Speed::Times(100.0));
    let running = Sensor::detecting(detector())
        .observer(seen.clone())
        .input(input)
        .start()?;
    std::thread::sleep(Duration::from_millis(2_000));
    let reply = running.handle().serve(other.clone())?;
    let took_over = reply.wait(Duration::from_secs(20))?;
    assert!(took_over.kept_flows);
    let status = running.wait();
    assert_eq!(status.received(), status.processed);
    assert_eq!(status.flows.records(), status.judged);
    let parts = seen.parts();
    let ids: Vec<u64> = parts
        .detectors
        .iter()
        .map(|detector| detector.id())
        .collect();
    assert_eq!(ids, [detector().id(), other.id()]);
    let begin = status.begin.ok_or("there were packets")?;
    assert!(begin < took_over.at && took_over.at < status.now);
    let thresholds = |detector: &nettraffic_detect::Detector| {
        let value = detector.threshold().value();
        parts
            .verdicts
            .iter()
            .filter(|verdict| verdict.threshold == value)
            .count()
    };
    assert!(
        parts
            .detectors
            .iter()
            .all(|detector| thresholds(detector) > 50)
    );
    Ok(())
}

#[test]
fn drift_is_looked_for_as_time_passes() -> Tested {
    let mut renewal = Renewal::default();
    renewal.drift_every = Duration::from_secs(100);
    let sensor = Sensor::detecting(detector()).renewal(renewal);
    let status = sensor.input(replay(&office(4))).start()?.wait();
    let drift = status.drift.ok_or("it was looked for")?;
    assert!(drift.rows >= 200, "{}", drift.rows);
    Ok(())
}

#[test]
fn successors_are_tried_as_time_passes_and_serve_when_they_are_no_worse() -> Tested {
    // Batches of a thousand packets, of few, and as time cuts them.
    let runs = [
        (Speed::Full, 0),
        (Speed::Full, 60_000),
        (Speed::Times(170.0), 0),
    ];
    let mut before: Option<Seen> = None;
    for (speed, padding) in runs {
        let seen = Seen::default();
        let input = Replay::new("office", Padded::new(&office(4), padding)).speed(speed);
        let sensor = Sensor::detecting(detector()).renewal(often());
        let status = sensor.observer(seen.clone()).input(input).start()?.wait();
        let renewed = status.renewed.ok_or("a successor was tried")?;
        // At the last of the times that are counted from the first packet on.
        let begin = status.begin.ok_or("there were packets")?;
        let since = renewed.at.saturating_since(begin).as_secs_f64();
        assert!(since > 100.0 && since % 70.0 == 0.0, "after {since} s");
        assert_eq!(renewed.took_over, renewed.replaced.then_some(renewed.at));
        assert!(seen.parts().detectors.len() > 1, "{}", renewed.outcome);
        if let Some(before) = before.replace(seen.clone()) {
            same(&before, &seen, &format!("{speed:?} {padding}"));
        }
    }
    Ok(())
}

#[test]
fn successors_of_a_detector_that_was_learned_take_over_at_the_same_moments_at_any_speed() -> Tested
{
    let run = |speed, padding| {
        let seen = Seen::default();
        let input = Replay::new("office", Padded::new(&office(4), padding)).speed(speed);
        let sensor = Sensor::learning(learning(90)).renewal(often());
        let running = sensor.observer(seen.clone()).input(input).start();
        running.map(|running| (running.wait(), seen))
    };
    let (status, full) = run(Speed::Full, 1_000)?;
    assert!(status.judged > 100 && full.parts().detectors.len() > 1);
    for (speed, padding) in [(Speed::Full, 60_000), (Speed::Times(170.0), 0)] {
        let (_, other) = run(speed, padding)?;
        same(&full, &other, &format!("{speed:?} {padding}"));
    }
    Ok(())
}

fn often() -> Renewal {
    let mut renewal = Renewal::default();
    (renewal.every, renewal.least_flows) = (Some(Duration::from_secs(70)), 100);
    renewal.drift_every = Duration::from_secs(50);
    renewal
}

fn same(one: &Seen, other: &Seen, of: &str) {
    let (one, other) = (one.parts(), other.parts());
    let ids = |parts: &SeenParts| -> Vec<u64> {
        parts
            .detectors
            .iter()
            .map(|detector| detector.id())
            .collect()
    };
    assert_eq!(ids(&one), ids(&other), "{of}");
    let first = one.verdicts.iter().zip(&other.verdicts);
    let differs = first.enumerate().find(|(_, (one, other))| one != other);
    assert!(differs.is_none(), "{of}: {differs:?}");
    assert_eq!(one.verdicts.len(), other.verdicts.len(), "{of}");
}
