//! Labels that hang on the file.

use std::collections::BTreeMap;

use super::LEAST_ROWS;
use super::check::Sides;
use super::finding::Leak;

/// What a file must give away to be named.
const LEAST_TOLD: f64 = 0.99;

/// Guesses each row by the majority of its file.
pub(super) fn find<K: Ord>(sides: Sides<'_>, files: &[K]) -> Option<Leak> {
    let mut counts: BTreeMap<&K, [u64; 2]> = BTreeMap::new();
    for &row in sides.train.iter().chain(sides.test) {
        counts.entry(files.get(row)?).or_default()[usize::from(sides.is_attack(row))] += 1;
    }
    counts.retain(|_, [benign, attacks]| *benign + *attacks >= LEAST_ROWS as u64);
    let rows = |kind: usize| counts.values().map(|count| count[kind]).sum::<u64>();
    let told = |kind: usize| {
        let most = |count: &&[u64; 2]| count[kind] > count[1 - kind];
        let rows_told: u64 = counts.values().filter(most).map(|count| count[kind]).sum();
        rows_told as f64 / rows(kind) as f64
    };
    if counts.len() < 2 || rows(0) == 0 || rows(1) == 0 {
        return None;
    }
    (told(0) >= LEAST_TOLD && told(1) >= LEAST_TOLD).then(|| Leak::LabelByFile {
        files: counts.len() as u64,
        told: (told(0) + told(1)) / 2.0,
    })
}
