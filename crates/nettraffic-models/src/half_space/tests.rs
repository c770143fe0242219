//! The model as a whole.

use ndarray::{Array1, Array2, Axis, array};
use nettraffic_features::PreparedMatrix;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{AnomalyModel, Incremental, ModelError};

use super::{HalfSpaceTrees, HalfSpaceTreesParams};

/// Rows whose columns are sums of uniform draws, around `centre`.
fn cloud(rows: usize, columns: usize, centre: f32, seed: u64) -> PreparedMatrix {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    prepared(Array2::from_shape_fn((rows, columns), |_| {
        centre + (0..4).map(|_| rng.gen_range(-1.0_f32..1.0)).sum::<f32>()
    }))
}

fn prepared(values: Array2<f32>) -> PreparedMatrix {
    PreparedMatrix::new(values).expect("finite rows")
}

fn trees() -> HalfSpaceTreesParams {
    HalfSpaceTrees::params()
}

#[test]
fn strangers_score_higher_and_their_column_is_the_reason() {
    let model = trees().fit(&cloud(5_000, 4, 0.0, 1)).expect("fits");
    let usual = Array1::zeros(4);
    let mut odd = usual.clone();
    odd[2] = 6.0;
    let score = |row: &Array1<f32>| model.score_row(row.view()).expect("sound row");
    assert!(score(&odd) > score(&usual) + 2.0);
    let parts = model.contributions(odd.view()).expect("sound row");
    let most = (0..4).max_by(|a, b| parts[*a].total_cmp(&parts[*b]));
    assert_eq!(most, Some(2), "{parts}");
}

#[test]
fn the_last_full_window_is_what_is_usual() {
    let train = cloud(2_000, 3, 0.0, 2);
    let mut model = trees().window(500).fit(&train).expect("fits");
    let far = array![2.0, 2.0, 2.0];
    let score = |model: &HalfSpaceTrees| model.score_row(far.view()).expect("sound row");
    let first = score(&model);
    let moved = cloud(500, 3, 2.0, 3);
    let part = |rows: std::ops::Range<usize>| {
        prepared(moved.view().slice_axis(Axis(0), rows.into()).to_owned())
    };
    model.update(&part(0..499)).expect("sound rows");
    assert_eq!((score(&model), model.rows_to_turn()), (first, 1));
    model.update(&part(499..500)).expect("sound rows");
    assert!(score(&model) < first - 2.0);
    assert_eq!(model.rows_to_turn(), 500);
}

#[test]
fn rows_in_many_parts_teach_the_same() {
    let train = cloud(300, 3, 0.0, 4);
    let stream = cloud(1_000, 3, 0.5, 5);
    let mut whole = trees().window(170).fit(&train).expect("fits");
    let mut parts = whole.clone();
    whole.update(&stream).expect("sound rows");
    for part in stream.view().axis_chunks_iter(Axis(0), 7) {
        parts
            .update(&prepared(part.to_owned()))
            .expect("sound rows");
    }
    assert_eq!(whole, parts);
    let wrong = parts.update(&cloud(5, 2, 0.0, 1));
    assert!(wrong.is_err() && whole == parts);
}

#[test]
fn threads_and_rows_beside_it_change_no_bit_of_a_score() {
    let train = cloud(1_000, 9, 0.0, 6);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let mut model = trees().window(300).fit(&train).expect("fits");
            model.update(&train).expect("sound rows");
            let scores = model.score(train.view()).expect("sound rows");
            (model, scores)
        })
    };
    let (model, scores) = run(1);
    assert_eq!((&model, &scores), (&run(3).0, &run(3).1));
    for (row, score) in train.view().outer_iter().zip(scores) {
        assert_eq!(model.score_row(row), Ok(score));
    }
    assert_ne!(trees().seed(1).fit(&train), trees().seed(2).fit(&train));
}

