//! Folds that a model need be fitted for only once.

use std::collections::BTreeSet;

use crate::folds::Fold;

/// Folds with equal training rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// What a model learns from.
    pub(crate) train: Vec<usize>,
    /// All that is tested in any of them, ascending.
    pub(crate) test: Vec<usize>,
    /// Which folds.
    pub(crate) folds: Vec<usize>,
}

/// The folds by what a model `learns` from of their training rows, in the order of their first folds.
pub(crate) fn groups(folds: &[Fold], learns: impl Fn(&Fold) -> Vec<usize>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, fold) in folds.iter().enumerate() {
        let train = learns(fold);
        match groups.iter_mut().find(|group| group.train == train) {
            Some(group) => group.folds.push(at),
            None => groups.push(Group {
                train,
                test: Vec::new(),
                folds: vec![at],
            }),
        }
    }
    for group in &mut groups {
        let tested: BTreeSet<usize> = (group.folds.iter())
            .flat_map(|fold| folds[*fold].split.test.iter().copied())
            .collect();
        group.test = tested.into_iter().collect();
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_eval::Split;

    #[test]
    fn folds_with_equal_training_rows_go_together() {
        let fold = |train: &[usize], test: &[usize]| Fold {
            name: String::new(),
            split: Split::new(train.to_vec(), test.to_vec()),
        };
        let folds = [
            fold(&[0, 1, 9], &[5, 3]),
            fold(&[0, 1, 8], &[3, 4]),
            fold(&[0, 2], &[6]),
        ];
        let usual = groups(&folds, |fold| {
            fold.split
                .train
                .iter()
                .copied()
                .filter(|row| *row < 5)
                .collect()
        });
        let group = |train: &[usize], test: &[usize], folds: &[usize]| Group {
            train: train.to_vec(),
            test: test.to_vec(),
            folds: folds.to_vec(),
        };
        assert_eq!(
            usual,
            [
                group(&[0, 1], &[3, 4, 5], &[0, 1]),
                group(&[0, 2], &[6], &[2])
            ]
        );
        assert_eq!(groups(&folds, |fold| fold.split.train.clone()).len(), 3);
    }
}
