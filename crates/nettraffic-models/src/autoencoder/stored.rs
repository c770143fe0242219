//! The autoencoder as it travels, and the checks that bytes must pass to become one.

use serde::{Deserialize, Serialize};

use super::dense::Dense;
use super::model::{Autoencoder, ColumnRange};
use super::network::{MAX_LAYERS, MAX_WIDTH, Network};
use crate::ModelError;

/// Plain numbers; shapes are not stored but follow from the lengths.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    columns: Vec<ColumnRange>,
    layers: Vec<StoredLayer>,
}

#[derive(Serialize, Deserialize)]
struct StoredLayer {
    /// Shape `(inputs, outputs)`, row-major.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl From<Autoencoder> for Stored {
    fn from(model: Autoencoder) -> Self {
        Self {
            columns: model.columns,
            layers: model
                .network
                .layers()
                .iter()
                .map(|layer| StoredLayer {
                    weights: layer.weights().to_vec(),
                    bias: layer.bias().to_vec(),
                })
                .collect(),
        }
    }
}

impl TryFrom<Stored> for Autoencoder {
    type Error = ModelError;

    fn try_from(stored: Stored) -> Result<Self, ModelError> {
        let unsound = |reason| ModelError::Invalid {
            what: "autoencoder",
            reason,
        };
        for (column, range) in stored.columns.iter().enumerate() {
            let ColumnRange {
                lower,
                upper,
                expected,
            } = range;
            let finite = lower.is_finite() && upper.is_finite() && expected.is_finite();
            if !finite || lower > upper || *expected <= 0.0 {
                return Err(unsound(format!(
                    "column {column} has the range {lower} to {upper} and the error {expected}"
                )));
            }
        }
        if stored.columns.len() > MAX_WIDTH || stored.layers.len() > MAX_LAYERS {
            return Err(unsound(format!(
                "{} columns and {} layers, at most {MAX_WIDTH} and {MAX_LAYERS} are allowed",
                stored.columns.len(),
                stored.layers.len()
            )));
        }
        let mut layers = Vec::with_capacity(stored.layers.len());
        let mut width = stored.columns.len();
        for (index, StoredLayer { weights, bias }) in stored.layers.into_iter().enumerate() {
            let (weight_count, outputs) = (weights.len(), bias.len());
            layers.push(Dense::new(width, weights, bias).ok_or_else(|| {
                unsound(format!(
                    "layer {index} has {weight_count} weights for {width} inputs and {outputs} outputs"
                ))
            })?);
            width = outputs;
        }
        Ok(Self {
            network: Network::new(layers).map_err(unsound)?,
            columns: stored.columns,
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;
    use crate::AnomalyModel;

    fn stored() -> Stored {
        let layer = |inputs: usize, outputs: usize| StoredLayer {
            weights: (0..inputs * outputs)
                .map(|i| i as f32 / 8.0 - 0.5)
                .collect(),
            bias: vec![0.125; outputs],
        };
        Stored {
            columns: vec![
                ColumnRange {
                    lower: -1.0,
                    upper: 2.0,
                    expected: 0.5
                };
                3
            ],
            layers: vec![layer(3, 2), layer(2, 3)],
        }
    }

    #[test]
    fn a_stored_model_comes_back_bit_for_bit() {
        let model = Autoencoder::try_from(stored()).unwrap();
        let bytes = postcard::to_allocvec(&model).unwrap();
        let back: Autoencoder = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, model);
        assert_eq!(postcard::to_allocvec(&back).unwrap(), bytes);
    }

    #[test]
    fn parts_that_do_not_fit_together_are_refused() {
        type Damage = fn(&mut Stored);
        let damages: [Damage; 10] = [
            |s| s.columns.clear(),
            |s| s.columns.truncate(2),
            |s| s.columns[1].expected = 0.0,
            |s| s.columns[1].expected = f32::NAN,
            |s| s.columns[2].lower = 3.0,
            |s| s.columns[0].upper = f32::INFINITY,
            |s| s.layers.clear(),
            |s| s.layers.truncate(1),
            |s| s.layers[0].weights[1] = f32::NEG_INFINITY,
            |s| s.layers[1].bias.truncate(2),
        ];
        assert!(Autoencoder::try_from(stored()).is_ok());
        for (index, damage) in damages.into_iter().enumerate() {
            let mut parts = stored();
            damage(&mut parts);
            assert!(
                matches!(
                    Autoencoder::try_from(parts),
                    Err(ModelError::Invalid { .. })
                ),
                "damage {index}"
            );
        }
    }

    proptest! {
        #[test]
        fn damaged_bytes_are_refused_or_make_a_model_with_finite_scores(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<prop::sample::Index>(),
            cut_it in any::<bool>(),
        ) {
            let mut bytes =
                postcard::to_allocvec(&Autoencoder::try_from(stored()).unwrap()).unwrap();
            for (place, value) in changes {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            if cut_it {
                bytes.truncate(cut.index(bytes.len()));
            }
            if let Ok(model) = postcard::from_bytes::<Autoencoder>(&bytes) {
                let x = Array2::from_elem((2, model.columns()), 0.75);
                prop_assert!(model.score(x.view()).unwrap().iter().all(|s| s.is_finite()));
            }
        }

        #[test]
        fn arbitrary_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
            let _ = postcard::from_bytes::<Autoencoder>(&bytes);
        }
    }
}
