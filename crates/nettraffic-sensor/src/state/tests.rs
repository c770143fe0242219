use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nettraffic_capture::{DecodeConfig, Timestamp, decode, from_reader};
use nettraffic_detect::{AlertId, AllowList, FalseAlarmGoal, FlowRows, ModelKind, Training};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::{Flow, FlowConfig};
use nettraffic_synth::Scenario;

use super::*;
use crate::gate::testing::Raised;
use crate::{Fate, Gate, GateConfig, GateState, Why};

type Outcome = Result<(), Box<dyn Error>>;

fn beat(open_flows: u64) -> Heartbeat {
    let mut beat = Heartbeat::new("detecting", Timestamp::from_seconds(1_800_000_000, 0));
    beat.open_flows = open_flows;
    beat.packet_time_ns = Some(5);
    beat
}

pub(super) fn rules() -> RowRules {
    RowRules::new(
        FeatureSet::default(),
        &FlowConfig::default(),
        &DecodeConfig::default(),
    )
}

/// Some hundred flows of usual traffic.
fn office(seed: u64) -> Result<FlowRows, Box<dyn Error>> {
    let capture = Scenario::new(seed)
        .hosts(4)
        .duration(Duration::from_secs(300))
        .pcap_bytes();
    let mut source = from_reader("memory", &*capture)?;
    let mut extractor = Extractor::new(FeatureSet::default(), FlowConfig::default());
    while let Some(packet) = source.next_packet()? {
        if let Ok(packet) = decode(&packet) {
            extractor.push(&packet);
        }
    }
    extractor.finish();
    let mut rows = FlowRows::new(FeatureSet::default());
    while rows.take_from(&mut extractor) {}
    Ok(rows)
}

#[test]
fn a_second_sensor_is_told_who_has_the_folder() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("deep").join("state");
    let first = StateFolder::open(&path)?;
    let refused = StateFolder::open(&path)
        .map(|_| ())
        .map_err(|error| error.to_string());
    let refused = refused.err().unwrap_or_default();
    let expected = format!(
        "another sensor uses this folder (process {})",
        std::process::id()
    );
    assert!(refused.contains(&expected), "{refused}");
    drop(first);
    // What a process left that was killed is no obstacle.
    fs::write(path.join("lock"), "4711\n")?;
    let again = StateFolder::open(&path)?;
    assert_eq!(
        fs::read_to_string(path.join("lock"))?,
        format!("{}\n", std::process::id())
    );
    drop(again);
    Ok(())
}

#[cfg(unix)]
#[test]
fn nobody_else_can_look_into_the_folder() -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("state");
    fs::create_dir(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    let state = StateFolder::open(&path)?;
    state.beat(&beat(1))?;
    state.save(Part::GATE, &GateState::default())?;
    let (mut learned, _) = state.learned_rows(&rules())?;
    learned.flush()?;
    let mode =
        |path: &Path| fs::metadata(path).map(|metadata| metadata.permissions().mode() & 0o777);
    assert_eq!(mode(&path)?, 0o700);
    let mut files = 0;
    for entry in fs::read_dir(&path)? {
        let path = entry?.path();
        assert_eq!(mode(&path)?, 0o600, "{}", path.display());
        files += 1;
    }
    assert_eq!(files, 4);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_folder_of_others_stays_as_it_is() -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    fs::create_dir(folder.path().join("lost+found"))?;
    fs::write(folder.path().join("passwd"), "")?;
    let refused = StateFolder::open(folder.path()).map(|_| ());
    assert!(matches!(refused, Err(StateError::OfOthers { .. })));
    let mode = fs::metadata(folder.path())?.permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    fs::remove_file(folder.path().join("passwd"))?;
    drop(StateFolder::open(folder.path())?);
    fs::write(folder.path().join("passwd"), "")?;
    drop(StateFolder::open(folder.path())?);
    Ok(())
}

#[test]
fn the_next_run_knows_how_the_one_before_ended() -> Outcome {
    let folder = tempfile::tempdir()?;
    let before = || StateFolder::open(folder.path()).map(|state| state.before().clone());
    assert_eq!(before()?, Before::Nothing);
    let state = StateFolder::open(folder.path())?;
    state.beat(&beat(3))?;
    state.beat(&beat(7))?;
    drop(state);
    assert_eq!(before()?, Before::Crashed(beat(7)));
    let state = StateFolder::open(folder.path())?;
    state.end(&beat(0))?;
    drop(state);
    assert_eq!(before()?, Before::Ended(beat(0)));
    for damage in ["", "{", "{}", "[1]", "\u{0}\u{0}", &"x".repeat(100_000)] {
        fs::write(folder.path().join("heartbeat.json"), damage)?;
        assert_eq!(before()?, Before::Unknown);
    }
    Ok(())
}

