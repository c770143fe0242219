//! An outcome as files for people and for programs.

mod columns;
mod csv;
mod importance;
mod markdown;
mod side_by_side;
mod text;
mod words;

pub(crate) use words::range;
