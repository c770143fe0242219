//! The results of a comparison as the views of a report.

use nettraffic_eval::{Spread, grouped};
use nettraffic_experiment::{
    FoldOutcome, ImportanceKind, ModelOutcome, Outcome, Run, StudyOutcome, Unbeaten,
    Unit as RowUnit,
};
use nettraffic_viz::{
    Beside, Better, CalibrationPoint, ClassRecall, Comparison, Confusion, Curve, Fact, Importance,
    Measure, ModelOutcome as ModelView, PairedTest, Study, Unit,
};

/// Features of one model that are shown.
const MOST_IMPORTANT: usize = 10;

/// A report on an outcome.
pub(crate) fn comparison_report(outcome: &Outcome) -> Comparison {
    let seeds: Vec<String> = outcome.seeds.iter().map(ToString::to_string).collect();
    let mut facts = vec![
        Fact::new("Made by", format!("nettraffic {}", outcome.version)),
        Fact::new("Seeds", seeds.join(", ")),
        Fact::new(
            "Read as",
            "mean over the seeds; intervals are those of the first seed's run (95 %)",
        ),
    ];
    facts.extend(outcome.data.iter().map(|data| {
        let words = format!(
            "{}; {} benign rows, {} attacks, {} unknown; SHA-256 {}",
            data.kind,
            grouped(data.benign),
            grouped(data.attacks),
            grouped(data.unknown),
            data.sha256
        );
        Fact::new(data.name.clone(), words)
    }));
    Comparison {
        facts,
        beside: vec![Beside::new(
            "timing.html",
            "How long each model took, when and where; this page is the same wherever it is made",
        )],
        studies: outcome.studies.iter().flat_map(studies).collect(),
        ..Comparison::new(outcome.title.clone())
    }
}

/// A view for each test of a study.
fn studies(study: &StudyOutcome) -> Vec<Study> {
    let mut tests: Vec<&str> = study.results.iter().map(|result| &*result.test).collect();
    tests.dedup();
    tests.into_iter().map(|test| of_test(study, test)).collect()
}

fn of_test(study: &StudyOutcome, test: &str) -> Study {
    let results = || study.results.iter().filter(|result| result.test == test);
    let folds = || {
        study
            .folds
            .iter()
            .filter(|fold| test.is_empty() || fold.test == test)
    };
    let attack_share = results()
        .next()
        .and_then(|result| result.runs.first())
        .map(|run| run.attacks as f64 / (run.attacks + run.benign).max(1) as f64);
    Study {
        name: match test.is_empty() {
            true => study.name.clone(),
            false => format!("{}: {test}", study.name),
        },
        facts: facts(study, test, folds().next()),
        leaks: folds()
            .flat_map(|fold| {
                fold.leaks
                    .iter()
                    .map(|leak| Fact::new(study.test_name(&fold.test), leak.to_string()))
            })
            .collect(),
        leaks_checked: true,
        attack_share,
        models: results().map(|result| model(study, result)).collect(),
        remarks: (study.unbeaten(test).iter())
            .map(|found| remark(found, study.is_cross_validation))
            .collect(),
        pairs: pairs(study, test),
        ..Study::default()
    }
}

fn facts(study: &StudyOutcome, test: &str, fold: Option<&FoldOutcome>) -> Vec<Fact> {
    let mut facts = vec![Fact::new("Trained on", study.train.join(", "))];
    if !study.split.is_empty() {
        facts.push(Fact::new("Split", study.split.clone()));
    }
    let row = match (study.unit, &study.features) {
        (RowUnit::Conversation, _) => {
            "one conversation: all flows between the same two ends, with the highest of their scores"
        }
        (_, Some(_)) => "one flow record",
        (_, None) => "one row of the table",
    };
    facts.push(Fact::new("One row of a test", row));
    let intervals = study.interval_note((!test.is_empty()).then_some(test));
    let of_rows = "Taken as if rows were independent, which those of one attack are not: too narrow rather than too wide.";
    facts.push(Fact::new(
        "Intervals",
        intervals.unwrap_or_else(|| of_rows.to_owned()),
    ));
    if let Some(features) = &study.features {
        facts.push(Fact::new("Features", features.clone()));
    }
    if let Some(fold) = fold {
        let train = format!(
            "{} benign, {} attacks",
            grouped(fold.train_benign),
            grouped(fold.train_attacks)
        );
        let unseen = match fold.unseen_attacks {
            0 => String::new(),
            unseen => format!(", {} of kinds that are not trained on", grouped(unseen)),
        };
        let test = format!(
            "{} benign, {} attacks{unseen}",
            grouped(fold.test_benign),
            grouped(fold.test_attacks)
        );
        let of = match study.is_cross_validation {
            true => format!(", {}", study.test_name(&fold.test)),
            false => String::new(),
        };
        facts.extend([
            Fact::new(format!("Rows to train on{of}"), train),
            Fact::new(format!("Rows to test on{of}"), test),
        ]);
    }
    if let Some(rate) = study.rates.first() {
        let words = format!(
            "for {} % false alarms; tables of classes and verdicts are at it",
            rate * 100.0
        );
        facts.push(Fact::new("First threshold", words));
    }
    if !study.note.trim().is_empty() {
        facts.push(Fact::new("Note", study.note.trim()));
    }
    facts
}

