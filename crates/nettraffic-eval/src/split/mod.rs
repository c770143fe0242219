//! Splits into training and test rows.

mod fill;
mod plain;
mod sides;
mod splitter;
mod unseen;

pub use plain::{group_folds, group_split, stratified_split, time_split};
pub use sides::Split;
pub use splitter::Splitter;
pub use unseen::Unseen;
