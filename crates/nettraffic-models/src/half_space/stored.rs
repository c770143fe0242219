//! What must hold between the stored parts of half-space trees.

use serde::Deserialize;

use crate::ModelError;

use super::HalfSpaceTrees;
use super::params::{MAX_HEIGHT, MAX_NODES};
use super::tree::Tree;

/// A model as it is stored, checked before it becomes one.
#[derive(Deserialize)]
pub(super) struct Stored {
    columns: usize,
    window: u64,
    filled: u64,
    trees: Vec<Tree>,
}

impl TryFrom<Stored> for HalfSpaceTrees {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        let Stored {
            columns,
            window,
            filled,
            trees,
        } = stored;
        let fault = if columns == 0 {
            Some("no columns")
        } else if trees.is_empty() {
            Some("no trees")
        } else if filled >= window {
            Some("a window that is full already")
        } else {
            let reference = trees
                .first()
                .and_then(|tree| tree.reference.get(1).copied());
            let fault = |tree: &Tree| tree.fault(columns, filled, reference.unwrap_or_default());
            trees.iter().find_map(fault)
        };
        match fault {
            None => Ok(Self {
                columns,
                window,
                filled,
                trees,
            }),
            Some(reason) => Err(ModelError::Invalid {
                what: "half-space trees",
                reason: reason.to_owned(),
            }),
        }
    }
}

impl Tree {
    fn fault(&self, columns: usize, filled: u64, reference: u64) -> Option<&'static str> {
        let leaves = self.splits.len();
        if !leaves.is_power_of_two() || !(1..=MAX_HEIGHT).contains(&leaves.ilog2()) {
            return Some("a tree that is not full, or of no height");
        }
        if [&self.reference, &self.latest].map(Vec::len) != [2 * leaves; 2] || leaves > MAX_NODES {
            return Some("not as many counts as nodes");
        }
        if !(self.splits.iter()).all(|s| (s.column as usize) < columns && s.at.is_finite()) {
            return Some("a split is not finite, or asks a column that is not there");
        }
        let counts = [(&self.reference, reference), (&self.latest, filled)];
        let adds_up = |(counts, rows): (&Vec<u64>, u64)| {
            let children = |at: usize| counts[2 * at].checked_add(counts[2 * at + 1]);
            counts[1] == rows && (1..leaves).all(|at| children(at) == Some(counts[at]))
        };
        if !counts.into_iter().all(adds_up) || reference == 0 {
            return Some("counts of rows that do not add up");
        }
        None
    }
}
