//! What training promises.

use super::*;
use crate::testing::{
    attacked, classes, fit_with_attacks, forest, office, rows, rows_with, saved, training,
};
use nettraffic_features::FeatureSet;

fn check(
    training: &Training,
    benign: &FlowRows,
    labelled: Option<(&FlowRows, &[String])>,
    expected: &str,
) {
    let labelled = labelled.map(|(flows, classes)| Labelled { flows, classes });
    let error = training.fit(benign, labelled).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
}

#[test]
fn a_goal_finer_than_the_flows_can_show_is_raised_on_request_and_no_further() {
    let benign = rows(&office(1));
    for (goal, is_raised) in [(1e-7, true), (0.05, false)] {
        let training = Training::new(ModelKind::KMeans).goal(FalseAlarmGoal::Rate(goal));
        let as_asked = training.fit(&benign, None).unwrap();
        assert_eq!(as_asked.threshold().is_resolvable(), !is_raised);
        let raised = training.resolvable().fit(&benign, None).unwrap();
        assert!(raised.threshold().is_resolvable());
        let (before, after) = (as_asked.threshold().value(), raised.threshold().value());
        assert_eq!(after < before, is_raised, "{goal}: {before} {after}");
        assert!(after <= before);
    }
}

#[test]
fn what_cannot_be_learned_from_is_refused_with_the_reason() {
    let benign = rows(&office(1));
    let few: Vec<usize> = (0..49).collect();
    let kmeans = |goal| Training::new(ModelKind::KMeans).goal(goal);
    let rate = || kmeans(FalseAlarmGoal::Rate(0.01));
    check(
        &rate(),
        &benign.select(&few),
        None,
        "49 benign flows are too few",
    );
    for goal in [
        FalseAlarmGoal::Rate(0.0),
        FalseAlarmGoal::Rate(1.0),
        FalseAlarmGoal::Rate(f64::NAN),
        FalseAlarmGoal::PerDay(0.0),
        FalseAlarmGoal::PerDay(f64::INFINITY),
    ] {
        check(&kmeans(goal), &benign, None, "lies between 0 and 1");
    }
    let at_once = benign.select(&[0; 60]);
    check(
        &kmeans(FalseAlarmGoal::PerDay(10.0)),
        &at_once,
        None,
        "span no time",
    );

    let forest = training(ModelKind::Forest);
    let needs = "the model forest learns from labelled attacks";
    check(&forest, &benign, None, needs);
    let all_benign = vec![BENIGN.to_owned(); benign.len()];
    check(&forest, &benign, Some((&benign, &all_benign)), needs);
    let none = FlowRows::new(FeatureSet::default());
    check(&forest, &benign, Some((&none, &[])), needs);
    let message = format!("1 labels were given for {} flows", benign.len());
    check(
        &rate(),
        &benign,
        Some((&benign, &all_benign[..1])),
        &message,
    );
    let other = rows_with(&office(1), FeatureSet::named("basic").unwrap());
    let mut one_attack = vec![BENIGN.to_owned(); other.len()];
    one_attack[0] = "scan".into();
    check(&rate(), &benign, Some((&other, &one_attack)), "schema");
}

#[test]
fn labels_without_an_attack_change_nothing() {
    let benign = rows(&office(1));
    let classes = vec![BENIGN.to_owned(); benign.len()];
    let labelled = Labelled {
        flows: &benign,
        classes: &classes,
    };
    let training = training(ModelKind::KMeans);
    let with = training.fit(&benign, Some(labelled)).unwrap();
    let without = training.fit(&benign, None).unwrap();
    assert_eq!(
        with.scores(&benign).unwrap(),
        without.scores(&benign).unwrap()
    );
    assert_eq!(with.threshold(), without.threshold());
    assert!(with.stored.known.is_none());
}

#[test]
fn one_conversation_alone_is_enough_to_learn_from() {
    let benign = rows(&office(1));
    let key = benign.flows()[0].key;
    let flows: Vec<_> = benign.select(&[0; 100]).flows().to_vec();
    assert!(flows.iter().all(|flow| flow.key == key));
    let detector = training(ModelKind::KMeans)
        .fit(&benign.select(&[0; 100]), None)
        .unwrap();
    let summary = detector.training();
    assert_eq!((summary.fitted, summary.held_out), (100, 100));
    assert_eq!(summary.held_out_by, crate::HeldOutBy::Flow);
}

#[test]
fn the_same_flows_and_seed_give_the_same_bytes() {
    for model in [ModelKind::KMeans, ModelKind::Forest] {
        let basic = || FeatureSet::named("basic").unwrap();
        let fit = || saved(&fit_with_attacks(model, basic()));
        assert_eq!(fit(), fit());
    }
    let benign = rows(&office(1));
    let fit = |seed| {
        saved(
            &training(ModelKind::KMeans)
                .seed(seed)
                .fit(&benign, None)
                .unwrap(),
        )
    };
    assert_ne!(fit(1), fit(2));
}

#[test]
fn the_summary_tells_what_was_learned_from() {
    let detector = forest();
    let (flows, usual) = (rows(&attacked(2)), rows(&office(1)));
    let count = |name: &str| {
        let classes = classes(&attacked(2), &flows);
        (
            name.to_owned(),
            classes.iter().filter(|class| *class == name).count() as u64,
        )
    };
    let summary = detector.training();
    let all = usual.len() as u64;
    assert_eq!((summary.fitted, summary.held_out), (all, all));
    assert_eq!(summary.attacks, [count("dos_udpflood"), count("scan_syn")]);
    assert!(summary.attacks.iter().all(|(_, flows)| *flows > 0));
    assert_eq!(summary.pace.flows(), usual.len() as u64);
}

/// The promise holds on average over trainings; one training is off by chance.
#[test]
fn fresh_usual_traffic_alerts_about_as_often_as_promised() {
    let fresh: Vec<FlowRows> = (100..103).map(|seed| rows(&office(seed))).collect();
    for rate in [0.02, 0.1] {
        let (mut alerts, mut flows) = (0, 0);
        for seed in 1..=3 {
            let detector = Training::new(ModelKind::KMeans)
                .goal(FalseAlarmGoal::Rate(rate))
                .fit(&rows(&office(seed)), None)
                .unwrap();
            for rows in &fresh {
                let verdicts = detector.judge(rows).unwrap();
                alerts += verdicts
                    .iter()
                    .filter(|verdict| verdict.alert.is_some())
                    .count();
                flows += verdicts.len();
            }
        }
        let found = alerts as f64 / flows as f64;
        println!("asked for {rate}, found {found} of {flows}");
        assert!(
            found > rate / 4.0 && found < rate * 3.0,
            "{found} instead of {rate}"
        );
    }
}
