//! Flow records written down: as text, and as columns.

#[cfg(feature = "parquet")]
mod columnar;
mod columns;
mod digits;
mod format;
mod line;
mod number;
mod writer;

#[cfg(feature = "parquet")]
pub use self::columnar::{ColumnarFormat, ColumnarWriter};
pub use self::columns::{RecordColumns, community_id};
pub use self::format::FlowFormat;
pub use self::writer::FlowWriter;
