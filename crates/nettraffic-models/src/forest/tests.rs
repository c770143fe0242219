//! What a forest promises, on small made-up data.

mod stored;

use std::error::Error;

use ndarray::{Array2, ArrayView2, Axis};
use nettraffic_features::PreparedMatrix;

use super::random::Draws;
use super::tree::{Node, Tree};
use super::{ClassWeight, MaxFeatures, RandomForest, RandomForestParams};
use crate::{AnomalyModel, Classifier, ModelError};

type TestResult<T = ()> = Result<T, Box<dyn Error>>;

/// Rows with their labels, as `label` gives them from values between 0 and 1.
struct Data {
    rows: PreparedMatrix,
    labels: Vec<usize>,
}

impl Data {
    fn new(
        rows: usize,
        columns: usize,
        seed: u64,
        label: impl Fn(&[f32]) -> usize,
    ) -> TestResult<Self> {
        let mut draws = Draws::new(seed);
        let values =
            Array2::from_shape_simple_fn((rows, columns), || draws.below(1_000) as f32 / 1_000.0);
        let labels = values
            .rows()
            .into_iter()
            .map(|row| label(&row.to_vec()))
            .collect();
        let rows = PreparedMatrix::new(values)?;
        Ok(Self { rows, labels })
    }

    fn fit(&self, params: &RandomForestParams) -> Result<RandomForest, ModelError> {
        params.fit(&self.rows, &self.labels, &classes())
    }

    /// Share of rows whose class the forest finds most probable.
    fn accuracy(&self, forest: &RandomForest) -> Result<f64, ModelError> {
        let probabilities = forest.probabilities(self.rows.view())?;
        let right = probabilities
            .rows()
            .into_iter()
            .zip(&self.labels)
            .filter(|(row, label)| row.iter().all(|p| *p <= row[**label]))
            .count();
        Ok(right as f64 / self.labels.len() as f64)
    }
}

fn classes() -> Vec<String> {
    ["benign", "scan", "flood"].map(str::to_owned).to_vec()
}

fn params() -> RandomForestParams {
    RandomForest::params().trees(20).seed(7)
}

fn xor(row: &[f32]) -> usize {
    usize::from((row[0] > 0.5) != (row[1] > 0.5))
}

fn three_bands(row: &[f32]) -> usize {
    usize::from(row[1] > 0.3) + usize::from(row[1] > 0.7)
}

/// About one row in fifty, in a corner.
fn rare_corner(row: &[f32]) -> usize {
    usize::from(row[0] > 0.86 && row[1] > 0.86)
}

#[test]
fn learns_what_it_can_learn() -> TestResult {
    type Label = fn(&[f32]) -> usize;
    let cases: [(&str, Label, f64); 3] = [
        ("exclusive or, which no single split helps", xor, 0.95),
        ("three bands of one column", three_bands, 0.97),
        ("a rare corner", rare_corner, 0.99),
    ];
    for (name, label, least) in cases {
        let forest = Data::new(2_000, 4, 1, label)?.fit(&params())?;
        let accuracy = Data::new(1_000, 4, 2, label)?.accuracy(&forest)?;
        assert!(accuracy >= least, "{name}: {accuracy}");
        let error = forest.out_of_bag_error().ok_or("rows out of bag")?;
        assert!(
            (1.0 - error - accuracy).abs() < 0.03,
            "{name}: {accuracy}, out of bag {error}"
        );
    }
    Ok(())
}

#[test]
fn out_of_bag_error_is_not_flattered_by_rows_learnt_by_heart() -> TestResult {
    // Labels that follow nothing: a tree remembers those that it drew, and is a coin for the others.
    let mut coin = Draws::new(20);
    let mut data = Data::new(1_000, 4, 21, xor)?;
    data.labels = (0..1_000).map(|_| coin.below(2)).collect();
    let forest = data.fit(&params())?;
    let error = forest.out_of_bag_error().ok_or("rows out of bag")?;
    assert!(data.accuracy(&forest)? > 0.95 && error > 0.4, "{error}");
    Ok(())
}

#[test]
fn splits_perfect_exclusive_or_though_its_first_split_gains_nothing() -> TestResult {
    let corners = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
    let values = Array2::from_shape_fn((400, 2), |(row, column)| corners[row % 4][column]);
    let labels: Vec<usize> = (0..400).map(|row| [0, 1, 1, 0][row % 4]).collect();
    let rows = PreparedMatrix::new(values)?;
    let data = Data { rows, labels };
    assert_eq!(data.accuracy(&data.fit(&params())?)?, 1.0);
    Ok(())
}

