//! The model as a whole.

use ndarray::{Array1, Array2, ArrayView1, Axis, array};
use nettraffic_features::PreparedMatrix;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{AnomalyModel, ModelError};

use super::{NearestNeighbours, Parts};

/// Rows around a few centres, a third of them repeated.
fn crowd(rows: usize, columns: usize, seed: u64) -> PreparedMatrix {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut values = Array2::from_shape_fn((rows, columns), |(row, column)| {
        ((row * column) % 4) as f32 + rng.gen_range(-0.2..0.2)
    });
    for row in (0..rows).step_by(3) {
        let twin = values.row(row / 2).to_owned();
        values.row_mut(row).assign(&twin);
    }
    prepared(values)
}

fn prepared(values: Array2<f32>) -> PreparedMatrix {
    PreparedMatrix::new(values).expect("finite rows")
}

/// The mean distance to the nearest, by looking at all.
fn textbook(rows: &PreparedMatrix, row: ArrayView1<'_, f32>, neighbours: usize) -> f64 {
    let away = |other: ArrayView1<'_, f32>| {
        let pairs = row.iter().zip(other);
        let squares = pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let mut distances: Vec<f64> = rows.view().outer_iter().map(away).collect();
    distances.sort_by(f64::total_cmp);
    distances[..neighbours].iter().sum::<f64>() / neighbours as f64
}

#[test]
fn neighbours_are_the_nearest_of_all_rows() {
    for (rows, columns) in [(5, 1), (300, 3), (700, 45)] {
        let train = crowd(rows, columns, 1);
        for neighbours in [1, 5] {
            let params = NearestNeighbours::params().neighbours(neighbours);
            let model = params.fit(&train).expect("fits");
            for row in crowd(100, columns, 2).view().outer_iter() {
                let score = f64::from(model.score_row(row).expect("sound row"));
                let expected = textbook(&train, row, neighbours);
                assert!(
                    (score - expected).abs() <= 1e-6 * expected,
                    "{score} {expected}"
                );
            }
        }
    }
}

#[test]
fn no_more_rows_are_remembered_than_allowed() {
    let train = crowd(500, 2, 3);
    let fit = |seed| {
        let params = NearestNeighbours::params().most_rows(100).seed(seed);
        params.fit(&train).expect("fits")
    };
    assert_eq!(fit(1).rows().nrows(), 100);
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
}

#[test]
fn threads_and_rows_beside_it_change_no_bit_of_a_score() {
    let train = crowd(1_000, 9, 4);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let model = NearestNeighbours::params().most_rows(400).fit(&train);
            let model = model.expect("fits");
            let scores = model.score(train.view()).expect("sound rows");
            (model, scores)
        })
    };
    let (model, scores) = run(1);
    assert_eq!((&model, &scores), (&run(3).0, &run(3).1));
    for (row, score) in train.view().outer_iter().zip(scores) {
        assert_eq!(model.score_row(row), Ok(score));
    }
}

#[test]
fn rows_that_training_had_often_enough_score_nothing() {
    let train = prepared(Array2::from_elem((40, 3), 2.5));
    let model = NearestNeighbours::params().fit(&train).expect("fits");
    let row = array![2.5, 2.5, 2.5];
    assert_eq!(model.score_row(row.view()), Ok(0.0));
    assert_eq!(model.contributions(row.view()), Ok(array![0.0, 0.0, 0.0]));
    assert_eq!(model.score_row(array![2.5, 0.5, 2.5].view()), Ok(2.0));
}

#[test]
fn what_cannot_be_fitted_or_scored_is_refused() {
    let params = NearestNeighbours::params();
    let few = ModelError::TooFewRows {
        what: "a nearest-neighbour model",
        needed: 5,
        found: 4,
    };
    assert_eq!(params.fit(&crowd(4, 2, 5)), Err(few));
    for (params, columns, parameter) in [
        (params.clone(), 0, "columns"),
        (params.clone().neighbours(0), 2, "neighbours"),
        (params.clone().neighbours(1_025), 2, "neighbours"),
        (params.clone().most_rows(4), 2, "most_rows"),
    ] {
        match params.fit(&prepared(Array2::zeros((9, columns)))) {
            Err(ModelError::Parameter { name, .. }) => assert_eq!(name, parameter),
            other => panic!("{parameter}: {other:?}"),
        }
    }
    let model = params.fit(&crowd(5, 2, 5)).expect("fits");
    let error = ModelError::Columns {
        expected: 2,
        found: 1,
    };
    assert_eq!(model.score_row(array![1.0].view()), Err(error));
    let error = ModelError::NotFinite { row: 0, column: 0 };
    assert_eq!(model.score(array![[f32::NAN, 0.0]].view()), Err(error));
}

#[test]
fn stored_parts_that_do_not_fit_are_refused() {
    let read = |neighbours, rows| {
        let bytes = postcard::to_stdvec(&Parts { neighbours, rows }).expect("writes");
        postcard::from_bytes::<NearestNeighbours>(&bytes).is_ok()
    };
    assert!(read(2, array![[0.0], [1.0]]));
    assert!(!read(0, array![[0.0], [1.0]]));
    assert!(!read(3, array![[0.0], [1.0]]));
    assert!(!read(1, Array2::zeros((3, 0))));
    assert!(!read(1, Array2::zeros((0, 3))));
    assert!(!read(1, array![[0.0], [f32::NAN]]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_numbers_scores_are_finite(
        values in prop::collection::vec(any::<f32>().prop_filter("finite", |v| v.is_finite()), 60),
        neighbours in 1_usize..6,
    ) {
        let rows = Array2::from_shape_vec((20, 3), values).expect("as many");
        let train = prepared(rows.slice_axis(Axis(0), (..18).into()).to_owned());
        let params = NearestNeighbours::params().neighbours(neighbours);
        let model = params.fit(&train).expect("fits");
        for row in rows.outer_iter() {
            let score = model.score_row(row).expect("sound row");
            let parts = model.contributions(row).expect("sound row");
            prop_assert!(score.is_finite() && parts.iter().all(|part| part.is_finite()));
        }
        let bytes = postcard::to_stdvec(&model).expect("writes");
        prop_assert_eq!(postcard::from_bytes::<NearestNeighbours>(&bytes), Ok(model));
    }

    #[test]
    fn contributions_sum_to_the_score(row in prop::collection::vec(-9.0_f32..9.0, 7)) {
        let model = NearestNeighbours::params().fit(&crowd(200, 7, 6)).expect("fits");
        let row = Array1::from_vec(row);
        let score = model.score_row(row.view()).expect("sound row");
        let parts = model.contributions(row.view()).expect("sound row");
        prop_assert!((parts.sum() - score).abs() <= 1e-5 * score);
    }

    #[test]
    fn crafted_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(model) = postcard::from_bytes::<NearestNeighbours>(&bytes) {
            let row = Array1::zeros(model.columns());
            prop_assert!(model.score_row(row.view()).is_ok_and(f32::is_finite));
        }
    }
}