#[test]
fn a_damaged_part_is_put_aside_and_never_keeps_a_sensor_from_starting() -> Outcome {
    let folder = tempfile::tempdir()?;
    let state = StateFolder::open(folder.path())?;
    let path = folder.path().join("gate.state");
    let aside = folder.path().join("gate.state.damaged");
    let load = || state.load::<GateState>(Part::GATE);
    assert!(load().state.is_none() && load().warning.is_none());

    let mut gate = Gate::new(&GateConfig::default(), AllowList::default());
    gate.decide(&mut Raised::new(1, 0, 1).alert());
    state.save(Part::GATE, &gate.state())?;
    let sound = fs::read(&path)?;
    let mut restarted = Gate::new(&GateConfig::default(), AllowList::default());
    restarted.restore(load().state.ok_or("it was saved")?);
    let fate = restarted.decide(&mut Raised::new(2, 1, 1).alert());
    assert_eq!(fate, Fate::Suppress(Why::Repeated { of: AlertId(1) }));

    // Every byte counts, and so does the end.
    let flipped = (0..sound.len()).map(|at| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    });
    let cut = (0..sound.len()).map(|end| sound[..end].to_vec());
    let longer = [[&sound[..], &[0]].concat()];
    for bytes in flipped.chain(cut).chain(longer) {
        fs::write(&path, &bytes)?;
        let loaded = load();
        assert!(loaded.state.is_none(), "{bytes:?}");
        let warning = loaded.warning.unwrap_or_default();
        assert!(warning.contains("put aside as"), "{warning}");
        assert_eq!((fs::read(&aside)?, path.exists()), (bytes, false));
    }
    // A claim of 4 EiB takes no memory.
    let mut claim = sound.clone();
    claim[12..20].copy_from_slice(&(1_u64 << 62).to_le_bytes());
    fs::write(&path, &claim)?;
    assert!(load().state.is_none());
    Ok(())
}

#[test]
fn a_restart_while_learning_changes_no_byte_of_the_detector() -> Outcome {
    let flows = office(1)?;
    let training = Training::new(ModelKind::KMeans).goal(FalseAlarmGoal::PerDay(100.0));
    let bundle = |rows: &FlowRows| -> Result<Vec<u8>, Box<dyn Error>> {
        let mut bytes = Vec::new();
        training.fit(rows, None)?.save(&mut bytes)?;
        Ok(bytes)
    };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("learned.rows");
    let half = flows.len() / 2;
    for (part, expected) in [(0..half, 0), (half..flows.len(), half)] {
        let (mut learned, resumed) = LearnedRows::open(&path, &rules())?;
        assert_eq!(
            (resumed.rows.len(), learned.len()),
            (expected, expected as u64)
        );
        for index in part {
            learned.append(&flows.flows()[index], flows.row(index))?;
        }
        learned.flush()?;
    }
    let (_, resumed) = LearnedRows::open(&path, &rules())?;
    assert_eq!(
        (resumed.rows.len(), resumed.damaged, resumed.torn_bytes),
        (flows.len(), 0, 0)
    );
    assert_eq!(bundle(&resumed.rows)?, bundle(&flows)?);
    // That the test can fail: one flow less is another detector.
    let fewer: Vec<usize> = (1..flows.len()).collect();
    assert_ne!(bundle(&resumed.rows.select(&fewer))?, bundle(&flows)?);
    Ok(())
}