#[test]
fn probabilities_of_a_row_sum_to_one() -> TestResult {
    let data = Data::new(500, 5, 3, three_bands)?;
    for weight in [ClassWeight::None, ClassWeight::Balanced] {
        let forest = data.fit(&params().min_leaf(7).class_weight(weight))?;
        let probabilities = forest.probabilities(data.rows.view())?;
        assert_eq!(probabilities.dim(), (500, 3));
        for sum in probabilities.sum_axis(Axis(1)) {
            assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        }
    }
    Ok(())
}

#[test]
fn balanced_classes_raise_the_recall_of_a_rare_one() -> TestResult {
    // Too large leaves for so few rows, and noise: without weights the rare class drowns.
    let noisy = |row: &[f32]| usize::from(row[0] > 0.9 && row[2] > 0.6);
    let (train, test) = (
        Data::new(3_000, 3, 4, noisy)?,
        Data::new(3_000, 3, 5, noisy)?,
    );
    let recall = |weight| -> Result<f64, ModelError> {
        let forest = train.fit(&params().max_depth(2).class_weight(weight))?;
        let probabilities = forest.probabilities(test.rows.view())?;
        let rare = || (0..3_000).filter(|row| test.labels[*row] == 1);
        let found = rare().filter(|row| probabilities[[*row, 1]] > 0.5).count();
        Ok(found as f64 / rare().count() as f64)
    };
    let (plain, balanced) = (recall(ClassWeight::None)?, recall(ClassWeight::Balanced)?);
    assert!(balanced > 0.95 && plain < 0.8, "{plain} {balanced}");
    Ok(())
}

#[test]
fn same_on_any_number_of_threads() -> TestResult {
    let data = Data::new(700, 6, 6, xor)?;
    let on = |threads| -> TestResult<_> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()?;
        let (forest, probabilities, importance) = pool.install(|| {
            let forest = data.fit(&params())?;
            let probabilities = forest.probabilities(data.rows.view())?;
            let importance = forest.permutation_importance(&data.rows, &data.labels, 1, 3)?;
            Ok::<_, ModelError>((forest, probabilities, importance))
        })?;
        Ok((postcard::to_allocvec(&forest)?, probabilities, importance))
    };
    let one = on(1)?;
    assert!(one == on(2)? && one == on(3)?);
    let other_seed = data.fit(&params().seed(8))?;
    assert_ne!(one.0, postcard::to_allocvec(&other_seed)?);
    Ok(())
}

#[test]
fn a_larger_forest_begins_with_the_smaller_one() -> TestResult {
    let data = Data::new(300, 4, 7, xor)?;
    let (small, large) = (data.fit(&params().trees(5))?, data.fit(&params().trees(9))?);
    // Each keeps those edges that its trees ask, so nodes are compared by the values behind them.
    let trees = |forest: &RandomForest| -> Vec<Vec<(u16, Option<f32>)>> {
        let value = |node: &Node| {
            let edges = &forest.edges.each()[usize::from(node.feature)];
            (node.feature, edges.get(usize::from(node.edge)).copied())
        };
        let nodes = |tree: &Tree| tree.nodes().iter().map(value).collect();
        forest.trees.iter().map(nodes).collect()
    };
    assert_eq!(trees(&small)[..], trees(&large)[..5]);
    Ok(())
}

#[test]
fn a_rows_answer_does_not_depend_on_the_rows_beside_it() -> TestResult {
    let data = Data::new(1_003, 4, 8, three_bands)?;
    let forest = data.fit(&params())?;
    let all = forest.probabilities(data.rows.view())?;
    let mut backwards = data.rows.view();
    backwards.invert_axis(Axis(0));
    let backwards = forest.probabilities(backwards)?;
    // A view whose values lie elsewhere, column by column.
    let turned = data.rows.view().t().as_standard_layout().into_owned();
    assert_eq!(all, forest.probabilities(turned.t())?);
    for row in 0..1_003 {
        let alone = data.rows.row(row).insert_axis(Axis(0));
        assert_eq!(forest.probabilities(alone)?.row(0), all.row(row));
        assert_eq!(backwards.row(1_002 - row), all.row(row));
    }
    Ok(())
}

