//! Other detectors take over while a sensor works.

use std::time::Duration;

use nettraffic_sensor::{Renewal, Sensor, Speed};

use crate::common::{Seen, Tested, attacked, detector, office, replay, trained};

#[test]
fn another_detector_takes_over_and_no_packet_is_lost() -> Tested {
    let (seen, other) = (Seen::default(), trained(2));
    let input = replay(&attacked(3)).speed(Speed::Times(100.0));
    let running = Sensor::detecting(detector())
        .observer(seen.clone())
        .input(input)
        .start()?;
    std::thread::sleep(Duration::from_millis(2_000));
    running.handle().serve(other.clone())?;
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
    let mut renewal = Renewal::default();
    (renewal.every, renewal.least_flows) = (Some(Duration::from_secs(150)), 200);
    let run = || {
        let seen = Seen::default();
        let sensor = Sensor::detecting(detector()).renewal(renewal.clone());
        let running = sensor
            .observer(seen.clone())
            .input(replay(&office(4)))
            .start();
        running.map(|running| (running.wait(), seen))
    };
    let (status, seen) = run()?;
    let renewed = status.renewed.ok_or("a successor was tried")?;
    let served = seen.parts().detectors.len();
    assert_eq!(renewed.replaced, served > 1, "{}", renewed.outcome);
    // The same once more, though the work is done beside the detection.
    let (_, again) = run()?;
    assert_eq!(again.parts().verdicts, seen.parts().verdicts);
    Ok(())
}
