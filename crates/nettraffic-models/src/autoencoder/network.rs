//! Layers, one after another.

use pulp::{Simd, WithSimd};

use super::dense::{Activation, Dense};
use crate::panels::dispatch;

/// Most layers that a network may have.
pub(super) const MAX_LAYERS: usize = 32;

/// Most outputs that a layer may have, and most columns.
pub(super) const MAX_WIDTH: usize = 1 << 14;

/// Dense layers that fit together and end as wide as they begin.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Network {
    layers: Vec<Dense>,
}

/// Room for the values between layers, kept from one call to the next.
#[derive(Default)]
pub(super) struct Scratch {
    front: Vec<f32>,
    back: Vec<f32>,
}

impl Network {
    /// A network of `layers`, or why they make none.
    pub(super) fn new(layers: Vec<Dense>) -> Result<Self, String> {
        if layers.len() < 2 || layers.len() > MAX_LAYERS {
            return Err(format!(
                "{} layers, 2 to {MAX_LAYERS} are allowed",
                layers.len()
            ));
        }
        let mut width = layers[0].inputs();
        if layers[layers.len() - 1].outputs() != width {
            return Err("it does not end as wide as it begins".to_owned());
        }
        for (index, layer) in layers.iter().enumerate() {
            if layer.inputs() != width || layer.outputs() > MAX_WIDTH {
                return Err(format!(
                    "layer {index} is {} × {} after a width of {width}",
                    layer.inputs(),
                    layer.outputs()
                ));
            }
            if !layer
                .weights()
                .iter()
                .chain(layer.bias())
                .all(|v| v.is_finite())
            {
                return Err(format!("a weight of layer {index} is not finite"));
            }
            width = layer.outputs();
        }
        Ok(Self { layers })
    }

    pub(super) fn layers(&self) -> &[Dense] {
        &self.layers
    }

    /// Number of inputs and of outputs.
    pub(super) fn width(&self) -> usize {
        self.layers[0].inputs()
    }

    /// The outputs for `rows`, which lie one after another. Each row's outputs are the same,
    /// bit for bit, whatever the rows beside it.
    pub(super) fn forward<'a>(&self, rows: &[f32], scratch: &'a mut Scratch) -> &'a [f32] {
        dispatch(Forward {
            network: self,
            rows,
            scratch: &mut *scratch,
        });
        &scratch.front
    }
}

/// Rows on their way through the layers, for the vectors of the processor at hand; the outputs
/// end in `scratch.front`.
struct Forward<'a> {
    network: &'a Network,
    rows: &'a [f32],
    scratch: &'a mut Scratch,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let count = self.rows.len() / self.network.width();
        let layers = &self.network.layers;
        let Scratch { front, back } = self.scratch;
        let last = layers.len() - 1;
        for (index, layer) in layers.iter().enumerate() {
            let activation = if index == last {
                Activation::Identity
            } else {
                Activation::LeakyRelu
            };
            back.resize(count * layer.outputs(), 0.0);
            let rows = if index == 0 { self.rows } else { &*front };
            layer.apply(simd, activation, rows, back);
            std::mem::swap(front, back);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(inputs: usize, outputs: usize) -> Dense {
        Dense::new(inputs, vec![0.5; inputs * outputs], vec![0.25; outputs]).unwrap()
    }

    #[test]
    fn layers_must_chain_and_end_as_wide_as_they_begin() {
        let infinite = Dense::new(2, vec![f32::INFINITY; 6], vec![0.0; 3]).unwrap();
        for (layers, sound) in [
            (vec![dense(3, 2), dense(2, 3)], true),
            (vec![dense(3, 2), dense(2, 2), dense(2, 3)], true),
            (vec![dense(3, 3)], false),
            (vec![], false),
            (vec![dense(3, 2), dense(3, 3)], false),
            (vec![dense(3, 2), dense(2, 4)], false),
            (vec![dense(3, 2), infinite], false),
            (vec![dense(1, 1); MAX_LAYERS + 1], false),
            (
                vec![dense(1, MAX_WIDTH + 1), dense(MAX_WIDTH + 1, 1)],
                false,
            ),
        ] {
            assert_eq!(Network::new(layers).is_ok(), sound);
        }
    }

    #[test]
    fn the_last_layer_has_no_activation_and_the_others_leak() {
        let network = Network::new(vec![
            Dense::new(1, vec![1.0, -1.0], vec![0.0, 0.0]).unwrap(),
            Dense::new(2, vec![1.0, 100.0], vec![-5.0]).unwrap(),
        ])
        .unwrap();
        // 2 → (2, −2) → (2, −0.02) → 2 − 2 − 5
        assert_eq!(network.forward(&[2.0], &mut Scratch::default()), [-5.0]);
    }
}
