//! Products of rows with a matrix, laid out for vectors: what dense layers and distances to many
//! centroids have in common.
//!
//! Every sum is taken in one fixed order, without fused multiplications: the compiler may use vectors as
//! wide as the processor has, and a row's sums stay the same, to the last bit, on every
//! machine and whatever the rows beside it.

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
use pulp::x86::V3;
use pulp::{Arch, Simd, WithSimd};

/// Sums that one panel holds: two AVX registers, which with [`ROWS`] rows leave room for weights in the
/// sixteen that there are.
pub(crate) const LANES: usize = 16;

/// Rows that share one walk over a panel.
pub(crate) const ROWS: usize = 4;

/// Does `op` with the widest vectors of the processor at hand of which a panel holds two.
pub(crate) fn dispatch<Op: WithSimd>(op: Op) -> Op::Output {
    // `Arch` would take AVX-512 where any crate of the program has pulp know it.
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    if let Some(simd) = V3::try_new() {
        return Simd::vectorize(simd, op);
    }
    Arch::new().dispatch(op)
}

/// A matrix of weights, and what each sum starts with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panels {
    inputs: usize,
    /// For each group of [`LANES`] outputs.
    starts: Vec<[f32; LANES]>,
    /// For each group the weights of input 0, of input 1 and so on, padded with zeros.
    weights: Vec<[f32; LANES]>,
}

impl Panels {
    /// `weights` has the shape `(inputs, outputs)` in row-major order; there are as many `starts`
    /// as outputs, and beyond the last one sums are `padding`.
    pub(crate) fn new(weights: &[f32], starts: &[f32], padding: f32) -> Self {
        let outputs = starts.len();
        let inputs = weights.len() / outputs;
        let mut panels = vec![[0.0; LANES]; outputs.div_ceil(LANES) * inputs];
        for (input, row) in weights.chunks_exact(outputs).enumerate() {
            for (panel, group) in row.chunks(LANES).enumerate() {
                panels[panel * inputs + input][..group.len()].copy_from_slice(group);
            }
        }
        let start = |group: &[f32]| {
            let mut start = [padding; LANES];
            start[..group.len()].copy_from_slice(group);
            start
        };
        Self {
            inputs,
            starts: starts.chunks(LANES).map(start).collect(),
            weights: panels,
        }
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Sums of each row, those of the padding too.
    pub(crate) fn outputs(&self) -> usize {
        self.starts.len() * LANES
    }

    /// Two vectors of sums of each of the rows, from `output` on, a multiple of their width.
    // Loops instead of closures: what is not inlined does not use the vectors that `simd` stands for.
    #[inline(always)]
    pub(crate) fn sums<S: Simd, const R: usize>(
        &self,
        simd: S,
        rows: [&[f32]; R],
        output: usize,
    ) -> [[S::f32s; 2]; R] {
        let (group, first) = (output / LANES, output % LANES);
        let panel = &self.weights[group * self.inputs..][..self.inputs];
        let mut sums = [two::<S>(&self.starts[group], first); R];
        for row in rows {
            assert_eq!(row.len(), panel.len());
        }
        for (input, weights) in panel.iter().enumerate() {
            let weights = two::<S>(weights, first);
            for (sums, row) in sums.iter_mut().zip(rows) {
                let value = simd.splat_f32s(row[input]);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum = simd.add_f32s(*sum, simd.mul_f32s(value, weight));
                }
            }
        }
        sums
    }
}

/// Two vectors from place `first` on.
#[inline(always)]
fn two<S: Simd>(values: &[f32; LANES], first: usize) -> [S::f32s; 2] {
    let (vectors, _) = S::as_simd_f32s(&values[first..first + 2 * S::F32_LANES]);
    [vectors[0], vectors[1]]
}
