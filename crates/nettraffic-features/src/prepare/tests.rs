use ndarray::Array2;
use proptest::prelude::*;

use super::category::OneHot;
use super::curve::Curve;
use super::number::Number;
use super::*;
use crate::{Column, Unit};

/// An error that a plain test and a property may both end with.
pub(super) type TestResult<T = ()> = Result<T, TestCaseError>;

const SCALES: [Scale; 5] = [
    Scale::MinMax,
    Scale::Standard,
    Scale::Robust,
    Scale::Quantile,
    Scale::None,
];
const TAILS: [HeavyTails; 2] = [HeavyTails::Log, HeavyTails::Keep];

pub(super) fn every_way() -> impl Iterator<Item = PreprocessorParams> {
    let ways = SCALES
        .into_iter()
        .flat_map(|scale| TAILS.map(|tails| (scale, tails)));
    ways.map(|(scale, tails)| Preprocessor::params().scale(scale).heavy_tails(tails))
}

/// Rows of one column of bytes.
fn bytes(values: &[f64]) -> TestResult<FeatureMatrix> {
    rows(vec![Column::number("bytes", Unit::Bytes)], values)
}

pub(super) fn rows(columns: Vec<Column>, values: &[f64]) -> TestResult<FeatureMatrix> {
    let schema = Arc::new(Schema::new(columns)?);
    Ok(FeatureMatrix::from_rows(schema, values.to_vec())?)
}

/// Bytes, a flag, a category of 3 and seconds.
fn mixed(values: &[(f64, bool, u8, f64)]) -> TestResult<FeatureMatrix> {
    let columns = vec![
        Column::number("bytes", Unit::Bytes),
        Column::number("answered", Unit::Flag),
        Column::category("protocol", ["tcp", "udp", "icmp"]),
        Column::number("delay", Unit::Seconds),
    ];
    let row = |&(a, b, c, d): &(f64, bool, u8, f64)| [a, f64::from(u8::from(b)), f64::from(c), d];
    rows(columns, &values.iter().flat_map(row).collect::<Vec<_>>())
}

/// What `values` become when fitted on `training`.
fn prepared(params: PreprocessorParams, training: &[f64], values: &[f64]) -> TestResult<Vec<f32>> {
    let fitted = params.fit(&bytes(training)?)?;
    let prepared = fitted.apply(&bytes(values)?)?;
    Ok(prepared.view().iter().copied().collect())
}

fn linear(scale: Scale) -> PreprocessorParams {
    Preprocessor::params()
        .scale(scale)
        .heavy_tails(HeavyTails::Keep)
}

#[test]
fn scales_of_a_small_column() -> TestResult {
    let training = [0.0, 1.0, 2.0, 3.0, 4.0];
    for (scale, values, expected) in [
        (Scale::MinMax, &[0.0, 1.0, 4.0][..], &[0.0, 0.25, 1.0][..]),
        (Scale::Standard, &[2.0, 4.0], &[0.0, 2.0_f32.sqrt()]),
        (Scale::Robust, &[2.0, 3.0], &[0.0, 1.349 / 2.0]),
        (Scale::Quantile, &[0.0, 1.0, 1.5], &[0.0, 0.25, 0.375]),
        (Scale::None, &[-1.0, 1e300], &[-1.0, f32::MAX]),
    ] {
        let found = prepared(linear(scale), &training, values)?;
        assert_eq!(found, expected, "{scale:?}");
    }
    Ok(())
}

#[test]
fn beyond_the_training_range_numbers_grow_as_logarithms() -> TestResult {
    let training = [0.0, 1.0, 2.0, 3.0, 4.0];
    for scale in [Scale::MinMax, Scale::Quantile] {
        // One and a million ranges above, one below.
        let found = prepared(linear(scale), &training, &[8.0, 4.0 + 4e6, -4.0])?;
        let expected = [1.0 + 2_f32.ln(), 1.0 + 1_000_001_f32.ln(), -2_f32.ln()];
        assert_eq!(found, expected, "{scale:?}");
    }
    Ok(())
}

#[test]
fn half_the_rows_alike_are_scaled_by_their_deviation() -> TestResult {
    let found = prepared(
        linear(Scale::Robust),
        &[0.0, 0.0, 0.0, 0.0, 5.0],
        &[0.0, 2.0],
    )?;
    assert_eq!(found, [0.0, 1.0]);
    Ok(())
}

