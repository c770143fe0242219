//! Cards, successors and the folder that holds them, as a user meets them.

mod traffic;

use std::time::Duration;

use nettraffic_detect::{
    BENIGN, Canaries, Decision, DetectError, Detector, FalseAlarmGoal, FlowRows, Labelled, Metrics,
    ModelKind, ModelStore, Training, Update,
};
use nettraffic_synth::{Attack, AttackKind, Scenario};
use traffic::{Outcome, attacked, classes, office, rows, saved};

const FEATURES: &str = "basic,length,timing,tcp";

fn trained(seed: u64) -> Result<Detector, Box<dyn std::error::Error>> {
    let training = Training::new(ModelKind::KMeans)
        .seed(seed)
        .goal(FalseAlarmGoal::Rate(0.02));
    Ok(training.fit(&rows(&office(seed), FEATURES)?, None)?)
}

fn labelled(seed: u64) -> Result<(FlowRows, Vec<String>), Box<dyn std::error::Error>> {
    let flows = rows(&attacked(seed), FEATURES)?;
    let classes = classes(&attacked(seed), &flows);
    Ok((flows, classes))
}

/// Everything that counts bytes or time is larger, as after a change of the network.
fn scaled(flows: &FlowRows, factor: f64) -> FlowRows {
    let schema = flows.features().schema();
    let mut other = FlowRows::new(flows.features().clone());
    for (index, flow) in flows.flows().iter().enumerate() {
        let columns = schema.columns().iter().zip(flows.row(index));
        let row: Vec<f64> = columns
            .map(|(column, value)| match column.unit.name() {
                "bytes" | "seconds" => value * factor,
                _ => *value,
            })
            .collect();
        other.push(flow.clone(), &row);
    }
    other
}

