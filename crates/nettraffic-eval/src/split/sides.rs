//! The two sides of a split.

/// Row indices for training and for testing, each ascending; no row is in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Split {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge on.
    pub test: Vec<usize>,
    /// Rows that are in neither, since they would break what the split promises.
    pub left_out: Vec<usize>,
}

impl Split {
    /// Of rows in any order. A row that is named for both sides is tested on, not trained on.
    #[must_use]
    pub fn new(mut train: Vec<usize>, mut test: Vec<usize>) -> Self {
        test.sort_unstable();
        test.dedup();
        train.sort_unstable();
        train.dedup();
        train.retain(|row| test.binary_search(row).is_err());
        Self {
            train,
            test,
            left_out: Vec::new(),
        }
    }

    pub(super) fn leaving_out(mut self, mut rows: Vec<usize>) -> Self {
        rows.sort_unstable();
        self.left_out = rows;
        self
    }

    /// Test rows whose `key` also occurs among the training rows: a leak when the key is what
    /// must not be shared, say the row's own values, its conversation or its capture.
    ///
    /// # Panics
    /// `keys` is shorter than the data that were split.
    #[must_use]
    pub fn leaks<K: Ord>(&self, keys: &[K]) -> Vec<usize> {
        let mut seen: Vec<&K> = self.train.iter().map(|&row| &keys[row]).collect();
        seen.sort_unstable();
        let leaked = |row: &usize| seen.binary_search(&&keys[*row]).is_ok();
        self.test.iter().copied().filter(leaked).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaks_are_found() {
        let keys = ["a", "b", "a", "c"];
        let split = Split::new(vec![0, 1], vec![2, 3]);
        assert_eq!(split.leaks(&keys), [2]);
    }

    #[test]
    fn a_row_is_on_one_side() {
        let split = Split::new(vec![3, 1, 1, 0], vec![2, 3, 2]);
        assert_eq!((split.train, split.test), (vec![0, 1], vec![2, 3]));
    }
}
