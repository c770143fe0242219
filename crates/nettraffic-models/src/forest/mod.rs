//! Random forest: bootstrapped trees with random features at each node (Breiman 2001).
//!
//! Trees are grown on features binned to one byte, and a fitted forest keeps those edges of the bins that its
//! trees ask: to judge a row, each value is looked up once among its column's edges, and
//! then all trees compare bytes.

mod bins;
mod bits;
mod detector;
mod edges;
mod fit;
mod grow;
mod importance;
mod linfa;
mod out_of_bag;
mod params;
mod random;
mod score;
mod single;
mod split;
mod stored;
#[cfg(test)]
mod tests;
mod tree;

pub use detector::ForestDetector;
pub(crate) use single::Step;

pub use params::{ClassWeight, MaxFeatures, RandomForestParams};

use edges::Edges;
use tree::Tree;

/// A fitted random forest: a [`Classifier`](crate::Classifier) that answers with the mean of
/// the class distributions in the leaves that a row reaches (Breiman, "Random Forests", 2001;
/// the mean of distributions instead of a vote is scikit-learn's choice, and ranks rows more finely).
///
/// It tells classes apart, and does not know which of them is harmless: name that class with
/// [`RandomForest::into_anomaly_model`] to get a model that scores.
///
/// # Determinism
/// Tree `i` draws from its own generator, seeded by the `i`-th number that the forest's seed
/// gives, so a forest is the same on any number of threads, and the first trees of a larger forest are
/// those of a smaller one. Of splits of equal gain the first wins, in the order in which
/// the node drew its features and then from low values to high; of equally probable classes, the
/// first. Predictions add the trees up in their order.
///
/// # Stored form
/// Deserialising checks that the parts fit together; a damaged or crafted model is an error,
/// and costs memory only in proportion to its bytes.
///
/// ```
/// use ndarray::array;
/// use nettraffic_features::PreparedMatrix;
/// use nettraffic_models::{Classifier, RandomForest};
///
/// // Bytes sent and ports tried per minute, scaled.
/// let rows = PreparedMatrix::new(array![[0.9, 0.0], [0.8, 0.1], [0.1, 0.9], [0.0, 1.0]])?;
/// let classes = ["benign".to_owned(), "scan".to_owned()];
/// let forest = RandomForest::params().trees(50).seed(7).fit(&rows, &[0, 0, 1, 1], &classes)?;
///
/// let probabilities = forest.probabilities(array![[0.05, 0.95]].view())?;
/// assert!(probabilities[[0, 1]] > 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomForest {
    classes: Vec<String>,
    /// Whether NaN is a missing value, or refused.
    missing: bool,
    edges: Edges,
    trees: Vec<Tree>,
    /// One per column, from fitting.
    importance: Vec<f64>,
    out_of_bag_error: Option<f64>,
}

impl RandomForest {
    /// Parameters with their defaults, to change and then to fit.
    #[must_use]
    pub fn params() -> RandomForestParams {
        RandomForestParams::default()
    }

    /// Number of columns that a row must have.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.edges.columns()
    }

    /// Number of trees.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.trees.len()
    }

    /// Number of nodes of all trees, which is what the model's size grows with.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.trees.iter().map(Tree::len).sum()
    }

    /// Share of training rows that the trees which did not draw them classify wrongly:
    /// an estimate of the error on new rows *like the training rows*, for free. It knows nothing
    /// of drift, and is too kind where training rows repeat each other.
    /// `None` when every row was drawn by every tree (few rows and few trees).
    #[must_use]
    pub fn out_of_bag_error(&self) -> Option<f64> {
        self.out_of_bag_error
    }

    /// Share of each column in the decrease of Gini impurity over all splits, one value per
    /// column; they sum to 1 (all are 0 when no tree found a split).
    ///
    /// It tells what the *training rows* were split by, and favours columns of many values:
    /// [`RandomForest::permutation_importance`] asks rows of your choice.
    #[must_use]
    pub fn impurity_importance(&self) -> &[f64] {
        &self.importance
    }
}
