//! One dense layer, and the kernel that applies it to rows.

use pulp::{Simd, bytemuck};

use crate::panels::{Panels, ROWS};

/// Slope of the activation for negative sums. Not 0, so that no unit can die in training.
pub(super) const NEGATIVE_SLOPE: f32 = 0.01;

/// What a layer does to its sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    /// Nothing: the last layer, whose outputs are any number.
    Identity,
    /// `max(v, 0.01 v)`: every other layer.
    LeakyRelu,
}

/// A layer: `activation(x · weights + bias)`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dense {
    weights: Vec<f32>,
    bias: Vec<f32>,
    /// Both once more, in the order in which the kernel reads them.
    panels: Panels,
}

impl Dense {
    /// A layer of `weights`, shape `(inputs, outputs)` in row-major order, and one bias per
    /// output; `None` unless the lengths fit together and none is 0.
    pub(super) fn new(inputs: usize, weights: Vec<f32>, bias: Vec<f32>) -> Option<Self> {
        let outputs = bias.len();
        if inputs == 0 || outputs == 0 || inputs.checked_mul(outputs) != Some(weights.len()) {
            return None;
        }
        Some(Self {
            panels: Panels::new(&weights, &bias, 0.0),
            weights,
            bias,
        })
    }

    pub(super) fn inputs(&self) -> usize {
        self.panels.inputs()
    }

    pub(super) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// Shape `(inputs, outputs)`, row-major.
    pub(super) fn weights(&self) -> &[f32] {
        &self.weights
    }

    pub(super) fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// Applies the layer to `rows`, whole rows of `inputs` values one after another, and
    /// writes whole rows of `outputs` values.
    ///
    /// Every sum starts with the bias and adds the inputs in their order, however many rows
    /// there are: a row's outputs do not depend, to the last bit, on the rows beside it.
    #[inline(always)]
    pub(super) fn apply<S: Simd>(
        &self,
        simd: S,
        activation: Activation,
        rows: &[f32],
        out: &mut [f32],
    ) {
        let (inputs, outputs) = (self.inputs(), self.outputs());
        let (together, single) = rows.split_at(rows.len() - rows.len() % (ROWS * inputs));
        let (out_together, out_single) = out.split_at_mut(together.len() / inputs * outputs);
        let out_together = out_together.chunks_exact_mut(ROWS * outputs);
        for (rows, out) in together.chunks_exact(ROWS * inputs).zip(out_together) {
            let mut each = [rows; ROWS];
            for (row, values) in each.iter_mut().zip(rows.chunks_exact(inputs)) {
                *row = values;
            }
            self.apply_group(simd, activation, each, out);
        }
        let out_single = out_single.chunks_exact_mut(outputs);
        for (row, out) in single.chunks_exact(inputs).zip(out_single) {
            self.apply_group(simd, activation, [row], out);
        }
    }

    #[inline(always)]
    fn apply_group<S: Simd, const R: usize>(
        &self,
        simd: S,
        activation: Activation,
        rows: [&[f32]; R],
        out: &mut [f32],
    ) {
        let outputs = self.outputs();
        let slope = simd.splat_f32s(NEGATIVE_SLOPE);
        for output in (0..outputs).step_by(2 * S::F32_LANES) {
            let mut sums = self.panels.sums(simd, rows, output);
            if activation == Activation::LeakyRelu {
                for sums in &mut sums {
                    for sum in sums {
                        *sum = simd.max_f32s(*sum, simd.mul_f32s(*sum, slope));
                    }
                }
            }
            let count = (outputs - output).min(2 * S::F32_LANES);
            for (sums, out) in sums.iter().zip(out.chunks_exact_mut(outputs)) {
                let out = &mut out[output..][..count];
                if let ([a, b], []) = S::as_mut_simd_f32s(out) {
                    [*a, *b] = *sums;
                } else {
                    out.copy_from_slice(&bytemuck::cast_slice(sums)[..count]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::WithSimd;

    use super::*;
    use crate::panels::dispatch;

    struct Apply<'a> {
        layer: &'a Dense,
        activation: Activation,
        rows: &'a [f32],
        out: &'a mut [f32],
    }

    impl WithSimd for Apply<'_> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            self.layer.apply(simd, self.activation, self.rows, self.out);
        }
    }

    /// The definition, one sum at a time.
    fn plain(layer: &Dense, activation: Activation, row: &[f32]) -> Vec<f32> {
        (0..layer.outputs())
            .map(|output| {
                let mut sum = layer.bias()[output];
                for (input, value) in row.iter().enumerate() {
                    sum += value * layer.weights()[input * layer.outputs() + output];
                }
                match activation {
                    Activation::Identity => sum,
                    Activation::LeakyRelu => sum.max(NEGATIVE_SLOPE * sum),
                }
            })
            .collect()
    }

    fn values(count: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0)
            .collect()
    }

    #[test]
    fn every_row_equals_the_definition_bit_for_bit_in_any_company() {
        for (inputs, outputs) in [(1, 1), (3, 8), (8, 3), (13, 17), (80, 40), (5, 33)] {
            let layer = Dense::new(inputs, values(inputs * outputs), values(outputs)).unwrap();
            for activation in [Activation::Identity, Activation::LeakyRelu] {
                for count in 1..=9 {
                    let rows = values(count * inputs);
                    let mut out = vec![f32::NAN; count * outputs];
                    dispatch(Apply {
                        layer: &layer,
                        activation,
                        rows: &rows,
                        out: &mut out,
                    });
                    let expected: Vec<f32> = rows
                        .chunks_exact(inputs)
                        .flat_map(|row| plain(&layer, activation, row))
                        .collect();
                    assert_eq!(out, expected, "{inputs} × {outputs}, {count} rows");
                }
            }
        }
    }

    #[test]
    fn lengths_that_do_not_fit_make_no_layer() {
        for (inputs, weights, bias) in [
            (0, 0, 1),
            (1, 0, 0),
            (2, 3, 2),
            (usize::MAX, 4, 2),
            (usize::MAX / 2 + 1, 0, 2),
        ] {
            assert_eq!(
                Dense::new(inputs, vec![0.0; weights], vec![0.0; bias]),
                None
            );
        }
    }
}
