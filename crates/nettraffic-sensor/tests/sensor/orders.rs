//! What a sensor is told, and what it answers.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nettraffic_detect::{AlertId, AllowList, FalseAlarmGoal};
use nettraffic_sensor::{
    ConditionKind, Fate, MarkAs, NotDone, NotTold, Running, Sensor, SensorAlert, Speed, StateFolder,
};

use crate::common::{Seen, Tested, attacked, detector, learning, office, replay};

const PATIENCE: Duration = Duration::from_secs(20);

fn wait_for<T>(look: impl Fn() -> Option<T>) -> Result<T, Box<dyn Error>> {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if begin.elapsed() > PATIENCE {
            return Err("it did not come about in time".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A sensor at work with a folder, and the first alert that it wrote.
fn at_work(
    folder: &std::path::Path,
    seen: &Seen,
) -> Result<(Running, SensorAlert), Box<dyn Error>> {
    let running = Sensor::detecting(detector())
        .state(StateFolder::open(folder)?)
        .observer(seen.clone())
        .input(replay(&attacked(3)).speed(Speed::Times(40.0)))
        .start()?;
    let alert = wait_for(|| {
        let parts = seen.parts();
        let written = parts
            .alerts
            .iter()
            .find(|(_, fate)| matches!(fate, Fate::Write));
        written.map(|(alert, _)| alert.clone())
    })?;
    Ok((running, alert))
}

#[test]
fn a_mark_is_answered_once_it_is_on_the_disk_and_can_be_taken_back() -> Tested {
    let folder = tempfile::tempdir()?;
    let marked = || fs::read_to_string(folder.path().join("marked.toml"));
    let seen = Seen::default();
    let (running, alert) = at_work(folder.path(), &seen)?;
    let (handle, id) = (running.handle(), alert.alert().id);
    let mark = |id, as_what| {
        handle
            .mark(id, as_what, "our own")
            .map(|reply| reply.wait(PATIENCE))
    };
    let done = mark(id, MarkAs::AllowedAndUsual)??;
    assert!(marked()?.contains(&format!("alert {id}")));
    let source = format!("source {}", alert.verdict().flow.key.initiator);
    assert!(done.scope().ok_or("a scope")?.starts_with(&source));
    let month = done.until().ok_or("an end")?.saturating_since(alert.time());
    assert!(month >= Duration::from_secs(30 * 86_400) && done.is_row_added);
    let rows = fs::metadata(folder.path().join("marked.rows"))?.len();

    let undone = handle.unmark(id)?.wait(PATIENCE)?;
    assert_eq!((undone.entries.len(), undone.is_row_removed), (1, true));
    assert!(!marked()?.contains(&format!("alert {id}")));
    assert!(fs::metadata(folder.path().join("marked.rows"))?.len() < rows);
    let again = handle.unmark(id)?.wait(PATIENCE);
    assert_eq!(
        again,
        Err(NotDone::Failed(format!("the alert {id} is not marked")))
    );
    let unknown = mark(AlertId(1), MarkAs::Allowed)?;
    assert!(matches!(unknown, Err(NotDone::Failed(why)) if why.contains("is not among the last")));

    // A mark is taken back by a later run too, with its row.
    mark(id, MarkAs::AllowedAndUsual)??;
    handle.stop();
    let status = running.wait();
    let saving = status.saving.ok_or("there is a folder")?;
    assert!(
        saving.written > 3 && saving.failed == 0 && saving.waiting == 0,
        "{saving:?}"
    );
    assert_eq!(handle.reopen(), Err(NotTold::Ended));
    let (running, _) = at_work(folder.path(), &seen)?;
    let undone = running.handle().unmark(id)?.wait(PATIENCE)?;
    assert_eq!((undone.entries.len(), undone.is_row_removed), (1, true));
    running.handle().stop();
    let _status = running.wait();
    Ok(())
}

#[test]
fn every_order_is_answered() -> Tested {
    let input = replay(&office(2)).speed(Speed::Times(40.0));
    let running = Sensor::detecting(detector()).input(input).start()?;
    let handle = running.handle();
    let list = "[[allow]]\nreason = 'x'\nsource = '192.0.2.7'\n";
    let entries = handle.allow(AllowList::parse("allow.toml", list)?)?;
    assert_eq!(entries.wait(PATIENCE), Ok(1));
    let failed = |what: &str| Err(NotDone::Failed(what.to_owned()));
    let packets = handle.write_packets("/nowhere")?.wait(PATIENCE);
    assert_eq!(packets.map(drop), failed("no packets are kept"));
    let marked = handle.mark(AlertId(1), MarkAs::Usual, "x")?.wait(PATIENCE);
    assert_eq!(
        marked.map(drop),
        failed("there is no folder to keep marks in")
    );
    let reply = handle.serve(detector())?;
    assert!(reply.wait(PATIENCE)?.kept_flows);
    handle.stop();
    let _status = running.wait();
    Ok(())
}

#[test]
fn what_is_wrong_for_a_while_is_told_for_as_long() -> Tested {
    let mut blind = learning(100);
    (blind.goal, blind.is_resolvable) = (FalseAlarmGoal::PerDay(1e-6), false);
    let seen = Seen::default();
    let input = replay(&attacked(3)).speed(Speed::Times(60.0));
    let running = Sensor::learning(blind)
        .observer(seen.clone())
        .input(input)
        .start()?;
    let kinds = || -> Vec<ConditionKind> {
        let parts = seen.parts();
        let conditions = parts.statuses.last().map(|status| &status.conditions[..]);
        conditions
            .unwrap_or_default()
            .iter()
            .map(|condition| condition.kind)
            .collect()
    };
    let until = |wanted: &[ConditionKind]| wait_for(|| (kinds() == wanted).then_some(()));
    until(&[ConditionKind::Blind])?;
    let handle = running.handle();
    handle.hold(ConditionKind::Reload, Some("a typo in line 3".to_owned()))?;
    until(&[ConditionKind::Blind, ConditionKind::Reload])?;
    let _took_over = handle.serve(detector())?;
    until(&[ConditionKind::Reload])?;
    let held = seen
        .parts()
        .statuses
        .last()
        .and_then(|status| status.conditions.first().cloned());
    assert_eq!(held.ok_or("a condition")?.what, "a typo in line 3");
    handle.hold(ConditionKind::Reload, None)?;
    until(&[])?;
    handle.stop();
    let _status = running.wait();
    Ok(())
}

#[test]
fn a_folder_that_cannot_be_written_is_told_of_until_it_can() -> Tested {
    let folder = tempfile::tempdir()?;
    let state = StateFolder::open(folder.path())?;
    let obstacle = folder.path().join("heartbeat.json.part");
    fs::create_dir(&obstacle)?;
    let seen = Seen::default();
    let input = replay(&office(2)).speed(Speed::Times(40.0));
    let sensor = Sensor::detecting(detector()).state(state);
    let running = sensor.observer(seen.clone()).input(input).start()?;
    let held = || -> Option<bool> {
        let parts = seen.parts();
        let status = parts.statuses.last()?;
        let mut kinds = status.conditions.iter().map(|condition| condition.kind);
        Some(kinds.any(|kind| kind == ConditionKind::State))
    };
    wait_for(|| held().filter(|held| *held))?;
    // Each second the same: that is one trouble, and is counted beside.
    wait_for(|| {
        let parts = seen.parts();
        let failed = parts.statuses.last()?.saving.as_ref()?.failed;
        (failed >= 3).then_some(())
    })?;
    fs::remove_dir(&obstacle)?;
    wait_for(|| held().filter(|held| !held))?;
    running.handle().stop();
    let status = running.wait();
    assert_eq!(status.trouble_count, 1, "{:?}", status.troubles);
    assert!(status.conditions.is_empty());
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_hangs_holds_up_no_packet() -> Tested {
    use nix::sys::stat::Mode;

    let folder = tempfile::tempdir()?;
    let state = StateFolder::open(folder.path())?;
    // Opening it to write waits for somebody who reads.
    let pipe = folder.path().join("heartbeat.json.part");
    nix::unistd::mkfifo(&pipe, Mode::S_IRWXU)?;
    let seen = Seen::default();
    let input = replay(&attacked(3)).speed(Speed::Times(130.0));
    let sensor = Sensor::detecting(detector()).state(state);
    let running = sensor.observer(seen.clone()).input(input).start()?;
    wait_for(|| {
        let parts = seen.parts();
        let status = parts.statuses.last()?;
        let waits = status.saving.as_ref()?.waiting > 0;
        (waits && status.judged > 100).then_some(())
    })?;
    let mut text = String::new();
    fs::File::open(&pipe)?.read_to_string(&mut text)?;
    assert!(text.contains("detecting"), "{text}");
    let status = running.wait();
    assert_eq!(status.received(), status.processed);
    assert_eq!(status.saving.ok_or("a folder")?.waiting, 0);
    // The last word is on the disk.
    let state = StateFolder::open(folder.path())?;
    assert!(matches!(
        state.before(),
        nettraffic_sensor::Before::Ended(_)
    ));
    Ok(())
}

#[test]
fn wall_time_and_packet_time_are_told_apart() -> Tested {
    let input = replay(&office(2)).speed(Speed::Times(100.0));
    let status = Sensor::detecting(Arc::clone(&detector()))
        .input(input)
        .start()?
        .wait();
    let (wall, packets) = (
        status.uptime.as_secs_f64(),
        status.packet_time().as_secs_f64(),
    );
    assert!(
        packets > 390.0 && packets / wall > 30.0,
        "{packets} s in {wall} s"
    );
    Ok(())
}
