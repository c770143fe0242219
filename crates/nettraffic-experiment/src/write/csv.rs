//! The results as tables for programs: every run, every class, every pair.

use csv::Writer;
use serde::Serialize;

use crate::outcome::{AtRate, Measured, ModelOutcome, Outcome, Run, StudyOutcome};

/// A run at one threshold.
#[derive(Serialize)]
struct ResultRow<'a> {
    version: &'a str,
    study: &'a str,
    test: &'a str,
    fold: &'a str,
    model: &'a str,
    contamination: f64,
    seed: u64,
    benign: u64,
    attacks: u64,
    unknown: u64,
    roc_auc: Option<f64>,
    roc_auc_low: Option<f64>,
    roc_auc_high: Option<f64>,
    pr_auc: Option<f64>,
    pr_auc_low: Option<f64>,
    pr_auc_high: Option<f64>,
    partial_auc: Option<f64>,
    rate: f64,
    threshold: f32,
    false_alarm_rate: Option<f64>,
    false_alarm_rate_low: Option<f64>,
    false_alarm_rate_high: Option<f64>,
    recall: Option<f64>,
    recall_low: Option<f64>,
    recall_high: Option<f64>,
    unseen_recall: Option<f64>,
    precision: Option<f64>,
    f1: Option<f64>,
    mcc: Option<f64>,
    balanced_accuracy: Option<f64>,
    best_recall: Option<f64>,
    data_sha256: &'a str,
}

/// A class of attack in a run at one threshold.
#[derive(Serialize)]
struct ClassRow<'a> {
    study: &'a str,
    test: &'a str,
    fold: &'a str,
    model: &'a str,
    contamination: f64,
    seed: u64,
    class: &'a str,
    is_unseen: bool,
    rows: u64,
    roc_auc: Option<f64>,
    pr_auc: Option<f64>,
    rate: f64,
    recall: Option<f64>,
}

/// Two models on the same rows.
#[derive(Serialize)]
struct PairRow<'a> {
    study: &'a str,
    test: &'a str,
    fold: &'a str,
    seed: Option<u64>,
    first: &'a str,
    second: &'a str,
    area_difference: Option<f64>,
    area_difference_low: Option<f64>,
    area_difference_high: Option<f64>,
    area_p: Option<f64>,
    only_first_right: u64,
    only_second_right: u64,
    alerts_p: f64,
    area_holm_p: Option<f64>,
    alerts_holm_p: Option<f64>,
}

impl Outcome {
    /// One line of CSV for every run and rate, with the version and the data's SHA-256.
    #[must_use]
    pub fn results_csv(&self) -> Vec<u8> {
        let mut writer = Writer::from_writer(Vec::new());
        for study in &self.studies {
            let data = self.digest_of(study);
            for (result, run, at) in at_rates(study) {
                push(
                    &mut writer,
                    &result_row(self.version, study, result, run, at, &data),
                );
            }
        }
        finish(writer)
    }

    /// One line of CSV for every class of attack, run and rate.
    #[must_use]
    pub fn classes_csv(&self) -> Vec<u8> {
        let mut writer = Writer::from_writer(Vec::new());
        for study in &self.studies {
            for result in &study.results {
                for run in &result.runs {
                    for class in &run.classes {
                        for (rate, recall) in study.rates.iter().zip(&class.recall) {
                            let row = ClassRow {
                                study: &study.name,
                                test: &result.test,
                                fold: run.fold.as_deref().unwrap_or_default(),
                                model: &result.model,
                                contamination: result.contamination,
                                seed: run.seed,
                                class: &class.class,
                                is_unseen: class.is_unseen,
                                rows: class.rows,
                                roc_auc: class.roc_auc,
                                pr_auc: class.pr_auc,
                                rate: *rate,
                                recall: *recall,
                            };
                            push(&mut writer, &row);
                        }
                    }
                }
            }
        }
        finish(writer)
    }

    /// One line of CSV for every two models on the same rows.
    #[must_use]
    pub fn pairs_csv(&self) -> Vec<u8> {
        let mut writer = Writer::from_writer(Vec::new());
        for study in &self.studies {
            for pair in &study.pairs {
                let row = PairRow {
                    study: &study.name,
                    test: &pair.test,
                    fold: pair.fold.as_deref().unwrap_or_default(),
                    seed: self.seeds.first().copied(),
                    first: &pair.first,
                    second: &pair.second,
                    area_difference: pair.areas.difference,
                    area_difference_low: pair.areas.interval.map(|interval| interval.low),
                    area_difference_high: pair.areas.interval.map(|interval| interval.high),
                    area_p: pair.areas.p_value,
                    only_first_right: pair.alerts.only_first,
                    only_second_right: pair.alerts.only_second,
                    alerts_p: pair.alerts_p,
                    area_holm_p: pair.areas_holm_p,
                    alerts_holm_p: pair.alerts_holm_p,
                };
                push(&mut writer, &row);
            }
        }
        finish(writer)
    }

    /// The digests of the data of a study, in the order in which it names them.
    fn digest_of(&self, study: &StudyOutcome) -> String {
        let names = study.train.iter().chain(&study.test);
        let digests = names.filter_map(|name| self.data.iter().find(|data| data.name == *name));
        digests
            .map(|data| &*data.sha256)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn at_rates(study: &StudyOutcome) -> impl Iterator<Item = (&ModelOutcome, &Run, &AtRate)> {
    let runs =
        (study.results.iter()).flat_map(|result| result.runs.iter().map(move |run| (result, run)));
    runs.flat_map(|(result, run)| run.at.iter().map(move |at| (result, run, at)))
}

fn result_row<'a>(
    version: &'a str,
    study: &'a StudyOutcome,
    result: &'a ModelOutcome,
    run: &'a Run,
    at: &AtRate,
    data_sha256: &'a str,
) -> ResultRow<'a> {
    let low = |measured: &Measured| measured.interval.map(|interval| interval.low);
    let high = |measured: &Measured| measured.interval.map(|interval| interval.high);
    ResultRow {
        version,
        study: &study.name,
        test: &result.test,
        fold: run.fold.as_deref().unwrap_or_default(),
        model: &result.model,
        contamination: result.contamination,
        seed: run.seed,
        benign: run.benign,
        attacks: run.attacks,
        unknown: run.unknown,
        roc_auc: run.roc_auc.value,
        roc_auc_low: low(&run.roc_auc),
        roc_auc_high: high(&run.roc_auc),
        pr_auc: run.pr_auc.value,
        pr_auc_low: low(&run.pr_auc),
        pr_auc_high: high(&run.pr_auc),
        partial_auc: run.partial_auc,
        rate: at.rate,
        threshold: at.threshold,
        false_alarm_rate: at.false_alarm_rate.value,
        false_alarm_rate_low: low(&at.false_alarm_rate),
        false_alarm_rate_high: high(&at.false_alarm_rate),
        recall: at.recall.value,
        recall_low: low(&at.recall),
        recall_high: high(&at.recall),
        unseen_recall: at.unseen_recall,
        precision: at.precision,
        f1: at.f1,
        mcc: at.mcc,
        balanced_accuracy: at.balanced_accuracy,
        best_recall: at.best_recall,
        data_sha256,
    }
}

/// Into memory, where writing does not fail, and rows that are all of one length.
pub(super) fn push(writer: &mut Writer<Vec<u8>>, row: &impl Serialize) {
    let written = writer.serialize(row);
    debug_assert!(written.is_ok(), "{written:?}");
}

pub(super) fn finish(writer: Writer<Vec<u8>>) -> Vec<u8> {
    writer.into_inner().unwrap_or_default()
}
