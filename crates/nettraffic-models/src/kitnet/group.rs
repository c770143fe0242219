//! One autoencoder of the ensemble, and the columns that it looks at.

use serde::{Deserialize, Serialize};

use super::coder::{Coder, Scratch};
use super::params::MAX_GROUP;

/// Columns that go together, and the autoencoder that knows how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) columns: Vec<u32>,
    pub(super) coder: Coder,
}

impl Group {
    /// How badly the group's part of a whole row is reconstructed.
    #[inline]
    pub(super) fn error(&self, row: &[f32], scratch: &mut Scratch) -> f32 {
        let mut own = [0.0; MAX_GROUP];
        let own = self.gather(row, &mut own);
        self.coder.error(own, scratch)
    }

    /// [`Group::error`], and then a step of learning.
    pub(super) fn learn(&mut self, row: &[f32], rate: f32, scratch: &mut Scratch) -> f32 {
        let mut own = [0.0; MAX_GROUP];
        let own = self.gather(row, &mut own);
        self.coder.learn(own, rate, scratch)
    }

    #[inline]
    fn gather<'a>(&self, row: &[f32], own: &'a mut [f32; MAX_GROUP]) -> &'a [f32] {
        let own = &mut own[..self.columns.len()];
        for (value, column) in own.iter_mut().zip(&self.columns) {
            *value = row[*column as usize];
        }
        own
    }
}
