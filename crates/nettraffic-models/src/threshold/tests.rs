use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

use super::*;

fn at_rate(held_out: &[f32], rate: f64) -> Threshold {
    Threshold::at_rate(held_out, rate).expect("sound scores")
}

fn beyond(low: f64, expected: f64, high: f64) -> Beyond {
    Beyond {
        expected,
        low,
        high,
    }
}

/// 1, 2, … in an order that is not sorted.
fn counting(rows: u16) -> Vec<f32> {
    let mut scores: Vec<f32> = (1..=rows).map(f32::from).collect();
    scores.reverse();
    scores.rotate_left(usize::from(rows) / 3);
    scores
}

#[test]
fn the_threshold_is_at_its_conformal_rank() {
    for (rows, rate, value, expected, resolvable) in [
        (99, 0.01, 99.0, 0.01, true),
        (99, 0.29, 71.0, 0.29, true),
        (100, 0.01, 100.0, 1.0 / 101.0, true),
        (199, 0.05, 190.0, 0.05, true),
        (98, 0.01, 98.0, 1.0 / 99.0, false),
        (10, 0.001, 10.0, 1.0 / 11.0, false),
        (1, 0.5, 1.0, 0.5, true),
        (1, 0.4, 1.0, 0.5, false),
        (10, 0.999, 1.0, 10.0 / 11.0, true),
    ] {
        let threshold = at_rate(&counting(rows), rate);
        let found = (threshold.value(), threshold.is_resolvable());
        assert_eq!(found, (value, resolvable), "{rows} rows at {rate}");
        assert!(
            (threshold.expected_rate() - expected).abs() < 1e-15,
            "{rows} rows at {rate}"
        );
        assert_eq!(
            (threshold.rows(), threshold.asked_rate()),
            (u64::from(rows), rate)
        );
    }
}

#[test]
fn an_alert_is_strictly_beyond_the_threshold() {
    let threshold = at_rate(&counting(99), 0.1);
    for (score, alert) in [
        (90.0, false),
        (90.1, true),
        (f32::NEG_INFINITY, false),
        (f32::INFINITY, true),
        (f32::NAN, true),
    ] {
        assert_eq!(threshold.is_alert(score), alert, "{score}");
    }
}

#[test]
fn ties_lower_the_rate_and_never_raise_it() {
    let mut scores = vec![1.0; 80];
    scores.extend([2.0; 15]);
    scores.extend([3.0; 4]);
    let threshold = at_rate(&scores, 0.1);
    assert_eq!((threshold.value(), threshold.expected_rate()), (2.0, 0.05));
    assert!(!threshold.is_alert(2.0));
    let all_alike = at_rate(&[7.0; 50], 0.2);
    assert_eq!(
        (all_alike.value(), all_alike.expected_rate()),
        (7.0, 1.0 / 51.0)
    );
    assert_eq!(all_alike.interval().0, 0.0);
}

#[test]
fn what_gives_no_threshold_is_refused() {
    for rate in [0.0, 1.0, -0.1, f64::NAN, f64::INFINITY] {
        let found = Threshold::at_rate(&[1.0], rate);
        assert!(
            matches!(found, Err(ModelError::Parameter { .. })),
            "{rate}: {found:?}"
        );
    }
    let few = ModelError::TooFewRows {
        what: "a threshold",
        needed: 1,
        found: 0,
    };
    assert_eq!(Threshold::at_rate(&[], 0.1), Err(few));
    let error = ModelError::NotFinite { row: 2, column: 0 };
    assert_eq!(Threshold::at_rate(&[1.0, 2.0, f32::NAN], 0.1), Err(error));
}

