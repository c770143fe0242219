//! Disks that are full.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nettraffic_sensor::{FileConfig, FileSink, Outlet, OutletConfig, Sink as _};

use crate::events::{scan, scans};
use crate::files::ids;
use crate::{Outcome, wait_for};

#[test]
fn a_device_that_is_always_full_stops_nobody() -> Outcome {
    let config = OutletConfig::default()
        .with_patience(Duration::from_millis(100))
        .with_pauses(Duration::from_millis(5), Duration::from_millis(20));
    let outlet = Outlet::new(FileSink::open(&FileConfig::new("/dev/full"))?, &config)?;
    let began = Instant::now();
    for event in scans(100)? {
        assert!(outlet.offer(&event));
    }
    assert!(began.elapsed() < Duration::from_millis(100));
    wait_for("all to be given up", || {
        outlet.status().counters.failed == 100
    })?;
    let status = outlet.close(Duration::from_secs(1));
    assert_eq!(status.counters.written, 0);
    assert!(status.counters.errors > 1);
    let error = status.last_error.ok_or("an error")?;
    assert!(
        error.what.starts_with("/dev/full: No space left"),
        "{}",
        error.what
    );
    assert!(error.at.elapsed()? < Duration::from_secs(60));
    Ok(())
}

/// A file system of 1 MiB, for as long as this lives.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mounted(at: &'a Path) -> Option<Self> {
        let options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs"];
        let mounted = Command::new("mount").args(options).arg(at).output().ok()?;
        mounted.status.success().then_some(Self(at))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[test]
fn a_disk_that_fills_up_holds_whole_lines_and_goes_on_when_there_is_room() -> Outcome {
    let folder = tempfile::tempdir()?;
    let Some(_small) = Small::mounted(folder.path()) else {
        eprintln!("skipped: only root may mount a small file system");
        return Ok(());
    };
    let (path, other) = (folder.path().join("eve.json"), folder.path().join("other"));
    // Its last block is full to a different byte each time.
    for filler in [600_000, 600_700, 601_400] {
        // A process that another test starts may hold what was deleted for a moment.
        wait_for("room", || fs::write(&other, vec![0; filler]).is_ok())?;
        let mut sink = FileSink::open(&FileConfig::new(&path))?;
        let events = scans(2_000)?;
        let mut written = 0;
        while let Ok(dealt) = sink.write(&events[written..events.len().min(written + 100)]) {
            written += dealt.written;
            assert_eq!(ids(&fs::read_to_string(&path)?)?.len(), written);
        }
        assert!(written > 100 && written < 1_900, "{written}");
        assert!(sink.write(&[scan(1)?]).is_err());
        assert_eq!(
            ids(&fs::read_to_string(&path)?)?,
            Vec::from_iter(0..written as u64)
        );
        fs::remove_file(&other)?;
        let more = sink.write(&events[written..written + 100])?.written;
        assert_eq!(more, 100);
        assert_eq!(
            ids(&fs::read_to_string(&path)?)?,
            Vec::from_iter(0..written as u64 + 100)
        );
        drop(sink);
        fs::remove_file(&path)?;
    }
    Ok(())
}

#[test]
fn alerts_wait_while_a_disk_is_full() -> Outcome {
    let folder = tempfile::tempdir()?;
    let Some(_small) = Small::mounted(folder.path()) else {
        eprintln!("skipped: only root may mount a small file system");
        return Ok(());
    };
    let (path, other) = (folder.path().join("eve.json"), folder.path().join("other"));
    let sink = FileSink::open(&FileConfig::new(&path))?;
    fs::write(&other, vec![0; 1_000_000])?;
    let pauses = (Duration::from_millis(1), Duration::from_millis(10));
    let config = OutletConfig::default().with_pauses(pauses.0, pauses.1);
    let outlet = Outlet::new(sink, &config)?;
    for event in scans(200)? {
        outlet.offer(&event);
    }
    wait_for("the disk to be full", || outlet.status().failing)?;
    fs::remove_file(&other)?;
    wait_for("all to be written", || {
        outlet.status().counters.written == 200
    })?;
    assert_eq!(outlet.close(Duration::from_secs(1)).counters.lost(), 0);
    assert_eq!(ids(&fs::read_to_string(&path)?)?, Vec::from_iter(0..200));
    Ok(())
}