#[test]
fn a_single_row_scores_as_in_a_batch() -> TestResult {
    for trees in [1, 8, 13] {
        let data = Data::new(300, 600, 18, three_bands)?;
        let forest = data.fit(&params().trees(trees).min_leaf(5))?;
        // More columns than fit without memory from the heap, and fewer.
        let narrow = Data::new(300, 4, 18, three_bands)?;
        let few = narrow.fit(&params().trees(trees))?;
        for (forest, rows) in [(forest, &data.rows), (few, &narrow.rows)] {
            let model = forest.into_anomaly_model("scan")?;
            let scores = model.score(rows.view())?;
            for (row, score) in rows.view().rows().into_iter().zip(scores) {
                assert_eq!(model.score_row(row), Ok(score));
            }
        }
    }
    Ok(())
}

#[test]
fn missing_values_are_told_from_all_others() -> TestResult {
    // Missing exactly where the class says so; the values that are there say nothing.
    let full = Data::new(2_000, 3, 19, xor)?;
    let mut coin = Draws::new(22);
    let labels: Vec<usize> = (0..2_000).map(|_| coin.below(2)).collect();
    let mut rows = full.rows.view().to_owned();
    for (mut row, label) in rows.rows_mut().into_iter().zip(&labels) {
        if *label == 1 {
            row[1] = f32::NAN;
        }
    }
    let names = classes();
    let forest = params().fit_incomplete(rows.view(), &labels, &names)?;
    assert_eq!(forest.out_of_bag_error(), Some(0.0));
    let stored = postcard::to_allocvec(&forest)?;
    assert_eq!(
        postcard::from_bytes::<RandomForest>(&stored),
        Ok(forest.clone())
    );
    let probabilities = forest.probabilities(rows.view())?;
    for (shares, label) in probabilities.rows().into_iter().zip(&labels) {
        assert!(shares[*label] > 0.8, "{shares}");
    }
    // A row is refused where the forest knows of no missing values, or where it is infinite.
    let lacking = params().fit(&full.rows, &labels, &names)?;
    assert!(lacking.probabilities(rows.view()).is_err());
    rows[[7, 2]] = f32::INFINITY;
    let error = ModelError::NotFinite { row: 7, column: 2 };
    assert_eq!(forest.probabilities(rows.view()), Err(error.clone()));
    assert_eq!(
        params().fit_incomplete(rows.view(), &labels, &names),
        Err(error)
    );
    Ok(())
}

#[test]
fn growing_keeps_to_its_limits() -> TestResult {
    let data = Data::new(1_000, 6, 9, xor)?;
    let depth_two = data.fit(&params().max_depth(2))?;
    assert!(depth_two.trees.iter().all(|tree| tree.len() <= 7));
    // 1,000 drawn rows in leaves of at least 100: at most 10 leaves, 19 nodes.
    let large_leaves = data.fit(&params().min_leaf(100))?;
    assert!(
        large_leaves
            .trees
            .iter()
            .all(|tree| (3..=19).contains(&tree.len()))
    );
    let free = data.fit(&params())?;
    assert!(free.trees.iter().all(|tree| tree.len() > 19));
    Ok(())
}

#[test]
fn contributions_and_base_sum_to_the_score() -> TestResult {
    let data = Data::new(800, 5, 10, three_bands)?;
    let forest = data.fit(&params().class_weight(ClassWeight::Balanced))?;
    for benign in classes() {
        let model = forest.clone().into_anomaly_model(&benign)?;
        let scores = model.score(data.rows.view())?;
        for (row, score) in data.rows.view().rows().into_iter().zip(scores).take(50) {
            let contributions = model.contributions(row)?;
            let sum = model.base_score() + contributions.sum();
            assert!((sum - score).abs() < 1e-5, "{benign}: {sum} {score}");
            let most =
                (0..5).max_by(|a, b| contributions[*a].abs().total_cmp(&contributions[*b].abs()));
            assert_eq!(most, Some(1), "only column 1 tells the bands apart");
        }
    }
    Ok(())
}

#[test]
fn the_score_is_the_probability_of_all_other_classes() -> TestResult {
    let data = Data::new(600, 3, 11, three_bands)?;
    let model = data
        .fit(&params().min_leaf(20))?
        .into_anomaly_model("scan")?;
    let probabilities = model.forest().probabilities(data.rows.view())?;
    let scores = model.score(data.rows.view())?;
    for (score, row) in scores.iter().zip(probabilities.rows()) {
        assert!((score - row[0] - row[2]).abs() < 1e-6);
    }
    Ok(())
}

