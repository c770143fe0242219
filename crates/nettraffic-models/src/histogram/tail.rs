//! Steps as high as few values lie as far out.

use super::steps::{Steps, surprise};

/// The steps of one column from its `values`, of which there is one or more.
///
/// Ranks are kept exactly where they are fewest, and to within a sixteenth everywhere: some
/// hundred edges for millions of values.
pub(super) fn steps(mut values: Vec<f32>) -> Steps {
    values.sort_unstable_by(f32::total_cmp);
    let rows = values.len();
    let height = |upto: f64, from: f64| surprise(upto.min(from), rows as f64);
    let mut parts = Vec::new();
    // Rows up to the last value that was kept.
    let mut before = 0;
    for rank in kept_ranks(rows) {
        if rank <= before {
            continue;
        }
        let value = values[rank - 1];
        let below = values.partition_point(|other| *other < value);
        let upto = values.partition_point(|other| *other <= value);
        // Below it: of the values that were not kept, half on either side.
        let middle = (before + below) as f64 / 2.0;
        parts.push((height(middle, rows as f64 - middle), value));
        parts.push((height(upto as f64, (rows - below) as f64), value.next_up()));
        before = upto;
    }
    Steps::new(parts, height(rows as f64, 0.0))
}

/// Ascending ranks, from 1: each from either end on at most a sixteenth farther than the one before.
fn kept_ranks(rows: usize) -> Vec<usize> {
    let next = |rank: &usize| Some(rank + (rank / 16).max(1));
    let near = std::iter::successors(Some(1), next).take_while(|rank| *rank <= rows.div_ceil(2));
    let mut ranks: Vec<usize> = near.flat_map(|rank| [rank, rows + 1 - rank]).collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn heights_are_tail_probabilities() {
        let steps = steps(vec![4.0, 1.0, 2.0, 2.0]);
        let log = |rows: f32| -(rows / 4.0).ln();
        for (value, rows) in [
            (0.0, 0.5),
            (1.0, 1.0),
            (1.5, 1.0),
            (2.0, 3.0),
            (3.0, 1.0),
            (4.0, 1.0),
            (4.5, 0.5),
        ] {
            assert!((steps.height(value) - log(rows)).abs() < 1e-6, "{value}");
        }
    }

    #[test]
    fn many_values_need_few_edges() {
        let values = (0..200_000_u32).map(|value| value as f32).collect();
        let bytes = postcard::to_stdvec(&steps(values)).map(|bytes| bytes.len());
        assert!(bytes.is_ok_and(|bytes| bytes < 6_000));
    }

    proptest! {
        #[test]
        fn heights_are_off_by_a_sixteenth_at_most(
            values in prop::collection::vec(-300_i16..300, 1..2_000),
            asked in -310_i16..310,
        ) {
            let rows = values.len() as f64;
            let upto = values.iter().filter(|value| **value <= asked).count();
            let from = values.iter().filter(|value| **value >= asked).count();
            let exact = surprise((upto.min(from)) as f64, rows);
            let steps = steps(values.into_iter().map(f32::from).collect());
            let found = steps.height(f32::from(asked));
            prop_assert!((found - exact).abs() < 0.064, "{} for {}", found, exact);
        }
    }
}
