//! The feature sets: one table each.

mod basic;
pub(super) mod cic;
mod length;
mod path;
mod rich;
mod tcp;
mod timing;
mod window;

use super::level::Needs;
use crate::Feature;

/// A named set.
pub(super) struct Group {
    pub(super) name: &'static str,
    /// What it is about, one sentence.
    pub(super) about: &'static str,
    pub(super) tables: &'static [Table],
}

/// Features that need the same.
pub(super) struct Table {
    pub(super) needs: Needs,
    pub(super) features: &'static [Feature],
    /// Names of those that this set leaves out.
    pub(super) without: &'static [&'static str],
}

impl Table {
    /// Its features, in their order.
    pub(super) fn features(&self) -> impl Iterator<Item = &'static Feature> + use<> {
        let without = self.without;
        let all = self.features.iter();
        all.filter(move |feature| !without.contains(&feature.name))
    }
}

impl Group {
    /// Its features, in the order of columns and documents.
    pub(super) fn features(&self) -> impl Iterator<Item = &'static Feature> + use<> {
        self.tables.iter().flat_map(Table::features)
    }
}

/// Every set, in the order of columns and documents.
pub(super) static GROUPS: [&Group; 10] = [
    &basic::BASIC,
    &length::LENGTH,
    &timing::TIMING,
    &tcp::TCP,
    &path::PATH,
    &cic::CIC,
    &rich::RICH,
    &window::WINDOW,
    &window::ACTOR,
    &window::CONTEXT,
];
