//! From a detector's card to the page that shows it.

use std::path::Path;

use nettraffic_detect::{
    Detector, DriftLevel, DriftReport, FeatureDrift, Metrics, ModelCard, Rate, UsualValues,
};
use nettraffic_viz::{Card, CardFeature, Drift, DriftedFeature, Fact, Measured};

use crate::describe::grouped;
use crate::percent;
use crate::report::words::{unit, words};
use crate::tidying;
use crate::upkeep::scores_moved;

/// A detector's card, and how recent traffic differs from what it knows where that was checked, for
/// a page to show.
#[must_use]
pub fn card_page(
    file: &Path,
    detector: &Detector,
    card: &ModelCard,
    drift: Option<&DriftReport>,
) -> Card {
    let name = file.file_name().unwrap_or(file.as_os_str());
    let (training, threshold) = (&card.training, &card.threshold);
    let mut figures = vec![
        Fact::new("False alarms to expect", percent(threshold.expected_rate)),
        Fact::new("Benign flows learned from", grouped(training.fitted)),
        Fact::new("Features", card.features.len().to_string()),
    ];
    if let Some(alerts) = threshold.alerts_per_day {
        figures.insert(1, Fact::new("False alarms a day", format!("{alerts:.1}")));
    }
    Card {
        title: name.to_string_lossy().into_owned(),
        summary: format!(
            "Detector {}: {} over {}",
            card.id,
            card.model,
            card.feature_sets.replace(',', ", ")
        ),
        figures,
        period_ns: training
            .period
            .map(|(first, last)| (nanos(first), nanos(last))),
        training: learned(detector, card),
        attacks: (training.attacks.iter())
            .map(|(class, flows)| (class.clone(), *flows))
            .collect(),
        threshold: promised(card),
        features: features(detector, card),
        measured: card.metrics.iter().map(measured).collect(),
        drift: drift.map(drifted),
        ..Card::default()
    }
}

fn learned(detector: &Detector, card: &ModelCard) -> Vec<Fact> {
    let training = &card.training;
    let mut facts = vec![
        Fact::new("Benign flows fitted on", grouped(training.fitted)),
        Fact::new(
            "Benign flows held out for the threshold",
            format!(
                "{}, by {}",
                grouped(training.held_out),
                training.held_out_by
            ),
        ),
    ];
    if training.period.is_some() {
        let active = format!("{:.0} s", training.active_seconds);
        facts.push(Fact::new("Time with flows, without long gaps", active));
    }
    facts.extend([
        Fact::new(
            "Tidying of its captures",
            tidying::describe(&detector.tidy_config()),
        ),
        Fact::new("Seed", training.seed.to_string()),
        Fact::new("Trained by version", training.program.clone()),
        Fact::new("Hash of the rows", training.data_hash.clone()),
        Fact::new("Schema", card.schema.clone()),
    ]);
    facts
}

fn promised(card: &ModelCard) -> Vec<Fact> {
    let threshold = &card.threshold;
    let rate = |(low, high)| format!("{} to {}", percent(low), percent(high));
    let mut facts = vec![
        Fact::new(
            "Score that an alert exceeds",
            format!("{:.4}", threshold.value),
        ),
        Fact::new("Asked for, of benign flows", percent(threshold.asked_rate)),
        Fact::new(
            "To expect, of benign flows",
            match threshold.known_interval {
                Some(_) => format!("at most {}", percent(threshold.expected_rate)),
                None => percent(threshold.expected_rate),
            },
        ),
        Fact::new("By the score (95 % interval)", rate(threshold.interval)),
    ];
    if let Some(interval) = threshold.known_interval {
        let name = "By looking like a known attack (95 % interval)";
        facts.push(Fact::new(name, rate(interval)));
    }
    facts.push(Fact::new("Held-out flows", grouped(threshold.rows)));
    if let Some(alerts) = threshold.alerts_per_day {
        let name = "False alarms a day, at the pace of the training";
        facts.push(Fact::new(name, format!("{alerts:.1}")));
    }
    facts
}

fn features(detector: &Detector, card: &ModelCard) -> Vec<CardFeature> {
    let schema = detector.features().schema();
    let columns = schema.columns().iter().zip(&card.features);
    let feature = columns.map(|(column, feature)| {
        let base = CardFeature {
            name: feature.name.clone(),
            words: words(&feature.name),
            unit: unit(&feature.name, column.unit),
            ..CardFeature::default()
        };
        match &feature.usual {
            UsualValues::Range(low, high) => CardFeature {
                usual: Some((*low, *high)),
                ..base
            },
            UsualValues::Shares(shares) => {
                let mut categories = shares.clone();
                categories.sort_by(|a, b| b.1.total_cmp(&a.1));
                CardFeature { categories, ..base }
            }
            _ => base,
        }
    });
    feature.collect()
}

fn measured(metrics: &Metrics) -> Measured {
    let rate = |rate: &Rate| match (rate.share, rate.interval) {
        (Some(share), Some((low, high))) => {
            format!("{} ({} to {})", percent(share), percent(low), percent(high))
        }
        _ => "–".to_owned(),
    };
    let mut figures = vec![
        Fact::new("Recall (95 % interval)", rate(&metrics.recall)),
        Fact::new("False alarms", rate(&metrics.false_alarms)),
    ];
    if let Some(area) = metrics.roc_area {
        figures.push(Fact::new("ROC AUC", format!("{area:.3}")));
    }
    Measured {
        data: metrics.data.clone(),
        figures,
        classes: (metrics.recall_by_class.iter())
            .map(|(class, rate)| (class.clone(), rate.hits, rate.rows))
            .collect(),
    }
}

pub(crate) fn drifted(report: &DriftReport) -> Drift {
    let scores = &report.scores;
    Drift {
        has_drifted: report.has_drifted(),
        facts: vec![
            Fact::new("Recent flows", grouped(report.rows)),
            Fact::new("Flows of the training", grouped(report.training_rows)),
            Fact::new("Recent alerts by the score", scores.alarms.to_string()),
            Fact::new("Expected", percent(scores.expected_alarms)),
            Fact::new("The scores", scores_moved(scores.changes)),
        ],
        features: report.features.iter().map(moved).collect(),
    }
}

fn moved(feature: &FeatureDrift) -> DriftedFeature {
    let level = match feature.level {
        DriftLevel::Stable => "no",
        DriftLevel::Moderate => "moderately",
        _ => "far",
    };
    DriftedFeature {
        name: feature.feature.clone(),
        words: words(&feature.feature),
        index: feature.stability_index,
        by_chance: feature.by_chance,
        level: level.to_owned(),
        values: feature.values.clone(),
        shares: (feature.expected_share, feature.found_share),
    }
}

fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9) as i64
}
