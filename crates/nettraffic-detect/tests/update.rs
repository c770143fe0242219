//! Cards, successors and the folder that holds them, as a user meets them.

mod traffic;

use std::time::Duration;

use nettraffic_detect::{
    Canaries, Decision, DetectError, Detector, FalseAlarmGoal, FlowRows, Labelled, Metrics,
    ModelKind, ModelStore, Training, Update,
};
use nettraffic_synth::Scenario;
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
    let trial = Update::new(&serving, &recent).canaries(&canaries).run()?;
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
