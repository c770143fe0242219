//! Learning on from further rows.

use ndarray::ArrayView2;
use nettraffic_features::PreparedMatrix;

use crate::{AnomalyModel, Incremental, ModelError};

use super::axes::Axes;
use super::stored::Parts;
use super::{KMeans, Metric};

/// Sequential k-means (MacQueen 1967, section 3): each row joins the cluster whose centroid is
/// nearest by plain distance and moves it by its part, so that a centroid is always the mean of
/// the rows that joined it. Spread is updated with it, by Welford's recurrence. A row costs
/// `clusters × columns` operations, the covariance metric `columns²` more, and every call what
/// factoring the covariances costs: call with batches of some hundred rows. The same rows give the
/// same bits in however many parts they come.
///
/// The number of clusters and their order stay. With [`KMeansParams::memory`] a cluster forgets.
///
/// The incremental fit of linfa-clustering does the same to centroids; it is not used because it
/// cannot go on from a fitted model (the counts of one start at zero), counts in single precision,
/// chooses clusters by where centroids were when the call began, so that the parts in which
/// rows come would matter, and knows no spread.
///
/// [`KMeansParams::memory`]: super::KMeansParams::memory
impl Incremental for KMeans {
    fn update(&mut self, x: &PreparedMatrix) -> Result<(), ModelError> {
        crate::check::rows(x.view(), self.columns())?;
        let mut parts = self.parts.clone();
        parts.learn(x.view());
        *self = Self::new(parts)?;
        Ok(())
    }
}

impl Parts {
    fn learn(&mut self, x: ArrayView2<'_, f32>) {
        let columns = self.means.ncols();
        let entries = self.metric.entries(columns);
        let mut axes = Axes::new(self.means.view(), None);
        let x = x.as_standard_layout();
        let mut before = vec![0.0; columns];
        let mut after = vec![0.0; columns];
        for row in x.as_slice().unwrap_or_default().chunks_exact(columns) {
            let cluster = axes.nearest(row).cluster;
            let scatter = &mut self.scatter[cluster * entries..][..entries];
            let count = count_one(&mut self.sizes[cluster], self.memory, scatter);

            let mut mean = self.means.row_mut(cluster);
            let deviations = before.iter_mut().zip(&mut after);
            for ((x, mean), (before, after)) in row.iter().zip(&mut mean).zip(deviations) {
                *before = f64::from(*x) - *mean;
                *mean += *before / count;
                *after = f64::from(*x) - *mean;
            }
            axes.move_centre(cluster, mean.view());
            add(self.metric, scatter, &before, &after);
        }
    }
}

/// Counts a row, or lets `scatter` forget as much as a full memory takes in; the rows remembered.
fn count_one(size: &mut u64, memory: Option<u64>, scatter: &mut [f64]) -> f64 {
    let before = *size as f64;
    *size = size.saturating_add(1);
    if let Some(memory) = memory
        && *size > memory
    {
        // What is left after forgetting, such that one more row fills the memory.
        let keep = (memory as f64 - 1.0) / before;
        for value in scatter {
            *value *= keep;
        }
        *size = memory;
    }
    *size as f64
}

