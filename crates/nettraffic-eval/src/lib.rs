//! Judges detectors: metrics, curves, intervals, splits, leak checks and label rules over plain values.
//!
//! This crate knows no packets and no models: it takes slices and closures and gives values back,
//! so it can judge the scores of any tool. Counts are exact integers, a metric that is not
//! defined is `None` (never 0 and never NaN), and whatever draws at random takes a seed.
//!
//! ```
//! use nettraffic_eval::{Confidence, ConfusionMatrix, PrCurve, RocCurve, wilson};
//!
//! let attack = [false, false, true, false, true, true];
//! let scores = [0.1_f32, 0.4, 0.35, 0.2, 0.8, 0.9];
//! let alerts: Vec<bool> = scores.iter().map(|&score| score > 0.5).collect();
//!
//! let matrix = ConfusionMatrix::new(&alerts, &attack)?;
//! assert_eq!(matrix.precision(), Some(1.0));
//! assert_eq!(matrix.f1(), Some(0.8));
//!
//! let roc = RocCurve::new(&scores, &attack)?;
//! assert_eq!(roc.area(), Some(8.0 / 9.0));
//! assert_eq!(roc.recall_at_false_alarm_rate(0.01), Some(2.0 / 3.0));
//! assert!(PrCurve::new(&scores, &attack)?.average_precision() > Some(0.9));
//!
//! // Three attacks are few: the interval says so.
//! let recall = wilson(2, 3, Confidence::PERCENT_95).expect("three trials");
//! assert!(recall.low < 0.21 && recall.high > 0.93);
//! # Ok::<(), nettraffic_eval::EvalError>(())
//! ```

mod alarm;
mod bootstrap;
mod calibration;
mod compare;
mod confusion;
mod curve;
mod error;
mod evaluation;
mod interval;
mod labels;
mod leak;
mod normal;
mod per_class;
mod scores;
mod split;
mod spread;
mod words;

pub use alarm::{AlarmLoad, Detection, Judged, active_time, detections, precision_at_base_rate};
pub use bootstrap::{Bootstrap, Resampled};
pub use calibration::{Bins, Calibration, CalibrationBin};
pub use compare::{AreaDifference, McNemar, holm};
pub use confusion::ConfusionMatrix;
pub use curve::{CostCurve, CostPoint, PrCurve, PrPoint, RankedRows, Ranking, RocCurve, RocPoint};
pub use error::EvalError;
pub use evaluation::Evaluation;
pub use interval::{Confidence, Interval, wilson};
pub use labels::{
    Conversation, Joined, LabelAccount, LabelError, LabelErrorKind, LabelRule, LabelRules, Network,
    Truth, Unmatched,
};
pub use leak::{Direction, IdentifierSign, Leak, LeakCheck};
pub use per_class::{ClassResult, per_class};
pub use scores::{
    AlarmPace, ClassReport, Comparison, Estimate, GroupReport, Judge, ModelReport, PrecisionAt,
    RecallAt, RefusedRow, RowAccount, ScoreColumns, ScoreError, ScoreReport, ScoreTable,
};
pub use split::{Split, Splitter, Unseen, group_folds, group_split, stratified_split, time_split};
pub use spread::Spread;
pub use words::grouped;
