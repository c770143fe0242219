//! Logs on a disk: whole lines, none twice, moved away without a loss.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use nettraffic_features::FlowFormat;
use nettraffic_sensor::{
    Dealt, FileConfig, FileSink, FlowLog, FlowLogConfig, Form, Outlet, OutletConfig, Period,
    Rotation, Sink as _, SinkError, Wants,
};
use serde_json::Value;

use crate::Outcome;
use crate::events::{mixed, scan, scans, usual};

/// The logs of a folder, those that were moved away first, in the order in which they were.
pub(crate) fn logs(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let mut logs = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        // `…Z.json` before `…Z-1.json` before `…Z-10.json`, and the log itself last.
        let (stem, _) = name.split_once('.').unwrap_or((&name, ""));
        let parts: Vec<&str> = stem.split('-').collect();
        let number = parts.get(2).map_or(Ok(0), |number| number.parse::<u32>())?;
        logs.push((
            parts.len() == 1,
            parts.get(1).unwrap_or(&"").to_string(),
            number,
            path,
        ));
    }
    logs.sort();
    Ok(logs.into_iter().map(|log| log.3).collect())
}

/// The alerts of a text in which every line is whole. Of an incident the number is that of its most severe alert, of its
/// end the next.
pub(crate) fn ids(text: &str) -> Result<Vec<u64>, Box<dyn std::error::Error>> {
    if !text.is_empty() && !text.ends_with('\n') {
        return Err(format!("torn: {:?}", text.lines().next_back()).into());
    }
    let mut ids = Vec::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line)?;
        let own = &line["nettraffic"];
        let (id, number) = match own["turn"].as_str() {
            None => (&own["id"], 0),
            Some("closed") => (&own["worst"], 1),
            Some(_) => (&own["worst"], 0),
        };
        let id = id.as_str().ok_or("an alert without id")?;
        ids.push(u64::from_str_radix(id, 16)? + number);
    }
    Ok(ids)
}

fn ids_of(folder: &Path) -> Result<Vec<u64>, Box<dyn std::error::Error>> {
    let texts: Result<String, _> = logs(folder)?.iter().map(fs::read_to_string).collect();
    ids(&texts?)
}

fn write_all(sink: &mut FileSink, from: u64, to: u64) -> Result<Dealt, Box<dyn std::error::Error>> {
    let events: Result<Vec<_>, _> = (from..to).map(mixed).collect();
    let events = events?;
    let mut dealt = Dealt::default();
    while dealt.events() < events.len() {
        let more = sink.write(&events[dealt.events()..])?;
        dealt.written += more.written;
        dealt.skipped += more.skipped;
    }
    Ok(dealt)
}

#[test]
fn a_new_file_is_for_owner_and_group_and_its_folder_must_exist() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("eve.json");
    FileSink::open(&FileConfig::new(&path))?;
    // What the mask of the process takes away is not there, whatever is asked for.
    let mode = fs::metadata(&path)?.permissions().mode() & 0o777;
    assert_eq!(mode & !0o640, 0, "{mode:o}");
    assert_eq!(mode & 0o600, 0o600, "{mode:o}");
    let error = FileSink::open(&FileConfig::new(folder.path().join("no/eve.json")));
    let error = error.err().ok_or("no folder")?.to_string();
    assert!(error.contains("there is no folder"), "{error}");
    assert!(!folder.path().join("no").exists());
    assert!(FileSink::open(&FileConfig::new(folder.path())).is_err());
    Ok(())
}

#[test]
fn two_processes_do_not_write_one_file() -> Outcome {
    let folder = tempfile::tempdir()?;
    let config = FileConfig::new(folder.path().join("eve.json"));
    let first = FileSink::open(&config)?;
    let error = FileSink::open(&config)
        .err()
        .ok_or("a second one")?
        .to_string();
    assert!(
        error.ends_with("is being written by another process"),
        "{error}"
    );
    drop(first);
    FileSink::open(&config)?;
    Ok(())
}

