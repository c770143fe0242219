//! Features as one byte each: which of at most 256 ranges a value lies in.

use rayon::prelude::*;

use super::edges::code;

use super::random::Draws;

/// Most bins of a column, so that a bin is a byte.
pub(super) const MAX_BINS: usize = 256;
/// Rows whose quantiles stand for all rows in columns of many values.
const SAMPLE_ROWS: usize = 20_000;
/// Columns that are gathered in one pass over the row-major matrix: a cache line of `f32`.
const GATHERED_COLUMNS: usize = 16;

/// One column of the training rows, in bins.
pub(super) struct BinnedColumn {
    /// Bin of each row.
    pub(super) bins: Vec<u8>,
    /// Upper edges, ascending; bin `b` holds the values at most `edges[b]` and above `edges[b - 1]`,
    /// the last bin, which has no upper edge, the rest. Missing values lie in bin 0, and where there
    /// are any, its upper edge is −∞: it holds nothing else.
    pub(super) edges: Vec<f32>,
}

impl BinnedColumn {
    /// Number of bins, at least 1.
    pub(super) fn len(&self) -> usize {
        self.edges.len() + 1
    }

    /// Edges lie halfway between neighbouring values. A column of at most 256 values gets a bin
    /// for each; one of more values gets bins of about equally many rows, judged by a sample.
    /// Where values are missing, one bin less is left for the others.
    fn new(values: &[f32], sample: &[usize]) -> Self {
        let missing = values.iter().any(|value| value.is_nan());
        let bins = MAX_BINS - usize::from(missing);
        let runs = few_distinct(values, bins)
            .unwrap_or_else(|| runs(sample.iter().map(|row| values[*row]).collect()));
        let mut edges = edges(&runs, bins);
        if missing {
            edges.insert(0, f32::NEG_INFINITY);
        }
        let bins = values.iter().map(|value| code(&edges, *value)).collect();
        Self { bins, edges }
    }
}

/// Bins every column of `rows`, which lie one after another, `columns` values each, finite or NaN.
/// The sample is drawn with `seed`.
pub(super) fn bin_columns(rows: &[f32], columns: usize, seed: u64) -> Vec<BinnedColumn> {
    let sample = sample(rows.len() / columns, seed);
    let first: Vec<usize> = (0..columns).step_by(GATHERED_COLUMNS).collect();
    first
        .into_par_iter()
        .flat_map_iter(|first| {
            let count = GATHERED_COLUMNS.min(columns - first);
            let mut gathered = vec![Vec::with_capacity(rows.len() / columns); count];
            for row in rows.chunks_exact(columns) {
                for (column, value) in gathered.iter_mut().zip(&row[first..first + count]) {
                    column.push(*value);
                }
            }
            let sample = &sample;
            gathered
                .into_iter()
                .map(move |values| BinnedColumn::new(&values, sample))
        })
        .collect()
}

/// Row numbers to estimate quantiles from: all of them, or a random choice.
fn sample(rows: usize, seed: u64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..rows).collect();
    let mut draws = Draws::new(seed);
    let count = rows.min(SAMPLE_ROWS);
    for drawn in 0..count {
        all.swap(drawn, drawn + draws.below(rows - drawn));
    }
    all.truncate(count);
    all
}

/// The distinct values, ascending, each as if it occurred once, unless there are more than `bins`.
fn few_distinct(values: &[f32], bins: usize) -> Option<Vec<(f32, usize)>> {
    let mut distinct: Vec<(f32, usize)> = Vec::new();
    let mut last = f32::NAN;
    for &value in values {
        if value == last || value.is_nan() {
            continue;
        }
        last = value;
        let place = distinct.partition_point(|(known, _)| *known < value);
        if distinct.get(place).is_none_or(|(known, _)| *known != value) {
            if distinct.len() == bins {
                return None;
            }
            distinct.insert(place, (value, 1));
        }
    }
    Some(distinct)
}

