//! One dense layer, and the kernel that applies it to rows.

/// Outputs that one panel of weights holds. Eight f32 fill two SSE or one AVX register, and
/// four rows of them stay in the sixteen registers that every x86-64 has.
const LANES: usize = 8;

/// Rows that share one walk over a panel.
const ROWS: usize = 4;

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
    inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
    /// The weights once more, in the order in which the kernel reads them: for each group of
    /// `LANES` outputs, the weights of input 0, of input 1 and so on, padded with zeros.
    panels: Vec<[f32; LANES]>,
}

impl Dense {
    /// A layer of `weights`, shape `(inputs, outputs)` in row-major order, and one bias per
    /// output; `None` unless the lengths fit together and none is 0.
    pub(super) fn new(inputs: usize, weights: Vec<f32>, bias: Vec<f32>) -> Option<Self> {
        let outputs = bias.len();
        if inputs == 0 || outputs == 0 || inputs.checked_mul(outputs) != Some(weights.len()) {
            return None;
        }
        let mut panels = vec![[0.0; LANES]; outputs.div_ceil(LANES) * inputs];
        for (input, row) in weights.chunks_exact(outputs).enumerate() {
            for (panel, group) in row.chunks(LANES).enumerate() {
                panels[panel * inputs + input][..group.len()].copy_from_slice(group);
            }
        }
        Some(Self {
            inputs,
            weights,
            bias,
            panels,
        })
    }

    pub(super) fn inputs(&self) -> usize {
        self.inputs
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
    pub(super) fn apply(&self, activation: Activation, rows: &[f32], out: &mut [f32]) {
        let group = ROWS * self.inputs;
        let (together, single) = rows.split_at(rows.len() - rows.len() % group);
        let (out_together, out_single) =
            out.split_at_mut(together.len() / self.inputs * self.outputs());
        for (rows, out) in together
            .chunks_exact(group)
            .zip(out_together.chunks_exact_mut(ROWS * self.outputs()))
        {
            self.apply_group::<ROWS>(activation, rows, out);
        }
        for (row, out) in single
            .chunks_exact(self.inputs)
            .zip(out_single.chunks_exact_mut(self.outputs()))
        {
            self.apply_group::<1>(activation, row, out);
        }
    }

    fn apply_group<const R: usize>(&self, activation: Activation, rows: &[f32], out: &mut [f32]) {
        let rows: [&[f32]; R] = std::array::from_fn(|r| &rows[r * self.inputs..][..self.inputs]);
        for (group, panel) in self.panels.chunks_exact(self.inputs).enumerate() {
            let first = group * LANES;
            let bias = &self.bias[first..self.outputs().min(first + LANES)];
            let mut sums = sums::<R>(bias, panel, rows);
            if activation == Activation::LeakyRelu {
                for value in sums.as_flattened_mut() {
                    *value = value.max(*value * NEGATIVE_SLOPE);
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                out[r * self.outputs() + first..][..bias.len()]
                    .copy_from_slice(&sums[..bias.len()]);
            }
        }
    }
}

/// `bias + row · panel` for `R` rows.
#[inline]
fn sums<const R: usize>(
    bias: &[f32],
    panel: &[[f32; LANES]],
    rows: [&[f32]; R],
) -> [[f32; LANES]; R] {
    let mut start = [0.0; LANES];
    start[..bias.len()].copy_from_slice(bias);
    let mut sums = [start; R];
    for (input, weights) in panel.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(rows) {
            let value = row[input];
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += value * weight;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

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
                    layer.apply(activation, &rows, &mut out);
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
