//! Flow tables: labelled rows that others have made, split, and scores of any model judged on them.

mod fit;
mod judge;
mod load;
mod markdown;
mod outcome;
mod rows;
mod run;
mod spec;
mod split;
mod study;
#[cfg(test)]
mod testing;

pub use fit::{
    AutoencoderFit, Classes, Fit, ForestFit, FusionFit, HalfSpaceFit, HistogramFit, IsolationFit,
    KMeansFit, NeighboursFit,
};
pub use judge::{AtRate, Judgement};
pub use load::{load_nsl_kdd, load_table, load_tables, load_unsw};
pub use outcome::{TableCounts, TableOutcome, TableRow, TableRun};
pub use rows::TableRows;
pub use spec::TableModel;
pub use split::{OneClass, Supervised, TableSplit};
pub use study::{Duplicates, TableStudy};

pub(crate) use load::HALVES;
pub(crate) use markdown::legend;
pub(crate) use run::run_study;
pub(crate) use study::fault_of_models;