#[test]
fn a_card_says_what_was_learned_and_what_is_promised() -> Outcome {
    let detector = trained(1)?;
    let (flows, classes) = labelled(3)?;
    let labelled = Labelled {
        flows: &flows,
        classes: &classes,
    };
    let metrics = Metrics::of(&detector, labelled, "lab | <script>")?;
    assert!(metrics.recall.rows > 20 && metrics.false_alarms.rows > 100);
    assert!(metrics.roc_area > Some(0.5));
    assert_eq!(metrics.recall_by_class.len(), 2);
    let card = detector.card().with_metrics(metrics);
    assert_eq!(card.training.fitted, detector.training().fitted);
    assert_eq!(card.features.len(), flows.features().schema().len());
    let (first, last) = card.training.period.ok_or("a period")?;
    assert!(last > first && last - first < 400.0);

    let page = card.to_markdown();
    for part in [
        &*card.id,
        &*card.training.data_hash,
        "kmeans",
        "lab \\| &lt;script>",
        "ROC AUC",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    // The hash is of the rows: the same ones, and others.
    let hash = |seed| trained(seed).map(|detector| detector.card().training.data_hash);
    assert_eq!(hash(1)?, card.training.data_hash);
    assert_ne!(hash(2)?, card.training.data_hash);
    Ok(())
}

#[test]
fn after_a_change_of_traffic_the_successor_replaces_and_still_finds_the_attacks() -> Outcome {
    let serving = trained(1)?;
    let (flows, classes) = labelled(3)?;
    let canaries = Canaries::new(Labelled {
        flows: &flows,
        classes: &classes,
    })?;
    let week = Scenario::new(11)
        .hosts(12)
        .duration(Duration::from_secs(900));
    let recent = scaled(&rows(&week, FEATURES)?, 4.0);
    let update = Update::new(&serving, &recent).canaries(&canaries);
    let unseen = update.run()?;
    assert!(
        matches!(unseen.decision, Decision::Unusual { at_most } if at_most < unseen.learned_alarms.hits)
    );
    let trial = update.even_if_unusual().run()?;
    println!(
        "serving {}, successor {}, {:?}",
        trial.serving_alarms, trial.successor_alarms, trial.canaries
    );
    assert!(trial.serving_alarms.share > Some(0.05));
    assert!(trial.successor_alarms.share < trial.serving_alarms.share);
    assert_eq!(trial.decision, Decision::Replace);
    Ok(())
}

#[test]
fn a_successor_that_took_attacks_for_usual_is_kept_out() -> Outcome {
    let serving = trained(1)?;
    let (flows, classes) = labelled(3)?;
    let canaries = Canaries::new(Labelled {
        flows: &flows,
        classes: &classes,
    })?;
    assert!(
        canaries
            .found_by(&serving)?
            .iter()
            .any(|(_, rate)| rate.share > Some(0.5))
    );
    // The recent traffic is half attack, and nobody noticed.
    let mut recent = rows(&office(12), FEATURES)?;
    let (attack, attack_classes) = labelled(13)?;
    let bad: Vec<usize> = (0..attack.len())
        .filter(|index| attack_classes[*index] != "benign")
        .collect();
    for _ in 0..4 {
        recent.extend_from(&attack.select(&bad));
    }
    let trial = Update::new(&serving, &recent).canaries(&canaries).run()?;
    println!("{:?} {:?}", trial.decision, trial.canaries);
    assert!(matches!(trial.decision, Decision::Keep(_)));
    Ok(())
}

/// As many recent flows as a usual week, and a scan and a flood among the earlier ones.
fn week(with_attacks: bool) -> Result<FlowRows, Box<dyn std::error::Error>> {
    let scenario = Scenario::new(11)
        .hosts(6)
        .duration(Duration::from_secs(900));
    let at = |kind, second| Attack::new(kind).at(Duration::from_secs(second));
    let scenario = if with_attacks {
        scenario
            .attack(at(AttackKind::SynScan, 60).lasting(Duration::from_secs(2)))
            .attack(at(AttackKind::UdpFlood, 200).lasting(Duration::from_secs(1)))
    } else {
        scenario
    };
    rows(&scenario, FEATURES)
}

#[test]
fn a_successor_that_would_learn_attacks_as_usual_is_not_taken_without_a_look() -> Outcome {
    let serving = trained(1)?;
    let trial = Update::new(&serving, &week(false)?).run()?;
    assert_eq!(
        trial.decision,
        Decision::Replace,
        "{}",
        trial.learned_alarms
    );

    let attacked = week(true)?;
    let update = Update::new(&serving, &attacked);
    let trial = update.run()?;
    println!("{:?}: {}", trial.decision, trial.learned_alarms);
    let Decision::Unusual { at_most } = trial.decision else {
        return Err(format!("{:?}", trial.decision).into());
    };
    assert!(trial.learned_alarms.hits > at_most && at_most > 0);
    let trial = update.even_if_unusual().run()?;
    assert_eq!(trial.decision, Decision::Replace);
    Ok(())
}

#[test]
fn known_attacks_are_learned_again_or_the_update_is_refused() -> Outcome {
    let usual = rows(&office(1), FEATURES)?;
    let (flows, classes) = labelled(2)?;
    let labelled = |classes| Labelled {
        flows: &flows,
        classes,
    };
    let of_one = |class: &String| {
        let kept: &str = if class == "scan_syn" { class } else { BENIGN };
        kept.to_owned()
    };
    let of_one: Vec<String> = classes.iter().map(of_one).collect();
    for model in [ModelKind::KMeans, ModelKind::Forest] {
        let training = Training::new(model).goal(FalseAlarmGoal::Rate(0.1));
        let serving = training.fit(&usual, Some(labelled(&classes)))?;
        let recent = week(false)?;
        let update = Update::new(&serving, &recent).even_if_unusual();
        for (given, forgotten) in [
            (None, "dos_udpflood, scan_syn"),
            (Some(labelled(&of_one)), "dos_udpflood"),
        ] {
            let update = given.map_or(update.clone(), |given| update.clone().labelled(given));
            let Err(DetectError::ForgetsAttacks { attacks }) = update.run() else {
                return Err("attacks were forgotten".into());
            };
            assert_eq!(attacks, forgotten);
        }
        let trial = update.labelled(labelled(&classes)).run()?;
        assert_eq!(
            trial.successor.training().attacks,
            serving.training().attacks
        );
    }
    Ok(())
}

#[test]
fn rows_of_other_features_make_no_successor() -> Outcome {
    let other = rows(&office(1), "basic")?;
    let serving = trained(1)?;
    let failed = Update::new(&serving, &other).run().err();
    assert!(matches!(failed, Some(DetectError::OtherFeatures { .. })));
    Ok(())
}

#[test]
fn canaries_come_back_without_addresses() -> Outcome {
    let (flows, classes) = labelled(3)?;
    let canaries = Canaries::new(Labelled {
        flows: &flows,
        classes: &classes,
    })?;
    let attacks = classes.iter().filter(|class| *class != "benign").count();
    assert_eq!(canaries.len(), attacks);
    let mut bytes = Vec::new();
    canaries.save(&mut bytes)?;
    let back = Canaries::load(&*bytes)?;
    let detector = trained(1)?;
    assert_eq!(back.found_by(&detector)?, canaries.found_by(&detector)?);
    assert!(Detector::load(&*bytes).is_err());
    assert!(Canaries::load(&*saved(&detector)?).is_err());
    Ok(())
}

#[test]
fn a_store_keeps_five_and_goes_back() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = ModelStore::open(folder.path().join("models"))?;
    assert!(store.current()?.is_none() && store.history()?.is_empty());
    assert!(matches!(store.rollback(), Err(DetectError::NoEarlierModel)));

    let models = (1..=7).map(trained).collect::<Result<Vec<_>, _>>()?;
    // One that was put there by hand is a release as well.
    models[0].save_to(store.current_path())?;
    for (model, number) in models[1..].iter().zip(2..) {
        assert_eq!(store.promote(model)?.number, number);
        let current = store.current()?.ok_or("a serving model")?;
        assert_eq!(saved(&current)?, saved(model)?);
    }
    let numbers = || -> Result<Vec<(u32, bool, bool)>, DetectError> {
        let history = store.history()?.into_iter();
        Ok(history
            .map(|r| (r.number, r.is_current, r.is_withdrawn))
            .collect())
    };
    let plain = |number| (number, false, false);
    assert_eq!(
        numbers()?,
        [plain(3), plain(4), plain(5), plain(6), (7, true, false)]
    );

    assert_eq!(store.rollback()?.number, 6);
    let current = store.current()?.ok_or("a serving model")?;
    assert_eq!(saved(&current)?, saved(&models[5])?);
    assert_eq!(numbers()?[3..], [(6, true, false), (7, false, true)]);
    // What was withdrawn stays so: the next rollback after a release leads to the one before it.
    assert_eq!(store.promote(&models[0])?.number, 8);
    assert_eq!(store.rollback()?.number, 6);
    for number in [5, 4] {
        assert_eq!(store.rollback()?.number, number);
    }
    assert!(matches!(store.rollback(), Err(DetectError::NoEarlierModel)));
    let current = store.current()?.ok_or("a serving model")?;
    assert_eq!(saved(&current)?, saved(&models[3])?);
    Ok(())
}