#[test]
fn a_torn_end_is_cut_off_and_what_is_damaged_is_left_out() -> Outcome {
    let flows = office(2)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("learned.rows");
    let (mut learned, _) = LearnedRows::open(&path, &rules())?;
    let start = fs::metadata(&path)?.len() as usize;
    for index in 0..10 {
        learned.append(&flows.flows()[index], flows.row(index))?;
    }
    drop(learned);
    let sound = fs::read(&path)?;
    let record = (sound.len() - start) / 10;
    assert_eq!(start + 10 * record, sound.len());
    let uids = |rows: &FlowRows| -> Vec<_> { rows.flows().iter().map(Flow::uid).collect() };
    let all: Vec<_> = flows.flows()[..10].iter().map(Flow::uid).collect();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = sound.clone();
        change(&mut bytes);
        bytes
    };
    // Rows that are left, damaged records, torn bytes.
    for (what, bytes, left, damaged, torn) in [
        ("whole", sound.clone(), (0..10).collect::<Vec<_>>(), 0, 0),
        (
            "one byte short",
            with(&|b| b.truncate(b.len() - 1)),
            (0..9).collect(),
            0,
            record - 1,
        ),
        (
            "one byte more",
            with(&|b| b.push(0)),
            (0..10).collect(),
            0,
            1,
        ),
        (
            "zeros behind",
            with(&|b| b.extend(vec![0; 3 * record + 5])),
            (0..10).collect(),
            0,
            3 * record + 5,
        ),
        (
            "damage in the middle",
            with(&|b| b[start + 3 * record + 40] ^= 1),
            [0, 1, 2, 4, 5, 6, 7, 8, 9].into(),
            1,
            0,
        ),
        (
            "damage at the end",
            with(&|b| b[start + 9 * record + 40] ^= 1),
            (0..9).collect(),
            0,
            record,
        ),
        ("start alone", with(&|b| b.truncate(start)), vec![], 0, 0),
        ("nothing", vec![], vec![], 0, 0),
    ] {
        fs::write(&path, &bytes)?;
        let (mut learned, resumed) = LearnedRows::open(&path, &rules())?;
        let expected: Vec<_> = left.iter().map(|index| all[*index]).collect();
        assert_eq!(uids(&resumed.rows), expected, "{what}");
        assert_eq!(
            (resumed.damaged, resumed.torn_bytes),
            (damaged, torn as u64),
            "{what}"
        );
        assert_eq!(resumed.warning, None, "{what}");
        // What is appended then stands behind the sound ones.
        learned.append(&flows.flows()[20], flows.row(20))?;
        drop(learned);
        let (_, resumed) = LearnedRows::open(&path, &rules())?;
        let expected = [expected, vec![flows.flows()[20].uid()]].concat();
        assert_eq!(
            (uids(&resumed.rows), resumed.torn_bytes),
            (expected, 0),
            "{what}"
        );
    }
    Ok(())
}

#[test]
fn rows_of_other_rules_are_put_aside() -> Outcome {
    let flows = office(2)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("learned.rows");
    let begin = || -> Outcome {
        let _ = fs::remove_file(&path);
        let (mut learned, _) = LearnedRows::open(&path, &rules())?;
        Ok(learned.append(&flows.flows()[0], flows.row(0))?)
    };
    let features = |names| FeatureSet::named(names);
    let (flow, decode) = (FlowConfig::default(), DecodeConfig::default());
    for (other, problem) in [
        (
            RowRules::new(features("basic")?, &flow, &decode),
            "its rows are of the features basic,",
        ),
        (
            RowRules::new(
                FeatureSet::default(),
                &flow.clone().with_idle_timeout(Duration::from_secs(1)),
                &decode,
            ),
            "cut or decoded by other rules",
        ),
        (
            RowRules::new(
                FeatureSet::default(),
                &flow.clone().with_vlan_in_key(true),
                &decode,
            ),
            "cut or decoded by other rules",
        ),
        (
            RowRules::new(
                FeatureSet::default(),
                &flow,
                &decode.with_tunnels(nettraffic_capture::Tunnels::NONE),
            ),
            "cut or decoded by other rules",
        ),
    ] {
        begin()?;
        let (learned, resumed) = LearnedRows::open(&path, &other)?;
        let warning = resumed.warning.unwrap_or_default();
        assert!(warning.contains(problem), "{warning}");
        assert!(resumed.rows.is_empty() && learned.is_empty());
        drop(learned);
        assert_eq!(LearnedRows::open(&path, &other)?.1.warning, None);
    }
    // The number of flows that may be open is no rule.
    begin()?;
    let more = RowRules::new(FeatureSet::default(), &flow.with_max_flows(7), &decode);
    assert_eq!(LearnedRows::open(&path, &more)?.1.rows.len(), 1);
    for damage in [
        &b"NTROWS1\n"[..],
        b"NTROWS1\n\xff\xff\xff\xff",
        b"something else",
    ] {
        fs::write(&path, damage)?;
        let warning = LearnedRows::open(&path, &rules())?
            .1
            .warning
            .unwrap_or_default();
        assert!(warning.contains("damaged; put aside as"), "{warning}");
    }
    Ok(())
}

