//! The model as a whole.

use ndarray::{Array2, array};
use nettraffic_features::PreparedMatrix;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

use crate::{AnomalyModel, ModelError};

use super::cholesky::row_start;
use super::spread::{Form, Shrinkage};
use super::stored::Parts;
use super::{KMeans, Metric};

pub(super) const METRICS: [Metric; 4] = [
    Metric::Euclidean,
    Metric::Diagonal,
    Metric::Covariance,
    Metric::Density,
];

/// Rows around `centres` with a spread of about `spread` that differs by column.
pub(super) fn blobs(rows: usize, centres: &[&[f32]], spread: f32, seed: u64) -> PreparedMatrix {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    let values = Array2::from_shape_fn((rows, centres[0].len()), |(row, column)| {
        let noise: f32 = (0..4).map(|_| rng.gen_range(-1.0..1.0)).sum();
        centres[row % centres.len()][column] + noise * spread / (1 + column) as f32
    });
    prepared(values)
}

pub(super) fn prepared(values: Array2<f32>) -> PreparedMatrix {
    PreparedMatrix::new(values).expect("finite rows")
}

fn bits(values: impl IntoIterator<Item = f32>) -> Vec<u32> {
    values.into_iter().map(f32::to_bits).collect()
}

#[test]
fn blobs_are_found_and_strangers_score_higher() {
    let centres: [&[f32]; 3] = [&[0.0, 0.0, 5.0], &[9.0, 0.0, 0.0], &[0.0, 9.0, -3.0]];
    let train = blobs(600, &centres, 0.3, 1);
    for metric in METRICS {
        let model = KMeans::params(3)
            .seed(7)
            .metric(metric)
            .fit(&train)
            .expect("fits");
        assert_eq!(
            (model.metric(), model.sizes()),
            (metric, &[200, 200, 200][..])
        );
        for centre in centres {
            let off = |c: ndarray::ArrayView1<'_, f64>| {
                c.iter()
                    .zip(centre)
                    .map(|(a, b)| (a - f64::from(*b)).abs())
                    .fold(0.0, f64::max)
            };
            let least = model
                .centroids()
                .outer_iter()
                .map(off)
                .fold(f64::MAX, f64::min);
            assert!(least < 0.1, "{metric:?}: nothing near {centre:?}");
        }
        let clusters = model.nearest(train.view()).expect("sound rows");
        assert!(
            clusters
                .iter()
                .zip(clusters.iter().skip(3))
                .all(|(a, b)| a == b)
        );
        let usual = model
            .score(train.view())
            .expect("sound rows")
            .fold(0.0, |a: f32, b| a.max(*b));
        let odd = model
            .score(array![[4.5, 4.5, 0.0]].view())
            .expect("sound row")[0];
        assert!(odd > 3.0 * usual, "{metric:?}: {odd} against {usual}");
    }
}

#[test]
fn columns_that_part_are_strange_to_the_covariance_metric_only() {
    let mut rng = Xoshiro256Plus::seed_from_u64(3);
    let rows = Array2::from_shape_fn((500, 2), |_| rng.gen_range(-1.0_f32..1.0));
    let train = prepared(Array2::from_shape_fn((500, 2), |(row, column)| {
        rows[[row, 0]] + 0.05 * column as f32 * rows[[row, 1]]
    }));
    let ratio = |metric| {
        let model = KMeans::params(1).metric(metric).fit(&train).expect("fits");
        let scores = model
            .score(array![[0.5, -0.5], [0.5, 0.5]].view())
            .expect("sound rows");
        scores[0] / scores[1]
    };
    assert!((ratio(Metric::Euclidean) - 1.0).abs() < 0.1);
    assert!((ratio(Metric::Diagonal) - 1.0).abs() < 0.1);
    // The columns share a variance v: 2 v along the diagonal and none across it, and the ridge
    // adds a tenth of v to both, so that the ratio is the root of 2.1 / 0.1.
    assert!((ratio(Metric::Covariance) - 4.58).abs() < 0.2);
}