#[test]
fn importance_finds_the_columns_that_matter() -> TestResult {
    let data = Data::new(2_000, 6, 12, xor)?;
    let forest = data.fit(&params().max_features(MaxFeatures::Count(3)))?;
    let test = Data::new(1_000, 6, 13, xor)?;
    let permuted = forest.permutation_importance(&test.rows, &test.labels, 2, 1)?;
    for importance in [forest.impurity_importance(), &permuted] {
        let rest = importance[2..].iter().copied().fold(0.0, f64::max);
        assert!(
            importance[0].min(importance[1]) > 3.0 * rest,
            "{importance:?}"
        );
    }
    assert!((forest.impurity_importance().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(
        permuted[0] > 0.3,
        "a shuffled half of exclusive or is a coin: {permuted:?}"
    );
    Ok(())
}

#[test]
fn a_column_that_no_tree_asks_has_no_importance() -> TestResult {
    let mut values = Data::new(200, 3, 14, xor)?.rows.view().to_owned();
    values.column_mut(2).fill(5.0);
    let rows = PreparedMatrix::new(values)?;
    let labels: Vec<usize> = rows
        .view()
        .rows()
        .into_iter()
        .map(|row| xor(&row.to_vec()))
        .collect();
    let forest = params().fit(&rows, &labels, &classes())?;
    assert_eq!(forest.impurity_importance()[2], 0.0);
    assert_eq!(forest.permutation_importance(&rows, &labels, 1, 0)?[2], 0.0);
    Ok(())
}

#[test]
fn wrong_calls_are_errors_that_name_what_is_wrong() -> TestResult {
    let data = Data::new(10, 2, 15, xor)?;
    let fit = |params: RandomForestParams, labels: &[usize], classes: &[&str]| {
        let classes: Vec<String> = classes.iter().map(|class| (*class).to_owned()).collect();
        params
            .fit(&data.rows, labels, &classes)
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    let good = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
    let two = ["benign", "scan"];
    let cases = [
        (fit(params().trees(0), &good, &two), "trees is 0"),
        (fit(params().trees(10_001), &good, &two), "trees is 10001"),
        (fit(params().max_depth(0), &good, &two), "max_depth is 0"),
        (
            fit(params().max_depth(257), &good, &two),
            "max_depth is 257",
        ),
        (fit(params().min_leaf(0), &good, &two), "min_leaf is 0"),
        (
            fit(params().max_features(MaxFeatures::Count(0)), &good, &two),
            "max_features is 0",
        ),
        (
            fit(
                params().max_features(MaxFeatures::Share(f64::NAN)),
                &good,
                &two,
            ),
            "max_features is NaN",
        ),
        (fit(params(), &good[1..], &two), "labels is 9"),
        (fit(params(), &[2; 10], &two), "label is 2"),
        (
            fit(params(), &[1; 10], &two),
            "classes among the labels is 1",
        ),
        (
            fit(params(), &good, &["benign", "benign"]),
            "names that differ",
        ),
        (
            fit(params(), &[0; 10], &["benign"]),
            "from 2 to 1024 classes",
        ),
    ];
    for (error, expected) in cases {
        assert!(
            error.contains(expected),
            "{error:?} should contain {expected:?}"
        );
    }
    let forest = data.fit(&params())?;
    assert!(forest.clone().into_anomaly_model("Benign").is_err());
    let of = |view: ArrayView2<'_, f32>| forest.probabilities(view).unwrap_err();
    let wide = Array2::zeros((1, 3));
    assert_eq!(
        of(wide.view()),
        ModelError::Columns {
            expected: 2,
            found: 3
        }
    );
    let mut holed = Array2::zeros((3, 2));
    holed[[2, 1]] = f32::NAN;
    assert_eq!(
        of(holed.view()),
        ModelError::NotFinite { row: 2, column: 1 }
    );
    let model = forest.clone().into_anomaly_model("benign")?;
    assert_eq!(
        model.contributions(holed.row(2)).unwrap_err(),
        ModelError::NotFinite { row: 0, column: 1 }
    );
    Ok(())
}

#[test]
fn leaves_larger_than_any_number_of_rows_leave_no_split() -> TestResult {
    let data = Data::new(100, 2, 7, xor)?;
    for min_leaf in [51, 1 << 63, usize::MAX] {
        let forest = data.fit(&params().min_leaf(min_leaf))?;
        assert_eq!(forest.nodes(), forest.trees(), "{min_leaf}");
    }
    Ok(())
}
