//! How strange the values of one column are: a function that is constant between edges.

use serde::{Deserialize, Serialize};

/// Most bins of a column.
pub(super) const MAX_BINS: usize = 1 << 16;
/// More than a value can be strange: minus the logarithm of a share of 2^64 rows is below 46.
const HIGHEST: f32 = 100.0;

/// `heights[i]` holds for values from `edges[i - 1]` on and below `edges[i]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Steps {
    edges: Vec<f32>,
    /// One more than there are edges.
    heights: Vec<f32>,
}

impl Steps {
    /// A function of `heights`, of which each but the last ends before the edge beside it.
    /// Edges that are not above the ones before them, or not finite, are left out with the heights that they end.
    pub(super) fn new(parts: impl IntoIterator<Item = (f32, f32)>, last: f32) -> Self {
        let mut steps = Self::default();
        for (height, edge) in parts {
            let is_above = steps.edges.last().is_none_or(|before| edge > *before);
            if is_above && edge.is_finite() {
                steps.heights.push(height);
                steps.edges.push(edge);
            }
        }
        steps.heights.push(last);
        steps
    }

    /// How strange `value` is.
    pub(super) fn height(&self, value: f32) -> f32 {
        self.heights[step(&self.edges, value)]
    }

    pub(super) fn is_sound(&self) -> bool {
        self.heights.len() == self.edges.len() + 1
            && self.edges.iter().all(|edge| edge.is_finite())
            && self.edges.is_sorted_by(|a, b| a < b)
            && self.heights.iter().all(|h| (0.0..=HIGHEST).contains(h))
    }
}

/// Which of the steps between `edges` a value is on.
pub(super) fn step(edges: &[f32], value: f32) -> usize {
    edges.partition_point(|edge| *edge <= value)
}

/// How strange what holds for `rows` of `of` rows is: minus the logarithm of their share. What
/// never was counts half a row.
pub(super) fn surprise(rows: f64, of: f64) -> f32 {
    -(rows.max(0.5) / of).min(1.0).ln().min(0.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_an_edge_is_on_the_step_above() {
        let steps = Steps::new([(3.0, -1.0), (1.0, 0.5)], 2.0);
        for (value, height) in [
            (f32::MIN, 3.0),
            ((-1.0_f32).next_up(), 1.0),
            (-1.0, 1.0),
            (0.5_f32.next_down(), 1.0),
            (0.5, 2.0),
            (f32::MAX, 2.0),
        ] {
            assert_eq!(steps.height(value), height, "{value}");
        }
    }

    #[test]
    fn edges_that_do_not_rise_are_left_out() {
        let steps = Steps::new([(3.0, 1.0), (1.0, 1.0), (2.0, f32::INFINITY)], 5.0);
        assert_eq!((steps.height(0.0), steps.height(1.0)), (3.0, 5.0));
        assert!(steps.is_sound());
    }
}