#[test]
fn the_score_is_the_least_distance_as_the_textbook_writes_it() {
    let train = blobs(400, &[&[0.0; 11], &[1.0; 11], &[2.0; 11]], 1.0, 5);
    let strangers = blobs(50, &[&[1.5; 11]], 4.0, 6);
    for metric in METRICS {
        let model = KMeans::params(10).metric(metric).fit(&train).expect("fits");
        let scores = model.score(strangers.view()).expect("sound rows");
        for (row, score) in strangers.view().outer_iter().zip(scores) {
            let plain = (0..10)
                .map(|c| textbook(&model, row, c))
                .fold(f64::MAX, f64::min);
            assert!((f64::from(score) / plain - 1.0).abs() < 1e-6, "{metric:?}");
        }
    }
}

/// The distance to one cluster, term by term.
fn textbook(model: &KMeans, row: ndarray::ArrayView1<'_, f32>, cluster: usize) -> f64 {
    let columns = model.columns();
    let away = |i: usize| f64::from(row[i]) - model.centroids()[[cluster, i]];
    let squared: f64 = match Form::of(&model.parts).expect("a sound model") {
        Form::Euclidean => (0..columns).map(|i| away(i).powi(2)).sum(),
        Form::Diagonal(s) => (0..columns)
            .map(|i| (away(i) * s[cluster * columns + i]).powi(2))
            .sum(),
        Form::Covariance(w) => (0..columns)
            .map(|j| {
                let start = cluster * row_start(columns) + row_start(j);
                (0..=j).map(|i| w[start + i] * away(i)).sum::<f64>().powi(2)
            })
            .sum(),
    };
    let handicap = match model.metric() {
        Metric::Density => {
            let widths = widths(model);
            widths[cluster] - widths.iter().copied().fold(f64::MAX, f64::min)
        }
        _ => 0.0,
    };
    (squared + handicap).sqrt()
}

/// Of each cluster −2 times the logarithm of its rows over the volume of its spread.
fn widths(model: &KMeans) -> Vec<f64> {
    let columns = model.columns();
    let Ok(Form::Covariance(inverse)) = Form::of(&model.parts) else {
        panic!("no covariances");
    };
    (model.sizes().iter())
        .zip(inverse.chunks_exact(row_start(columns)))
        .map(|(size, w)| {
            let volume: f64 = (0..columns).map(|i| w[row_start(i) + i].recip()).product();
            -2.0 * (*size as f64 / volume).ln()
        })
        .collect()
}

#[test]
fn threads_change_no_bit_of_the_model() {
    // More rows than two of the largest blocks of any step.
    let train = blobs(17_000, &[&[0.0; 3], &[1.0; 3], &[3.0; 3]], 0.8, 9);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let params = KMeans::params(4).runs(1).iterations(4);
            let model = params.fit(&train).expect("fits");
            let scores = model.score(train.view()).expect("sound rows");
            (postcard::to_stdvec(&model), bits(scores))
        })
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn the_rows_beside_it_change_no_bit_of_a_score() {
    let train = blobs(700, &[&[0.0; 13], &[1.0; 13], &[3.0; 13]], 0.8, 9);
    for metric in METRICS {
        let model = KMeans::params(9).metric(metric).fit(&train).expect("fits");
        let scores = model.score(train.view()).expect("sound rows");
        for (row, score) in train.view().outer_iter().zip(scores) {
            let alone = model.score_row(row).expect("sound row");
            assert_eq!(alone.to_bits(), score.to_bits(), "{metric:?}");
        }
    }
}

