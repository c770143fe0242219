//! Comparisons: which model finds which attack, on which traffic, how surely.
//!
//! A [`Plan`] names data sets (captures with labels, flow tables, synthetic scenarios), models, and studies: what
//! to train on, and what to test on or how to part the rows. [`run`] fits every model once per seed and fold and
//! holds its scores against the truth; the [`Outcome`] is data, and writes itself for people and programs. Trivial
//! models stand beside all others, and leaks between training and test are named. With a [`Store`] a run that was
//! interrupted goes on where it was.
//!
//! ```
//! use nettraffic_experiment::{Plan, run};
//!
//! let plan = Plan::parse(r#"
//!     title = "k-means on scans"
//!     models = ["kmeans"]
//!     seeds = [1, 2]
//!     rates = [0.05]
//!
//!     [[data]]
//!     name = "usual"
//!     from.scenario = { name = "benign", seed = 1 }
//!
//!     [[data]]
//!     name = "scan"
//!     from.scenario = { name = "syn-scan", seed = 2 }
//!
//!     [[study]]
//!     name = "office"
//!     train = ["usual"]
//!     test = ["scan"]
//! "#)?;
//! let outcome = run(&plan, None, |_| {})?;
//! let result = outcome.studies[0].results.iter().find(|result| result.model == "kmeans");
//! let area = result.and_then(|result| result.spread(|run| run.roc_auc.value)).ok_or("attacks and benign flows")?;
//! assert!(area.min > 0.8 && area.n == 2);
//! assert!(outcome.to_markdown().contains("| scan | kmeans |"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod captures;
mod data;
mod digest;
mod error;
mod folds;
mod groups;
mod importance;
mod judge;
mod labels;
mod leaks;
mod outcome;
mod pairs;
mod plan;
mod ready;
mod run;
mod store;
mod sureness;
pub mod tables;
mod trivial;
mod unit;
mod write;

pub use captures::{Account, SourceFlows, read_flows};
pub use error::ExperimentError;
pub use importance::{Importance, ImportanceKind};
pub use labels::truth;
pub use outcome::{
    AtRate, ClassRun, DataOutcome, FoldOutcome, Measured, ModelOutcome, Outcome, Pair, Run,
    StudyOutcome, TestHosts,
};
pub use plan::{
    Attacks, CaptureData, Data, DataSource, Duplicates, EachCapture, FoldsSplit, GroupKind,
    GroupSplit, Metric, Plan, ScenarioData, SplitRule, StratifiedSplit, Study, TableData,
    TimeSplit, UnseenAttackSplit,
};
pub use run::{Event, run};
pub use store::Store;
pub use trivial::Unbeaten;
pub use unit::Unit;

/// Of this crate; stands in every result.
const VERSION: &str = env!("CARGO_PKG_VERSION");
