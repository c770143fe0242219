//! What the tools share: exit codes, input, output, progress, and the way from verdicts to
//! words, lines and the views of a report.

mod alerts;
mod arguments;
mod card;
mod collect;
mod comparison;
mod comparison_report;
mod describe;
mod detection;
mod failure;
mod input;
mod judging;
mod metering;
mod monitor;
mod output;
mod progress;
mod reading;
mod recorder;
mod records;
mod releases;
mod report;
mod summary;
mod tidying;
mod timing;
mod traffic;
mod unmatched;
mod upkeep;

pub use alerts::AlertRecord;
pub use card::card_page;
pub use collect::Collector;
pub use comparison::{Comparing, ComparisonFolder};
pub use describe::{
    clock, describe_detector, describe_evaluation, describe_false_alarms, describe_incident,
    describe_unresolvable, detector_json, percent,
};
pub use detection::Detection;
pub use failure::{Failure, run_tool};
pub use input::{Captures, read_detector, read_rules};
pub use judging::{Judging, Labels};
pub use metering::Metering;
pub use monitor::{Monitor, check_doctor, list_interfaces};
pub use nettraffic_sensor::{Settings, SinkSettings};
pub use output::{Output, check_outputs, save_detector, write_file};
pub use progress::{Progress, Watched};
pub use reading::Reading;
pub use recorder::Recorder;
pub use records::{RecordFormat, RecordRows, Recording};
pub use releases::{DatedRelease, FoundCanaries, Promotion};
pub use report::ReportBuilder;
pub use summary::Summary;
pub use tidying::Tidying;
pub use traffic::Traffic;
pub use unmatched::UnmatchedArgument;
pub use upkeep::{describe_drift, describe_trial, rules_json};