#[test]
fn rows_between_clusters_score_the_same_alone_and_in_a_batch() {
    // Far from zero and half way between two centroids, give or take little: single precision
    // cannot tell which of them is nearer.
    let mut rng = Xoshiro256Plus::seed_from_u64(17);
    let centres: [&[f32]; 3] = [&[4096.0; 7], &[4097.0; 7], &[4098.0; 7]];
    let train = blobs(300, &centres, 0.02, 12);
    let between = Array2::from_shape_fn((1_000, 7), |(row, _)| match row % 4 {
        0 => 4096.5,
        1 => 4096.5 + rng.gen_range(-0.01_f32..0.01),
        2 => f32::MAX * rng.gen_range(-1.0_f32..1.0),
        _ => 0.0,
    });
    for metric in METRICS {
        let model = KMeans::params(3).metric(metric).fit(&train).expect("fits");
        let scores = model.score(between.view()).expect("sound rows");
        let nearest = model.nearest(between.view()).expect("sound rows");
        for (index, row) in between.outer_iter().enumerate() {
            let alone = model.score_row(row).expect("sound row");
            assert_eq!(alone.to_bits(), scores[index].to_bits(), "{metric:?}");
            let least = (0..3)
                .map(|c| textbook(&model, row, c))
                .fold(f64::MAX, f64::min);
            let found = textbook(&model, row, nearest[index]);
            assert!(found <= least * (1.0 + 1e-12), "{metric:?}");
        }
    }
}

#[test]
fn another_seed_may_give_another_model_and_the_same_seed_does_not() {
    let train = blobs(500, &[&[0.0, 0.0]], 1.0, 2);
    let fit = |seed| KMeans::params(12).seed(seed).fit(&train).expect("fits");
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
}

#[test]
fn inertia_is_no_worse_than_that_of_ten_runs_of_linfa() {
    use linfa::{DatasetBase, traits::Fit};
    let centres: Vec<Vec<f32>> = (0..20_u8)
        .map(|i| vec![f32::from(i % 5), f32::from(i / 5), f32::from(i % 3)])
        .collect();
    let centres: Vec<&[f32]> = centres.iter().map(Vec::as_slice).collect();
    let train = blobs(600, &centres, 0.25, 11);
    let ours = KMeans::params(20).fit(&train).expect("fits");
    let rng = Xoshiro256Plus::seed_from_u64(42);
    let theirs = linfa_clustering::KMeans::params_with_rng(20, rng)
        .fit(&DatasetBase::from(train.view()))
        .expect("fits");
    let theirs = f64::from(theirs.inertia()) * 600.0;
    assert!(
        ours.inertia() < 1.01 * theirs,
        "{} against {theirs}",
        ours.inertia()
    );
}

