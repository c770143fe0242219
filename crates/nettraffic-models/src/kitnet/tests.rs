//! The model as a whole.

use ndarray::{Array1, Array2, Axis, array};
use nettraffic_features::PreparedMatrix;
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{AnomalyModel, Incremental, ModelError};

use super::{Kitnet, KitnetParams};

/// Rows in which column `c` follows cause `c % 3`, in units of its own, with some noise.
fn stream(rows: usize, columns: usize, seed: u64) -> PreparedMatrix {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut values = Array2::zeros((rows, columns));
    for mut row in values.outer_iter_mut() {
        let causes: [f32; 3] = std::array::from_fn(|_| rng.gen_range(0.0..1.0));
        for (column, value) in row.iter_mut().enumerate() {
            let noise = rng.gen_range(-0.02..0.02_f32);
            *value = (column + 1) as f32 * (causes[column % 3] + noise) - 2.0;
        }
    }
    prepared(values)
}

fn prepared(values: Array2<f32>) -> PreparedMatrix {
    PreparedMatrix::new(values).expect("finite rows")
}

fn kitnet() -> KitnetParams {
    Kitnet::params().groups_of(4)
}

#[test]
fn columns_of_one_cause_are_one_group() {
    let model = kitnet().fit(&stream(300, 9, 1)).expect("fits");
    let groups: Vec<_> = model.groups().collect();
    assert_eq!(groups, [[0, 3, 6], [1, 4, 7], [2, 5, 8]]);
    // All rows agree, but the first two do not know it.
    let other = kitnet().mapping_rows(2).fit(&stream(300, 9, 1));
    assert_ne!(other.expect("fits").groups().collect::<Vec<_>>(), groups);
}

/// Every value is usual, but two of them not at the same time.
#[test]
fn a_broken_tie_is_strange_and_its_column_is_the_reason() {
    let model = kitnet().fit(&stream(20_000, 9, 2)).expect("fits");
    let test = stream(500, 9, 3);
    let usual = model.score(test.view()).expect("sound rows");
    let mut broken = test.view().to_owned();
    for mut row in broken.outer_iter_mut() {
        let share = (row[4] + 2.0) / 5.0;
        row[4] = 5.0 * (if share > 0.5 { 0.0 } else { 1.0 }) - 2.0;
    }
    let odd = model.score(broken.view()).expect("sound rows");
    let mut sorted = usual.to_vec();
    sorted.sort_by(f32::total_cmp);
    let above = odd.iter().filter(|score| **score > sorted[475]).count();
    assert!(above > 450, "{above} of 500 are above 95 % of the usual");
    let named = broken.outer_iter().filter(|row| {
        let parts = model.contributions(*row).expect("sound row");
        (0..9).max_by(|a, b| parts[*a].total_cmp(&parts[*b])) == Some(4)
    });
    assert!(named.count() > 400);
}

#[test]
fn rows_in_many_parts_teach_the_same() {
    let (train, rest) = (stream(300, 5, 4), stream(700, 5, 5));
    let mut whole = kitnet().fit(&train).expect("fits");
    let mut parts = whole.clone();
    whole.update(&rest).expect("sound rows");
    for part in rest.view().axis_chunks_iter(Axis(0), 7) {
        parts
            .update(&prepared(part.to_owned()))
            .expect("sound rows");
    }
    assert_eq!(whole, parts);
    let both = ndarray::concatenate(Axis(0), &[train.view(), rest.view()]).expect("one width");
    let at_once = kitnet().mapping_rows(300).fit(&prepared(both));
    assert_eq!(at_once, Ok(whole));
    let wrong = parts.update(&stream(5, 2, 1));
    assert!(wrong.is_err() && at_once == Ok(parts));
}

#[test]
fn threads_and_rows_beside_it_change_no_bit_of_a_score() {
    let train = stream(1_000, 20, 6);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads").install(|| {
            let model = kitnet().fit(&train).expect("fits");
            let scores = model.score(train.view()).expect("sound rows");
            (model, scores)
        })
    };
    let (model, scores) = run(1);
    assert_eq!((&model, &scores), (&run(3).0, &run(3).1));
    for (row, score) in train.view().outer_iter().zip(&scores) {
        assert_eq!(model.score_row(row), Ok(*score));
    }
    let mut order: Vec<usize> = (0..train.rows()).collect();
    order.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(7));
    let shuffled = model.score(train.select(&order).view());
    assert_eq!(shuffled, Ok(scores.select(Axis(0), &order)));
    assert_ne!(kitnet().seed(1).fit(&train), kitnet().seed(2).fit(&train));
}

