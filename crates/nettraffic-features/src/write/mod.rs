//! Flow records written down: as text, and as columns.

mod columns;
mod digits;
mod format;
mod line;
mod number;
mod writer;

pub use self::columns::RecordColumns;
pub use self::format::FlowFormat;
pub use self::writer::FlowWriter;
