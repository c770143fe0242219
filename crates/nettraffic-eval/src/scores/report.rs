//! What judging scores found, as data.

use std::fmt;

use serde::Serialize;

use crate::{AreaDifference, Interval};

/// All that is told about a table of scores. Its [`Display`](fmt::Display) is a table for a terminal.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScoreReport {
    /// What became of the rows.
    pub rows: RowAccount,
    /// Probability of each interval.
    pub confidence: f64,
    /// Draws of each bootstrap; without any there are fewer intervals.
    pub replicates: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// The models, in the order of their columns.
    pub models: Vec<ModelReport>,
    /// Every two models on the same rows.
    pub comparisons: Vec<Comparison>,
}

/// What became of the rows of a table: `read = judged + unknown + refused_rows`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RowAccount {
    /// Rows below the header.
    pub read: u64,
    /// Rows judged.
    pub judged: u64,
    /// Attacks among them.
    pub attacks: u64,
    /// Benign rows among them.
    pub benign: u64,
    /// Rows labelled `unknown`, left out.
    pub unknown: u64,
    /// Rows that cannot be understood, left out.
    pub refused_rows: u64,
    /// The first 20 of those.
    pub refused: Vec<RefusedRow>,
}

/// A row that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RefusedRow {
    /// Line of the file that it begins in, from 1; the header is line 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for RefusedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// A value with its interval; `None` where it is not defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// The value.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
}

impl Estimate {
    pub(super) fn new(value: Option<f64>, interval: Option<Interval>) -> Self {
        Self { value, interval }
    }
}

/// What the scores of one model are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ModelReport {
    /// Name of its column.
    pub score: String,
    /// Area under the ROC curve: DeLong's interval, or, when rows are grouped, a bootstrap of groups.
    pub area: Estimate,
    /// Area up to 1 % false alarms, 0.5 for chance and 1 for perfection.
    pub partial_area: Option<f64>,
    /// Average precision: stratified bootstrap, or one of groups.
    pub average_precision: Estimate,
    /// What could be found at low false-alarm rates, were the threshold right.
    pub recall_at: Vec<RecallAt>,
    /// Share of attacks among the rows of highest score.
    pub precision_at: Vec<PrecisionAt>,
    /// Mean cost over all odds, 0.25 for scores of no use.
    pub mean_cost: Option<f64>,
    /// Mean squared error, when all scores are within 0 to 1 and may be probabilities.
    pub brier: Option<f64>,
    /// Expected calibration error over ten bins of equal width, likewise.
    pub calibration_error: Option<f64>,
    /// Least score that raises an alert (the greatest, where lower ones are stranger); `None` when no row alerts, since no threshold keeps to the rate, and of decisions.
    pub threshold: Option<f64>,
    /// Whether alerts are the tool's own decisions, which have no threshold that is known.
    pub is_decided: bool,
    /// The false-alarm rate that the threshold was chosen for, on these very rows; `None` when it was
    /// given.
    pub chosen_for_rate: Option<f64>,
    /// Attacks that raise an alert.
    pub true_positives: u64,
    /// Benign rows that raise one.
    pub false_positives: u64,
    /// Attacks that raise none.
    pub false_negatives: u64,
    /// Benign rows that raise none.
    pub true_negatives: u64,
    /// Share of the alerts that are attacks (Wilson, or a bootstrap of groups, as all below).
    pub precision: Estimate,
    /// Share of the attacks that raise an alert.
    pub recall: Estimate,
    /// Share of the benign rows that raise an alert.
    pub false_alarm_rate: Estimate,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Mean of recall and the share of benign rows that raise no alert.
    pub balanced_accuracy: Option<f64>,
    /// Matthews correlation.
    pub mcc: Option<f64>,
    /// Share of attacks among the alerts where attacks are rarer than in these rows: base rate and
    /// precision.
    pub precision_at_base_rate: Vec<(f64, Option<f64>)>,
    /// False alarms in time, when a column says the time.
    pub false_alarms: Option<AlarmPace>,
    /// Each class of attack, ascending by name.
    pub classes: Vec<ClassReport>,
    /// Each group of rows, when a column says it, in the order of first rows.
    pub groups: Option<Vec<GroupReport>>,
}

/// The recall that some threshold reaches within a false-alarm rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RecallAt {
    /// The greatest false-alarm rate allowed.
    pub false_alarm_rate: f64,
    /// The recall.
    pub recall: Option<f64>,
}

/// The precision among the rows of highest score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PrecisionAt {
    /// So many rows.
    pub rows: u64,
    /// Share of attacks among them.
    pub precision: Option<f64>,
}

/// False alarms at the pace of the rows' own traffic.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AlarmPace {
    /// Seconds in which there was traffic: gaps of more than two minutes are left out.
    pub seconds: f64,
    /// False alarms an hour.
    pub per_hour: Estimate,
    /// False alarms a day.
    pub per_day: Estimate,
}

/// How well one class of attack is found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassReport {
    /// The label.
    pub class: String,
    /// Rows of it.
    pub rows: u64,
    /// Those that raise an alert.
    pub alerts: u64,
    /// Share of them.
    pub recall: Estimate,
    /// Area under the ROC curve against all benign rows.
    pub area: Option<f64>,
    /// Average precision against all benign rows.
    pub average_precision: Option<f64>,
    /// Seconds from its first row to its first alert, when a column says the time.
    pub seconds_to_alert: Option<f64>,
}

/// How well one group of rows is judged.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupReport {
    /// What the column says.
    pub group: String,
    /// Attacks in it.
    pub attacks: u64,
    /// Benign rows in it.
    pub benign: u64,
    /// Area under the ROC curve of its rows.
    pub area: Option<f64>,
    /// Share of its attacks that raise an alert.
    pub recall: Option<f64>,
    /// Share of its benign rows that raise an alert.
    pub false_alarm_rate: Option<f64>,
}

/// Two models on the same rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Column of the first.
    pub first: String,
    /// Column of the second.
    pub second: String,
    /// Their areas, and how sure the difference is (DeLong, paired).
    pub areas: AreaDifference,
    /// Rows that only the first judges right at its threshold.
    pub only_first_right: u64,
    /// Rows that only the second judges right at its threshold.
    pub only_second_right: u64,
    /// How likely chance gives so uneven numbers (McNemar, exact).
    pub mcnemar_exact_p: f64,
    /// The same by chi-square with continuity correction.
    pub mcnemar_corrected_p: Option<f64>,
    /// The *p*-value of the areas, corrected for the number of comparisons in this report (Holm).
    pub areas_holm_p: Option<f64>,
    /// That of McNemar's exact test, likewise.
    pub mcnemar_holm_p: Option<f64>,
}
