//! Learning what is usual, also over a restart.

use nettraffic_detect::ModelStore;
use nettraffic_sensor::{Phase, Sensor, Speed, StateFolder};

use crate::common::{Seen, Tested, attacked, label, learning, office, replay};

#[test]
fn it_learns_for_the_stated_time_and_then_judges() -> Tested {
    let folder = tempfile::tempdir()?;
    let seen = Seen::default();
    let sensor = Sensor::learning(learning(150)).observer(seen.clone());
    let sensor = sensor.store(ModelStore::open(folder.path())?);
    let status = sensor.input(replay(&attacked(3))).start()?.wait();
    assert!(
        status.learned > 100 && status.judged > 100,
        "{} {}",
        status.learned,
        status.judged
    );
    let records: u64 = status.flows.records();
    assert_eq!(status.learned + status.judged, records);
    let parts = seen.parts();
    assert!(parts.alerts.len() > 50, "{}", parts.alerts.len());
    let [detector] = &parts.detectors[..] else {
        return Err("one detector was made".into());
    };
    let kept = ModelStore::open(folder.path())?
        .current()?
        .ok_or("it was kept")?;
    assert_eq!(kept.id(), detector.id());
    // The flood begins after the period, so nothing of it was learned: it is found.
    let rules = attacked(3).synthesize().truth.rules;
    let alerts = parts
        .alerts
        .iter()
        .map(|(alert, _)| label(&alert.verdict().flow, &rules));
    let flood = alerts.filter(|label| *label == "dos_udpflood").count();
    assert!(flood > 20, "{flood}");
    Ok(())
}

#[test]
fn what_is_learned_does_not_depend_on_the_speed_of_a_replay() -> Tested {
    let learned = |speed| {
        let seen = Seen::default();
        let sensor = Sensor::learning(learning(150)).observer(seen.clone());
        let running = sensor.input(replay(&attacked(3)).speed(speed)).start();
        let _status = running.map(nettraffic_sensor::Running::wait);
        std::mem::take(&mut seen.parts().verdicts)
    };
    let expected = learned(Speed::Full);
    assert!(expected.len() > 100);
    assert_eq!(learned(Speed::Times(97.0)), expected);
    Ok(())
}

#[test]
fn a_restart_in_the_middle_of_learning_changes_nothing_that_was_learned() -> Tested {
    let folder = tempfile::tempdir()?;
    let state = folder.path().join("state");
    let learning = learning(700);
    let sensor = Sensor::learning(learning.clone()).state(StateFolder::open(&state)?);
    let status = sensor.input(replay(&office(2))).start()?.wait();
    assert!(matches!(status.phase, Phase::Ended));
    assert!(
        status
            .notes
            .iter()
            .any(|what| what.contains("ended while learning"))
    );

    let seen = Seen::default();
    let sensor = Sensor::learning(learning)
        .state(StateFolder::open(&state)?)
        .observer(seen.clone());
    // As if it went on an hour later.
    let later = u64::try_from(status.now.as_nanos())? + 3_600_000_000_000;
    let later = replay(&office(5).start_ns(later));
    let again = sensor.input(later).start()?.wait();
    let parts = seen.parts();
    let detector = parts.detectors.first().ok_or("it has learned by now")?;
    assert_eq!(detector.training().fitted, status.learned + again.learned);
    Ok(())
}

#[test]
fn too_little_to_learn_from_is_told() -> Tested {
    let mut learning = learning(100);
    learning.least_flows = 1_000_000;
    let status = Sensor::learning(learning)
        .input(replay(&office(2)))
        .start()?
        .wait();
    assert_eq!(status.judged, 0);
    assert!(
        status
            .notes
            .iter()
            .any(|what| what.contains("of at least 1000000")),
        "{:?}",
        status.notes
    );
    Ok(())
}
