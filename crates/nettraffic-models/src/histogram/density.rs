//! Steps as high as bins are empty.

use super::steps::{Steps, step, surprise};

/// The steps of one column from its `values`, of which there is one or more, as few beside the
/// fullest bin as there are.
pub(super) fn steps(values: &[f32], bins: usize) -> Steps {
    let (low, high) = values
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    let edges = edges(low, high, bins);
    let mut counts = vec![0_u64; edges.len() + 1];
    for value in values {
        counts[step(&edges, *value)] += 1;
    }
    let fullest = counts.iter().copied().max().unwrap_or_default() as f64;
    let height = |count: &u64| surprise(*count as f64, fullest);
    let last = counts.last().map_or(0.0, height);
    Steps::new(counts.iter().map(height).zip(edges), last)
}

/// Where the bins begin, and where the last one ends: just after the largest value.
fn edges(low: f32, high: f32, bins: usize) -> Vec<f32> {
    let width = (f64::from(high) - f64::from(low)) / bins as f64;
    let inner = (0..bins).map(|bin| (f64::from(low) + bin as f64 * width) as f32);
    let mut edges: Vec<f32> = inner.chain([high.next_up()]).collect();
    // Of a column that is constant, or of values that are next to each other.
    edges.dedup();
    edges.retain(|edge| edge.is_finite());
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_follow_the_counts() {
        let values = [0.0, 0.1, 0.2, 0.9, 1.0, 1.5, 4.0];
        let steps = steps(&values, 4);
        let log = |share: f32| -share.ln();
        for (value, height) in [
            (-0.1, log(0.5 / 4.0)),
            (0.5, 0.0),
            (1.0, log(0.5)),
            (2.5, log(0.5 / 4.0)),
            (3.0, log(0.25)),
            (4.0, log(0.25)),
            (4.1, log(0.5 / 4.0)),
        ] {
            assert!((steps.height(value) - height).abs() < 1e-6, "{value}");
        }
    }

    #[test]
    fn in_a_constant_column_every_other_value_is_strange() {
        for constant in [0.0, -3.5, f32::MAX, f32::MIN] {
            let steps = steps(&[constant; 8], 32);
            assert_eq!(steps.height(constant), 0.0);
            let other = steps.height(constant.next_down().max(-1e38));
            assert!((other - 16.0_f32.ln()).abs() < 1e-6, "{constant}: {other}");
        }
    }
}
