//! Whether the reasons of an alert are what was altered in the flow.
//!
//! Flows that raise no alert are altered: one to three features, drawn for each flow, are given a value that training never
//! had, far beyond its range or in a wide gap within it. Where that raises an alert, what was altered should stand among its
//! first three reasons. Columns are altered by themselves, also those that are functions of others, so a feature counts as
//! named by its own name alone. The second measure are synthetic attacks, of which it is known what they alter (`attacks.rs`).
//!
//! `cargo test --release -p nettraffic-detect --test explanations -- --include-ignored --nocapture --test-threads 1`
//! prints the figures of every detector.

mod alter;
mod attacks;
#[path = "../traffic/mod.rs"]
mod traffic;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use nettraffic_capture::open;
use nettraffic_detect::{
    DetectError, Detector, FalseAlarmGoal, FlowRows, Labelled, ModelKind, Reason, Training, Verdict,
};
use nettraffic_eval::{group_split, time_split};
use nettraffic_features::FeatureSet;
use nettraffic_synth::{Attack, AttackKind, Scenario};

use alter::{Altered, altered, odd_values};
use attacks::is_altered;
use traffic::{Outcome, attacked, classes, rows};

/// Nothing attacks the office for so long.
const QUIET_SECONDS: i64 = 690;
/// The reasons that count: the first ones of an alert.
const FIRST: usize = 3;
/// Of the altered features, so many stand among them.
const LEAST: f64 = 0.9;
/// The detectors that are held to it.
const HELD: [ModelKind; 2] = [ModelKind::Fusion, ModelKind::KMeans];

/// What the alerts of altered flows named.
#[derive(Default)]
struct Tally {
    alerts: usize,
    /// Features that were altered in them.
    altered: usize,
    /// Of these, the ones among the first three reasons.
    named: usize,
    /// Alerts that name all that was altered in theirs.
    whole: usize,
    /// Alerts whose first reason was altered.
    first: usize,
}

impl Tally {
    fn add(&mut self, verdict: &Verdict, features: &[String]) {
        let Some(alert) = &verdict.alert else { return };
        let reasons: Vec<&str> = alert
            .reasons
            .iter()
            .take(FIRST)
            .map(|r| &*r.feature)
            .collect();
        let named = features
            .iter()
            .filter(|name| reasons.contains(&name.as_str()))
            .count();
        self.alerts += 1;
        self.altered += features.len();
        self.named += named;
        self.whole += usize::from(named == features.len());
        self.first += usize::from(
            reasons
                .first()
                .is_some_and(|r| features.iter().any(|f| f == r)),
        );
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Usual flows to learn from, and others of the same network.
struct Network {
    name: &'static str,
    training: FlowRows,
    held_out: FlowRows,
}

fn office() -> Result<Network, Box<dyn Error>> {
    let scenario = Scenario::new(1)
        .hosts(12)
        .duration(Duration::from_secs(1_200));
    let all = rows(&scenario, FeatureSet::default().name())?;
    let times: Vec<_> = all.flows().iter().map(|flow| flow.last).collect();
    let split = time_split(&times, 0.6)?;
    Ok(Network {
        name: "office",
        training: all.select(&split.train),
        held_out: all.select(&split.test),
    })
}

/// Real benign traffic, when the corpus is there.
fn real() -> Result<Option<Network>, Box<dyn Error>> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(None);
    };
    let source = open(corpus.join("mixed/mix_train_benign.pcap"))?;
    let all = traffic::rows_of(source, FeatureSet::default())?;
    let conversations: Vec<_> = all
        .flows()
        .iter()
        .map(|flow| {
            (
                flow.key.initiator,
                flow.key.responder,
                flow.key.responder_port,
            )
        })
        .collect();
    let split = group_split(&conversations, 0.7, 42)?;
    Ok(Some(Network {
        name: "real mixture",
        training: all.select(&split.train),
        held_out: all.select(&split.test),
    }))
}

