//! What a comparison found, as data.

use std::path::PathBuf;

use nettraffic_eval::{AreaDifference, CalibrationBin, Interval, Leak, McNemar, Spread};
use serde::Serialize;

use crate::plan::Metric;
use crate::write::range;
use crate::{Account, Importance, Unit};

/// The results of a plan. Nothing in it depends on when, where or how fast it was run.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Heading.
    pub title: String,
    /// What a reader should know before the numbers.
    pub note: String,
    /// Version of this crate.
    pub version: &'static str,
    /// Seeds, in the order of the runs.
    pub seeds: Vec<u64>,
    /// The data sets that were read, by name.
    pub data: Vec<DataOutcome>,
    /// The studies.
    pub studies: Vec<StudyOutcome>,
    /// What tables for people show.
    #[serde(skip)]
    pub metrics: Vec<Metric>,
    /// What became of the packets of each capture, in the order of reading.
    #[serde(skip)]
    pub captures: Vec<(PathBuf, Account)>,
}

/// A data set with one set of features.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DataOutcome {
    /// Its name.
    pub name: String,
    /// `table`, `captures` or `scenario`.
    pub kind: &'static str,
    /// SHA-256 over the SHA-256 sums of its files, label rules first.
    pub sha256: String,
    /// Benign rows.
    pub benign: u64,
    /// Attacks.
    pub attacks: u64,
    /// Rows of which nobody knows what they are.
    pub unknown: u64,
}

/// The results of a study.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StudyOutcome {
    /// Heading.
    pub name: String,
    /// What a reader should know before the numbers.
    pub note: String,
    /// Names of the data sets that it trains on.
    pub train: Vec<String>,
    /// Names of the data sets that it tests on; none where a rule parts the rows.
    pub test: Vec<String>,
    /// How rows are parted, for people.
    pub split: String,
    /// Names of the feature sets of flows; `None` for tables, which bring their own.
    pub features: Option<String>,
    /// Names of the features, as [`Importance::shares`](crate::Importance::shares) has them.
    #[serde(skip)]
    pub columns: Vec<String>,
    /// What counts as one row of a test.
    pub unit: Unit,
    /// False-alarm rates that thresholds were set for.
    pub rates: Vec<f64>,
    /// Whether the folds are parts of one test, to be read together.
    pub is_cross_validation: bool,
    /// What was trained and tested on, once per fold and, where the seed draws rows, per seed.
    pub folds: Vec<FoldOutcome>,
    /// One per test, model and share of attacks mixed in.
    pub results: Vec<ModelOutcome>,
    /// Models side by side on the same rows, with the first seed.
    pub pairs: Vec<Pair>,
}

/// What was trained and tested on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FoldOutcome {
    /// The test.
    pub test: String,
    /// The seed.
    pub seed: u64,
    /// Benign rows to train on.
    pub train_benign: u64,
    /// Attacks to train on.
    pub train_attacks: u64,
    /// Benign rows that were tested on.
    pub test_benign: u64,
    /// Attacks that were tested on.
    pub test_attacks: u64,
    /// Of these, those of a kind that is not trained on.
    pub unseen_attacks: u64,
    /// The hosts that began the rows tested on, where rows tell: intervals draw hosts then, not rows.
    pub test_hosts: Option<TestHosts>,
    /// What makes results look better than they are.
    pub leaks: Vec<Leak>,
}

/// Hosts that began the rows of a test; one that did both counts in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TestHosts {
    /// Those that began attacks.
    pub attacking: u64,
    /// Those that began benign rows.
    pub benign: u64,
}

/// One model on one test.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ModelOutcome {
    /// The test.
    pub test: String,
    /// The model.
    pub model: String,
    /// Whether it is a trivial one, which others are to be held against.
    pub is_trivial: bool,
    /// Share of attacks that were mixed into its training rows.
    pub contamination: f64,
    /// One run per seed; in a cross-validation one per seed and fold.
    pub runs: Vec<Run>,
}

/// One fitted model on one test, counted in rows of the study's [`Unit`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Run {
    /// Seed of the fitting.
    pub seed: u64,
    /// The part of the rows that it was judged on, in a cross-validation.
    pub fold: Option<String>,
    /// Benign rows judged.
    pub benign: u64,
    /// Attacks judged.
    pub attacks: u64,
    /// Rows left out because nobody knows what they are.
    pub unknown: u64,
    /// Area under the ROC curve, with its 95 % interval: of hosts that are drawn again where rows tell them, else DeLong's.
    pub roc_auc: Measured,
    /// Average precision, with its 95 % interval (a bootstrap of 200 draws, stratified; of whole hosts where rows tell them).
    pub pr_auc: Measured,
    /// Area under the ROC curve up to a false-alarm rate of 1 %, from 0.5 (chance) to 1.
    pub partial_auc: Option<f64>,
    /// At one threshold per asked rate, in their order.
    pub at: Vec<AtRate>,
    /// Per class of attack.
    pub classes: Vec<ClassRun>,
    /// Of a model that gives probabilities, how often they come true, on flows and rows of tables. For charts; data files
    /// leave it out.
    #[serde(skip)]
    pub calibration: Vec<CalibrationBin>,
    /// What features count, of a model that can tell. A file of its own holds it for all runs together.
    #[serde(skip)]
    pub importance: Option<Importance>,
    /// The ROC curve, thinned: false-alarm rate and recall. For charts; data files leave it out.
    #[serde(skip)]
    pub roc: Vec<(f64, f64)>,
    /// The precision-recall curve, thinned: recall and precision. For charts; data files leave it out.
    #[serde(skip)]
    pub pr: Vec<(f64, f64)>,
}

