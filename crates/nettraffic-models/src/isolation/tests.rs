//! The model as a whole.

use ndarray::{Array1, Array2, Axis, array};
use nettraffic_features::PreparedMatrix;
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{AnomalyModel, ModelError};

use super::path::AverageLengths;
use super::split::{Split, Threshold};
use super::stored::{Stored, StoredTrees};
use super::{IsolationForest, IsolationForestParams, Trees};

/// Columns that each split asks, in the tests that hold for all.
const SPLITS: [usize; 3] = [1, 2, 20];

/// Rows whose columns are sums of uniform draws, around 0.
fn cloud(rows: usize, columns: usize, seed: u64) -> PreparedMatrix {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    prepared(Array2::from_shape_fn((rows, columns), |_| {
        (0..4).map(|_| rng.gen_range(-1.0_f32..1.0)).sum()
    }))
}

fn prepared(values: Array2<f32>) -> PreparedMatrix {
    PreparedMatrix::new(values).expect("finite rows")
}

fn forest(columns_per_split: usize) -> IsolationForestParams {
    IsolationForest::params().columns_per_split(columns_per_split)
}

fn bits(scores: Result<Array1<f32>, ModelError>) -> Vec<u32> {
    scores.expect("sound rows").mapv(f32::to_bits).to_vec()
}

#[test]
fn strangers_score_higher_the_farther_they_are_off() {
    let train = cloud(1_000, 6, 1);
    for split in SPLITS {
        let model = forest(split).fit(&train).expect("fits");
        let mut rows = Array2::zeros((4, 6));
        for (row, away) in [0.0, 2.5, 4.0, 8.0].into_iter().enumerate() {
            rows.row_mut(row).fill(away);
        }
        let scores = model.score(rows.view()).expect("sound rows").to_vec();
        assert!(scores.is_sorted(), "{split}: {scores:?}");
        assert!(scores[0] < 0.45 && scores[3] > 0.65, "{split}: {scores:?}");
    }
}

#[test]
fn path_lengths_are_those_of_a_walk_through_the_rows() {
    // Without the heap: how many splits until the row is alone or the tree ends, and then the
    // average length for the training rows that are left with it.
    let train = cloud(64, 3, 2);
    let model = forest(1)
        .rows_per_tree(64)
        .trees(20)
        .fit(&train)
        .expect("fits");
    let Trees::Straight(trees) = &model.trees else {
        panic!("slanted");
    };
    let lengths = AverageLengths::up_to(64);
    let rows = train.view();
    for row in cloud(200, 3, 3).view().outer_iter() {
        let mut mean = 0.0;
        for tree in trees {
            let mut left: Vec<_> = rows.outer_iter().collect();
            let (mut at, mut depth) = (1, 0.0);
            while let Some(split) = tree.splits().get(at).filter(|split| split.is_some()) {
                let side = split.is_beyond(|column| row[column as usize]);
                left.retain(|other| split.is_beyond(|column| other[column as usize]) == side);
                assert!(!left.is_empty());
                at = 2 * at + usize::from(side);
                depth += 1.0;
            }
            mean += (depth + lengths.of(left.len() as u32)) / 20.0;
        }
        let expected = (-mean / lengths.of(64)).exp2();
        let score = model.score_row(row).expect("sound row");
        assert!((f64::from(score) - expected).abs() < 1e-6);
    }
}

#[test]
fn the_column_that_is_off_gets_the_credit() {
    let train = cloud(1_000, 10, 4);
    for split in [1, 2] {
        let model = forest(split).fit(&train).expect("fits");
        for column in 0..10 {
            let mut row = Array1::zeros(10);
            row[column] = 6.0;
            let parts = model.contributions(row.view()).expect("sound row");
            let most = (0..10).max_by(|a, b| parts[*a].total_cmp(&parts[*b]));
            assert_eq!(most, Some(column), "{split}: {parts}");
        }
    }
}

