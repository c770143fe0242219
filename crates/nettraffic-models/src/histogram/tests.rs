//! The model as a whole.

use ndarray::{Array1, Array2, Axis, array};
use nettraffic_features::PreparedMatrix;
use proptest::prelude::*;

use crate::{AnomalyModel, ModelError};

use super::{Histogram, Rarity};

const RARITIES: [Rarity; 2] = [Rarity::Density, Rarity::Tail];

/// Rows of triangles, each column of another width.
fn train(rows: usize, columns: usize) -> PreparedMatrix {
    prepared(Array2::from_shape_fn((rows, columns), |(row, column)| {
        let draw = |step: usize| ((row * step + column * 7) % 101) as f32 / 101.0;
        (draw(37) + draw(59) - 1.0) * (1 + column) as f32
    }))
}

fn prepared(values: Array2<f32>) -> PreparedMatrix {
    PreparedMatrix::new(values).expect("finite rows")
}

#[test]
fn rare_values_are_strange_and_their_column_is_the_reason() {
    for rarity in RARITIES {
        let model = Histogram::params().rarity(rarity).fit(&train(5_000, 4));
        let model = model.expect("fits");
        let usual = Array1::zeros(4);
        let mut odd = usual.clone();
        odd[2] = 30.0;
        let score = |row: &Array1<f32>| model.score_row(row.view()).expect("sound row");
        assert!(score(&odd) > score(&usual) + 4.0, "{rarity:?}");
        let parts = model.contributions(odd.view()).expect("sound row");
        assert!(
            parts[2] > parts[0] + parts[1] + parts[3],
            "{rarity:?}: {parts}"
        );
    }
}

#[test]
fn a_gap_is_strange_to_density_only() {
    let values = Array2::from_shape_fn((100, 1), |(row, _)| (row % 2) as f32);
    let score = |rarity| {
        let model = Histogram::params()
            .rarity(rarity)
            .fit(&prepared(values.clone()));
        model.and_then(|model| model.score_row(array![0.5].view()))
    };
    assert_eq!(score(Rarity::Density), Ok(100.0_f32.ln()));
    assert_eq!(score(Rarity::Tail), Ok(2.0_f32.ln()));
}

#[test]
fn threads_and_rows_beside_it_change_no_bit() {
    let train = train(2_000, 5);
    for rarity in RARITIES {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads").install(|| {
                let model = Histogram::params()
                    .rarity(rarity)
                    .fit(&train)
                    .expect("fits");
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
}

#[test]
fn what_cannot_be_fitted_or_scored_is_refused() {
    let params = Histogram::params();
    let few = ModelError::TooFewRows {
        what: "a histogram model",
        needed: 1,
        found: 0,
    };
    assert_eq!(params.fit(&prepared(Array2::zeros((0, 2)))), Err(few));
    for (params, columns) in [
        (params.clone(), 0),
        (params.clone().bins(0), 2),
        (params.clone().bins(65_537), 2),
    ] {
        let found = params.fit(&prepared(Array2::zeros((3, columns))));
        assert!(
            matches!(found, Err(ModelError::Parameter { .. })),
            "{found:?}"
        );
    }
    let model = params.fit(&prepared(Array2::zeros((1, 2)))).expect("fits");
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
    type Parts = Vec<(Vec<f32>, Vec<f32>)>;
    let read = |parts: Parts| {
        let bytes = postcard::to_stdvec(&parts).expect("writes");
        postcard::from_bytes::<Histogram>(&bytes).is_ok()
    };
    assert!(read(vec![(vec![0.0, 1.0], vec![3.0, 0.0, 2.0])]));
    let faults: [Parts; 7] = [
        vec![],
        vec![(vec![0.0, 1.0], vec![3.0, 0.0])],
        vec![(vec![0.0, 0.0], vec![3.0, 0.0, 2.0])],
        vec![(vec![0.0, f32::INFINITY], vec![3.0, 0.0, 2.0])],
        vec![(vec![f32::NAN], vec![3.0, 0.0])],
        vec![(vec![0.0], vec![3.0, f32::NAN])],
        vec![(vec![0.0], vec![3.0, -1.0])],
    ];
    for fault in faults {
        assert!(!read(fault.clone()), "{fault:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_numbers_contributions_are_finite_and_sum_to_the_score(
        values in prop::collection::vec(any::<f32>().prop_filter("finite", |v| v.is_finite()), 30),
        bins in 1_usize..40,
        rarity in prop::sample::select(&RARITIES[..]),
    ) {
        let rows = Array2::from_shape_vec((10, 3), values).expect("as many");
        let train = prepared(rows.slice_axis(Axis(0), (..8).into()).to_owned());
        let model = Histogram::params().bins(bins).rarity(rarity).fit(&train).expect("fits");
        for row in rows.outer_iter() {
            let parts = model.contributions(row).expect("sound row");
            prop_assert!(parts.iter().all(|part| part.is_finite() && *part >= 0.0));
            let sum: f64 = parts.iter().map(|part| f64::from(*part)).sum();
            prop_assert_eq!(model.score_row(row), Ok(sum as f32));
        }
        let bytes = postcard::to_stdvec(&model).expect("writes");
        prop_assert_eq!(postcard::from_bytes::<Histogram>(&bytes), Ok(model));
        for cut in 0..bytes.len() {
            prop_assert!(postcard::from_bytes::<Histogram>(&bytes[..cut]).is_err());
        }
    }

    #[test]
    fn crafted_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(model) = postcard::from_bytes::<Histogram>(&bytes) {
            let row = Array1::zeros(model.columns());
            prop_assert!(model.score_row(row.view()).is_ok_and(f32::is_finite));
        }
    }
}
