//! A forest as an anomaly model.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::RandomForest;
use crate::{AnomalyModel, Classifier, ModelError};

/// A forest that knows which of its classes is harmless; its score is the probability
/// that a row belongs to any other class, from 0 to 1.
///
/// [`contributions`](AnomalyModel::contributions) follow a row through every tree: a split adds,
/// to the column that it asks, the change that its answer makes to the share of attacks among the training rows of the
/// node (Saabas 2014). [`ForestDetector::base_score`] and the contributions sum to the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredDetector")]
pub struct ForestDetector {
    forest: RandomForest,
    /// Index of the harmless class.
    benign: usize,
}

impl RandomForest {
    /// Turns the forest into a model that scores rows, higher the less they look like the class named `benign`.
    ///
    /// # Errors
    /// No class of that name.
    pub fn into_anomaly_model(self, benign: &str) -> Result<ForestDetector, ModelError> {
        match self.classes.iter().position(|class| class == benign) {
            Some(benign) => Ok(ForestDetector {
                forest: self,
                benign,
            }),
            None => Err(ModelError::Parameter {
                name: "benign class",
                value: format!("{benign:?}"),
                expected: "the name of one of the forest's classes",
            }),
        }
    }
}

impl ForestDetector {
    /// The forest, which also tells the classes apart.
    #[must_use]
    pub fn forest(&self) -> &RandomForest {
        &self.forest
    }

    /// Name of the class that is harmless.
    #[must_use]
    pub fn benign(&self) -> &str {
        self.forest
            .classes()
            .get(self.benign)
            .map_or("", String::as_str)
    }

    /// The score before any column is looked at: the mean share of attacks at the trees' roots.
    #[must_use]
    pub fn base_score(&self) -> f32 {
        let roots = self
            .forest
            .trees
            .iter()
            .map(|tree| self.attack_share(tree.distribution(0)));
        rounded(roots.sum::<f64>() / self.forest.tree_count())
    }

    fn attack_share(&self, distribution: &[f32]) -> f64 {
        1.0 - f64::from(distribution[self.benign])
    }
}

impl AnomalyModel for ForestDetector {
    fn columns(&self) -> usize {
        self.forest.columns()
    }

    /// Runs on the current rayon pool when there are more rows than a block, as
    /// [`probabilities`](Classifier::probabilities) of the forest.
    fn score(&self, x: ArrayView2<'_, f32>) -> Result<Array1<f32>, ModelError> {
        let probabilities = self.forest.mean_leaves(x)?;
        Ok(probabilities.column(self.benign).mapv(score_of))
    }

    /// Takes no memory up to 512 columns.
    fn score_row(&self, row: ArrayView1<'_, f32>) -> Result<f32, ModelError> {
        self.forest.mean_share(row, self.benign).map(score_of)
    }

    fn contributions(&self, row: ArrayView1<'_, f32>) -> Result<Array1<f32>, ModelError> {
        self.forest.with_codes(row, |codes| {
            let mut sums = Array1::<f64>::zeros(self.columns());
            for tree in &self.forest.trees {
                for (feature, from, to) in tree.path(codes) {
                    sums[feature] += self.attack_share(tree.distribution(to))
                        - self.attack_share(tree.distribution(from));
                }
            }
            sums.mapv(|sum| rounded(sum / self.forest.tree_count()))
        })
    }
}

fn score_of(benign: f64) -> f32 {
    // Shares are rounded to f32, so the mean can exceed 1 by a hair.
    rounded((1.0 - benign).clamp(0.0, 1.0))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "shares of 1 need no more digits"
)]
fn rounded(value: f64) -> f32 {
    value as f32
}

#[derive(Deserialize)]
struct StoredDetector {
    forest: RandomForest,
    benign: usize,
}

impl TryFrom<StoredDetector> for ForestDetector {
    type Error = ModelError;

    fn try_from(stored: StoredDetector) -> Result<Self, ModelError> {
        let StoredDetector { forest, benign } = stored;
        if benign < forest.classes.len() {
            Ok(Self { forest, benign })
        } else {
            Err(ModelError::Invalid {
                what: "forest detector",
                reason: format!("class {benign} of {} is benign", forest.classes.len()),
            })
        }
    }
}