#[test]
fn threads_and_rows_beside_it_change_no_bit_of_a_score() {
    let train = cloud(700, 13, 5);
    for split in SPLITS {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads").install(|| {
                let model = forest(split).fit(&train).expect("fits");
                let scores = bits(model.score(train.view()));
                (postcard::to_stdvec(&model), scores, model)
            })
        };
        let (bytes, scores, model) = run(1);
        assert_eq!((&bytes, &scores), (&run(3).0, &run(3).1));
        for (row, score) in train.view().outer_iter().zip(scores) {
            let alone = model.score_row(row).map(f32::to_bits);
            assert_eq!(alone, Ok(score), "{split}");
        }
    }
}

#[test]
fn a_seed_decides_everything_and_more_trees_keep_the_first() {
    let train = cloud(500, 3, 6);
    let fit = |trees, seed| {
        let params = forest(1).trees(trees).rows_per_tree(32).seed(seed);
        let Stored { trees, .. } = params.fit(&train).expect("fits").into();
        let StoredTrees::Straight(trees) = trees else {
            panic!("slanted");
        };
        trees
    };
    assert_eq!(fit(5, 1), fit(5, 1));
    assert_ne!(fit(5, 1), fit(5, 2));
    assert_eq!(fit(5, 1)[..], fit(9, 1)[..5]);
}

#[test]
fn rows_that_are_all_equal_are_neither_usual_nor_strange() {
    for split in SPLITS {
        let model = forest(split)
            .fit(&prepared(Array2::ones((50, 3))))
            .expect("fits");
        let scores = model.score(array![[1.0, 1.0, 1.0], [9.0, 1.0, 0.0]].view());
        assert_eq!(scores, Ok(array![0.5, 0.5]));
        let parts = model.contributions(array![9.0, 1.0, 0.0].view());
        assert_eq!(parts, Ok(array![0.0, 0.0, 0.0]));
    }
}