#[test]
fn a_damaged_serving_model_gives_way_to_the_latest_release() -> Outcome {
    let models = (1..=3).map(trained).collect::<Result<Vec<_>, _>>()?;
    for promotes in [true, false] {
        let folder = tempfile::tempdir()?;
        let store = ModelStore::open(folder.path())?;
        for model in &models[..2] {
            store.promote(model)?;
        }
        let mut bytes = std::fs::read(store.current_path())?;
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(store.current_path(), &bytes)?;
        assert!(matches!(store.current(), Err(DetectError::Damaged(_))));
        assert!(store.history()?.iter().all(|release| !release.is_current));
        let (release, expected) = match promotes {
            true => (store.promote(&models[2])?, (3, &models[2])),
            false => (store.rollback()?, (2, &models[1])),
        };
        assert_eq!(release.number, expected.0);
        let current = store.current()?.ok_or("a serving model")?;
        assert_eq!(saved(&current)?, saved(expected.1)?);
        // It can still be looked into, and a rollback leads on.
        assert_eq!(std::fs::read(folder.path().join("damaged.ntm"))?, bytes);
        assert_eq!(store.history()?.len(), expected.0 as usize);
        assert_eq!(store.rollback()?.number, expected.0 - 1);
    }
    Ok(())
}

#[test]
fn a_release_that_is_damaged_too_is_passed_over() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = ModelStore::open(folder.path())?;
    for model in (1..=3).map(trained) {
        store.promote(&model?)?;
    }
    for file in ["current.ntm", "0003.ntm"] {
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path)?;
        std::fs::write(&path, &bytes[..bytes.len() / 2])?;
    }
    assert_eq!(store.rollback()?.number, 2);
    assert!(store.current()?.is_some());
    Ok(())
}

