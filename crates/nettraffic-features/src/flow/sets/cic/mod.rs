//! The features of CICFlowMeter, without its errors.

mod columns;
mod flags;
mod lengths;
mod times;
mod transfers;

pub(in crate::flow) use columns::{COLUMNS, CicColumn};

use super::{Group, Table, basic, length, tcp, timing};
use crate::Feature;
use crate::flow::level::Needs;

pub(super) static CIC: Group = Group {
    name: "cic",
    about: "The features of CICFlowMeter, in the order of CIC-IDS2017 and without the documented errors of that program. \
        Its standard deviations are sample ones (divisor n − 1); those of the other sets are population ones.",
    tables: &[Table {
        needs: Needs::CIC,
        without: &[],
        features: &FEATURES,
    }],
};

/// One feature for each column; two columns may have the same.
static FEATURES: [Feature; COLUMNS.len()] = {
    let mut features = [lengths::ENTRIES[0]; COLUMNS.len()];
    let mut at = 0;
    while at < features.len() {
        features[at] = entry(COLUMNS[at].ours);
        at += 1;
    }
    features
};

/// The entry of that name, of this set or of one that it shares entries with.
///
/// # Panics
/// No entry has that name: such a table does not compile.
const fn entry(name: &str) -> Feature {
    let own = [
        lengths::ENTRIES,
        times::ENTRIES,
        flags::ENTRIES,
        transfers::ENTRIES,
    ];
    let mut at = 0;
    while at < own.len() {
        if let Some(feature) = find(name, own[at]) {
            return feature;
        }
        at += 1;
    }
    let shared = [&basic::BASIC, &length::LENGTH, &timing::TIMING, &tcp::TCP];
    let mut at = 0;
    while at < shared.len() {
        let mut table = 0;
        while table < shared[at].tables.len() {
            if let Some(feature) = find(name, shared[at].tables[table].features) {
                return feature;
            }
            table += 1;
        }
        at += 1;
    }
    panic!("a column of the table names no entry");
}

const fn find(name: &str, features: &[Feature]) -> Option<Feature> {
    let mut at = 0;
    while at < features.len() {
        if is_same(name, features[at].name) {
            return Some(features[at]);
        }
        at += 1;
    }
    None
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