#[test]
fn columns_that_never_vary_are_never_asked() {
    let mut values = cloud(300, 4, 7).view().to_owned();
    values.column_mut(1).fill(2.0);
    for split in SPLITS {
        let model = forest(split).fit(&prepared(values.clone())).expect("fits");
        let one = array![0.0, 2.0, 0.5, 0.0];
        let other = array![0.0, -9.0, 0.5, 0.0];
        assert_eq!(model.score_row(one.view()), model.score_row(other.view()));
        let parts = model.contributions(other.view()).expect("sound row");
        assert_eq!(parts[1], 0.0);
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let rows = cloud(10, 2, 8);
    let one = cloud(1, 2, 8);
    let none = prepared(Array2::zeros((10, 0)));
    let few = ModelError::TooFewRows {
        what: "an isolation forest",
        needed: 2,
        found: 1,
    };
    assert_eq!(forest(1).fit(&one).err(), Some(few));
    for (params, rows, parameter) in [
        (forest(0), &rows, "columns_per_split"),
        (forest(257), &rows, "columns_per_split"),
        (forest(1).trees(0), &rows, "trees"),
        (forest(1).trees(usize::MAX), &rows, "trees"),
        (forest(1).rows_per_tree(1), &rows, "rows_per_tree"),
        (forest(1).rows_per_tree(65_537), &rows, "rows_per_tree"),
        (forest(1), &none, "columns"),
    ] {
        match params.fit(rows) {
            Err(ModelError::Parameter { name, .. }) => assert_eq!(name, parameter),
            other => panic!("{parameter}: {other:?}"),
        }
    }
    assert!(forest(1).fit(&cloud(2, 2, 8)).is_ok());
}

#[test]
fn rows_that_cannot_be_scored_are_refused() {
    let model = forest(1).fit(&cloud(10, 2, 9)).expect("fits");
    let error = ModelError::Columns {
        expected: 2,
        found: 1,
    };
    assert_eq!(model.score(array![[1.0]].view()), Err(error.clone()));
    assert_eq!(model.score_row(array![1.0].view()), Err(error.clone()));
    assert_eq!(model.contributions(array![1.0].view()), Err(error));
    let error = ModelError::NotFinite { row: 0, column: 1 };
    assert_eq!(model.score_row(array![1.0, f32::NAN].view()), Err(error));
}

#[test]
fn a_stored_model_scores_the_same_bits() {
    let train = cloud(300, 4, 10);
    for split in SPLITS {
        let params = forest(split).trees(5).rows_per_tree(50);
        let model = params.fit(&train).expect("fits");
        let bytes = postcard::to_stdvec(&model).expect("writes");
        let back: IsolationForest = postcard::from_bytes(&bytes).expect("reads");
        assert_eq!(model, back);
        assert_eq!(
            bits(model.score(train.view())),
            bits(back.score(train.view()))
        );
        for cut in 0..bytes.len() {
            assert!(postcard::from_bytes::<IsolationForest>(&bytes[..cut]).is_err());
        }
    }
}

#[test]
fn stored_parts_that_do_not_fit_are_refused() {
    let train = cloud(8, 2, 11);
    let model = forest(1)
        .trees(2)
        .rows_per_tree(4)
        .fit(&train)
        .expect("fits");
    let with = |spoil: fn(&mut Stored)| {
        let mut stored = Stored::from(model.clone());
        spoil(&mut stored);
        let bytes = postcard::to_stdvec(&stored).expect("writes");
        postcard::from_bytes::<IsolationForest>(&bytes).is_ok()
    };
    fn straight(stored: &mut Stored) -> &mut super::stored::StoredTree<Threshold> {
        match &mut stored.trees {
            StoredTrees::Straight(trees) => &mut trees[1],
            StoredTrees::Slanted(_) => panic!("slanted"),
        }
    }
    assert!(with(|_| ()));
    let faults: [fn(&mut Stored); 9] = [
        |stored| stored.columns = 0,
        |stored| stored.columns = 1,
        |stored| stored.sample = 1,
        |stored| stored.sample = 3,
        |stored| stored.sample = u32::MAX,
        |stored| stored.trees = StoredTrees::Slanted(Vec::new()),
        |stored| straight(stored).rows[0] += 1,
        |stored| straight(stored).rows.push(0),
        |stored| straight(stored).splits[0] = Threshold::none(),
    ];
    for (case, fault) in faults.into_iter().enumerate() {
        assert!(!with(fault), "case {case}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn contributions_sum_to_the_score_less_the_base(
        row in prop::collection::vec(-20.0_f32..20.0, 5),
        split in prop::sample::select(&SPLITS[..]),
    ) {
        let model = forest(split).trees(20).fit(&cloud(200, 5, 12)).expect("fits");
        let row = Array1::from_vec(row);
        let score = model.score_row(row.view()).expect("sound row");
        let parts = model.contributions(row.view()).expect("sound row");
        let size: f32 = parts.iter().map(|part| part.abs()).sum();
        prop_assert!((parts.sum() + model.base_score() - score).abs() < 1e-5 * (1.0 + size));
    }

    #[test]
    fn whatever_the_numbers_scores_are_finite(
        values in prop::collection::vec(any::<f32>().prop_filter("finite", |v| v.is_finite()), 30),
        split in prop::sample::select(&SPLITS[..]),
    ) {
        let rows = Array2::from_shape_vec((10, 3), values).expect("as many");
        let train = prepared(rows.slice_axis(Axis(0), (..8).into()).to_owned());
        let model = forest(split).trees(10).fit(&train).expect("fits");
        for row in rows.outer_iter() {
            let score = model.score_row(row).expect("sound row");
            prop_assert!((0.0..=1.0).contains(&score));
            let parts = model.contributions(row).expect("sound row");
            prop_assert!(parts.iter().all(|part| part.is_finite()));
        }
        let bytes = postcard::to_stdvec(&model).expect("writes");
        prop_assert_eq!(postcard::from_bytes::<IsolationForest>(&bytes), Ok(model));
    }

    #[test]
    fn crafted_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(model) = postcard::from_bytes::<IsolationForest>(&bytes) {
            let row = Array1::zeros(model.columns().min(1_000));
            prop_assert!(row.len() < model.columns() || model.score_row(row.view()).is_ok());
        }
    }
}