/// Each distinct value, ascending, with how often it occurs.
fn runs(mut values: Vec<f32>) -> Vec<(f32, usize)> {
    values.retain(|value| !value.is_nan());
    values.sort_unstable_by(f32::total_cmp);
    let mut runs: Vec<(f32, usize)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            // `==`, so that both zeros are one value.
            Some((last, count)) if *last == value => *count += 1,
            _ => runs.push((value, 1)),
        }
    }
    runs
}

/// Edges of at most `bins` bins between ascending `runs`: all when there are few, else such that each bin
/// holds about an equal share of what the bins before it have left.
fn edges(runs: &[(f32, usize)], bins: usize) -> Vec<f32> {
    let all = runs.len() <= bins;
    let mut rows_left: usize = runs.iter().map(|(_, count)| count).sum();
    let mut edges = Vec::new();
    let mut in_bin = 0;
    for pair in runs.windows(2) {
        let [(value, count), (next, _)] = pair else {
            continue;
        };
        in_bin += count;
        let bins_left = bins - edges.len();
        if all || (bins_left > 1 && in_bin * bins_left >= rows_left) {
            edges.push(midpoint(*value, *next));
            rows_left -= in_bin;
            in_bin = 0;
        }
    }
    edges
}

/// A value from `low` to just below `high`, halfway where `f32` has such a value.
fn midpoint(low: f32, high: f32) -> f32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "between two values that f32 holds"
    )]
    let middle = ((f64::from(low) + f64::from(high)) / 2.0) as f32;
    if middle < high { middle } else { low }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(values: &[f32]) -> BinnedColumn {
        let all: Vec<usize> = (0..values.len()).collect();
        BinnedColumn::new(values, &all)
    }

    #[test]
    fn few_values_get_a_bin_each() {
        let column = check(&[3.0, 1.0, 2.0, 1.0, -0.0, 0.0]);
        assert_eq!(column.edges, [0.5, 1.5, 2.5]);
        assert_eq!(column.bins, [3, 1, 2, 1, 0, 0]);
    }

    #[test]
    fn many_values_share_bins_evenly_beside_one_that_is_frequent() {
        // Half the rows are 0, the rest 1, 2, 3 …
        let values: Vec<f32> = (0..20_000_u16)
            .map(|i| if i % 2 == 0 { 0.0 } else { f32::from(i) })
            .collect();
        let column = check(&values);
        assert_eq!(column.len(), MAX_BINS);
        let mut counts = [0_usize; MAX_BINS];
        for bin in &column.bins {
            counts[usize::from(*bin)] += 1;
        }
        assert_eq!(counts[0], 10_000);
        assert!(
            counts[1..].iter().all(|count| (38..=41).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn neighbouring_floats_stay_apart() {
        let low = 1.0_f32;
        let column = check(&[low, low.next_up(), f32::MAX, f32::MIN]);
        assert_eq!(column.bins, [1, 2, 3, 0]);
    }

    #[test]
    fn missing_values_get_a_bin_of_their_own() {
        let column = check(&[2.0, f32::NAN, f32::MIN, 2.0]);
        assert_eq!(column.edges.len(), 2);
        assert_eq!(column.edges[0], f32::NEG_INFINITY);
        assert_eq!(column.bins, [2, 0, 1, 2]);
        // It is one of the 256.
        let mut values: Vec<f32> = (0..5_000_u16).map(f32::from).collect();
        values[3] = f32::NAN;
        let column = check(&values);
        assert_eq!(column.len(), MAX_BINS);
        assert_eq!(column.bins.iter().filter(|bin| **bin == 0).count(), 1);
        let nothing = check(&[f32::NAN, f32::NAN]);
        assert_eq!(nothing.bins, [0, 0]);
    }

    proptest! {
        #[test]
        fn a_bin_means_the_same_as_its_edges(values in prop::collection::vec(-1e30_f32..1e30, 1..600)) {
            let column = check(&values);
            prop_assert!(column.len() <= MAX_BINS);
            prop_assert!(column.edges.is_sorted_by(|a, b| a < b));
            for (value, bin) in values.iter().zip(&column.bins) {
                for (index, edge) in column.edges.iter().enumerate() {
                    prop_assert_eq!(value <= edge, usize::from(*bin) <= index);
                }
            }
        }
    }
}
