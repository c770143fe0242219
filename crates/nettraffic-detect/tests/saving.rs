//! A file that is saved over and over by a process that is killed again and again.

mod traffic;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nettraffic_detect::Detector;
use traffic::{Outcome, Random, detectors, saved};

/// Set for the process that saves until it is killed.
const FOLDER: &str = "NETTRAFFIC_SAVE_IN";
const KILLS: usize = 200;

#[test]
fn a_kill_at_any_moment_leaves_the_old_or_the_new_file() -> Outcome {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return save_until_killed(Path::new(&folder));
    }
    let folder = tempfile::tempdir()?;
    let [old, new] = &detectors("basic")?[..2] else {
        return Err("two kinds".into());
    };
    old.save_to(folder.path().join("old"))?;
    new.save_to(folder.path().join("new"))?;
    let path = folder.path().join("model.ntm");
    old.save_to(&path)?;
    let (old, new) = (saved(old)?, saved(new)?);

    let mut random = Random(9);
    let (mut found_old, mut found_new) = (0, 0);
    for _ in 0..KILLS {
        let name = "a_kill_at_any_moment_leaves_the_old_or_the_new_file";
        let mut child = Command::new(std::env::current_exe()?)
            .args([name, "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("its output")?;
        let mut lines = BufReader::new(output).lines();
        while !lines.next().ok_or("it ended")??.contains("ready") {}
        std::thread::sleep(Duration::from_micros(random.next() % 40_000));
        child.kill()?;
        child.wait()?;
        let found = saved(&Detector::load_from(&path)?)?;
        assert!(found == old || found == new, "neither of them");
        found_old += u32::from(found == old);
        found_new += u32::from(found == new);
    }
    let begun = std::fs::read_dir(folder.path())?.count() - 3;
    println!("{KILLS} kills, {begun} amid a save; {found_old} old files, {found_new} new ones");
    assert!(begun > 10 && found_old > 10 && found_new > 10);
    Ok(())
}

fn save_until_killed(folder: &Path) -> Outcome {
    let detectors = [
        Detector::load_from(folder.join("new"))?,
        Detector::load_from(folder.join("old"))?,
    ];
    println!("\nready");
    loop {
        for detector in &detectors {
            detector.save_to(folder.join("model.ntm"))?;
        }
    }
}

#[test]
fn a_save_that_fails_leaves_the_file_and_nothing_beside_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let detectors = detectors("basic")?;
    let [detector, ..] = &detectors[..] else {
        return Err("one kind".into());
    };
    assert!(
        detector
            .save_to(folder.path().join("none/model.ntm"))
            .is_err()
    );
    assert!(detector.save_to(folder.path()).is_err(), "a folder");
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);

    let path = folder.path().join("model.ntm");
    detector.save_to(&path)?;
    assert_eq!(std::fs::read(&path)?, saved(detector)?);
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
    assert!(Detector::load_from(folder.path().join("other.ntm")).is_err());
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_link_goes_on_to_lead_to_the_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (path, link) = (folder.path().join("model.ntm"), folder.path().join("link"));
    std::fs::write(&path, "an old one")?;
    std::os::unix::fs::symlink(&path, &link)?;
    let detectors = detectors("basic")?;
    let [detector, ..] = &detectors[..] else {
        return Err("one kind".into());
    };
    detector.save_to(&link)?;
    assert_eq!(std::fs::read(&path)?, saved(detector)?);
    assert!(link.is_symlink());
    Ok(())
}

#[test]
fn threads_that_save_one_file_at_once_leave_a_whole_one() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("model.ntm");
    let detectors = detectors("basic")?;
    let whole = detectors.iter().map(saved).collect::<Result<Vec<_>, _>>()?;
    std::thread::scope(|scope| {
        let threads: Vec<_> = detectors
            .iter()
            .map(|detector| scope.spawn(|| (0..50).try_for_each(|_| detector.save_to(&path))))
            .collect();
        for thread in threads {
            thread.join().map_err(|_| "a thread panicked")??;
            assert!(whole.contains(&std::fs::read(&path)?), "neither of them");
        }
        Ok::<_, Box<dyn std::error::Error>>(())
    })?;
    assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
    Ok(())
}
