//! What an autoencoder is trained with.

use nettraffic_features::PreparedMatrix;

use super::{Autoencoder, fit, network};
use crate::ModelError;

/// How to train an [`Autoencoder`]; made by [`Autoencoder::params`].
///
/// The defaults suit a few thousand to a few million benign rows of a few dozen to a few
/// hundred scaled columns.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoencoderParams {
    pub(super) hidden: Option<Vec<usize>>,
    pub(super) epochs: usize,
    pub(super) patience: usize,
    pub(super) batch: Option<usize>,
    pub(super) learning_rate: f64,
    pub(super) noise: f32,
    pub(super) held_out: f64,
    pub(super) seed: u64,
    pub(super) device: TrainingDevice,
}

/// Where an autoencoder is trained. Scores are always computed by this crate's own kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrainingDevice {
    /// Here: the same rows and seed give the same model, bit for bit.
    #[default]
    Cpu,
    /// On the machine's graphics processor (Vulkan, Metal or DirectX), in a build with the feature `wgpu`.
    /// For wide or deep networks: those of the default widths are done sooner on the CPU. How it rounds, and so
    /// the model, depends on the device and its driver.
    #[cfg(feature = "wgpu")]
    Gpu,
}

impl Autoencoder {
    /// Parameters with their defaults.
    ///
    /// ```
    /// use ndarray::Array2;
    /// use nettraffic_features::PreparedMatrix;
    /// use nettraffic_models::{AnomalyModel, Autoencoder};
    ///
    /// // The second column is the first one's mirror image.
    /// let usual = Array2::from_shape_fn((200, 2), |(row, column)| {
    ///     let share = row as f32 / 200.0;
    ///     if column == 0 { share } else { 1.0 - share }
    /// });
    /// let model = Autoencoder::params().hidden(&[4, 1]).fit(&PreparedMatrix::new(usual)?)?;
    ///
    /// let (usual, odd) = (ndarray::arr1(&[0.2, 0.8]), ndarray::arr1(&[0.2, 0.2]));
    /// assert!(model.score_row(odd.view())? > model.score_row(usual.view())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn params() -> AutoencoderParams {
        AutoencoderParams {
            hidden: None,
            epochs: 100,
            patience: 5,
            batch: None,
            learning_rate: 2e-3,
            noise: 0.05,
            held_out: 0.1,
            seed: 42,
            device: TrainingDevice::Cpu,
        }
    }
}

impl AutoencoderParams {
    /// Widths of the hidden layers down to the bottleneck; the way back mirrors them.
    /// By default four fifths of the number of columns (at least 4), then a fifth (at
    /// least 2): 80 columns give 80-64-16-64-80.
    #[must_use]
    pub fn hidden(mut self, widths: &[usize]) -> Self {
        self.hidden = Some(widths.to_vec());
        self
    }

    /// Most passes over the training rows (100).
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Passes without a better error on the held-out rows after which training ends (5).
    /// Half way there the learning rate is halved. The weights kept are the best ones.
    #[must_use]
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Rows per step. By default a fiftieth of the rows, within 16 and 256, so that little
    /// data is still worth enough steps.
    #[must_use]
    pub fn batch(mut self, rows: usize) -> Self {
        self.batch = Some(rows);
        self
    }