/// Of scores uniform on [0, 1) the true rate beyond `t` is `1 - t`; of `steps` equally likely
/// scores, it is the share of the steps beyond.
fn coverage(rows: usize, rate: f64, steps: Option<u32>) -> (f64, f64) {
    let mut rng = Xoshiro256Plus::seed_from_u64(20);
    let (mut inside, mut total) = (0.0, 0.0);
    for _ in 0..1_000 {
        let draw = |_| match steps {
            None => rng.r#gen::<f32>(),
            Some(steps) => rng.gen_range(0..steps) as f32 / steps as f32,
        };
        let threshold = at_rate(&(0..rows).map(draw).collect::<Vec<_>>(), rate);
        let step = steps.map_or(0.0, |steps| f64::from(steps).recip());
        let actual = 1.0 - f64::from(threshold.value()) - step;
        let (low, high) = threshold.interval();
        total += actual;
        // The steps are rounded to single precision.
        if (low - 1e-6..=high + 1e-6).contains(&actual) {
            inside += 1.0;
        }
    }
    (inside / 1_000.0, total / 1_000.0)
}

#[test]
fn the_actual_rate_is_in_the_interval_in_95_of_100_splits() {
    for (rows, rate) in [(400, 0.05), (1_000, 0.01), (150, 0.3), (50, 0.001)] {
        let (inside, mean) = coverage(rows, rate, None);
        assert!(
            (0.93..=0.97).contains(&inside),
            "{rows} at {rate}: {inside}"
        );
        let expected = at_rate(&counting(rows as u16), rate).expected_rate();
        assert!(
            (mean / expected - 1.0).abs() < 0.1,
            "{rows} at {rate}: {mean}"
        );
    }
}

#[test]
fn ties_keep_the_interval_and_the_promise() {
    for (rows, rate, steps) in [(400, 0.05, 10), (400, 0.05, 45), (1_000, 0.01, 300)] {
        let (inside, mean) = coverage(rows, rate, Some(steps));
        assert!(inside >= 0.93, "{rows} at {rate} in {steps}: {inside}");
        assert!(mean <= rate * 1.05, "{rows} at {rate} in {steps}: {mean}");
    }
}

#[test]
fn p_values_count_the_held_out_scores_from_the_score_on() {
    let few = at_rate(&counting(99), 0.1);
    for (score, p) in [
        (100.0, 0.01),
        (99.0, 0.02),
        (98.5, 0.02),
        (1.0, 1.0),
        (-5.0, 1.0),
    ] {
        assert_eq!(few.p_value(score), p, "{score}");
    }
    assert_eq!(few.p_value(f32::NAN), 0.01);

    let many = counting(60_000);
    let threshold = at_rate(&many, 0.001);
    assert!(postcard::to_stdvec(&threshold).expect("writes").len() < 9_000);
    for score in [59_999.5, 59_500.0, 58_977.5, 58_977.0, 40_000.0, 17.5, 0.0] {
        let exact = (many.iter().filter(|s| **s >= score).count() as f64 + 1.0) / 60_001.0;
        let found = threshold.p_value(score);
        let slack = if score > 58_977.0 { 0.0 } else { 1.0 / 1_000.0 };
        assert!(
            (exact..=exact + slack).contains(&found),
            "{score}: {found} for {exact}"
        );
    }
}

#[test]
fn stored_thresholds_come_back_and_damaged_ones_are_refused() {
    for scores in [counting(30), counting(5_000), vec![0.0, -0.0, 0.0]] {
        for rate in [0.001, 0.01, 0.4, 0.9] {
            let threshold = at_rate(&scores, rate);
            let bytes = postcard::to_stdvec(&threshold).expect("writes");
            assert_eq!(postcard::from_bytes(&bytes), Ok(threshold));
        }
    }
    let spoils: [fn(&mut Stored); 12] = [
        |s| s.asked_rate = 0.0,
        |s| s.asked_rate = f64::NAN,
        |s| s.asked_rate = 0.2,
        |s| s.scores.rows = 0,
        |s| s.scores.rows = u64::MAX,
        |s| s.value = f32::NAN,
        |s| s.value = 29.0,
        |s| s.above = u64::MAX,
        |s| s.equal = 0,
        |s| s.scores.kept[3] = f32::INFINITY,
        |s| s.scores.kept.swap(3, 4),
        |s| s.beyond = Some(beyond(0.0, 0.05, 0.1)),
    ];
    for (case, spoil) in spoils.into_iter().enumerate() {
        let mut stored = at_rate(&counting(30), 0.1).stored;
        assert_eq!(stored.fault(), None);
        spoil(&mut stored);
        let bytes = postcard::to_stdvec(&stored).expect("writes");
        assert!(
            postcard::from_bytes::<Threshold>(&bytes).is_err(),
            "case {case}"
        );
    }
}