#[test]
fn a_torn_line_is_cut_and_nothing_else_touched() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("eve.json");
    let whole = Form::Eve.json(&scan(1)?)? + "\n\nnot ours\n";
    for (torn, cut) in [
        ("", 0),
        ("{", 1),
        ("{\"timestamp\":\"20", 16),
        ("\0\0\0", 3),
        ("{\"time\0\0", 8),
    ] {
        fs::write(&path, whole.clone() + torn)?;
        let mut sink = FileSink::open(&FileConfig::new(&path))?;
        assert_eq!((sink.mended(), sink.recovered()), (cut, 1), "{torn:?}");
        assert_eq!(fs::read_to_string(&path)?, whole);
        write_all(&mut sink, 2, 3)?;
        assert_eq!(
            fs::read_to_string(&path)?,
            whole.clone() + &Form::Eve.json(&mixed(2)?)? + "\n"
        );
    }
    // What is no log of ours is not touched at all.
    fs::write(&path, "root:x:0:0\nroot")?;
    assert!(FileSink::open(&FileConfig::new(&path)).is_err());
    assert_eq!(fs::read_to_string(&path)?, "root:x:0:0\nroot");
    Ok(())
}

#[test]
fn events_that_were_written_are_not_written_again() -> Outcome {
    let folder = tempfile::tempdir()?;
    let config = FileConfig::new(folder.path().join("eve.json"))
        .with_events(Wants::ALERTS.and(Wants::FLOWS));
    for form in Form::ALL {
        let config = config
            .clone()
            .with_form(form)
            .with_rotation(Rotation::default().with_size(9_000));
        let begin = match form {
            Form::Ecs => 100,
            _ => 0,
        };
        let mut sink = FileSink::open(&config)?;
        assert_eq!(write_all(&mut sink, begin, begin + 10)?, Dealt::written(10));
        // An identifier that comes again is another alert, as long as the process lives.
        assert_eq!(
            write_all(&mut sink, begin + 9, begin + 10)?,
            Dealt::written(1)
        );
        drop(sink);
        assert!(logs(folder.path())?.len() > 1);
        let mut sink = FileSink::open(&config)?;
        let expected = Dealt {
            written: 5,
            skipped: 10,
        };
        assert_eq!(write_all(&mut sink, begin, begin + 15)?, expected);
        assert_eq!(write_all(&mut sink, begin + 9, begin + 10)?.skipped, 1);
        assert_eq!(write_all(&mut sink, begin + 9, begin + 10)?.written, 1);
        for log in logs(folder.path())? {
            fs::remove_file(log)?;
        }
    }
    let mut sink = FileSink::open(&config.clone().with_memory(3))?;
    write_all(&mut sink, 0, 10)?;
    drop(sink);
    let sink = FileSink::open(&config.with_memory(3))?;
    assert_eq!(sink.recovered(), 3);
    Ok(())
}

#[test]
fn a_log_is_moved_away_by_size_and_nothing_is_lost() -> Outcome {
    let folder = tempfile::tempdir()?;
    let rotation = Rotation::default().with_size(20_000).with_kept(1_000);
    let config = FileConfig::new(folder.path().join("eve.json")).with_rotation(rotation);
    let outlet = Outlet::new(FileSink::open(&config)?, &OutletConfig::default())?;
    for event in scans(2_000)? {
        assert!(outlet.offer(&event));
    }
    let status = outlet.close(Duration::from_secs(60));
    assert_eq!((status.counters.written, status.last_error), (2_000, None));
    let logs = logs(folder.path())?;
    assert!(logs.len() > 50, "{}", logs.len());
    for log in &logs {
        let len = fs::metadata(log)?.len();
        assert!(len > 0 && len <= 20_000, "{len}");
    }
    assert_eq!(ids_of(folder.path())?, Vec::from_iter(0..2_000));
    Ok(())
}

#[test]
fn only_so_many_logs_are_kept() -> Outcome {
    let folder = tempfile::tempdir()?;
    let rotation = Rotation::default().with_size(1).with_kept(3);
    let config = FileConfig::new(folder.path().join("eve.json")).with_rotation(rotation);
    write_all(&mut FileSink::open(&config)?, 0, 20)?;
    // A line that is longer than a log may be has a log of its own.
    assert_eq!(ids_of(folder.path())?, [16, 17, 18, 19]);
    assert_eq!(logs(folder.path())?.len(), 4);
    Ok(())
}

