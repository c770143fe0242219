//! Data sets: labelled rows, wherever they come from.

mod library;
mod rows;

pub(crate) use library::{Library, Loaded};
pub(crate) use rows::Rows;