/// A detector that learned from usual flows alone, but for a forest, which needs attacks.
fn detector(kind: ModelKind, usual: &FlowRows) -> Result<Option<Detector>, Box<dyn Error>> {
    let training = Training::new(kind).goal(FalseAlarmGoal::Rate(0.01));
    let fitted = if kind == ModelKind::Forest {
        let flows = rows(&attacked(2), usual.features().name())?;
        let classes = classes(&attacked(2), &flows);
        training.fit(
            usual,
            Some(Labelled {
                flows: &flows,
                classes: &classes,
            }),
        )
    } else {
        training.fit(usual, None)
    };
    match fitted {
        Err(DetectError::NotCompiled { .. }) => Ok(None),
        fitted => Ok(Some(fitted?)),
    }
}

/// The flows that raise no alert as they are.
fn quiet(detector: &Detector, flows: &FlowRows) -> Result<FlowRows, Box<dyn Error>> {
    let verdicts = detector.judge(flows)?;
    let quiet: Vec<usize> = (0..flows.len())
        .filter(|i| verdicts[*i].alert.is_none())
        .collect();
    Ok(flows.select(&quiet))
}

/// What alerts name when so many features are altered.
fn tally(detector: &Detector, network: &Network, features: usize) -> Result<Tally, Box<dyn Error>> {
    let odd = odd_values(&network.training);
    let flows = quiet(detector, &network.held_out)?;
    let Altered { flows, features } = altered(&flows, &odd, features, 42);
    let mut tally = Tally::default();
    for (verdict, features) in detector.judge(&flows)?.iter().zip(&features) {
        tally.add(verdict, features);
    }
    Ok(tally)
}

const TITLES: &str = "| detector | altered | alerts | named | all named | first |";

/// Prints what a kind of detector names, and gives the least share of what was altered.
fn measure(kind: ModelKind, network: &Network) -> Result<f64, Box<dyn Error>> {
    let mut least = 1.0_f64;
    let Some(detector) = detector(kind, &network.training)? else {
        return Ok(least);
    };
    for features in 1..=FIRST {
        let tally = tally(&detector, network, features)?;
        let named = share(tally.named, tally.altered);
        least = least.min(named);
        println!(
            "| {} | {features} | {} | {named:.3} | {:.3} | {:.3} |",
            kind.name(),
            tally.alerts,
            share(tally.whole, tally.alerts),
            share(tally.first, tally.alerts),
        );
    }
    Ok(least)
}

fn check(network: &Network) -> Outcome {
    println!(
        "{}: {} flows held out\n{TITLES}",
        network.name,
        network.held_out.len()
    );
    for kind in HELD {
        let least = measure(kind, network)?;
        assert!(least >= LEAST, "{} {}: {least}", network.name, kind.name());
    }
    Ok(())
}

#[test]
fn what_was_altered_in_a_flow_is_named() -> Outcome {
    check(&office()?)
}

#[test]
fn what_was_altered_in_a_real_flow_is_named() -> Outcome {
    real()?.as_ref().map_or(Ok(()), check)
}

/// An office, and the same one with all eleven attacks, one after another.
fn attacked_office() -> Scenario {
    let office = Scenario::new(3)
        .hosts(12)
        .duration(Duration::from_secs(1_800));
    AttackKind::ALL
        .into_iter()
        .enumerate()
        .fold(office, |office, (place, kind)| {
            let attack = Attack::new(kind).at(Duration::from_secs(
                QUIET_SECONDS as u64 + 10 + 100 * place as u64,
            ));
            let seconds = if kind == AttackKind::Beacon { 900 } else { 30 };
            office.attack(attack.lasting(Duration::from_secs(seconds)))
        })
}