fn model(study: &StudyOutcome, result: &ModelOutcome) -> ModelView {
    let name = match result.contamination {
        share if share > 0.0 => format!("{}, {} % attacks mixed in", result.model, share * 100.0),
        _ => result.model.clone(),
    };
    let curve = |points: fn(&Run) -> &Vec<(f64, f64)>| Curve {
        seeds: result.runs.iter().map(|run| points(run).clone()).collect(),
    };
    let importance = study.importance(result);
    let important = |(feature, share): &(&str, Spread)| Importance {
        feature: (*feature).to_owned(),
        mean: share.mean,
        spread: share.deviation,
    };
    ModelView {
        name,
        is_trivial: result.is_trivial,
        measures: measures(study, result),
        roc: Some(curve(|run| &run.roc)),
        pr: Some(curve(|run| &run.pr)),
        confusion: confusion(result),
        recall: recall(result),
        calibration: calibration(result),
        importance: importance
            .iter()
            .take(MOST_IMPORTANT)
            .map(important)
            .collect(),
        importance_of: importance_of(result, &importance),
        ..ModelView::default()
    }
}

/// What the shares of features are of, in words.
fn importance_of(result: &ModelOutcome, features: &[(&str, Spread)]) -> String {
    let Some((kind, (_, first))) = result.importance_kind().zip(features.first()) else {
        return String::new();
    };
    let of = match kind {
        ImportanceKind::Contributions => "what contributes to the scores of attacks in the test",
        ImportanceKind::Impurity => "the impurity that splits of the training rows take away",
        ImportanceKind::Single => "the one feature that it looks at",
        _ => "what the model tells",
    };
    let runs = match first.n {
        1 => String::new(),
        runs => format!(", mean of {runs} runs ± standard deviation"),
    };
    let rest = match features.get(MOST_IMPORTANT..).unwrap_or_default() {
        [] => String::new(),
        rest => {
            let share: f64 = rest.iter().map(|(_, share)| share.mean).sum();
            format!(
                "; {} more count {:.0} % together",
                rest.len(),
                share * 100.0
            )
        }
    };
    format!("Share of {of}{runs}{rest}.")
}

/// What does not beat the better trivial model, in words.
fn remark(found: &Unbeaten<'_>, is_cross_validation: bool) -> String {
    let (names, area) = (found.models.join(", "), found.area);
    let baseline = found.baseline;
    match found.models.len() {
        0 if is_cross_validation => format!(
            "Every model has a larger mean area than the better trivial one, {baseline} (ROC AUC {area:.3})."
        ),
        0 => format!(
            "Every model beats the better trivial one, {baseline} (ROC AUC {area:.3}), by more than chance explains."
        ),
        1 => format!("{names} does not beat the trivial {baseline} (ROC AUC {area:.3})."),
        _ => format!("{names} do not beat the trivial {baseline} (ROC AUC {area:.3})."),
    }
}

/// All pairs of a test, fold by fold in a cross-validation.
fn pairs(study: &StudyOutcome, test: &str) -> Vec<PairedTest> {
    let of_test = study.pairs.iter().filter(|pair| pair.test == test);
    of_test
        .map(|pair| PairedTest {
            part: (pair.fold.as_deref()).map_or_else(String::new, |fold| study.test_name(fold)),
            first: pair.first.clone(),
            second: pair.second.clone(),
            difference: pair.areas.difference,
            interval: pair
                .areas
                .interval
                .map(|interval| (interval.low, interval.high)),
            p_value: pair.areas_holm_p,
            only_first: pair.alerts.only_first,
            only_second: pair.alerts.only_second,
            alerts_p: pair.alerts_holm_p,
        })
        .collect()
}