#[test]
fn a_log_of_yesterday_is_moved_away() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("eve.json");
    let config = FileConfig::new(&path).with_rotation(Rotation::default().with_period(Period::Day));
    write_all(&mut FileSink::open(&config)?, 0, 3)?;
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    File::options()
        .append(true)
        .open(&path)?
        .set_modified(yesterday)?;
    let mut sink = FileSink::open(&config)?;
    assert_eq!(logs(folder.path())?.len(), 1);
    write_all(&mut sink, 3, 5)?;
    let logs = logs(folder.path())?;
    assert_eq!(logs.len(), 2);
    assert_eq!(ids(&fs::read_to_string(&logs[0])?)?, [0, 1, 2]);
    assert_eq!(ids(&fs::read_to_string(&path)?)?, [3, 4]);
    Ok(())
}

/// Logrotate moves the file and sends SIGHUP; until then the lines go on into the moved file.
#[test]
fn a_file_that_was_moved_is_opened_anew_and_no_line_lost() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("eve.json");
    let sink = FileSink::open(&FileConfig::new(&path))?;
    let outlet = Outlet::new(sink, &OutletConfig::default())?;
    let mut moved = Vec::new();
    for (number, event) in (0..).zip(scans(3_000)?) {
        while !outlet.offer(&event) {
            std::thread::yield_now();
        }
        if number % 300 == 299 {
            let to = folder.path().join(format!("moved.{number}"));
            fs::rename(&path, &to)?;
            moved.push(to);
            // Without a move between them, it changes nothing.
            outlet.reopen();
            outlet.reopen();
            crate::wait_for("the new file", || path.exists())?;
        }
    }
    assert_eq!(
        outlet.close(Duration::from_secs(60)).counters.written,
        3_000
    );
    moved.push(path);
    let texts: Result<String, _> = moved.iter().map(fs::read_to_string).collect();
    assert_eq!(ids(&texts?)?, Vec::from_iter(0..3_000));
    Ok(())
}

#[test]
fn a_file_that_cannot_be_reopened_is_written_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (path, moved) = (folder.path().join("eve.json"), folder.path().join("moved"));
    let mut sink = FileSink::open(&FileConfig::new(&path))?;
    write_all(&mut sink, 0, 1)?;
    fs::rename(&path, &moved)?;
    fs::create_dir(&path)?;
    assert!(matches!(sink.reopen(), Err(SinkError::Lasting(_))));
    write_all(&mut sink, 1, 2)?;
    assert_eq!(ids(&fs::read_to_string(&moved)?)?, [0, 1]);
    Ok(())
}

#[test]
fn a_log_that_cannot_be_moved_grows_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("eve.json");
    let rotation = Rotation::default().with_size(1);
    let mut sink = FileSink::open(&FileConfig::new(&path).with_rotation(rotation))?;
    write_all(&mut sink, 0, 1)?;
    // Somebody has put something else in its place: it is not ours to move.
    fs::rename(&path, folder.path().join("eve-old"))?;
    fs::create_dir(&path)?;
    write_all(&mut sink, 1, 3)?;
    let trouble = sink.trouble().ok_or("a word on it")?;
    assert!(trouble.contains("grows on"), "{trouble}");
    assert_eq!(
        ids(&fs::read_to_string(folder.path().join("eve-old"))?)?,
        [0, 1, 2]
    );
    Ok(())
}

#[test]
fn a_file_that_others_empty_is_written_on() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("conn.log");
    let mut log = FlowLog::open(&FlowLogConfig::new(&path))?;
    log.write(&[usual(1)])?;
    OpenOptions::new().write(true).open(&path)?.set_len(0)?;
    log.write(&[usual(2)])?;
    let text = fs::read_to_string(&path)?;
    assert!(text.starts_with("#separator"), "{text}");
    assert_eq!(
        text.matches("SF\t").count() + text.matches("OTH\t").count(),
        1,
        "{text}"
    );
    Ok(())
}