#[test]
fn what_was_learned_can_be_forgotten() -> Outcome {
    let flows = office(2)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("learned.rows");
    let (mut learned, _) = LearnedRows::open(&path, &rules())?;
    learned.append(&flows.flows()[0], flows.row(0))?;
    learned.clear()?;
    learned.append(&flows.flows()[1], flows.row(1))?;
    learned.sync()?;
    assert_eq!(learned.len(), 1);
    let (_, resumed) = LearnedRows::open(&path, &rules())?;
    assert_eq!(resumed.rows.flows()[0].uid(), flows.flows()[1].uid());
    assert_eq!(resumed.rows.len(), 1);
    Ok(())
}

#[test]
fn a_mark_survives_the_run() -> Outcome {
    let folder = tempfile::tempdir()?;
    let state = StateFolder::open(folder.path())?;
    let now = Timestamp::from_seconds(100, 0);
    let row = vec![1.5; rules().features().schema().len()];
    let (mut marks, warnings) = state.marks(&rules())?;
    assert!(warnings.is_empty());
    for id in 0..10_002 {
        marks.remember(Arc::new(Raised::new(id, id as i64, 1).alert()), &row);
    }
    let mut mark = |id, mark| marks.mark(AlertId(id), mark, "our own scan", now);
    assert!(matches!(
        mark(1, MarkAs::Allowed),
        Err(MarkError::Unknown(AlertId(1)))
    ));
    let marked = mark(5, MarkAs::Allowed)?;
    assert!(marked.entry.is_some() && !marked.is_row_added);
    let marked = mark(6, MarkAs::Usual)?;
    assert!(marked.entry.is_none() && marked.is_row_added);
    assert!(!mark(6, MarkAs::Usual)?.is_row_added, "once is enough");
    let marked = mark(7, MarkAs::AllowedAndUsual)?;
    assert!(marked.entry.is_some() && marked.is_row_added);
    assert!(matches!(
        marks.mark(AlertId(8), MarkAs::Allowed, " ", now),
        Err(MarkError::Entry(_))
    ));
    drop(marks);

    let (marks, warnings) = state.marks(&rules())?;
    assert!(warnings.is_empty());
    assert_eq!(marks.rows().len(), 2);
    assert_eq!(marks.rows().row(1), &row[..]);
    // Both entries are about the same hosts, and differ in their names.
    let names: Vec<_> = marks
        .list()
        .entries()
        .iter()
        .filter_map(|listed| listed.entry.name())
        .collect();
    assert_eq!(names, ["alert 0000000000000005", "alert 0000000000000007"]);
    let mut gate = Gate::new(&GateConfig::default(), marks.list().clone());
    let fate = gate.decide(&mut Raised::new(99, 100, 1).alert());
    assert!(matches!(fate, Fate::Suppress(Why::Allowed(_))));
    Ok(())
}

/// `cargo test --release -p nettraffic-sensor --lib state::tests::cost -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn cost_of_a_row_and_a_heartbeat() -> Outcome {
    let flows = office(1)?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("learned.rows");
    let (mut learned, _) = LearnedRows::open(&path, &rules())?;
    let count = 200_000;
    let begin = Instant::now();
    for index in 0..count {
        let index = index % flows.len();
        learned.append(&flows.flows()[index], flows.row(index))?;
    }
    learned.flush()?;
    let each = begin.elapsed().as_nanos() as usize / count;
    let bytes = fs::metadata(&path)?.len() / count as u64;
    println!("append: {each} ns and {bytes} bytes a flow");
    let begin = Instant::now();
    let (_, resumed) = LearnedRows::open(&path, &rules())?;
    println!(
        "read: {} ns a flow",
        begin.elapsed().as_nanos() as usize / resumed.rows.len()
    );
    let state = StateFolder::open(folder.path())?;
    let begin = Instant::now();
    for _ in 0..1_000 {
        state.beat(&beat(5))?;
    }
    println!("heartbeat: {} us", begin.elapsed().as_micros() / 1_000);
    Ok(())
}
