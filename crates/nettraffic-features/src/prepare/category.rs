//! Categories as columns of 0 and 1.

use serde::{Deserialize, Serialize};

/// One column per category that training rows had, and a last one for all others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct OneHot {
    /// Indices that occurred in training, ascending.
    seen: Vec<u32>,
}

impl OneHot {
    /// `known` categories; the index `known` itself stands for "another one".
    pub(super) fn fit(values: impl Iterator<Item = f64>, known: usize) -> Self {
        let mut seen: Vec<u32> = values.filter_map(|value| index(value, known)).collect();
        seen.sort_unstable();
        seen.dedup();
        Self { seen }
    }

    #[cfg(test)]
    pub(super) fn stored(seen: &[u32]) -> Self {
        Self {
            seen: seen.to_vec(),
        }
    }

    pub(super) fn columns(&self) -> usize {
        self.seen.len() + 1
    }

    /// The category of a column; `None` for the last, which stands for all that were not seen.
    pub(super) fn category(&self, column: usize) -> Option<usize> {
        self.seen.get(column).map(|index| *index as usize)
    }

    /// One value per column: 1 for the one that `value` belongs to, else 0.
    pub(super) fn spread(&self, value: f64, known: usize) -> impl Iterator<Item = f32> + use<> {
        let hot = index(value, known)
            .and_then(|index| self.seen.binary_search(&index).ok())
            .unwrap_or(self.seen.len());
        (0..self.columns()).map(move |column| f32::from(u8::from(column == hot)))
    }

    pub(super) fn check(&self, known: usize) -> Result<(), &'static str> {
        let ascending = self.seen.windows(2).all(|pair| pair[0] < pair[1]);
        let in_range = self.seen.last().is_none_or(|last| *last as usize <= known);
        match (ascending, in_range) {
            (true, true) => Ok(()),
            (false, _) => Err("its categories are not in order"),
            (_, false) => Err("it has a category that the schema does not know"),
        }
    }
}

/// The index that a value stands for, when it is one of `0..=known`.
fn index(value: f64, known: usize) -> Option<u32> {
    let valid = value >= 0.0 && value <= known as f64 && value.fract() == 0.0;
    valid.then_some(value as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_categories_share_the_last_column() {
        // Of 4 known categories and "another", training had the second and "another".
        let one_hot = OneHot::fit([4.0, 1.0, 1.0].into_iter(), 4);
        for (value, expected) in [
            (1.0, [1.0, 0.0, 0.0]),
            (4.0, [0.0, 1.0, 0.0]),
            (0.0, [0.0, 0.0, 1.0]),
            (5.0, [0.0, 0.0, 1.0]),
            (-1.0, [0.0, 0.0, 1.0]),
            (1.5, [0.0, 0.0, 1.0]),
            (1e300, [0.0, 0.0, 1.0]),
        ] {
            let row: Vec<f32> = one_hot.spread(value, 4).collect();
            assert_eq!(row, expected, "{value}");
        }
        assert_eq!(one_hot.category(1), Some(4));
        assert_eq!(one_hot.category(2), None);
    }
}