/// What alerts beyond a threshold are worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AtRate {
    /// The false-alarm rate that the threshold was set for.
    pub rate: f64,
    /// The threshold.
    pub threshold: f32,
    /// The 95 % prediction interval of the false-alarm rate among as many benign rows as the test
    /// has, if these are like the rows that the threshold was set on.
    pub expected: Option<(f64, f64)>,
    /// Share of the benign rows beyond the threshold, with its 95 % interval: of hosts, or Wilson's.
    pub false_alarm_rate: Measured,
    /// Share of the attacks beyond the threshold, with its 95 % interval: of hosts, or Wilson's.
    pub recall: Measured,
    /// Recall of the attacks of a kind that was not trained on.
    pub unseen_recall: Option<f64>,
    /// Share of the alerts that are attacks.
    pub precision: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Matthews' correlation coefficient.
    pub mcc: Option<f64>,
    /// Mean of recall and of the share of benign rows without an alert.
    pub balanced_accuracy: Option<f64>,
    /// The greatest share of the attacks that any threshold finds with at most so many false alarms
    /// on this very test: what the scores could do, were the threshold right.
    pub best_recall: Option<f64>,
}

/// A value with its interval; `None` where it is not defined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Measured {
    /// The value.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
}

/// One class of attack in one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassRun {
    /// Name of the class.
    pub class: String,
    /// Whether no row to train on is of this class.
    pub is_unseen: bool,
    /// Rows of the class.
    pub rows: u64,
    /// Area under the ROC curve of this class against the benign rows.
    pub roc_auc: Option<f64>,
    /// Average precision of this class against the benign rows.
    pub pr_auc: Option<f64>,
    /// Share of them beyond the threshold of each rate.
    pub recall: Vec<Option<f64>>,
}

/// Two models on the same rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Pair {
    /// The test.
    pub test: String,
    /// The part of the rows, in a cross-validation.
    pub fold: Option<String>,
    /// A model.
    pub first: String,
    /// Another one.
    pub second: String,
    /// Their areas under the ROC curve (DeLong's paired test).
    pub areas: AreaDifference,
    /// What only one of them judges right at the threshold of the first rate.
    pub alerts: McNemar,
    /// How likely alerts are so one-sided by chance alone (McNemar's exact test).
    pub alerts_p: f64,
    /// The *p*-value of the areas, corrected for the number of all pairs of the study (Holm).
    pub areas_holm_p: Option<f64>,
    /// That of the alerts, likewise.
    pub alerts_holm_p: Option<f64>,
}

impl ModelOutcome {
    /// Mean, least and greatest of a value over the runs; `None` when a run lacks it.
    #[must_use]
    pub fn spread(&self, value: impl Fn(&Run) -> Option<f64>) -> Option<Spread> {
        let values: Option<Vec<f64>> = self.runs.iter().map(value).collect();
        Spread::of(&values?)
    }
}

impl StudyOutcome {
    /// The name of a test for people: a fold is called so.
    #[must_use]
    pub fn test_name(&self, test: &str) -> String {
        match self.is_cross_validation && !test.is_empty() {
            true => format!("fold {test}"),
            false => test.to_owned(),
        }
    }

    /// What intervals were drawn from, where rows tell the hosts that began them: a sentence for people, over all tests or
    /// those of one name.
    #[must_use]
    pub fn interval_note(&self, test: Option<&str>) -> Option<String> {
        let of_test = self
            .folds
            .iter()
            .filter(|fold| test.is_none_or(|name| fold.test == name));
        let hosts: Vec<TestHosts> = of_test.map(|fold| fold.test_hosts).collect::<Option<_>>()?;
        let count = |value: fn(&TestHosts) -> u64| range(hosts.iter().map(value));
        let fewest = hosts
            .iter()
            .map(|hosts| hosts.attacking.min(hosts.benign))
            .min()?;
        let caution = match fewest {
            0 | 1 => {
                "; where one host alone is of a kind there is none, since it says nothing of others"
            }
            2..20 => "; with so few they are too narrow",
            _ => "",
        };
        Some(format!(
            "Intervals draw whole hosts, not rows: {} that began attacks, {} that began benign rows{caution}.",
            count(|hosts| hosts.attacking),
            count(|hosts| hosts.benign)
        ))
    }

    /// The leaks of a test, as the first seed has them.
    pub fn leaks(&self) -> impl Iterator<Item = (&str, &Leak)> {
        let seed = self.folds.first().map(|fold| fold.seed);
        let folds = self
            .folds
            .iter()
            .filter(move |fold| Some(fold.seed) == seed);
        folds.flat_map(|fold| fold.leaks.iter().map(|leak| (&*fold.test, leak)))
    }
}
