//! Flow tables: labelled rows that others have made, split, and scores of any model judged on them.

mod attribute;
mod bench;
mod fit;
#[cfg(test)]
mod kdd;
mod load;
mod rows;
mod single;
mod spec;
mod split;
#[cfg(test)]
mod testing;

pub use fit::{
    AutoencoderFit, Classes, DetectorFit, Fit, ForestFit, FusionFit, HalfSpaceFit, HistogramFit,
    IsolationFit, KMeansFit, NeighboursFit, SingleFeatureFit,
};
pub use load::{load_nsl_kdd, load_table, load_tables, load_unsw};
pub use rows::TableRows;
pub use spec::TableModel;
pub use split::{OneClass, Supervised, TableSplit};

pub(crate) use bench::{Bench, Job};
pub(crate) use load::read_table;