fn add(metric: Metric, scatter: &mut [f64], before: &[f64], after: &[f64]) {
    match metric {
        Metric::Euclidean => {
            let products = before.iter().zip(after).map(|(b, a)| b * a);
            scatter[0] += products.sum::<f64>();
        }
        Metric::Diagonal => {
            for (scatter, (before, after)) in scatter.iter_mut().zip(before.iter().zip(after)) {
                *scatter += before * after;
            }
        }
        Metric::Covariance | Metric::Density => {
            let mut rest = scatter;
            for (i, after) in after.iter().enumerate() {
                let Some((row, further)) = rest.split_at_mut_checked(i + 1) else {
                    return;
                };
                for (scatter, before) in row.iter_mut().zip(before) {
                    *scatter += before * after;
                }
                rest = further;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Axis, array};

    use super::super::tests::{METRICS, blobs, prepared};
    use super::*;

    /// Rows `range` of `x`.
    fn part(x: &PreparedMatrix, range: std::ops::Range<usize>) -> PreparedMatrix {
        x.select(&range.collect::<Vec<_>>())
    }

    #[test]
    fn in_however_many_parts_rows_come_the_model_is_the_same() {
        let rows = blobs(900, &[&[0.0; 5], &[2.0; 5], &[5.0; 5]], 0.7, 21);
        for metric in METRICS {
            for memory in [u64::MAX, 150] {
                let params = KMeans::params(3).metric(metric).memory(memory);
                let start = params.fit(&part(&rows, 0..300)).expect("fits");
                let learn = |cuts: &[usize]| {
                    let mut model = start.clone();
                    for ends in cuts.windows(2) {
                        model
                            .update(&part(&rows, ends[0]..ends[1]))
                            .expect("learns");
                        // As if it had been stored and read between any two parts.
                        let bytes = postcard::to_stdvec(&model).expect("writes");
                        model = postcard::from_bytes(&bytes).expect("reads");
                    }
                    model
                };
                let whole = learn(&[300, 900]);
                assert_eq!(whole, learn(&[300, 301, 500, 500, 777, 900]));
                assert_ne!(whole, start);
            }
        }
    }

    #[test]
    fn what_is_learned_is_the_mean_and_the_spread_of_all_rows() {
        // With one cluster there is no choice of cluster: learning on must equal fitting on all.
        let rows = blobs(5_000, &[&[1000.0, -3.0, 0.5, 0.0]], 1.5, 4);
        for metric in METRICS {
            let params = KMeans::params(1).metric(metric);
            let whole = params.fit(&rows).expect("fits");
            let mut model = params.fit(&part(&rows, 0..10)).expect("fits");
            model.update(&part(&rows, 10..5_000)).expect("learns");
            assert_eq!(model.sizes(), [5_000]);
            assert!((model.inertia() / whole.inertia() - 1.0).abs() < 1e-9);
            for (ours, theirs) in model.centroids().iter().zip(whole.centroids()) {
                assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
            }
            let strangers = blobs(20, &[&[1000.0, 0.0, 0.0, 2.0]], 9.0, 5);
            let ours = model.score(strangers.view()).expect("sound rows");
            let theirs = whole.score(strangers.view()).expect("sound rows");
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert!((ours / theirs - 1.0).abs() < 1e-5, "{metric:?}");
            }
        }
    }

    #[test]
    fn clusters_follow_rows_that_wander() {
        let mut model = KMeans::params(2)
            .metric(Metric::Covariance)
            .memory(200)
            .fit(&blobs(400, &[&[0.0, 0.0], &[10.0, 0.0]], 0.2, 1))
            .expect("fits");
        let mut lasting = KMeans::params(2)
            .fit(&blobs(400, &[&[0.0, 0.0], &[10.0, 0.0]], 0.2, 1))
            .expect("fits");
        for step in 1..=20_u8 {
            let moved = f32::from(step) * 0.2;
            let rows = blobs(200, &[&[0.0, moved], &[10.0, -moved]], 0.2, step.into());
            model.update(&rows).expect("learns");
            lasting.update(&rows).expect("learns");
        }
        let usual = array![[0.0, 4.0], [10.0, -4.0]];
        let score = |model: &KMeans| model.score(usual.view()).expect("sound rows").sum();
        assert!(score(&model) < 0.5 * score(&lasting));
        // The parts of a cluster's rows that a memory of 200 holds, summed.
        assert_eq!(model.sizes(), [200, 200]);
        assert_eq!(lasting.sizes(), [2_200, 2_200]);
    }

    #[test]
    fn rows_of_another_width_leave_the_model_as_it_was() {
        let mut model = KMeans::params(1)
            .fit(&prepared(Array2::eye(3)))
            .expect("fits");
        let before = model.clone();
        let error = ModelError::Columns {
            expected: 3,
            found: 2,
        };
        assert_eq!(model.update(&prepared(Array2::eye(2))), Err(error));
        assert_eq!(model, before);
        model
            .update(&prepared(Array2::zeros((0, 3))))
            .expect("nothing to learn");
        assert_eq!(model, before);
    }

    #[test]
    fn equal_rows_and_the_largest_numbers_stay_finite() {
        let most = f32::MAX;
        for metric in METRICS {
            for start in [
                array![[0.0, 0.0]],
                array![[most, -most]],
                array![[1e-40, 1e-40]],
            ] {
                let params = KMeans::params(1).metric(metric).memory(10);
                let mut model = params.fit(&prepared(start.clone())).expect("fits");
                for _ in 0..30 {
                    model.update(&prepared(start.clone())).expect("learns");
                }
                assert_eq!(model.score(start.view()), Ok(array![0.0]), "{metric:?}");
                let wild = array![[most, most], [-most, most], [most, 0.0], [1.0, -most]];
                for _ in 0..30 {
                    model.update(&prepared(wild.clone())).expect("learns");
                }
                for row in wild.axis_iter(Axis(0)) {
                    assert!(model.score_row(row).expect("sound row").is_finite());
                }
            }
        }
    }
}
