//! The thresholds of a forest, and rows as bytes that count those below each value.

use super::bins::{BinnedColumn, MAX_BINS};
use super::tree::Tree;

/// Rows that are looked up together, column by column: their values stay in the first cache.
const NEAR: usize = 32;

/// Upper edges of each column's bins, ascending, at most 255 a column. The code of a value is the number of edges
/// below it, so that a node compares bytes instead of floats, and a row is looked up once for all trees.
///
/// A missing value has code 0: it is above no edge. Where values were missing in fitting, the
/// first edge is −∞, which parts them from all others.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edges(Vec<Vec<f32>>);

impl Edges {
    /// The edges of each column, unless a column has too many, or they do not ascend from a finite one
    /// (or from −∞, where values may be `missing`).
    pub(super) fn new(columns: Vec<Vec<f32>>, missing: bool) -> Option<Self> {
        let sound = columns.iter().all(|edges| {
            let least = if missing { f32::NEG_INFINITY } else { f32::MIN };
            edges.len() < MAX_BINS
                && edges.iter().all(|edge| (least..=f32::MAX).contains(edge))
                && edges.is_sorted_by(|a, b| a < b)
        });
        sound.then_some(Self(columns))
    }

    /// Those edges of the training rows that `trees` ask, to which the trees are turned.
    pub(super) fn asked(columns: &[BinnedColumn], trees: &mut [Tree]) -> Self {
        let mut asked = vec![[false; MAX_BINS]; columns.len()];
        for node in trees.iter().flat_map(|tree| tree.nodes()) {
            // A leaf's edge is one that no column has.
            asked[usize::from(node.feature)][usize::from(node.edge)] = !node.is_leaf();
        }
        let mut place = vec![[u8::MAX; MAX_BINS]; columns.len()];
        let mut kept = Vec::with_capacity(columns.len());
        for ((column, asked), place) in columns.iter().zip(&asked).zip(&mut place) {
            let edges = column.edges.iter().zip(asked).zip(place);
            let edges = edges.filter(|((_, asked), _)| **asked);
            kept.push(
                (0_u8..)
                    .zip(edges)
                    .map(|(index, ((edge, _), place))| {
                        *place = index;
                        *edge
                    })
                    .collect(),
            );
        }
        for node in trees.iter_mut().flat_map(|tree| tree.nodes_mut()) {
            node.edge = place[usize::from(node.feature)][usize::from(node.edge)];
        }
        Self(kept)
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.0.len()
    }

    /// Upper edges of each column.
    pub(super) fn each(&self) -> &[Vec<f32>] {
        &self.0
    }

    /// Writes the codes of one row, or of several one after another.
    pub(super) fn encode(&self, rows: &[f32], codes: &mut [u8]) {
        let columns = self.columns();
        let rows = rows.chunks(NEAR * columns);
        for (rows, codes) in rows.zip(codes.chunks_mut(NEAR * columns)) {
            for (column, edges) in self.0.iter().enumerate() {
                let values = rows.iter().skip(column).step_by(columns);
                let codes = codes.iter_mut().skip(column).step_by(columns);
                match edges.as_slice() {
                    [] => codes.for_each(|code| *code = 0),
                    // Every column of a category.
                    [edge] => codes
                        .zip(values)
                        .for_each(|(code, value)| *code = u8::from(edge < value)),
                    edges => codes
                        .zip(values)
                        .for_each(|(code, value)| *code = self::code(edges, *value)),
                }
            }
        }
    }
}

/// Number of `edges` below the value; 0 for NaN.
pub(super) fn code(edges: &[f32], value: f32) -> u8 {
    // At most 255 edges.
    u8::try_from(edges.partition_point(|edge| *edge < value)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_counts_the_edges_below_the_value_in_any_number_of_rows()
    -> Result<(), Box<dyn std::error::Error>> {
        let columns = vec![
            vec![],
            vec![0.5],
            vec![f32::NEG_INFINITY],
            vec![1.0, 2.0, 3.0],
        ];
        let edges = Edges::new(columns, true).ok_or("edges that do not ascend")?;
        let cases: [([f32; 4], [u8; 4]); 4] = [
            ([9.0, 0.5, f32::NAN, 1.0], [0, 0, 0, 0]),
            ([-9.0, 0.6, f32::MIN, 1.5], [0, 1, 1, 1]),
            ([f32::NAN, f32::NAN, 0.0, f32::NAN], [0, 0, 1, 0]),
            ([0.0, f32::MAX, 1.0, 3.5], [0, 1, 1, 3]),
        ];
        for count in [1, 3, NEAR, NEAR + 1, 3 * NEAR + 2] {
            let rows: Vec<_> = cases.iter().cycle().take(count).collect();
            let values: Vec<f32> = rows.iter().flat_map(|(values, _)| *values).collect();
            let expected: Vec<u8> = rows.iter().flat_map(|(_, codes)| *codes).collect();
            // Whatever the room held before.
            let mut codes = vec![7; values.len()];
            edges.encode(&values, &mut codes);
            assert_eq!(codes, expected, "{count} rows");
        }
        Ok(())
    }
}