#[test]
fn a_model_that_the_canaries_cannot_try_is_not_promoted() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = ModelStore::open(folder.path())?;
    let (flows, classes) = labelled(3)?;
    let labelled = Labelled {
        flows: &flows,
        classes: &classes,
    };
    store.store_canaries(&Canaries::new(labelled)?)?;
    let basic = Training::new(ModelKind::KMeans)
        .goal(FalseAlarmGoal::Rate(0.02))
        .fit(&rows(&office(1), "basic")?, None)?;
    let refused = store.promote(&basic);
    assert!(matches!(refused, Err(DetectError::OtherCanaries { .. })));
    assert!(store.current()?.is_none());
    assert_eq!(store.promote(&trained(1)?)?.number, 1);
    Ok(())
}

#[test]
fn what_never_served_or_was_taken_back_is_not_gone_back_to() -> Outcome {
    let models = (1..=4).map(trained).collect::<Result<Vec<_>, _>>()?;
    let released = |count: usize| -> Result<_, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = ModelStore::open(folder.path())?;
        for model in &models[..count] {
            store.promote(model)?;
        }
        Ok((folder, store))
    };
    let is_withdrawn = |store: &ModelStore, number| -> Result<bool, DetectError> {
        let history = store.history()?;
        Ok((history.iter()).any(|release| release.number == number && release.is_withdrawn))
    };

    // A promotion that was killed before the model served.
    let (folder, store) = released(2)?;
    models[2].save_to(folder.path().join("0003.ntm"))?;
    assert_eq!(store.promote(&models[3])?.number, 4);
    assert!(is_withdrawn(&store, 3)?);
    assert_eq!(store.rollback()?.number, 2);

    // The same in an empty folder.
    let (folder, store) = released(0)?;
    models[0].save_to(folder.path().join("0001.ntm"))?;
    assert_eq!(store.promote(&models[1])?.number, 2);
    assert!(matches!(store.rollback(), Err(DetectError::NoEarlierModel)));

    // The same before a rollback.
    let (folder, store) = released(2)?;
    models[2].save_to(folder.path().join("0003.ntm"))?;
    assert_eq!(store.rollback()?.number, 1);
    assert!(is_withdrawn(&store, 2)? && is_withdrawn(&store, 3)?);

    // A rollback that was killed before the bad model was withdrawn.
    let (_folder, store) = released(2)?;
    models[0].save_to(store.current_path())?;
    assert_eq!(store.promote(&models[2])?.number, 3);
    assert_eq!(store.rollback()?.number, 1);
    Ok(())
}

#[test]
fn a_folder_whose_numbers_are_used_up_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = ModelStore::open(folder.path())?;
    let model = trained(1)?;
    model.save_to(folder.path().join(format!("{}.ntm", u32::MAX)))?;
    for by_hand in [false, true] {
        if by_hand {
            trained(2)?.save_to(store.current_path())?;
        }
        let refused = store.promote(&model);
        assert!(matches!(
            refused,
            Err(DetectError::NoNumberLeft { last: u32::MAX })
        ));
    }
    Ok(())
}
