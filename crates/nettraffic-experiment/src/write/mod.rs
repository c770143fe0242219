//! An outcome as files for people and for programs.

mod columns;
mod csv;
mod markdown;
mod side_by_side;
mod text;
mod words;