#[test]
fn fewer_different_rows_than_clusters_give_fewer_clusters() {
    let two = prepared(Array2::from_shape_fn((50, 3), |(row, _)| {
        (row % 5 / 4) as f32
    }));
    let one = prepared(Array2::from_elem((9, 3), -2.5));
    for metric in METRICS {
        let model = KMeans::params(6).metric(metric).fit(&two).expect("fits");
        assert_eq!((model.sizes(), model.inertia()), (&[40, 10][..], 0.0));
        assert_eq!(model.centroids(), array![[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]);

        let model = KMeans::params(9).metric(metric).fit(&one).expect("fits");
        assert_eq!(model.sizes(), [9]);
        let scores = model.score(array![[-2.5, -2.5, -2.5], [-2.5, -1.5, -2.5]].view());
        assert_eq!(scores, Ok(array![0.0, 1.0]));
        let row = array![-2.5, -2.5, -2.5];
        assert_eq!(model.contributions(row.view()), Ok(array![0.0, 0.0, 0.0]));
    }
}

#[test]
fn a_rare_group_outside_the_sample_gets_its_cluster() {
    // One row in 40,000 lies far off: the sample of the seeding most likely misses it.
    let mut values = Array2::zeros((40_000, 2));
    values[[31_234, 0]] = 50.0;
    let model = KMeans::params(2).fit(&prepared(values)).expect("fits");
    assert_eq!(model.sizes(), [39_999, 1]);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let three = prepared(Array2::zeros((3, 2)));
    let none = prepared(Array2::zeros((3, 0)));
    let fit = |params: super::KMeansParams, x: &PreparedMatrix| params.fit(x).err();
    let few = ModelError::TooFewRows {
        what: "k-means",
        needed: 4,
        found: 3,
    };
    assert_eq!(fit(KMeans::params(4), &three), Some(few));
    for (params, x, parameter) in [
        (KMeans::params(0), &three, "clusters"),
        (KMeans::params(usize::MAX), &three, "clusters"),
        (KMeans::params(1).runs(0), &three, "runs"),
        (KMeans::params(1).iterations(0), &three, "iterations"),
        (KMeans::params(1), &none, "columns"),
    ] {
        let found = fit(params, x);
        let Some(ModelError::Parameter { name, .. }) = found else {
            panic!("{parameter}: {found:?}");
        };
        assert_eq!(name, parameter);
    }
}

#[test]
fn rows_that_cannot_be_scored_are_refused() {
    let model = KMeans::params(1)
        .fit(&prepared(Array2::eye(3)))
        .expect("fits");
    let error = ModelError::Columns {
        expected: 3,
        found: 2,
    };
    assert_eq!(model.score(array![[1.0, 2.0]].view()), Err(error.clone()));
    assert_eq!(model.contributions(array![1.0, 2.0].view()), Err(error));
    let error = ModelError::NotFinite { row: 0, column: 1 };
    assert_eq!(model.score(array![[1.0, f32::NAN, 0.0]].view()), Err(error));
}

#[test]
fn the_largest_numbers_stay_finite() {
    let most = f32::MAX;
    for (scale, metric) in [most, 1e30, 1e-30, f32::MIN_POSITIVE]
        .into_iter()
        .flat_map(|scale| METRICS.map(|metric| (scale, metric)))
    {
        let train = Array2::from_shape_fn((40, 3), |(row, column)| {
            scale * (0.5 + 0.01 * ((row * (3 + column)) % 40) as f32)
        });
        let model = KMeans::params(4)
            .metric(metric)
            .fit(&prepared(train))
            .expect("fits");
        let odd = array![[most, -most, most], [-most, most, 0.0], [0.0, 0.0, 0.0]];
        let scores = model.score(odd.view()).expect("sound rows");
        assert!(
            scores.iter().all(|s| s.is_finite() && *s >= 0.0),
            "{scale} {metric:?} {scores}"
        );
        for row in odd.outer_iter() {
            let parts = model.contributions(row).expect("sound row");
            assert!(
                parts.iter().all(|p| p.is_finite()),
                "{scale} {metric:?} {parts}"
            );
        }
    }
}

#[test]
fn a_stored_model_scores_the_same_bits() {
    let train = blobs(300, &[&[0.0; 4], &[2.0; 4]], 0.5, 4);
    for metric in METRICS {
        let model = KMeans::params(5).metric(metric).fit(&train).expect("fits");
        let bytes = postcard::to_stdvec(&model).expect("writes");
        let back: KMeans = postcard::from_bytes(&bytes).expect("reads");
        assert_eq!(model, back);
        let scores = model.score(train.view()).expect("sound rows");
        assert_eq!(
            bits(scores),
            bits(back.score(train.view()).expect("sound rows"))
        );
        for cut in 0..bytes.len() {
            assert!(postcard::from_bytes::<KMeans>(&bytes[..cut]).is_err());
        }
    }
}

#[test]
fn covariances_that_would_take_long_to_factor_are_refused() {
    for (clusters, columns, feasible) in [(1, 300, true), (1, 1_025, false), (5, 1_000, false)] {
        let mut cluster = vec![0.0; row_start(columns)];
        for at in Metric::Covariance.squares(columns) {
            cluster[at] = 1.0;
        }
        let parts = Parts {
            metric: Metric::Covariance,
            means: Array2::zeros((clusters, columns)),
            sizes: vec![2; clusters],
            scatter: cluster.repeat(clusters),
            shrinkage: Shrinkage::default(),
            memory: None,
        };
        let case = format!("{clusters} of {columns}");
        assert_eq!(KMeans::try_from(parts).is_ok(), feasible, "{case}");
        let rows = Array2::from_shape_fn((clusters, columns), |(row, _)| row as f32);
        let fitted = KMeans::params(clusters).runs(1).fit(&prepared(rows));
        assert_eq!(fitted.is_ok(), feasible, "{case}");
    }
}

#[test]
fn stored_parts_that_do_not_fit_are_refused() {
    let sound = |metric, scatter: &[f64]| Parts {
        metric,
        means: array![[0.0, 0.0], [1.0, 1.0]],
        sizes: vec![3, 2],
        scatter: scatter.to_vec(),
        shrinkage: Shrinkage::default(),
        memory: Some(100),
    };
    let plain = || sound(Metric::Euclidean, &[1.0, 2.0]);
    for parts in [
        plain(),
        sound(Metric::Diagonal, &[1.0, 0.0, 2.0, 1.0]),
        sound(Metric::Covariance, &[1.0, 0.5, 1.0, 2.0, -0.5, 1.0]),
    ] {
        assert!(KMeans::try_from(parts).is_ok());
    }
    let spoil = |spoil: fn(&mut Parts)| {
        let mut parts = plain();
        spoil(&mut parts);
        parts
    };
    let cases = [
        spoil(|p| p.means = Array2::zeros((2, 0))),
        spoil(|p| p.means = Array2::zeros((0, 2))),
        spoil(|p| p.means[[1, 1]] = f64::NAN),
        spoil(|p| p.means[[1, 1]] = 1e39),
        spoil(|p| p.sizes.push(1)),
        spoil(|p| p.sizes[1] = 0),
        spoil(|p| p.scatter[0] = f64::INFINITY),
        spoil(|p| p.scatter[0] = -1.0),
        spoil(|p| p.memory = Some(1)),
        spoil(|p| p.shrinkage.ridge = 0.0),
        spoil(|p| p.shrinkage.ridge = f64::NAN),
        spoil(|p| p.shrinkage.prior_rows_per_column = -1.0),
        sound(Metric::Diagonal, &[1.0; 3]),
        sound(Metric::Diagonal, &[1.0, 1.0, -1.0, 1.0]),
        sound(Metric::Diagonal, &[1.0, 1.0, f64::NAN, 1.0]),
        sound(Metric::Diagonal, &[1.0, 1.0, f64::MAX, 1.0]),
        sound(Metric::Covariance, &[1.0; 5]),
        // Squares that no products of this size can go with.
        sound(Metric::Covariance, &[1.0, 90.0, 1.0, 2.0, -0.5, 1.0]),
        sound(Metric::Covariance, &[1.0, f64::NAN, 1.0, 2.0, -0.5, 1.0]),
    ];
    for (case, parts) in cases.into_iter().enumerate() {
        let bytes = postcard::to_stdvec(&parts).expect("writes");
        assert!(
            postcard::from_bytes::<KMeans>(&bytes).is_err(),
            "case {case}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn contributions_sum_to_the_score(
        row in prop::collection::vec(-20.0_f32..20.0, 9),
        metric in prop::sample::select(&METRICS[..]),
    ) {
        let train = blobs(200, &[&[0.0; 9], &[2.0; 9]], 1.0, 8);
        let model = KMeans::params(3).metric(metric).fit(&train).expect("fits");
        let row = ndarray::Array1::from_vec(row);
        let score = model.score(row.view().insert_axis(ndarray::Axis(0))).expect("sound row")[0];
        let parts = model.contributions(row.view()).expect("sound row");
        let size: f32 = parts.iter().map(|p| p.abs()).sum();
        prop_assert!((parts.sum() - score).abs() <= 1e-5 * (size + score));
    }

    #[test]
    fn crafted_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(model) = postcard::from_bytes::<KMeans>(&bytes) {
            let row = Array2::zeros((1, model.columns()));
            prop_assert!(model.score(row.view()).is_ok_and(|s| s[0].is_finite()));
        }
    }
}
