//! From flow records to rows that models take: features, matrices, fitted preprocessing.
//!
//! A `FeatureSet` turns each flow into a row of raw features, `f64` in their own units. A
//! [`FeatureMatrix`] holds such rows together with their [`Schema`], which names every column,
//! its unit and its rule for missing values, once. A [`Preprocessor`] learns scales, heavy tails
//! and categories from training rows and turns any rows of the same schema into a
//! [`PreparedMatrix`], the `f32` rows of models. Nothing in any of them is ever NaN or infinite.
//!
//! [`TableOptions`] reads flow tables that others have made (CICFlowMeter, KDD, UNSW-NB15, Zeek,
//! Suricata, or any with a [`TableLayout`]) and our own: features as a matrix, labels and
//! addresses beside it, and a [`TableAccount`] of every row, value and column.
//!
//! The features of flows need the crate feature `flow` (on by default); without it, everything
//! else is there for rows from elsewhere.
//!
//! ```
//! use std::sync::Arc;
//! use nettraffic_features::{Column, FeatureMatrix, Preprocessor, Scale, Schema, Summary, Unit};
//!
//! let schema = Arc::new(Schema::new(vec![
//!     Column::number("bytes", Unit::Bytes),
//!     Column::category("protocol", ["tcp", "udp"]),
//! ])?);
//! let training = vec![100.0, 0.0, 300.0, 0.0, 500.0, 0.0];
//! let training = FeatureMatrix::from_rows(Arc::clone(&schema), training)?;
//! println!("{:?}", Summary::of(&training));
//!
//! let preprocessor = Preprocessor::params().scale(Scale::MinMax).fit(&training)?;
//! let columns: Vec<String> = (0..3).map(|column| preprocessor.name_of(column)).collect();
//! assert_eq!(columns, ["bytes", "protocol=tcp", "protocol=unseen"]);
//!
//! // UDP was not there in training, and one training range above all training values
//! // counts as a step that is smaller than the range.
//! let test = FeatureMatrix::from_rows(schema, vec![400.0, 0.0, 900.0, 1.0])?;
//! let prepared = preprocessor.apply(&test)?;
//! assert_eq!(prepared.row(0).to_vec(), [0.75, 1.0, 0.0]);
//! assert_eq!(prepared.row(1).to_vec(), [1.0 + 2_f32.ln(), 0.0, 1.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod column;
mod correlations;
#[cfg(feature = "flow")]
mod flow;
#[cfg(feature = "flow")]
mod keyed_hash;
mod matrix;
#[cfg(feature = "flow")]
mod packet;
mod prepare;
mod read;
mod running;
mod schema;
mod sorted;
mod summary;
mod unit;
#[cfg(feature = "flow")]
mod window;
#[cfg(feature = "flow")]
mod write;

pub use column::{Column, ColumnKind, Missing};
pub use correlations::{CorrelatedPair, Correlations};
#[cfg(feature = "flow")]
pub use flow::{
    CicStatistics, CommonStatistics, CustomFeatures, DetailStatistics, ExtractionCounters,
    Extractor, Feature, FeatureMeter, FeatureNames, FeatureSet, FullStatistics, ParallelExtractor,
    Projection, ProjectionError, Record, StandardStatistics, Statistics, TrafficStatistics,
    TransferStatistics, UnknownNames, UnknownSet, Value,
};
pub use matrix::{FeatureMatrix, MatrixError, PreparedMatrix};
#[cfg(feature = "flow")]
pub use packet::{
    DecayRatesError, PacketFeature, PacketFeatureConfig, PacketFeatureCounters, PacketFeatures,
    StreamCounters,
};
pub use prepare::{
    DroppedColumn, HeavyTails, PrepareError, Preprocessor, PreprocessorParams, Redundancy,
    Redundant, Scale,
};
pub use read::{
    ColumnRole, EncodingRepairs, LabelColumn, OtherColumns, Refusal, RefusedRow, ReplacedValues,
    Table, TableAccount, TableError, TableFormat, TableLayout, TableLimits, TableOptions,
    TableReader, TextColumn,
};
pub use running::{RunningColumn, RunningSummary};
pub use schema::{DuplicateColumn, Fingerprint, Schema};
pub use summary::{ColumnSummary, NumberSummary, Summary};
pub use unit::Unit;
#[cfg(feature = "flow")]
pub use window::{
    HostFacts, HostWindows, PerWindow, Rhythm, ServiceFacts, Tally, WindowConfig, WindowCounters,
    WindowFacts,
};
#[cfg(feature = "parquet")]
pub use write::{ColumnarFormat, ColumnarWriter};
#[cfg(feature = "flow")]
pub use write::{FlowFormat, FlowWriter, RecordColumns, community_id};
