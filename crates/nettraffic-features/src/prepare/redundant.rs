//! Prepared columns that told nothing, or nothing new, in training.

use serde::{Deserialize, Serialize};

use super::Redundant;

/// A prepared column that was left out, see [`Redundant`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedColumn {
    /// What it held, named as [`Preprocessor::name_of`](crate::Preprocessor::name_of) does.
    pub name: String,
    /// The raw column that it was made from.
    pub source: usize,
    /// Why it was left out.
    pub because: Redundancy,
}

/// Why a prepared column was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redundancy {
    /// It had one value in all training rows.
    Constant,
    /// In every training row it equalled an earlier column, which stays.
    DuplicateOf {
        /// Which of the prepared columns that stay.
        prepared: usize,
    },
}

/// A prepared column to leave out. Both numbers count all that the encoders give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Omission {
    pub(super) column: usize,
    /// The earlier column that tells the same; `None` where it is constant.
    pub(super) duplicate_of: Option<usize>,
}

/// Whether stored omissions can be those of that many prepared columns.
pub(super) fn check(omissions: &[Omission], columns: usize) -> Result<(), &'static str> {
    let ascending = (omissions.windows(2)).all(|pair| pair[0].column < pair[1].column);
    if !ascending || omissions.last().is_some_and(|last| last.column >= columns) {
        return Err("the columns that it leaves out are not in order");
    }
    let stays = |column| {
        let found = omissions.binary_search_by_key(&column, |omission| omission.column);
        found.is_err()
    };
    let stands_for = |omission: &Omission| {
        (omission.duplicate_of).is_none_or(|other| other < omission.column && stays(other))
    };
    if !omissions.iter().all(stands_for) {
        return Err("it leaves out a duplicate of a column that does not stay");
    }
    if !omissions.is_empty() && omissions.len() == columns {
        return Err("it leaves out every column");
    }
    Ok(())
}

/// Tells columns that are constant or equal from the others while rows go by: one pass, in the
/// memory of a row.
pub(super) struct Watch {
    first: Vec<f32>,
    varied: Vec<bool>,
    /// The first column that has equalled each one in all rows so far.
    like: Vec<usize>,
    /// Of the row at hand: a column, and the first that parted from it with some value.
    parted: Vec<(usize, usize)>,
}

impl Watch {
    /// From the first row on.
    pub(super) fn new(first: Vec<f32>) -> Self {
        let mut watch = Self {
            varied: vec![false; first.len()],
            like: vec![0; first.len()],
            parted: Vec::new(),
            first: Vec::new(),
        };
        watch.part(&first);
        watch.first = first;
        watch
    }

    pub(super) fn push(&mut self, row: &[f32]) {
        for ((varied, first), value) in self.varied.iter_mut().zip(&self.first).zip(row) {
            *varied |= first != value;
        }
        self.part(row);
    }

    /// Every parting makes a group of its own, of which there are at most as many as columns:
    /// the search for one costs no more than their square, over all rows together.
    fn part(&mut self, row: &[f32]) {
        self.parted.clear();
        for (column, value) in row.iter().enumerate() {
            let leader = self.like[column];
            if *value == row[leader] {
                continue;
            }
            let mut parted = self.parted.iter();
            let found = parted.find(|(from, to)| *from == leader && row[*to] == *value);
            self.like[column] = found.map_or(column, |(_, to)| *to);
            if found.is_none() {
                self.parted.push((leader, column));
            }
        }
    }

    /// What is to be left out. `unseen` tells the columns that stand for what training did not
    /// have: these always stay, constant as they are.
    pub(super) fn omissions(
        &self,
        redundant: Redundant,
        unseen: impl Fn(usize) -> bool,
    ) -> Vec<Omission> {
        let omission = |column: usize| {
            let leader = self.like[column];
            let duplicate_of = match (self.varied[column], redundant) {
                (_, Redundant::Keep) | (false, Redundant::DropDuplicates) => return None,
                (false, Redundant::Drop) => None,
                (true, _) if leader == column => return None,
                (true, _) => Some(leader),
            };
            (!unseen(column)).then_some(Omission {
                column,
                duplicate_of,
            })
        };
        (0..self.first.len()).filter_map(omission).collect()
    }
}

#[cfg(test)]
mod tests;