#[test]
fn a_flow_log_is_zeeks() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("conn.log");
    let config = FlowLogConfig::new(&path);
    let mut log = FlowLog::open(&config)?;
    let mut flagged = usual(2);
    if let nettraffic_sensor::Event::Alert(alert) = scan(1)? {
        flagged = nettraffic_sensor::Event::flow(alert.verdict().clone(), "eth0");
    }
    log.write(&[usual(1), flagged])?;
    log.close()?;
    let text = fs::read_to_string(&path)?;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "#separator \\x09");
    let fields: Vec<&str> = lines[5].split('\t').skip(1).collect();
    let value = |line: usize, name: &str| {
        let place = fields.iter().position(|field| *field == name)?;
        lines.get(line)?.split('\t').nth(place)
    };
    for (name, usual, flagged) in [
        ("ts", "1700000000.123456789", "1700000000.123456789"),
        ("id.orig_h", "192.168.1.10", "192.168.1.10"),
        ("id.orig_p", "1", "40000"),
        ("proto", "tcp", "tcp"),
        ("duration", "1.500000000", "1.500000000"),
        ("score", "0.1", "2.5"),
        ("threshold", "1.1", "1.1"),
        ("alert", "no", "unusual"),
    ] {
        assert_eq!(value(7, name), Some(usual), "{name}\n{text}");
        assert_eq!(value(8, name), Some(flagged), "{name}");
    }
    assert_eq!(
        value(8, "community_id"),
        Some("1:3ZMayl2BkSM98dvN4h5690HCPJY=")
    );
    assert_eq!(lines[9], "#close\t2023-11-14-22-13-21");
    // The next start begins anew below.
    drop(log);
    FlowLog::open(&config)?.write(&[usual(3)])?;
    let text = fs::read_to_string(&path)?;
    assert_eq!(text.matches("#fields").count(), 2);
    // A crash that tears the first lines leaves no flow without them.
    fs::write(&path, "#separator \\x09\n#set_sep")?;
    let mut log = FlowLog::open(&config)?;
    assert_eq!(log.mended(), 8);
    log.write(&[usual(3)])?;
    assert_eq!(fs::read_to_string(&path)?.matches("#fields").count(), 1);
    Ok(())
}

#[test]
fn a_flow_log_in_json_is_moved_away_too() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("conn.json");
    let config = FlowLogConfig::new(&path)
        .with_format(FlowFormat::Ndjson)
        .with_rotation(Rotation::default().with_size(5_000));
    let outlet = Outlet::new(FlowLog::open(&config)?, &OutletConfig::default())?;
    (0..100).for_each(|number| {
        outlet.offer(&usual(number));
    });
    assert_eq!(outlet.close(Duration::from_secs(60)).counters.written, 100);
    let (mut ports, mut files) = (BTreeSet::new(), 0);
    for log in logs(folder.path())? {
        files += 1;
        for line in fs::read_to_string(log)?.lines() {
            let line: Value = serde_json::from_str(line)?;
            assert_eq!(
                (&line["alert"], &line["score"]),
                (&"no".into(), &0.1.into())
            );
            ports.insert(line["id.orig_p"].as_u64());
        }
    }
    assert_eq!(ports.len(), 100.min(ports.len()));
    assert!(files > 2);
    Ok(())
}

/// Programs that people read such logs with.
#[test]
fn others_read_the_lines() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("eve.json");
    write_all(&mut FileSink::open(&FileConfig::new(&path))?, 0, 5)?;
    let program = "select(.event_type == \"alert\") | .nettraffic.reasons[0].feature";
    match Command::new("jq").args(["-r", program]).arg(&path).output() {
        Err(_) => writeln!(std::io::stderr(), "skipped: there is no jq here")?,
        Ok(read) => assert_eq!(read.stdout, "duration\n".repeat(2).as_bytes()),
    }
    let program = "select(.event_type == \"incident\") | .nettraffic.turn";
    if let Ok(read) = Command::new("jq").args(["-r", program]).arg(&path).output() {
        assert_eq!(read.stdout, b"opened\nclosed\nopened\n");
    }
    let program =
        "import json, sys\nfor line in open(sys.argv[1]): print(json.loads(line)['src_ip'])";
    match Command::new("python3")
        .args(["-c", program])
        .arg(&path)
        .output()
    {
        Err(_) => writeln!(std::io::stderr(), "skipped: there is no python3 here")?,
        Ok(read) => assert_eq!(String::from_utf8(read.stdout)?.lines().count(), 5),
    }
    Ok(())
}