/// For each attack that raised alerts: the share of these with an altered feature among the first three reasons, with one
/// as the first, and the share of altered ones among the three; beside it their share of all features, which is what
/// reasons drawn by lot would reach.
fn attacks(
    kind: ModelKind,
    all: &FlowRows,
    classes: &[String],
    usual: &FlowRows,
) -> Result<[f64; 4], Box<dyn Error>> {
    let mut totals = [0.0; 4];
    let Some(detector) = detector(kind, usual)? else {
        return Ok(totals);
    };
    let schema = all.features().schema();
    let verdicts = detector.judge(all)?;
    let mut found = 0.0;
    for attack in AttackKind::ALL {
        let (mut alerts, mut any, mut first, mut named, mut reasons) = (0, 0, 0, 0, 0);
        for (verdict, class) in verdicts.iter().zip(classes) {
            let Some(alert) = verdict.alert.as_ref().filter(|_| class == attack.label()) else {
                continue;
            };
            let is_named = |reason: &Reason| is_altered(attack, &reason.feature);
            let altered: Vec<bool> = alert.reasons.iter().take(FIRST).map(is_named).collect();
            alerts += 1;
            any += usize::from(altered.contains(&true));
            first += usize::from(altered.first() == Some(&true));
            named += altered.iter().filter(|is| **is).count();
            reasons += altered.len();
        }
        if alerts == 0 {
            println!("| {} | {} | 0 | | | | |", kind.name(), attack.label());
            continue;
        }
        let lot = schema
            .columns()
            .iter()
            .filter(|column| is_altered(attack, &column.name))
            .count();
        let shares = [
            share(any, alerts),
            share(first, alerts),
            share(named, reasons),
            share(lot, schema.len()),
        ];
        let [any, first, named, lot] = shares;
        println!(
            "| {} | {} | {alerts} | {any:.2} | {first:.2} | {named:.2} | {lot:.2} |",
            kind.name(),
            attack.label(),
        );
        found += 1.0;
        totals
            .iter_mut()
            .zip(shares)
            .for_each(|(total, share)| *total += share);
    }
    let means = totals.map(|total| if found > 0.0 { total / found } else { 0.0 });
    let [any, first, named, lot] = means;
    println!(
        "| {} | mean of {found} | | {any:.2} | {first:.2} | {named:.2} | {lot:.2} |",
        kind.name()
    );
    Ok(means)
}

/// All flows of an office under attack, their classes, and the flows before the first attack.
fn before_and_after() -> Result<(FlowRows, Vec<String>, FlowRows), Box<dyn Error>> {
    let scenario = attacked_office();
    let all = rows(&scenario, FeatureSet::default().name())?;
    let classes = classes(&scenario, &all);
    let begin = all
        .flows()
        .iter()
        .map(|flow| flow.first)
        .min()
        .ok_or("no flows")?;
    let is_early = |index: &usize| {
        all.flows()[*index].last.as_nanos() - begin.as_nanos() < QUIET_SECONDS * 1_000_000_000
    };
    let early: Vec<usize> = (0..all.len()).filter(is_early).collect();
    let usual = all.select(&early);
    Ok((all, classes, usual))
}

const ATTACK_TITLES: &str =
    "| detector | attack | alerts | one of three | first | of three | by lot |";

#[test]
fn alerts_of_attacks_name_what_the_attack_alters() -> Outcome {
    let (all, classes, usual) = before_and_after()?;
    println!("{ATTACK_TITLES}");
    let [any, _, named, lot] = attacks(ModelKind::default(), &all, &classes, &usual)?;
    assert!(any >= LEAST && named > lot, "{any} {named} {lot}");
    Ok(())
}

#[test]
#[ignore = "takes minutes, and prints what every detector names"]
fn figures_of_every_detector() -> Outcome {
    for network in [Some(office()?), real()?].into_iter().flatten() {
        println!(
            "{}: {} flows held out\n{TITLES}",
            network.name,
            network.held_out.len()
        );
        for kind in ModelKind::ALL {
            measure(kind, &network)?;
        }
    }
    let (all, classes, usual) = before_and_after()?;
    println!("{ATTACK_TITLES}");
    for kind in ModelKind::ALL {
        attacks(kind, &all, &classes, &usual)?;
    }
    Ok(())
}
