//! Attacks that were never trained on.

use std::collections::BTreeSet;

use super::fill::{check_size, share_of, take_share};
use super::{Split, Splitter};
use crate::EvalError;
use crate::error::same_length;

/// A split whose test holds an attack that its training does not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unseen<C> {
    /// The attack that is tested on and never trained on.
    pub class: C,
    /// The rows.
    pub split: Split,
}

impl Splitter {
    /// One split per class of attack, ascending: the test holds all of its rows and the benign rows
    /// that are not trained on, the training all other attacks and about `train_share` of the benign
    /// rows. Other attacks that belong together with the unseen one are left out.
    ///
    /// ```
    /// use nettraffic_eval::Splitter;
    ///
    /// let classes = ["benign", "scan", "benign", "flood", "benign", "benign"];
    /// let splits = Splitter::new(6).unseen(&classes, &"benign", 0.5)?;
    /// assert_eq!((splits[0].class, splits[1].class), ("flood", "scan"));
    /// let flood = &splits[0].split;
    /// assert!(flood.test.contains(&3) && flood.train.contains(&1));
    /// assert_eq!(flood.train.len(), 3);
    /// # Ok::<(), nettraffic_eval::EvalError>(())
    /// ```
    ///
    /// # Errors
    /// Another number of classes than of rows, or `train_share` is not between 0 and 1; more classes times
    /// rows than 100 million.
    pub fn unseen<C: Ord + Clone>(
        &self,
        classes: &[C],
        benign: &C,
        train_share: f64,
    ) -> Result<Vec<Unseen<C>>, EvalError> {
        same_length("classes", classes.len(), "rows", self.rows())?;
        let of_benign = |row: &usize| classes[*row] == *benign;
        let wanted = share_of((0..classes.len()).filter(of_benign).count(), train_share)?;
        let attacks: BTreeSet<&C> = classes.iter().filter(|class| *class != benign).collect();
        check_size(attacks.len(), self.rows())?;
        let units = self.shuffled(self.units());
        let split = |class: &C| {
            let holds = |unit: &Vec<usize>| unit.iter().any(|row| classes[*row] == *class);
            let (tested, others): (Vec<_>, Vec<_>) = units.iter().cloned().partition(holds);
            let (usual, trained): (Vec<_>, Vec<_>) =
                (others.into_iter()).partition(|unit| unit.iter().all(of_benign));
            let mut train = trained.concat();
            let missing = wanted.saturating_sub(train.iter().filter(|row| of_benign(row)).count());
            let (more, rest) = take_share(usual, missing);
            train.extend(more);
            let belongs = |row: &usize| of_benign(row) || classes[*row] == *class;
            let (mut test, left_out): (Vec<_>, Vec<_>) =
                (tested.concat().into_iter()).partition(belongs);
            test.extend(rest);
            Unseen {
                class: class.clone(),
                split: Split::new(train, test).leaving_out(left_out),
            }
        };
        Ok(attacks.into_iter().map(split).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unseen_attack_is_tested_alone() -> Result<(), EvalError> {
        let classes = [
            "benign", "scan", "benign", "flood", "scan", "benign", "worm",
        ];
        // The flood came with a scan and a benign row.
        let splitter = Splitter::new(7).together(&[0, 1, 2, 3, 3, 3, 4])?;
        let splits = splitter.unseen(&classes, &"benign", 1.0)?;
        let found: Vec<_> = (splits.into_iter())
            .map(|u| (u.class, u.split.train, u.split.test, u.split.left_out))
            .collect();
        assert_eq!(
            found,
            [
                ("flood", vec![0, 1, 2, 6], vec![3, 5], vec![4]),
                ("scan", vec![0, 2, 6], vec![1, 4, 5], vec![3]),
                ("worm", vec![0, 1, 2, 3, 4, 5], vec![6], vec![]),
            ]
        );
        assert!(splitter.unseen(&classes, &"benign", -0.1).is_err());
        assert!(splitter.unseen(&["benign"], &"benign", 0.5).is_err());
        Ok(())
    }
}
