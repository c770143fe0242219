//! A sensor that is killed at any moment, and started again: of its alerts and incidents nothing is doubled or torn.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use nettraffic_sensor::{FileConfig, FileSink, Outlet, OutletConfig, Rotation, Wants};

use crate::events::mixed;
use crate::files::{ids, logs};
use crate::{Outcome, wait_for};

/// Where the child is to write, and after how many alerts it is done.
const LOG: &str = "NETTRAFFIC_TEST_CRASH_LOG";
const ALERTS: &str = "NETTRAFFIC_TEST_CRASH_ALERTS";

/// Kills in one folder; then it is left to finish.
const KILLS: u32 = 10;
const FOLDERS: u32 = 20;

/// What the child does: offers alerts and events of incidents from the first on, as fast as it can, and tells how many
/// are written.
#[test]
fn child() -> Outcome {
    let Some(log) = env::var_os(LOG) else {
        return Ok(());
    };
    let alerts: u64 = env::var(ALERTS)?.parse()?;
    let rotation = Rotation::default().with_size(100_000).with_kept(10_000);
    let wants = Wants::ALERTS.and(Wants::INCIDENTS);
    let config = FileConfig::new(log).with_events(wants);
    let sink = FileSink::open(&config.with_rotation(rotation))?;
    let outlet = Outlet::new(sink, &OutletConfig::default())?;
    let mut stdout = std::io::stdout();
    let (mut told, mut offered) = (0, 0);
    while told < alerts {
        if offered < alerts && outlet.offer(&mixed(offered)?) {
            offered += 1;
        } else {
            thread::yield_now();
        }
        let counters = outlet.status().counters;
        let done = counters.written + counters.skipped;
        if done > told {
            told = done;
            writeln!(stdout, "written {told}")?;
        }
    }
    let status = outlet.close(Duration::from_secs(5));
    assert_eq!(status.last_error, None);
    Ok(())
}

/// When the child is killed.
enum End {
    /// So long after it was started.
    AfterStart(Duration),
    /// So long after it said that more than so many alerts are written.
    AfterAlerts(u64, Duration),
    /// When it is done.
    Done,
}

/// Starts the child and tells how many alerts it said were written.
fn run(log: &Path, alerts: u64, end: &End) -> Result<u64, Box<dyn std::error::Error>> {
    let mut child = Command::new(env::current_exe()?)
        .args(["--exact", "crash::child", "--nocapture"])
        .envs([
            (LOG, log.as_os_str()),
            (ALERTS, alerts.to_string().as_ref()),
        ])
        .stdout(Stdio::piped())
        .spawn()?;
    let lines = BufReader::new(child.stdout.take().ok_or("a pipe")?).lines();
    let told = Arc::new(AtomicU64::new(0));
    let telling = Arc::clone(&told);
    let reader = thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            // The first stands behind what the test's frame prints.
            let number = line.split_once("written ").map(|line| line.1.parse());
            if let Some(Ok(number)) = number {
                telling.store(number, Ordering::Release);
            }
        }
    });
    let mut waited = Ok(());
    match end {
        End::Done => {}
        End::AfterStart(pause) => thread::sleep(*pause),
        End::AfterAlerts(most, pause) => {
            waited = wait_for("alerts", || told.load(Ordering::Acquire) > *most);
            thread::sleep(*pause);
        }
    }
    let status = match end {
        End::Done => child.wait()?,
        _ => {
            child.kill()?;
            child.wait()?
        }
    };
    reader.join().map_err(|_| "the reader panicked")?;
    waited?;
    if matches!(end, End::Done) && !status.success() {
        return Err(format!("the child failed: {status}").into());
    }
    Ok(told.load(Ordering::Acquire))
}

#[test]
fn what_was_said_to_be_written_survives_every_kill_and_comes_once() -> Outcome {
    let (mut random, mut torn, mut in_the_middle) = (0x1234_5678_9abc_def1_u64, 0, 0);
    for _ in 0..FOLDERS {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("eve.json");
        let mut most = 0;
        for kill in 0..KILLS {
            // Xorshift (Marsaglia 2003).
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            // Every other one dies early, maybe while it reads back what is there.
            let end = match kill % 2 {
                0 => End::AfterAlerts(most, Duration::from_micros(random % 10_000)),
                _ => End::AfterStart(Duration::from_micros(random % 25_000)),
            };
            let told = run(&log, u64::MAX, &end)?;
            in_the_middle += u32::from(told > most);
            most = most.max(told);
            let mut there = Vec::new();
            for path in logs(folder.path())? {
                let text = fs::read_to_string(&path)?;
                let end = text.rfind('\n').map_or(0, |at| at + 1);
                let is_torn = end < text.len();
                assert!(!is_torn || path == log, "{}", path.display());
                torn += u32::from(is_torn);
                there.extend(ids(&text[..end])?);
            }
            assert!(there.len() as u64 >= told, "{} of {told}", there.len());
            assert_eq!(there, Vec::from_iter(0..there.len() as u64));
        }
        let all = most + 1_000;
        assert_eq!(run(&log, all, &End::Done)?, all);
        let texts: Result<String, _> = logs(folder.path())?
            .iter()
            .map(fs::read_to_string)
            .collect();
        assert_eq!(ids(&texts?)?, Vec::from_iter(0..all));
    }
    eprintln!(
        "{} kills, {in_the_middle} after new alerts were written, {torn} in the middle of a line",
        FOLDERS * KILLS
    );
    assert!(in_the_middle >= FOLDERS * KILLS / 2, "{in_the_middle}");
    Ok(())
}