    /// Step length of Adam (0.002).
    #[must_use]
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = rate;
        self
    }

    /// Share of values, within 0 and 0.9, that are swapped for the same column of another row
    /// before the network sees them, while it is still asked for the true ones (0.05): it then
    /// learns how columns hang together rather than to copy them
    /// (denoising autoencoder, Vincent et al. 2008). 0 trains a plain autoencoder.
    ///
    /// Where later traffic is like that of training, less noise finds more; where it comes from
    /// services that training did not have, some noise helps. Area under the ROC curve within the
    /// training tables alone, of shares 0, 0.05, 0.1 and 0.2: UNSW-NB15 0.921, 0.918, 0.907, 0.892;
    /// NSL-KDD, attacks held out by kind, 0.991, 0.988, 0.986, 0.980; NSL-KDD, benign services held
    /// out, 0.951, 0.966, 0.972, 0.966. The default has the best mean of the three.
    #[must_use]
    pub fn noise(mut self, share: f32) -> Self {
        self.noise = share;
        self
    }

    /// Share of the rows, within 0.01 and 0.5, that the network does not learn from: they tell
    /// when to stop, and which error is to be expected of each column (0.1).
    #[must_use]
    pub fn held_out(mut self, share: f64) -> Self {
        self.held_out = share;
        self
    }

    /// Seed of everything that is drawn: held-out rows, first weights, order, noise (42).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Where to train: on the CPU by default.
    #[must_use]
    pub fn device(mut self, device: TrainingDevice) -> Self {
        self.device = device;
        self
    }

    /// Trains on `rows`, which should be benign. The same rows and seed give the same model,
    /// bit for bit, on any number of threads and whatever else the process trains meanwhile.
    ///
    /// # Errors
    /// [`ModelError::NoDevice`] where there is no graphics processor to train on as was asked for;
    /// [`ModelError::TooFewRows`] below 20 rows; [`ModelError::Parameter`] for a parameter out
    /// of its range; [`ModelError::NotConverged`] when the error became infinite or stayed
    /// above that of always answering the mean of each column.
    pub fn fit(&self, rows: &PreparedMatrix) -> Result<Autoencoder, ModelError> {
        self.check()?;
        fit::fit(self, rows)
    }

    /// Widths from the input to the output for rows of `columns` values.
    pub(super) fn widths(&self, columns: usize) -> Vec<usize> {
        let down = match &self.hidden {
            Some(widths) => widths.clone(),
            None => vec![(columns * 4 / 5).max(4), (columns / 5).max(2)],
        };
        let up = down.iter().rev().skip(1);
        std::iter::once(columns)
            .chain(down.iter().copied())
            .chain(up.copied())
            .chain(std::iter::once(columns))
            .collect()
    }

    fn check(&self) -> Result<(), ModelError> {
        let hidden = self.hidden.as_deref().unwrap_or(&[1]);
        let deepest = (network::MAX_LAYERS - 1) / 2;
        let checks = [
            (
                (1..=deepest).contains(&hidden.len())
                    && hidden.iter().all(|w| (1..=network::MAX_WIDTH).contains(w)),
                "hidden",
                format!("{hidden:?}"),
                "1 to 15 widths, each within 1 and 16384",
            ),
            (
                self.epochs > 0,
                "epochs",
                self.epochs.to_string(),
                "at least 1",
            ),
            (
                self.patience > 0,
                "patience",
                self.patience.to_string(),
                "at least 1",
            ),
            (
                self.batch != Some(0),
                "batch",
                format!("{:?}", self.batch),
                "at least 1 row",
            ),
            (
                self.learning_rate > 0.0 && self.learning_rate <= 1.0,
                "learning_rate",
                self.learning_rate.to_string(),
                "above 0 and at most 1",
            ),
            (
                (0.0..=0.9).contains(&self.noise),
                "noise",
                self.noise.to_string(),
                "within 0 and 0.9",
            ),
            (
                (0.01..=0.5).contains(&self.held_out),
                "held_out",
                self.held_out.to_string(),
                "within 0.01 and 0.5",
            ),
        ];
        match checks.into_iter().find(|(sound, ..)| !sound) {
            Some((_, name, value, expected)) => Err(ModelError::Parameter {
                name,
                value,
                expected,
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    #[test]
    fn widths_follow_the_number_of_columns_unless_given() {
        for (columns, hidden, expected) in [
            (122, None, vec![122, 97, 24, 97, 122]),
            (80, None, vec![80, 64, 16, 64, 80]),
            (1, None, vec![1, 4, 2, 4, 1]),
            (9, Some([5].as_slice()), vec![9, 5, 9]),
            (9, Some(&[6, 4, 2]), vec![9, 6, 4, 2, 4, 6, 9]),
        ] {
            let mut params = Autoencoder::params();
            if let Some(hidden) = hidden {
                params = params.hidden(hidden);
            }
            assert_eq!(params.widths(columns), expected);
        }
    }

    #[test]
    fn parameters_out_of_their_range_are_named() {
        let rows = PreparedMatrix::new(Array2::zeros((30, 2))).unwrap();
        let params = Autoencoder::params;
        for (wrong, expected) in [
            (params().hidden(&[]), "hidden"),
            (params().hidden(&[4, 0]), "hidden"),
            (params().hidden(&[1; 16]), "hidden"),
            (params().epochs(0), "epochs"),
            (params().patience(0), "patience"),
            (params().batch(0), "batch"),
            (params().learning_rate(0.0), "learning_rate"),
            (params().learning_rate(f64::NAN), "learning_rate"),
            (params().noise(1.0), "noise"),
            (params().noise(f32::NAN), "noise"),
            (params().held_out(0.0), "held_out"),
        ] {
            match wrong.fit(&rows) {
                Err(ModelError::Parameter { name, .. }) => assert_eq!(name, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }
}
