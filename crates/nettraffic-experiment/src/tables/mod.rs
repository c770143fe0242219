//! Flow tables: labelled rows that others have made, split, and scores of any model judged on them.

mod judge;
mod load;
mod rows;
mod split;
#[cfg(test)]
mod testing;

pub use judge::{AtRate, Judgement};
pub use load::{load_nsl_kdd, load_table, load_tables, load_unsw};
pub use rows::TableRows;
pub use split::{OneClass, Supervised, TableSplit};
