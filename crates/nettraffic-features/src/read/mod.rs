//! Flow tables that exist, as rows of features with their labels.

mod account;
mod bind;
mod error;
mod fields;
mod format;
mod framer;
mod json;
mod layout;
mod layouts;
mod lines;
mod number;
mod options;
mod reader;
mod rows;
mod table;
mod text;
mod vocabulary;
mod zeek;

pub use account::{EncodingRepairs, Refusal, RefusedRow, ReplacedValues, TableAccount};
pub use error::TableError;
pub use format::TableFormat;
pub use layout::{ColumnRole, OtherColumns, TableLayout};
pub use options::{TableLimits, TableOptions};
pub use reader::TableReader;
pub use table::Table;
pub use text::{LabelColumn, TextColumn};
