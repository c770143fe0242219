//! Splits by one slice of times, classes or groups.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Split;
use super::fill::{fold_splits, share_of, take_share};
use crate::EvalError;

/// The earliest `train_share` of the rows to train, the rest to test. Rows of equal time stay
/// together, on the training side, so no test row is as old as a training row.
///
/// # Errors
/// `train_share` is not between 0 and 1.
pub fn time_split<T: Ord>(times: &[T], train_share: f64) -> Result<Split, EvalError> {
    let mut rows: Vec<usize> = (0..times.len()).collect();
    rows.sort_by_key(|&row| &times[row]);
    let mut cut = share_of(rows.len(), train_share)?;
    while cut > 0 && cut < rows.len() && times[rows[cut - 1]] == times[rows[cut]] {
        cut += 1;
    }
    let test = rows.split_off(cut);
    Ok(Split::new(rows, test))
}

/// `train_share` of each class's rows, drawn at random, to train, the rest to test.
/// Each class is rounded for itself, so a class of one row is trained on or tested, not both.
///
/// # Errors
/// `train_share` is not between 0 and 1.
pub fn stratified_split<C: Ord>(
    classes: &[C],
    train_share: f64,
    seed: u64,
) -> Result<Split, EvalError> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for mut rows in rows_by(classes).into_values() {
        rows.shuffle(&mut rng);
        test.extend(rows.split_off(share_of(rows.len(), train_share)?));
        train.extend(rows);
    }
    share_of(0, train_share)?;
    Ok(Split::new(train, test))
}

/// Whole groups, in random order, to train until `train_share` of the rows is reached, the
/// others to test: for rows that must not be parted, such as those of one host or capture.
/// A group that would overshoot is taken when that comes nearer to the share than leaving it.
///
/// # Errors
/// `train_share` is not between 0 and 1.
pub fn group_split<G: Ord>(groups: &[G], train_share: f64, seed: u64) -> Result<Split, EvalError> {
    let wanted = share_of(groups.len(), train_share)?;
    let mut shuffled: Vec<Vec<usize>> = rows_by(groups).into_values().collect();
    shuffled.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
    let (train, test) = take_share(shuffled, wanted);
    Ok(Split::new(train, test))
}

/// `folds` splits, each of which tests on another part of the rows and trains on the others:
/// whole groups, in random order, each given to the part that has fewest rows. Every row is tested
/// on once. There are fewer parts where there are fewer groups.
///
/// # Errors
/// Fewer than two folds, or fewer than two groups; more folds times rows than 100 million.
pub fn group_folds<G: Ord>(groups: &[G], folds: usize, seed: u64) -> Result<Vec<Split>, EvalError> {
    let mut shuffled: Vec<Vec<usize>> = rows_by(groups).into_values().collect();
    if folds < 2 || shuffled.len() < 2 {
        return Err(EvalError::Folds {
            folds,
            groups: shuffled.len(),
        });
    }
    shuffled.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(seed));
    let mut parts: Vec<Vec<usize>> = vec![Vec::new(); folds.min(shuffled.len())];
    for rows in shuffled {
        // Of equally small parts the first one.
        if let Some(least) = parts.iter_mut().min_by_key(|part| part.len()) {
            least.extend(rows);
        }
    }
    fold_splits(&parts)
}

fn rows_by<K: Ord>(keys: &[K]) -> BTreeMap<&K, Vec<usize>> {
    let mut rows: BTreeMap<&K, Vec<usize>> = BTreeMap::new();
    for (row, key) in keys.iter().enumerate() {
        rows.entry(key).or_default().push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn time_split_trains_on_the_past() {
        for (times, share, train, test) in [
            (&[3, 1, 2, 4][..], 0.5, &[1, 2][..], &[0, 3][..]),
            // The cut would fall between equal times: they stay together.
            (&[1, 2, 2, 3], 0.5, &[0, 1, 2], &[3]),
            (&[1, 2], 0.0, &[], &[0, 1]),
            (&[1, 2], 1.0, &[0, 1], &[]),
            (&[], 0.5, &[], &[]),
        ] {
            let split = time_split(times, share).unwrap();
            assert_eq!(
                (&split.train[..], &split.test[..]),
                (train, test),
                "{times:?}"
            );
        }
    }

    #[test]
    fn strata_keep_their_shares() {
        let classes: Vec<u8> = (0..100).map(|row| u8::from(row % 10 == 0)).collect();
        let split = stratified_split(&classes, 0.7, 42).unwrap();
        let rare = |rows: &[usize]| rows.iter().filter(|&&row| classes[row] == 1).count();
        assert_eq!((split.train.len(), rare(&split.train)), (70, 7));
        assert_eq!((split.test.len(), rare(&split.test)), (30, 3));
        assert_ne!(split, stratified_split(&classes, 0.7, 43).unwrap());
    }

    #[test]
    fn folds_are_of_similar_size_and_fewer_where_there_are_few_groups() {
        let groups: Vec<u8> = (0..60).map(|row| row / 3).collect();
        let folds = group_folds(&groups, 5, 1).unwrap();
        let sizes: Vec<usize> = folds.iter().map(|split| split.test.len()).collect();
        assert_eq!(sizes, [12; 5]);
        assert_eq!(group_folds(&[1, 2, 2], 5, 1).unwrap().len(), 2);
        assert!(group_folds(&[1, 1], 5, 1).is_err());
        assert!(group_folds(&[1, 2], 1, 1).is_err());
    }

    #[test]
    fn a_share_beyond_one_is_refused() {
        for share in [-0.1, 1.1, f64::NAN] {
            assert!(time_split(&[1, 2], share).is_err());
            assert!(stratified_split::<u8>(&[], share, 1).is_err());
            assert!(group_split(&[1, 2], share, 1).is_err());
        }
    }

    proptest! {
        #[test]
        fn every_row_is_tested_on_once_in_folds(
            keys in prop::collection::vec(0_u8..6, 2..60), folds in 2_usize..6, seed in any::<u64>(),
        ) {
            if let Ok(splits) = group_folds(&keys, folds, seed) {
                let mut tested: Vec<usize> = splits.iter().flat_map(|s| s.test.clone()).collect();
                tested.sort_unstable();
                prop_assert_eq!(tested, (0..keys.len()).collect::<Vec<_>>());
                for split in splits {
                    prop_assert!(split.leaks(&keys).is_empty());
                    prop_assert_eq!(split.train.len() + split.test.len(), keys.len());
                }
            }
        }

        #[test]
        fn every_row_is_on_exactly_one_side(
            keys in prop::collection::vec(0_u8..6, 0..60), share in 0.0_f64..=1.0, seed in any::<u64>(),
        ) {
            let grouped = group_split(&keys, share, seed).unwrap();
            prop_assert!(grouped.leaks(&keys).is_empty());
            for split in [grouped, time_split(&keys, share).unwrap(), stratified_split(&keys, share, seed).unwrap()] {
                let mut all = [split.train, split.test].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..keys.len()).collect::<Vec<_>>());
            }
        }
    }
}
