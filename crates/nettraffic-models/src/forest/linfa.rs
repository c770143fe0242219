//! linfa's traits, for programs that treat models of many kinds alike.

use linfa::dataset::{AsTargets, DatasetBase};
use linfa::error::Error;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, Data, Ix1, Ix2};
use nettraffic_features::PreparedMatrix;

use super::out_of_bag::most_probable;
use super::{RandomForest, RandomForestParams};
use crate::{Classifier, ModelError};

/// Targets are numbers of classes from 0, by which the classes are then also named.
impl<D, T> Fit<ArrayBase<D, Ix2>, T, Error> for RandomForestParams
where
    D: Data<Elem = f32>,
    T: AsTargets<Elem = usize, Ix = Ix1>,
{
    type Object = RandomForest;

    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<RandomForest, Error> {
        if dataset.weights().is_some() {
            return Err(Error::Parameters("weights of rows are unknown here".into()));
        }
        let rows = PreparedMatrix::new(dataset.records().to_owned())
            .map_err(|error| Error::Parameters(error.to_string()))?;
        let labels = dataset.targets().as_targets().to_vec();
        let classes = labels.iter().max().map_or(0, |most| most.saturating_add(1));
        // Before so many names are made.
        if classes > super::params::MAX_CLASSES {
            return Err(Error::Parameters(format!("{classes} classes")));
        }
        let classes: Vec<String> = (0..classes).map(|class| class.to_string()).collect();
        RandomForestParams::fit(self, &rows, &labels, &classes).map_err(|error| match error {
            ModelError::TooFewRows { .. } => Error::NotEnoughSamples,
            other => Error::Parameters(other.to_string()),
        })
    }
}

/// The number of the most probable class of each row, the first of equals.
///
/// linfa's prediction has no errors: it panics on rows of another width, and where a value is not
/// finite. [`Classifier::probabilities`] returns an error instead.
impl<D: Data<Elem = f32>> PredictInplace<ArrayBase<D, Ix2>, Array1<usize>> for RandomForest {
    fn predict_inplace(&self, x: &ArrayBase<D, Ix2>, y: &mut Array1<usize>) {
        match self.probabilities(x.view()) {
            Ok(probabilities) => {
                let rows = probabilities.outer_iter();
                *y = rows.map(|row| most_probable(&row.to_vec())).collect();
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<usize> {
        Array1::zeros(x.nrows())
    }
}

#[cfg(test)]
mod tests {
    use linfa::Dataset;
    use linfa::traits::Predict;
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn fits_and_predicts_as_linfa_does() -> Result<(), Error> {
        let records = Array2::from_shape_fn((60, 2), |(row, column)| {
            f32::from(u8::try_from(row * (column + 1) % 60).unwrap_or_default())
        });
        let targets: Array1<usize> = (0..60).map(|row| row / 20).collect();
        let dataset = Dataset::new(records, targets.clone());
        let forest = Fit::fit(&RandomForest::params().trees(15), &dataset)?;
        assert_eq!(forest.classes(), ["0", "1", "2"]);
        assert_eq!(forest.predict(&dataset), targets);
        assert_eq!(forest.predict(&array![[5.0_f32, 10.0]]), array![0]);
        Ok(())
    }

    #[test]
    fn refuses_what_the_forest_refuses() {
        let fit = |targets| {
            let dataset = Dataset::new(Array2::<f32>::zeros((2, 1)), targets);
            Fit::fit(&RandomForest::params(), &dataset).is_err()
        };
        assert!(fit(array![1_usize, 1]));
        assert!(fit(array![0, usize::MAX]));
        let weighted = Dataset::new(Array2::<f32>::zeros((2, 1)), array![0_usize, 1])
            .with_weights(array![1.0, 2.0]);
        assert!(Fit::fit(&RandomForest::params(), &weighted).is_err());
    }
}