/// How often the probabilities of the first run come true.
fn calibration(result: &ModelOutcome) -> Vec<CalibrationPoint> {
    let bins = result.runs.first().map_or(&[][..], |run| &run.calibration);
    bins.iter()
        .map(|bin| CalibrationPoint {
            predicted: bin.stated,
            observed: bin.observed,
            rows: bin.rows,
        })
        .collect()
}

fn measures(study: &StudyOutcome, result: &ModelOutcome) -> Vec<Measure> {
    let measure = |name: String, unit, better, value: &dyn Fn(&Run) -> Option<f64>| Measure {
        values: result.runs.iter().map(value).collect(),
        ..Measure::new(name, unit, better, Vec::new())
    };
    let first = result.runs.first().filter(|run| run.fold.is_none());
    let ends = |interval: nettraffic_eval::Interval| (interval.low, interval.high);
    let mut measures = vec![
        Measure {
            interval: first.and_then(|run| run.roc_auc.interval).map(ends),
            ..measure("ROC AUC".to_owned(), Unit::Plain, Better::Higher, &|run| {
                run.roc_auc.value
            })
        },
        Measure {
            interval: first.and_then(|run| run.pr_auc.interval).map(ends),
            ..measure("PR AUC".to_owned(), Unit::Plain, Better::Higher, &|run| {
                run.pr_auc.value
            })
        },
    ];
    for (at, rate) in study.rates.iter().enumerate() {
        let percent = format!("{} %", (rate * 1e6).round() / 1e4);
        let recall = |run: &Run| run.at.get(at)?.recall.value;
        let f1 = |run: &Run| run.at.get(at)?.f1;
        let alarms = |run: &Run| run.at.get(at)?.false_alarm_rate.value;
        measures.extend([
            measure(
                format!("Recall at {percent}"),
                Unit::Share,
                Better::Higher,
                &recall,
            ),
            measure(format!("F1 at {percent}"), Unit::Plain, Better::Higher, &f1),
            measure(
                format!("False alarms at {percent}"),
                Unit::Share,
                Better::Lower,
                &alarms,
            ),
        ]);
    }
    measures
}

/// What the first seed says to each class at the first threshold: in a cross-validation, of all folds together.
fn confusion(result: &ModelOutcome) -> Option<Confusion> {
    let seed = result.runs.first()?.seed;
    let mut classes = vec![("benign".to_owned(), vec![0, 0])];
    for run in result.runs.iter().filter(|run| run.seed == seed) {
        let alarms = run.at.first().and_then(|at| at.false_alarm_rate.value);
        let benign = ("benign", run.benign, alarms);
        let attacks = run.classes.iter().map(|class| {
            let recall = class.recall.first().copied().flatten();
            (class.class.as_str(), class.rows, recall)
        });
        for (name, rows, share) in std::iter::once(benign).chain(attacks) {
            let alerts = share.map_or(0, |share| (share * rows as f64).round() as u64);
            let place = classes.iter().position(|(known, _)| known == name);
            let place = place.unwrap_or_else(|| {
                classes.push((name.to_owned(), vec![0, 0]));
                classes.len() - 1
            });
            classes[place].1[0] += rows.saturating_sub(alerts);
            classes[place].1[1] += alerts;
        }
    }
    Some(Confusion {
        verdicts: vec!["no alert".to_owned(), "alert".to_owned()],
        classes,
    })
}

/// Recall of each class in all runs; its rows are those of the first seed, all folds together.
fn recall(result: &ModelOutcome) -> Vec<ClassRecall> {
    let seed = result.runs.first().map(|run| run.seed);
    let mut classes: Vec<ClassRecall> = Vec::new();
    for run in &result.runs {
        for class in &run.classes {
            let place = classes.iter().position(|known| known.class == class.class);
            let place = place.unwrap_or_else(|| {
                classes.push(ClassRecall {
                    class: class.class.clone(),
                    is_new: class.is_unseen,
                    ..ClassRecall::default()
                });
                classes.len() - 1
            });
            let known = &mut classes[place];
            known.recall.push(class.recall.first().copied().flatten());
            known.is_new &= class.is_unseen;
            if Some(run.seed) == seed {
                known.rows += class.rows;
            }
        }
    }
    classes
}
