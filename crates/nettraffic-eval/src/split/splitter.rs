//! Splits that never part rows that belong together.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Split;
use super::fill::{fold_splits, share_of, take_share};
use crate::EvalError;
use crate::error::same_length;

/// Makes splits of a number of rows. Rows that belong together (one conversation, one host, one
/// capture, equal values) are told once, and then stay on one side of every split.
///
/// The same rows and seed give the same splits.
///
/// ```
/// use nettraffic_eval::Splitter;
///
/// let conversation = ["a", "a", "b", "c", "c", "d"];
/// let class = ["benign", "benign", "scan", "benign", "benign", "scan"];
/// let splitter = Splitter::new(6).together(&conversation)?.seed(42);
/// let split = splitter.stratified(&class, 0.5)?;
/// assert_eq!((split.train.len(), split.test.len()), (3, 3));
/// assert!(split.leaks(&conversation).is_empty());
///
/// let by_capture = Splitter::new(6).together(&[1, 1, 2, 2, 3, 3])?;
/// assert_eq!(by_capture.each_out()?.len(), 3);
/// # Ok::<(), nettraffic_eval::EvalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Splitter {
    /// Of each row another one, never later, that it belongs with; itself at the first of all.
    earlier: Vec<usize>,
    seed: u64,
}

impl Splitter {
    /// Rows of which each may stand alone; seed 42.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self {
            earlier: (0..rows).collect(),
            seed: 42,
        }
    }

    /// Draws with this seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Keeps rows with the same key on one side. It may be said again with other keys: who shares a
    /// conversation with somebody who shares a host with a third belongs with all of them.
    ///
    /// # Errors
    /// Another number of keys than of rows.
    pub fn together<K: Ord>(mut self, keys: &[K]) -> Result<Self, EvalError> {
        same_length("keys", keys.len(), "rows", self.rows())?;
        let mut rows: Vec<usize> = (0..keys.len()).collect();
        rows.sort_by_key(|&row| &keys[row]);
        for pair in rows.windows(2) {
            if let &[left, right] = pair
                && keys[left] == keys[right]
            {
                let (left, right) = (self.shorten(left), self.shorten(right));
                self.earlier[left.max(right)] = left.min(right);
            }
        }
        // An earlier row comes first, so one step leads each row to the first of all.
        for row in 0..self.rows() {
            self.earlier[row] = self.earlier[self.earlier[row]];
        }
        Ok(self)
    }

    /// About `train_share` of the rows, drawn at random, to train, the others to test.
    ///
    /// # Errors
    /// `train_share` is not between 0 and 1.
    pub fn random(&self, train_share: f64) -> Result<Split, EvalError> {
        let wanted = share_of(self.rows(), train_share)?;
        let (train, test) = take_share(self.shuffled(self.units()), wanted);
        Ok(Split::new(train, test))
    }

    /// About `train_share` of each class's rows to train, the others to test. What belongs
    /// together and is of several classes counts as the rarest of them.
    ///
    /// # Errors
    /// Another number of classes than of rows, or `train_share` is not between 0 and 1.
    pub fn stratified<C: Ord>(&self, classes: &[C], train_share: f64) -> Result<Split, EvalError> {
        share_of(0, train_share)?;
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for units in self.strata(classes)? {
            let wanted = share_of(units.iter().map(Vec::len).sum(), train_share)?;
            let (to_train, to_test) = take_share(units, wanted);
            train.extend(to_train);
            test.extend(to_test);
        }
        Ok(Split::new(train, test))
    }

    /// The earliest `train_share` of the rows to train, the later ones to test: no test row is as
    /// old as a training row. Later rows of what was trained on are left out.
    ///
    /// # Errors
    /// Another number of times than of rows, or `train_share` is not between 0 and 1.
    pub fn by_time<T: Ord>(&self, times: &[T], train_share: f64) -> Result<Split, EvalError> {
        same_length("times", times.len(), "rows", self.rows())?;
        let Split { train, test, .. } = super::time_split(times, train_share)?;
        let mut trained = vec![false; times.len()];
        for row in train.iter().map(|row| self.first(*row)) {
            trained[row] = true;
        }
        let (left_out, test) = (test.into_iter()).partition(|row| trained[self.first(*row)]);
        Ok(Split::new(train, test).leaving_out(left_out))
    }

    /// `folds` splits, each of which tests on another part of the rows and trains on the others;
    /// every row is tested on once. Fewer, where fewer rows may be parted.
    ///
    /// # Errors
    /// Fewer than two folds, or nothing to part; more folds times rows than 100 million.
    pub fn folds(&self, folds: usize) -> Result<Vec<Split>, EvalError> {
        self.stratified_folds(&vec![(); self.rows()], folds)
    }

    /// As [`Splitter::folds`], each part with about the same share of each class.
    ///
    /// # Errors
    /// As there, or another number of classes than of rows.
    pub fn stratified_folds<C: Ord>(
        &self,
        classes: &[C],
        folds: usize,
    ) -> Result<Vec<Split>, EvalError> {
        let strata = self.strata(classes)?;
        let groups = strata.iter().map(Vec::len).sum();
        if folds < 2 || groups < 2 {
            return Err(EvalError::Folds { folds, groups });
        }
        let mut parts: Vec<Vec<usize>> = vec![Vec::new(); folds.min(groups)];
        for units in strata {
            let before: Vec<usize> = parts.iter().map(Vec::len).collect();
            for rows in units {
                let size = |(part, before): &(&mut Vec<usize>, &usize)| {
                    (part.len() - **before, part.len())
                };
                if let Some((part, _)) = parts.iter_mut().zip(&before).min_by_key(size) {
                    part.extend(rows);
                }
            }
        }
        fold_splits(&parts)
    }

    /// One split for each of what belongs together: it is tested on, all others are trained on. Of
    /// captures this says how a detector fares on a capture that it has never seen. Where rows stand
    /// alone it is one split per row, which is for few rows: splits grow with their square.
    ///
    /// # Errors
    /// Nothing to part; more splits times rows than 100 million.
    pub fn each_out(&self) -> Result<Vec<Split>, EvalError> {
        let units = self.units();
        match units.len() {
            groups @ (0 | 1) => Err(EvalError::Folds { folds: 2, groups }),
            _ => fold_splits(&units),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.earlier.len()
    }

    /// What belongs together, in the order of its first rows; rows ascending.
    pub(super) fn units(&self) -> Vec<Vec<usize>> {
        let mut units: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for row in 0..self.rows() {
            units.entry(self.first(row)).or_default().push(row);
        }
        units.into_values().collect()
    }

    pub(super) fn shuffled(&self, mut units: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        units.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(self.seed));
        units
    }

    /// Units by the rarest class among their rows, in random order within each.
    fn strata<C: Ord>(&self, classes: &[C]) -> Result<Vec<Vec<Vec<usize>>>, EvalError> {
        same_length("classes", classes.len(), "rows", self.rows())?;
        let mut counts: BTreeMap<&C, usize> = BTreeMap::new();
        for class in classes {
            *counts.entry(class).or_default() += 1;
        }
        let mut strata: BTreeMap<&C, Vec<Vec<usize>>> = BTreeMap::new();
        for unit in self.units() {
            let of_unit = unit.iter().map(|row| &classes[*row]);
            if let Some(rarest) = of_unit.min_by_key(|class| (counts.get(class), *class)) {
                strata.entry(rarest).or_default().push(unit);
            }
        }
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(self.seed);
        for units in strata.values_mut() {
            units.shuffle(&mut rng);
        }
        Ok(strata.into_values().collect())
    }

    /// As [`Splitter::first`], halving the way for those who go it again.
    fn shorten(&mut self, mut row: usize) -> usize {
        while self.earlier[row] != row {
            self.earlier[row] = self.earlier[self.earlier[row]];
            row = self.earlier[row];
        }
        row
    }

    /// The first of the rows that this one belongs with.
    fn first(&self, mut row: usize) -> usize {
        while self.earlier[row] != row {
            row = self.earlier[row];
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_of_several_kinds_join() -> Result<(), EvalError> {
        let splitter = Splitter::new(5)
            .together(&["x", "y", "x", "z", "w"])?
            .together(&[1, 2, 3, 2, 4])?;
        assert_eq!(splitter.units(), [vec![0, 2], vec![1, 3], vec![4]]);
        let all = splitter.together(&[1, 1, 0, 0, 0])?;
        assert_eq!(all.units().len(), 1);
        assert!(all.each_out().is_err() && all.folds(2).is_err());
        Ok(())
    }

    #[test]
    fn later_rows_of_a_trained_conversation_are_left_out() -> Result<(), EvalError> {
        let splitter = Splitter::new(6).together(&["a", "b", "a", "c", "b", "d"])?;
        let split = splitter.by_time(&[1, 2, 3, 4, 5, 6], 0.5)?;
        let found = (split.train, split.test, split.left_out);
        assert_eq!(found, (vec![0, 1, 2], vec![3, 5], vec![4]));
        Ok(())
    }

    #[test]
    fn strata_keep_their_shares_in_folds_and_halves() -> Result<(), EvalError> {
        // 100 conversations of two rows, every fifth an attack.
        let conversations: Vec<usize> = (0..200).map(|row| row / 2).collect();
        let attack: Vec<bool> = conversations.iter().map(|c| c % 5 == 0).collect();
        let splitter = Splitter::new(200).together(&conversations)?.seed(1);
        let attacks = |rows: &[usize]| rows.iter().filter(|row| attack[**row]).count();
        for fold in splitter.stratified_folds(&attack, 4)? {
            assert_eq!((fold.test.len(), attacks(&fold.test)), (50, 10));
        }
        let split = splitter.stratified(&attack, 0.7)?;
        assert_eq!((split.train.len(), attacks(&split.train)), (140, 28));
        assert_ne!(splitter.clone().seed(2).stratified(&attack, 0.7)?, split);
        assert_ne!(splitter.clone().seed(2).random(0.7)?, splitter.random(0.7)?);
        Ok(())
    }

    #[test]
    fn splits_that_would_fill_the_memory_are_refused() -> Result<(), EvalError> {
        let alone = Splitter::new(10_001);
        let classes: Vec<usize> = (0..10_001).collect();
        let too_many = EvalError::TooManySplits {
            splits: 10_001,
            rows: 10_001,
            limit: 100_000_000,
        };
        assert_eq!(alone.each_out().err(), Some(too_many.clone()));
        assert_eq!(alone.folds(10_001).err(), Some(too_many));
        assert!(alone.unseen(&classes, &0, 0.5).is_err());
        assert!(crate::group_folds(&classes, 10_001, 1).is_err());
        assert_eq!(alone.folds(2)?.len(), 2);
        let grouped = alone.together(&classes.iter().map(|row| row / 5_000).collect::<Vec<_>>())?;
        assert_eq!(grouped.each_out()?.len(), 3);
        Ok(())
    }

    #[test]
    fn slices_of_another_length_and_shares_beyond_one_are_refused() {
        let splitter = Splitter::new(2);
        assert!(splitter.clone().together(&[1]).is_err());
        assert!(splitter.by_time(&[1], 0.5).is_err() && splitter.by_time(&[1, 2], 1.5).is_err());
        assert!(splitter.stratified(&[1], 0.5).is_err() && splitter.random(f64::NAN).is_err());
        assert!(splitter.stratified_folds(&[1, 2, 3], 2).is_err() && splitter.folds(1).is_err());
        assert!(Splitter::new(0).stratified::<u8>(&[], 2.0).is_err());
    }

    proptest! {
        #[test]
        fn no_split_parts_what_belongs_together(
            rows in prop::collection::vec((0_u8..9, 0_u8..3, 0_u8..20), 2..50),
            share in 0.0_f64..=1.0, folds in 2_usize..5, seed in any::<u64>(),
        ) {
            let groups: Vec<u8> = rows.iter().map(|row| row.0).collect();
            let classes: Vec<u8> = rows.iter().map(|row| row.1).collect();
            let times: Vec<u8> = rows.iter().map(|row| row.2).collect();
            let splitter = Splitter::new(rows.len()).together(&groups);
            let splitter = splitter.map_err(|error| TestCaseError::fail(error.to_string()))?.seed(seed);
            let mut splits = vec![splitter.random(share), splitter.stratified(&classes, share), splitter.by_time(&times, share)];
            for made in [splitter.folds(folds), splitter.stratified_folds(&classes, folds), splitter.each_out()].into_iter().flatten() {
                let mut tested: Vec<usize> = made.iter().flat_map(|split| split.test.clone()).collect();
                tested.sort_unstable();
                prop_assert_eq!(tested, (0..rows.len()).collect::<Vec<_>>());
                splits.extend(made.into_iter().map(Ok));
            }
            let unseen = splitter.unseen(&classes, &0, share);
            splits.extend(unseen.into_iter().flatten().map(|unseen| Ok(unseen.split)));
            for split in splits.into_iter().flatten() {
                prop_assert!(split.leaks(&groups).is_empty());
                let mut all = [split.train, split.test, split.left_out].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..rows.len()).collect::<Vec<_>>());
            }
            if let Ok(split) = splitter.by_time(&times, share) {
                let newest = split.train.iter().map(|row| times[*row]).max();
                prop_assert!(split.test.iter().all(|row| newest.is_none_or(|newest| times[*row] > newest)));
            }
        }
    }
}
