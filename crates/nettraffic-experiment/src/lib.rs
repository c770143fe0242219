//! Comparisons: which model finds which attack, on which traffic, how surely.
//!
//! A [`Plan`] names studies: benign captures to train on, and labelled captures to test on.
//! [`run`] trains every model once per seed and holds its scores and alerts against the truth;
//! the [`Outcome`] is data, and writes itself as Markdown. No capture is both trained and tested
//! on: a forest, which needs attacks, learns those of the other tests.
//!
//! ```
//! use nettraffic_experiment::{Plan, run};
//! use nettraffic_synth::{Attack, AttackKind, Scenario};
//! use std::time::Duration;
//!
//! let folder = tempfile::tempdir()?;
//! let office = |seed| Scenario::new(seed).hosts(3).duration(Duration::from_secs(200));
//! let scan = Attack::new(AttackKind::SynScan).at(Duration::from_secs(60)).lasting(Duration::from_secs(3));
//! let attacked = office(2).attack(scan).synthesize();
//! std::fs::write(folder.path().join("usual.pcap"), office(1).pcap_bytes())?;
//! std::fs::write(folder.path().join("scan.pcap"), attacked.pcap)?;
//! std::fs::write(folder.path().join("scan.csv"), attacked.truth.rules_csv())?;
//!
//! let plan = Plan::parse(r#"
//!     title = "k-means on a scan"
//!     models = ["kmeans"]
//!     seeds = [1, 2]
//!     false_alarm_rate = 0.05
//!
//!     [[study]]
//!     name = "office"
//!     benign = ["usual.pcap"]
//!
//!     [[study.test]]
//!     capture = "scan.pcap"
//!     labels = "scan.csv"
//! "#)?;
//! let outcome = run(&plan.rooted(folder.path()), |step| println!("{step}"))?;
//! let row = &outcome.studies[0].rows[0];
//! let area = row.spread(|run| run.roc_auc.value).ok_or("attacks and benign flows")?;
//! assert!(area.min > 0.8 && area.n == 2);
//! assert!(outcome.to_markdown().contains("| scan | kmeans |"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod captures;
mod error;
mod labels;
mod leave_out;
mod library;
mod markdown;
mod outcome;
mod plan;
mod run;
pub mod tables;
mod unit;

pub use captures::{Account, SourceFlows, read_flows};
pub use error::ExperimentError;
pub use labels::truth;
pub use outcome::{ClassRun, Measured, Outcome, Row, Run, StudyOutcome};
pub use plan::{Plan, Study, Test};
pub use run::run;
pub use unit::Unit;
