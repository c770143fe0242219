//! What must hold between the stored parts of an ensemble.

use serde::Deserialize;

use crate::ModelError;

use super::Kitnet;
use super::coder::Coder;
use super::group::Group;
use super::params::{MAX_COLUMNS, MAX_GROUP, is_rate};
use super::range::Ranges;

/// A model as it is stored, checked before it becomes one.
#[derive(Deserialize)]
pub(super) struct Stored {
    learning_rate: f32,
    columns: Ranges,
    groups: Vec<Group>,
    errors: Ranges,
    output: Coder,
}

impl TryFrom<Stored> for Kitnet {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        if let Some(reason) = stored.fault() {
            return Err(ModelError::Invalid {
                what: "ensemble of autoencoders",
                reason: reason.to_owned(),
            });
        }
        let Stored {
            learning_rate,
            columns,
            groups,
            errors,
            output,
        } = stored;
        Ok(Self {
            learning_rate,
            columns,
            groups,
            errors,
            output,
        })
    }
}

impl Stored {
    fn fault(&self) -> Option<&'static str> {
        if !is_rate(self.learning_rate) {
            return Some("a learning rate out of its range");
        }
        if !(1..=MAX_COLUMNS).contains(&self.columns.len()) {
            return Some("no columns, or too many");
        }
        let groups = self.groups.len();
        if self.errors.len() != groups || self.output.inputs() != groups {
            return Some("an output for another number of groups");
        }
        if !divides(&self.groups, self.columns.len()) {
            return Some("a column that is in no group, or in several");
        }
        let of_groups = || self.groups.iter().find_map(Group::fault);
        (self.columns.fault())
            .or_else(|| self.errors.fault())
            .or_else(|| self.output.fault())
            .or_else(of_groups)
    }
}

impl Group {
    fn fault(&self) -> Option<&'static str> {
        if !(1..=MAX_GROUP).contains(&self.columns.len()) {
            Some("a group that is empty, or too large")
        } else if self.coder.inputs() != self.columns.len() {
            Some("an autoencoder for another number of columns")
        } else {
            self.coder.fault()
        }
    }
}

/// Whether each of so many columns is in one of the groups.
fn divides(groups: &[Group], columns: usize) -> bool {
    let mut seen = vec![false; columns];
    let all = groups.iter().flat_map(|group| &group.columns);
    let is_new = |column: &u32| {
        let seen = seen.get_mut(*column as usize);
        seen.is_some_and(|seen| !std::mem::replace(seen, true))
    };
    all.clone().all(is_new) && all.count() == columns
}