#[test]
fn what_cannot_be_fitted_or_scored_is_refused() {
    let few = ModelError::TooFewRows {
        what: "ensemble of autoencoders",
        needed: 2,
        found: 1,
    };
    assert_eq!(kitnet().fit(&stream(1, 2, 1)), Err(few));
    for (params, columns, parameter) in [
        (kitnet(), 0, "columns"),
        (kitnet(), 2_049, "columns"),
        (kitnet().groups_of(0), 2, "groups_of"),
        (kitnet().groups_of(65), 2, "groups_of"),
        (kitnet().mapping_rows(1), 2, "mapping_rows"),
        (kitnet().hidden_ratio(0.0), 2, "hidden_ratio"),
        (kitnet().hidden_ratio(f64::NAN), 2, "hidden_ratio"),
        (kitnet().learning_rate(1.5), 2, "learning_rate"),
        (kitnet().learning_rate(f32::NAN), 2, "learning_rate"),
    ] {
        match params.fit(&prepared(Array2::zeros((9, columns)))) {
            Err(ModelError::Parameter { name, .. }) => assert_eq!(name, parameter),
            other => panic!("{parameter}: {other:?}"),
        }
    }
    let model = kitnet().fit(&stream(5, 2, 8)).expect("fits");
    let error = ModelError::Columns {
        expected: 2,
        found: 1,
    };
    assert_eq!(model.score_row(array![1.0].view()), Err(error));
    let error = ModelError::NotFinite { row: 0, column: 0 };
    assert_eq!(model.score(array![[f32::NAN, 0.0]].view()), Err(error));
}

/// What a stored model is made of, to be spoiled piece by piece.
#[test]
fn stored_parts_that_do_not_fit_are_refused() {
    let sound = kitnet().fit(&stream(50, 9, 9)).expect("fits");
    let with = |spoil: fn(&mut Kitnet)| {
        let mut model = sound.clone();
        spoil(&mut model);
        let bytes = postcard::to_stdvec(&model).expect("writes");
        postcard::from_bytes::<Kitnet>(&bytes).ok()
    };
    assert_eq!(with(|_| ()), Some(sound.clone()));
    let faults: [fn(&mut Kitnet); 18] = [
        |model| model.learning_rate = f32::NAN,
        |model| model.learning_rate = 0.0,
        |model| model.columns.low[1] = f32::NAN,
        |model| model.columns.low[1] = f32::NEG_INFINITY,
        |model| model.columns.high[1] = -3.0,
        |model| model.columns.high.truncate(8),
        |model| model.errors.low.clear(),
        |model| model.errors.high[0] = f32::NAN,
        |model| model.groups.truncate(2),
        |model| model.groups.clear(),
        |model| model.groups[1].columns[0] = 0,
        |model| model.groups[1].columns[0] = 9,
        |model| model.groups[1].columns.clear(),
        |model| model.groups[1].coder.hidden = 4,
        |model| model.groups[1].coder.weights[0][2] = f32::INFINITY,
        |model| model.groups[1].coder.weights[0][7] = 0.5,
        |model| model.output.weights.truncate(2),
        |model| model.output.output_bias[0] = f32::NAN,
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
        group in 1_usize..4,
    ) {
        let rows = Array2::from_shape_vec((100, 3), values).expect("as many");
        let train = prepared(rows.slice_axis(Axis(0), (..90).into()).to_owned());
        let model = kitnet().groups_of(group).learning_rate(1.0).fit(&train).expect("fits");
        for row in rows.outer_iter() {
            let score = model.score_row(row).expect("sound row");
            let parts = model.contributions(row).expect("sound row");
            prop_assert!(score.is_finite() && parts.iter().all(|part| *part >= 0.0));
            prop_assert!((parts.sum() - score).abs() <= 1e-5 * (1.0 + score));
        }
        let bytes = postcard::to_stdvec(&model).expect("writes");
        prop_assert_eq!(postcard::from_bytes::<Kitnet>(&bytes), Ok(model));
    }

    #[test]
    fn crafted_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(model) = postcard::from_bytes::<Kitnet>(&bytes) {
            let row = Array1::zeros(model.columns());
            prop_assert!(model.score_row(row.view()).is_ok());
        }
    }
}
