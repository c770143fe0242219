//! A made-up comparison of four models, one of them trivial, on two data sets.

use nettraffic_viz::{
    Beside, Better, CalibrationPoint, ClassRecall, Comparison, Confusion, Curve, Fact, Importance,
    Measure, ModelOutcome, PairedTest, Study, Unit,
};

/// Two studies: one sound, one with a leak.
pub(crate) fn comparison() -> Comparison {
    Comparison {
        beside: vec![Beside::new("timing.html", "How long each model took")],
        title: "Anomaly detectors on two data sets".into(),
        facts: vec![
            Fact::new("Plan", "tables.toml, 3 seeds: 42, 1, 2"),
            Fact::new("Program", "nettraffic 0.1.0"),
        ],
        warnings: Vec::new(),
        studies: vec![
            study("NSL-KDD, published split", true),
            Study {
                leaks: vec![Fact::new(
                    "Copied rows",
                    "412 of 10,000 test rows stand in the training rows, too",
                )],
                ..study("Office captures, random split", false)
            },
        ],
    }
}

fn study(name: &str, timed: bool) -> Study {
    let models = [
        ("k-means", 0.93, false),
        ("isolation forest", 0.95, false),
        ("fusion", 0.975, false),
        ("bytes alone", 0.71, true),
    ];
    Study {
        name: name.into(),
        facts: vec![
            Fact::new("Training rows", "67,343 benign"),
            Fact::new("Test rows", "22,544, 57 % attacks"),
            Fact::new("Features", "NSL-KDD's 41"),
        ],
        leaks_checked: true,
        attack_share: Some(0.57),
        models: models
            .into_iter()
            .map(|(name, area, is_trivial)| model(name, area, is_trivial, timed))
            .collect(),
        remarks: vec!["k-means does not beat the trivial bytes alone (ROC AUC 0.710).".into()],
        pairs: vec![PairedTest {
            part: String::new(),
            first: "fusion".into(),
            second: "k-means".into(),
            difference: Some(0.045),
            interval: Some((0.031, 0.059)),
            p_value: Some(0.000_2),
            only_first: 1204,
            only_second: 97,
            alerts_p: Some(0.03),
        }],
        published: vec![Fact::new(
            "Autoencoder, 2018",
            "F1 0.89 on the same split, threshold chosen on test rows",
        )],
        ..Study::default()
    }
}

fn model(name: &str, area: f64, is_trivial: bool, timed: bool) -> ModelOutcome {
    let seeds = [-0.01, 0.0, 0.012].map(|change| (area + change).min(0.999));
    let measure = |name: &str, unit, better, scale: f64| {
        Measure::new(name, unit, better, seeds.map(|seed| scale * seed).to_vec())
    };
    let class = |class: &str, rows, power: f64| ClassRecall {
        class: class.into(),
        rows,
        is_new: false,
        recall: seeds.map(|seed| Some(seed.powf(power))).to_vec(),
    };
    let found = (9_000.0 * area) as u64;
    ModelOutcome {
        is_trivial,
        measures: vec![
            measure("ROC AUC", Unit::Plain, Better::Higher, 1.0),
            measure("Average precision", Unit::Plain, Better::Higher, 0.97),
            measure(
                "Recall at 1 % false alarms",
                Unit::Share,
                Better::Higher,
                0.6,
            ),
            Measure {
                values: vec![Some(0.011), None, Some(0.009)],
                ..measure("False-alarm rate", Unit::Share, Better::Lower, 1.0)
            },
        ],
        roc: Some(Curve {
            seeds: seeds.map(roc).to_vec(),
        }),
        pr: Some(Curve {
            seeds: seeds.map(pr).to_vec(),
        }),
        confusion: (!is_trivial).then(|| Confusion {
            verdicts: vec!["alert".into(), "no alert".into()],
            classes: vec![
                ("attack".into(), vec![found, 9_000 - found]),
                ("benign".into(), vec![110, 9_600]),
            ],
        }),
        recall: vec![
            class("dos", 7_458, 1.0),
            class("probe", 2_421, 3.0),
            class("r2l", 2_754, 30.0),
            class("u2r", 200, 12.0),
        ],
        calibration: (0..10)
            .map(|tenth| CalibrationPoint {
                predicted: (f64::from(tenth) + 0.5) / 10.0,
                observed: ((f64::from(tenth) + 0.5) / 10.0).powf(2.0 - area),
                rows: 100,
            })
            .collect(),
        importance: (1..15)
            .map(|place| Importance {
                feature: format!("destination_failed_share_{place}s"),
                mean: 0.3 * area / f64::from(place),
                spread: Some(0.01),
            })
            .collect(),
        timing: if timed {
            vec![
                measure("Fit", Unit::Seconds, Better::Lower, 3.2),
                measure("Rows per second", Unit::PerSecond, Better::Higher, 2.1e5),
            ]
        } else {
            Vec::new()
        },
        ..ModelOutcome::new(name)
    }
}

/// A curve of about the area.
fn roc(area: f64) -> Vec<(f64, f64)> {
    let power = (1.0 - area) / area;
    (0..=200)
        .map(|step| f64::from(step) / 200.0)
        .map(|x: f64| (x, x.powf(power)))
        .collect()
}

fn pr(area: f64) -> Vec<(f64, f64)> {
    (0..=200)
        .map(|step| f64::from(step) / 200.0)
        .map(|x: f64| (x, 1.0 - 0.43 * x.powf(area / (1.0 - area) / 3.0)))
        .collect()
}
