//! Which columns go together.

use ndarray::ArrayView2;
use rayon::prelude::*;

/// Sums that run side by side.
const LANES: usize = 8;

/// Groups of at most `most` columns that move together in the rows of `x`, each in the order of its
/// columns, by their first.
///
/// The distance of two columns is 1 less their correlation, and that to a column that never
/// varies is 1. They are clustered by single linkage, and the tree of clusters is cut from the top
/// until no part has more than `most` leaves (Mirsky et al. 2018, section IV-C).
pub(super) fn groups(x: ArrayView2<'_, f32>, most: usize) -> Vec<Vec<u32>> {
    let columns = x.columns().into_iter();
    let standard: Vec<Vec<f64>> = columns.map(|column| standardised(column.iter())).collect();
    let mut edges = spanning_tree(&standard);
    edges.sort_by(|a, b| a.length.total_cmp(&b.length).then(a.ends.cmp(&b.ends)));

    let mut parts = Parts::new(x.ncols());
    for edge in edges {
        parts.join(edge.ends, most);
    }
    parts.into_groups()
}

/// The column with mean 0 and squares that sum to 1, or 0 throughout when it never varies.
fn standardised<'a>(values: impl ExactSizeIterator<Item = &'a f32> + Clone) -> Vec<f64> {
    let mut values: Vec<f64> = values.map(|value| f64::from(*value)).collect();
    // From the first value on, equal values are 0 exactly.
    let first = values.first().copied().unwrap_or_default();
    let mean = values.iter().map(|value| value - first).sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|value| *value -= first + mean);
    let length = product(&values, &values).sqrt();
    let varies = values.iter().any(|value| *value != values[0]);
    let share = if varies { 1.0 / length } else { 0.0 };
    values.iter_mut().for_each(|value| *value *= share);
    values
}

/// In a fixed order, whatever the machine.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

struct Edge {
    length: f64,
    ends: [usize; 2],
}

/// The shortest tree over all columns (Prim 1957), whose edges are the joins of single linkage: each
/// distance is computed once, and none is kept but the shortest of each column.
fn spanning_tree(columns: &[Vec<f64>]) -> Vec<Edge> {
    let mut tree = Vec::new();
    // For each column outside the tree, the nearest one inside.
    let mut outside: Vec<(usize, usize, f64)> = (1..columns.len())
        .map(|at| (at, 0, f64::INFINITY))
        .collect();
    let mut latest = 0;
    while !outside.is_empty() {
        outside
            .par_iter_mut()
            .for_each(|(column, nearest, shortest)| {
                let distance = 1.0 - product(&columns[*column], &columns[latest]);
                if distance < *shortest {
                    (*nearest, *shortest) = (latest, distance);
                }
            });
        let next = (0..outside.len())
            .min_by(|a, b| outside[*a].2.total_cmp(&outside[*b].2))
            .unwrap_or_default();
        // In order, so that of equal distances the first column wins.
        let (column, nearest, length) = outside.remove(next);
        let ends = [column.min(nearest), column.max(nearest)];
        tree.push(Edge { length, ends });
        latest = column;
    }
    tree
}

/// Sets of columns that are joined from the nearest pair on.
struct Parts {
    /// The part of each column.
    part_of: Vec<usize>,
    columns: Vec<Vec<u32>>,
    /// Whether what the part would be joined to is too large. It then stays as it is: further
    /// joins are of clusters that are larger still.
    is_closed: Vec<bool>,
}

impl Parts {
    fn new(columns: usize) -> Self {
        Self {
            part_of: (0..columns).collect(),
            columns: (0_u32..).take(columns).map(|column| vec![column]).collect(),
            is_closed: vec![false; columns],
        }
    }

    fn join(&mut self, ends: [usize; 2], most: usize) {
        let [a, b] = ends.map(|column| self.part_of[column]);
        let is_open = !self.is_closed[a] && !self.is_closed[b];
        if is_open && self.columns[a].len() + self.columns[b].len() <= most {
            let moved = std::mem::take(&mut self.columns[b]);
            for column in &moved {
                self.part_of[*column as usize] = a;
            }
            self.columns[a].extend(moved);
        } else {
            self.is_closed[a] = true;
            self.is_closed[b] = true;
        }
    }

    fn into_groups(self) -> Vec<Vec<u32>> {
        let mut groups = self.columns;
        groups.retain(|group| !group.is_empty());
        groups.iter_mut().for_each(|group| group.sort_unstable());
        groups.sort_unstable();
        groups
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis};
    use rand::seq::SliceRandom;
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    /// Columns that follow one of some causes each, with noise of their own.
    fn rows(causes: &[usize], noise: &[f32], seed: u64) -> Array2<f32> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut values = Array2::zeros((500, causes.len()));
        for mut row in values.outer_iter_mut() {
            let levels: [f32; 4] = std::array::from_fn(|_| rng.gen_range(-1.0..1.0));
            for ((value, cause), noise) in row.iter_mut().zip(causes).zip(noise) {
                *value = 1e4 + 100.0 * (levels[*cause] + noise * rng.gen_range(-1.0..1.0_f32));
            }
        }
        values
    }

    #[test]
    fn columns_that_move_together_are_grouped_and_no_group_is_too_large() {
        let causes = [0, 1, 0, 2, 1, 0, 1];
        // The further back, the looser.
        let noise = [0.01, 0.01, 0.02, 0.1, 0.02, 0.3, 0.3];
        let x = rows(&causes, &noise, 1);
        for (most, expected) in [
            (
                1,
                vec![
                    vec![0],
                    vec![1],
                    vec![2],
                    vec![3],
                    vec![4],
                    vec![5],
                    vec![6],
                ],
            ),
            (2, vec![vec![0, 2], vec![1, 4], vec![3], vec![5], vec![6]]),
            (3, vec![vec![0, 2, 5], vec![1, 4, 6], vec![3]]),
            (7, vec![(0..7).collect()]),
        ] {
            assert_eq!(groups(x.view(), most), expected, "at most {most}");
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        let x = rows(&[0, 1, 2, 3, 0, 1, 2, 3], &[0.3; 8], 2);
        let mut order: Vec<usize> = (0..x.nrows()).collect();
        order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(3));
        let shuffled = x.select(Axis(0), &order);
        for most in 1..8 {
            assert_eq!(groups(shuffled.view(), most), groups(x.view(), most));
        }
    }

    /// A column that never varies is as far from all others as one that has nothing to do with
    /// them; opposite columns are further still.
    #[test]
    fn what_never_varies_and_what_is_opposite_comes_last() {
        let mut x = rows(&[0, 1, 0, 0], &[0.0, 0.0, 0.1, 0.0], 4);
        x.column_mut(1).fill(0.1);
        x.column_mut(3).mapv_inplace(|value| -value);
        assert_eq!(groups(x.view(), 2), [vec![0, 2], vec![1], vec![3]]);
        assert_eq!(groups(x.view(), 3), [vec![0, 1, 2], vec![3]]);
        assert_eq!(
            groups(Array2::zeros((3, 0)).view(), 2),
            Vec::<Vec<u32>>::new()
        );
        assert_eq!(groups(Array2::zeros((1, 2)).view(), 1), [[0], [1]]);
    }
}
