//! The feature sets: one table each.

mod basic;
mod length;
mod path;
mod tcp;
mod timing;

use crate::Feature;

/// A named set.
pub(super) struct Group {
    pub(super) name: &'static str,
    /// What it is about, one sentence.
    pub(super) about: &'static str,
    pub(super) features: &'static [Feature],
}

/// Every set, in the order of columns and documents.
pub(super) static GROUPS: [&Group; 5] = [
    &basic::BASIC,
    &length::LENGTH,
    &timing::TIMING,
    &tcp::TCP,
    &path::PATH,
];