#[test]
fn quantiles_put_repeated_values_into_their_middle() -> TestResult {
    let training = [1.0, 2.0, 2.0, 2.0, 3.0];
    let found = prepared(linear(Scale::Quantile), &training, &[1.0, 2.0, 3.0])?;
    assert_eq!(found, [0.0, 0.5, 1.0]);
    Ok(())
}

#[test]
fn a_column_constant_in_training_shows_every_other_value() -> TestResult {
    for params in every_way().filter(|params| params.scale != Scale::None) {
        let found = prepared(params, &[7.0, 7.0], &[7.0, 8.0, 6.0, 1007.0])?;
        let log = |x: f32| x.ln_1p();
        assert_eq!(found, [0.0, log(1.0), -log(1.0), log(1000.0)], "{params:?}");
    }
    Ok(())
}

#[test]
fn rounding_is_no_spread() -> TestResult {
    let nearly = [0.1 + 0.2, 0.3, 0.3];
    for params in every_way() {
        let found = prepared(params, &nearly, &nearly)?;
        assert!(
            found.iter().all(|x| (x - found[0]).abs() < 1e-6),
            "{params:?}: {found:?}"
        );
    }
    Ok(())
}

#[test]
fn heavy_tails_get_a_logarithm_and_nothing_else_does() -> TestResult {
    let tail: Vec<f64> = (0..100).map(|i| f64::powi(1.2, i) - 1.0).collect();
    let even: Vec<f64> = (0..100).map(f64::from).collect();
    let mirrored: Vec<f64> = tail.iter().map(|x| -x).collect();
    let middle = |unit, training: &[f64]| -> TestResult<f32> {
        let rows = rows(vec![Column::number("x", unit)], training)?;
        let fitted = Preprocessor::params().fit(&rows)?;
        Ok(fitted.apply(&rows)?.view()[[50, 0]])
    };
    assert!((0.4..0.6).contains(&middle(Unit::Bytes, &tail)?));
    assert!(middle(Unit::Ratio, &tail)? < 0.01);
    assert!(middle(Unit::Bytes, &mirrored)? > 0.99);
    assert_eq!(middle(Unit::Bytes, &even)?, (50.0_f64 / 99.0) as f32);
    // Seconds far below one spread as well as bytes do.
    let small: Vec<f64> = tail.iter().map(|x| x * 1e-7).collect();
    assert!((0.4..0.6).contains(&middle(Unit::Seconds, &small)?));
    Ok(())
}