#[test]
fn columns_that_never_vary_are_never_asked() {
    let mut values = cloud(300, 3, 0.0, 7).view().to_owned();
    values.column_mut(1).fill(2.0);
    let model = trees().fit(&prepared(values)).expect("fits");
    let score = |middle| model.score_row(array![0.0, middle, 0.5].view());
    assert_eq!(score(2.0), score(-9.0));

    let model = trees().fit(&prepared(Array2::ones((9, 2)))).expect("fits");
    let score = model.score_row(array![1.0, 1.0].view()).expect("sound row");
    assert!(score <= 0.0);
}

#[test]
fn what_cannot_be_fitted_or_scored_is_refused() {
    let few = ModelError::TooFewRows {
        what: "half-space trees",
        needed: 1,
        found: 0,
    };
    assert_eq!(trees().fit(&prepared(Array2::zeros((0, 2)))), Err(few));
    for (params, columns, parameter) in [
        (trees(), 0, "columns"),
        (trees().trees(0), 2, "trees"),
        (trees().trees(usize::MAX), 2, "trees"),
        (trees().height(0), 2, "height"),
        (trees().height(21), 2, "height"),
        (trees().window(0), 2, "window"),
    ] {
        match params.fit(&prepared(Array2::zeros((9, columns)))) {
            Err(ModelError::Parameter { name, .. }) => assert_eq!(name, parameter),
            other => panic!("{parameter}: {other:?}"),
        }
    }
    let model = trees().fit(&cloud(5, 2, 0.0, 8)).expect("fits");
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
    let mut sound = trees()
        .trees(2)
        .height(2)
        .window(7)
        .fit(&cloud(20, 2, 0.0, 9))
        .expect("fits");
    sound.update(&cloud(3, 2, 0.0, 9)).expect("sound rows");
    let with = |spoil: fn(&mut HalfSpaceTrees)| {
        let mut model = sound.clone();
        spoil(&mut model);
        let bytes = postcard::to_stdvec(&model).expect("writes");
        postcard::from_bytes::<HalfSpaceTrees>(&bytes).ok()
    };
    assert_eq!(with(|_| ()), Some(sound.clone()));
    let faults: [fn(&mut HalfSpaceTrees); 12] = [
        |model| model.columns = 0,
        |model| model.columns = 1,
        |model| model.window = 3,
        |model| model.filled = 2,
        |model| model.trees.clear(),
        |model| model.trees[1].splits.clear(),
        |model| model.trees[1].splits.truncate(3),
        |model| model.trees[1].splits[1].at = f32::NAN,
        |model| model.trees[1].reference.truncate(7),
        |model| model.trees[1].reference[4] += 1,
        |model| model.trees[1].latest.fill(u64::MAX),
        |model| {
            for tree in &mut model.trees {
                tree.reference.fill(0);
            }
        },
    ];
    for (case, fault) in faults.into_iter().enumerate() {
        assert_eq!(with(fault), None, "case {case}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_numbers_contributions_are_finite_and_sum_to_the_score(
        values in prop::collection::vec(any::<f32>().prop_filter("finite", |v| v.is_finite()), 300),
    ) {
        let rows = Array2::from_shape_vec((100, 3), values).expect("as many");
        let train = prepared(rows.slice_axis(Axis(0), (..90).into()).to_owned());
        let model = trees().trees(5).fit(&train).expect("fits");
        for row in rows.outer_iter() {
            let score = model.score_row(row).expect("sound row");
            let parts = model.contributions(row).expect("sound row");
            let size: f32 = parts.iter().map(|part| part.abs()).sum();
            prop_assert!(score.is_finite() && size.is_finite());
            prop_assert!((parts.sum() - score).abs() <= 1e-5 * (1.0 + size));
        }
        let bytes = postcard::to_stdvec(&model).expect("writes");
        prop_assert_eq!(postcard::from_bytes::<HalfSpaceTrees>(&bytes), Ok(model));
    }

    #[test]
    fn crafted_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(model) = postcard::from_bytes::<HalfSpaceTrees>(&bytes) {
            let row = Array1::zeros(model.columns().min(1_000));
            prop_assert!(row.len() < model.columns() || model.score_row(row.view()).is_ok());
        }
    }
}