/// Scores by the quantile function `of` of uniform numbers.
fn drawn(rows: usize, rng: &mut Xoshiro256Plus, of: impl Fn(f64) -> f64) -> Vec<f32> {
    (0..rows).map(|_| of(rng.r#gen::<f64>()) as f32).collect()
}

/// Quantile functions with the chance of more than a value, from tails that end to heavy ones.
type Law = (&'static str, fn(f64) -> f64, fn(f64) -> f64);
const LAWS: [Law; 5] = [
    ("uniform", |u| u, |x| (1.0 - x).max(0.0)),
    (
        "triangle",
        |u| 1.0 - (1.0 - u).sqrt(),
        |x| (1.0 - x).max(0.0).powi(2),
    ),
    ("exponential", |u| -(-u).ln_1p(), |x| (-x).exp()),
    (
        "lognormal-like",
        |u| (-(-u).ln_1p()).powi(2),
        |x| (-x.max(0.0).sqrt()).exp(),
    ),
    ("power", |u| (1.0 - u).powf(-0.5), |x| x.max(1.0).powi(-2)),
];

#[test]
fn beyond_the_scores_the_tail_keeps_the_rate_and_its_interval() {
    for (name, quantile, chance) in LAWS {
        let mut rng = Xoshiro256Plus::seed_from_u64(11);
        let (mut inside, mut sum, draws) = (0.0, 0.0, 100);
        for _ in 0..draws {
            let scores = drawn(500, &mut rng, quantile);
            let threshold = Threshold::beyond(&scores, 1.0 / 5_000.0).expect("sound scores");
            assert!(threshold.is_extrapolated() && !threshold.is_resolvable());
            let actual = chance(threshold.value().into());
            let (low, high) = threshold.interval();
            inside += f64::from(u8::from((low..=high).contains(&actual))) / f64::from(draws);
            sum += actual / f64::from(draws);
        }
        println!("{name}: inside {inside:.3}, mean rate {sum:.2e} of 2e-4");
        assert!(inside >= 0.93, "{name}: {inside}");
        assert!(sum < 4e-4, "{name}: {sum}");
    }
}

#[test]
fn beyond_changes_nothing_where_rows_are_enough_or_tell_no_tail() {
    let many = counting(5_000);
    for rate in [0.001, 0.01, 0.5] {
        assert_eq!(
            Threshold::beyond(&many, rate),
            Threshold::at_rate(&many, rate)
        );
    }
    for few in [vec![1.0], vec![3.0; 500], counting(4)] {
        assert_eq!(
            Threshold::beyond(&few, 1e-4),
            Threshold::at_rate(&few, 1e-4)
        );
    }
    let thresholds = [1e-4, 1e-5, 1e-9, 1e-300].map(|rate| Threshold::beyond(&many, rate));
    let values: Vec<f32> = thresholds.iter().flatten().map(Threshold::value).collect();
    assert_eq!(values.len(), 4);
    assert!(
        values[0] >= 5_000.0 && values.windows(2).all(|pair| pair[0] < pair[1]),
        "{values:?}"
    );
}

#[test]
fn alarms_among_further_rows_are_within_their_interval_in_95_of_100_draws() {
    for (rows, rate, further, steps) in [
        (2_000, 0.05, 2_000, None),
        (5_000, 0.01, 20_000, None),
        (5_000, 0.01, 1_000, None),
        (3_000, 0.03, 3_000, Some(60)),
        (3_000, 0.03, 3_000, Some(5)),
    ] {
        let mut rng = Xoshiro256Plus::seed_from_u64(12);
        let step = |u: f64| steps.map_or(u, |steps: u32| (u * f64::from(steps)).floor());
        let (mut inside, draws) = (0.0, 400);
        for _ in 0..draws {
            let threshold = at_rate(&drawn(rows, &mut rng, step), rate);
            let scores = drawn(further as usize, &mut rng, step);
            let found = scores.iter().filter(|s| threshold.is_alert(**s)).count() as u64;
            let alarms = threshold.alarms_among(further);
            assert!((alarms.low as f64) < alarms.expected && alarms.expected < alarms.high as f64);
            let is_inside = (alarms.low..=alarms.high).contains(&found);
            inside += f64::from(u8::from(is_inside)) / f64::from(draws);
        }
        let least = 0.925;
        let most = if steps.is_some() { 1.0 } else { 0.975 };
        println!("{rows} at {rate} of {further} in {steps:?}: {inside:.3}");
        assert!(
            (least..=most).contains(&inside),
            "{rows} at {rate} in {steps:?}: {inside}"
        );
    }
}

#[test]
fn alarms_of_any_number_of_rows_are_in_order() {
    let thresholds = [
        Threshold::at_rate(&counting(99), 0.1),
        Threshold::at_rate(&counting(60_000), 0.5),
        Threshold::at_rate(&[7.0; 50], 0.2),
        Threshold::beyond(&counting(900), 1e-6),
    ];
    for threshold in thresholds.iter().flatten() {
        for rows in [0, 1, 10, 1_000, 1_000_000, 1 << 40, u64::MAX] {
            let Alarms {
                expected,
                low,
                high,
            } = threshold.alarms_among(rows);
            assert!(
                low as f64 <= expected && high <= rows,
                "{low} {expected} {high}"
            );
            assert!(
                expected <= high as f64 || expected < 1.0,
                "{low} {expected} {high}"
            );
        }
    }
    assert_eq!(thresholds.iter().flatten().count(), 4);
}

#[test]
fn stored_thresholds_beyond_come_back_and_damaged_ones_are_refused() {
    let threshold = Threshold::beyond(&counting(900), 1e-4).expect("sound scores");
    let bytes = postcard::to_stdvec(&threshold).expect("writes");
    assert_eq!(postcard::from_bytes(&bytes), Ok(threshold.clone()));
    let spoils: [fn(&mut Stored); 8] = [
        |s| s.value = 800.0,
        |s| s.above = 1,
        |s| s.asked_rate = 0.01,
        |s| s.beyond = None,
        |s| s.beyond = Some(beyond(0.0, 0.2, 0.1)),
        |s| s.beyond = Some(beyond(0.0, f64::NAN, 0.1)),
        |s| s.beyond = Some(beyond(-0.1, 0.05, 0.1)),
        |s| s.beyond = Some(beyond(0.0, 0.05, 1.1)),
    ];
    for (case, spoil) in spoils.into_iter().enumerate() {
        let mut stored = threshold.stored.clone();
        assert_eq!(stored.fault(), None);
        spoil(&mut stored);
        let bytes = postcard::to_stdvec(&stored).expect("writes");
        let found = postcard::from_bytes::<Threshold>(&bytes);
        assert!(found.is_err(), "case {case}");
    }
}

proptest! {
    #[test]
    fn an_alert_has_a_p_value_within_the_rate(
        scores in prop::collection::vec(0_u8..30, 1..80),
        rate in 0.001..0.999,
        score in 0_u8..31,
    ) {
        let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
        let threshold = at_rate(&scores, rate);
        let p = threshold.p_value(score.into());
        prop_assert!(p > 0.0 && p <= 1.0);
        if threshold.is_alert(score.into()) {
            prop_assert!(p <= threshold.expected_rate());
        } else {
            prop_assert!(p > threshold.expected_rate());
        }
        if threshold.is_resolvable() {
            prop_assert!(threshold.expected_rate() <= rate * (1.0 + 1e-9));
        }
        let (low, high) = threshold.interval();
        prop_assert!(0.0 <= low && low < high && high <= 1.0);
    }
}