#[test]
fn categories_and_flags_become_columns_of_zero_and_one() -> TestResult {
    for params in every_way() {
        let training = mixed(&[
            (1.0, true, 0, 0.0),
            (2.0, true, 3, 0.0),
            (3.0, true, 3, 0.0),
        ])?;
        let fitted = params.fit(&training)?;
        let names: Vec<_> = (0..fitted.columns()).map(|i| fitted.name_of(i)).collect();
        let expected = [
            "bytes",
            "answered",
            "protocol=tcp",
            "protocol=other",
            "protocol=unseen",
            "delay",
        ];
        assert_eq!(names, expected);
        let sources: Vec<_> = (0..fitted.columns()).map(|i| fitted.source_of(i)).collect();
        assert_eq!(sources, [0, 1, 2, 2, 2, 3]);

        let test = mixed(&[(1.0, true, 3, 0.0), (1.0, false, 1, 0.0)])?;
        let prepared = fitted.apply(&test)?;
        let middle = |row: usize| prepared.row(row).to_vec()[1..5].to_vec();
        assert_eq!(middle(0), [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(middle(1), [0.0, 0.0, 0.0, 1.0]);
    }
    Ok(())
}

#[test]
fn rows_that_do_not_fit_are_refused() -> TestResult {
    let fitted = Preprocessor::params().fit(&bytes(&[1.0, 2.0])?)?;
    let other = rows(vec![Column::number("bytes", Unit::Count)], &[1.0])?;
    let error = fitted.apply(&other).unwrap_err();
    assert!(matches!(error, PrepareError::Schema { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains(&other.schema().fingerprint().to_string())
    );

    let mut out = vec![9.0];
    let error = fitted.apply_row(&[1.0, 2.0], &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the row has 2 values, the preprocessing was fitted on 1"
    );
    let error = fitted.apply_row(&[f64::NAN], &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "column \"bytes\": NaN is not a finite number"
    );
    assert_eq!(out, [9.0]);

    let error = Preprocessor::params().fit(&bytes(&[])?).unwrap_err();
    assert_eq!(error, PrepareError::NoRows);
    Ok(())
}

#[test]
fn what_was_fitted_does_not_depend_on_what_it_is_applied_to() -> TestResult {
    for params in every_way() {
        let training = mixed(&[
            (1.0, true, 0, 0.1),
            (20.0, false, 1, 0.2),
            (400.0, true, 1, 0.0),
        ])?;
        let fitted = params.fit(&training)?;
        let (before, copy) = (fitted.apply(&training)?, fitted.clone());
        fitted.apply(&mixed(&[(1e9, false, 2, -5.0); 4])?)?;
        assert_eq!(fitted.apply(&training)?, before);
        assert_eq!(fitted, copy);
    }
    Ok(())
}

#[test]
fn stored_parts_that_do_not_fit_are_refused() -> TestResult {
    let line = |center, scale, low, high| Curve::Line {
        center,
        scale,
        low,
        high,
    };
    let points = |x: &[f64], y: &[f64]| Curve::Points {
        x: x.to_vec(),
        y: y.to_vec(),
    };
    let number = |log_unit, curve| Encoder::Number(Number::stored(log_unit, curve));
    let one_hot = |seen: &[u32]| Encoder::Category(OneHot::stored(seen));
    let kinds = [
        Column::number("number", Unit::Bytes),
        Column::category("category", ["a", "b"]),
    ];
    let check = |kind: usize, encoders: Vec<Encoder>, expected: &str| -> TestResult {
        let schema = Schema::new(vec![kinds[kind].clone()])?;
        let stored = StoredPreprocessor {
            schema,
            encoders,
            omissions: Vec::new(),
        };
        let error = Preprocessor::try_from(stored).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("not a sound preprocessor: {expected}")
        );
        Ok(())
    };
    check(0, vec![], "1 columns, 0 encoders")?;
    for curve in [
        line(0.0, 0.0, 0.0, 1.0),
        line(0.0, -1.0, 0.0, 1.0),
        line(0.0, f64::NAN, 0.0, 1.0),
        line(0.0, f64::INFINITY, 0.0, 1.0),
    ] {
        let expected = "column \"number\": its scale is no positive number";
        check(0, vec![number(None, curve)], expected)?;
    }
    for curve in [
        line(f64::NAN, 1.0, 0.0, 1.0),
        line(0.0, 1.0, 1.0, 0.0),
        line(0.0, 1.0, f64::NEG_INFINITY, 0.0),
        line(0.0, 1.0, 0.0, f64::NAN),
    ] {
        let expected = "column \"number\": its range is no range of numbers";
        check(0, vec![number(None, curve)], expected)?;
    }
    for curve in [
        points(&[], &[]),
        points(&[1.0], &[0.0]),
        points(&[1.0, 2.0], &[0.0]),
        points(&[2.0, 1.0], &[0.0, 1.0]),
        points(&[1.0, 1.0], &[0.0, 1.0]),
        points(&[1.0, f64::NAN], &[0.0, 1.0]),
        points(&[1.0, f64::INFINITY], &[0.0, 1.0]),
        points(&[1.0, 2.0], &[1.0, 0.0]),
        points(&[1.0, 2.0], &[0.0, 2.0]),
    ] {
        let expected = "column \"number\": its points are no rising curve";
        check(0, vec![number(None, curve)], expected)?;
    }
    for unit in [0.0, -1.0, 2.0, f64::NAN] {
        let expected = "column \"number\": its logarithm has no unit";
        check(0, vec![number(Some(unit), Curve::UNIT)], expected)?;
    }
    check(
        1,
        vec![one_hot(&[1, 0])],
        "column \"category\": its categories are not in order",
    )?;
    check(
        1,
        vec![one_hot(&[1, 1])],
        "column \"category\": its categories are not in order",
    )?;
    let unknown = "column \"category\": it has a category that the schema does not know";
    check(1, vec![one_hot(&[0, 3])], unknown)?;
    let other_kind = "its encoder is for another kind of column";
    check(
        1,
        vec![number(None, Curve::UNIT)],
        &format!("column \"category\": {other_kind}"),
    )?;
    check(
        0,
        vec![one_hot(&[])],
        &format!("column \"number\": {other_kind}"),
    )?;
    Ok(())
}

pub(super) fn any_number() -> impl Strategy<Value = f64> {
    let any = any::<f64>().prop_filter("finite", |x| x.is_finite());
    prop_oneof![
        Just(0.0),
        (0_u32..2000).prop_map(f64::from),
        -1.0..1.0_f64,
        0.0..1e9_f64,
        any
    ]
}

fn any_row() -> impl Strategy<Value = (f64, bool, u8, f64)> {
    (any_number(), any::<bool>(), 0_u8..4, any_number())
}

proptest! {
    // Each case goes through ten ways of preparing.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn columns_are_finite_monotone_and_in_range(
        training in prop::collection::vec(any_number(), 1..60),
        mut values in prop::collection::vec(any_number(), 1..60),
    ) {
        values.sort_by(f64::total_cmp);
        for params in every_way() {
            let found = prepared(params, &training, &values)?;
            prop_assert!(found.iter().all(|x| x.is_finite()), "{params:?}: {found:?}");
            prop_assert!(found.is_sorted(), "{params:?}: {found:?}");
            let range = match params.scale {
                Scale::MinMax | Scale::Quantile => 0.0..=1.0,
                // Beyond the knee at 10 it takes a hundred thousand deviations to come so far.
                Scale::Standard | Scale::Robust if training.iter().all(|x| x.abs() < 1e10) => -40.0..=40.0,
                _ => f32::MIN..=f32::MAX,
            };
            let inside = prepared(params, &training, &training)?;
            // Constant but for rounding may differ from 0 as little.
            prop_assert!(inside.iter().all(|x| range.contains(&(x * (1.0 - 1e-6)))), "{params:?}: {inside:?}");
        }
    }

    #[test]
    fn one_row_is_prepared_as_among_others_and_after_storing(
        training in prop::collection::vec(any_row(), 1..20),
        test in prop::collection::vec(any_row(), 1..20),
        turn in 0_usize..20,
    ) {
        for params in every_way() {
            let fitted = params.fit(&mixed(&training)?)?;
            let test = mixed(&test)?;
            let whole = fitted.apply(&test)?;

            let mut by_row = Vec::new();
            for row in test.view().rows() {
                fitted.apply_row(&row.to_vec(), &mut by_row)?;
            }
            let by_row = Array2::from_shape_vec(whole.view().raw_dim(), by_row)?;
            let bits = |x: &f32| x.to_bits();
            prop_assert_eq!(by_row.map(bits), whole.view().map(bits));

            let stored = postcard::to_stdvec(&fitted)?;
            let read: Preprocessor = postcard::from_bytes(&stored)?;
            prop_assert_eq!(&read, &fitted);

            let mut turned = training.clone();
            turned.rotate_left(turn % training.len());
            prop_assert_eq!(&params.fit(&mixed(&turned)?)?, &fitted);
        }
    }

    #[test]
    fn a_damaged_preprocessor_is_refused_or_gives_numbers(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        values in prop::collection::vec(any_row(), 1..9),
    ) {
        for scale in SCALES {
            let rows = mixed(&[(1.0, true, 0, 0.1), (20.0, false, 1, 0.2), (400.0, true, 1, 0.0)])?;
            let fitted = Preprocessor::params().scale(scale).fit(&rows)?;
            let mut stored = postcard::to_stdvec(&fitted)?;
            *at.get_mut(&mut stored) = byte;
            if let Ok(read) = postcard::from_bytes::<Preprocessor>(&stored) {
                for row in mixed(&values)?.view().rows() {
                    let mut out = Vec::new();
                    if read.apply_row(&row.to_vec(), &mut out).is_ok() {
                        prop_assert!(out.iter().all(|x| x.is_finite()));
                    }
                }
            }
        }
    }
}
