use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

use super::*;

type Checked = Result<(), ModelError>;

/// `rows` scores by the quantile function `of` of uniform numbers.
fn drawn(rows: usize, seed: u64, of: impl Fn(f64) -> f64) -> Vec<f32> {
    let mut rng = Xoshiro256Plus::seed_from_u64(seed);
    (0..rows).map(|_| of(rng.r#gen::<f64>()) as f32).collect()
}

fn exponential(u: f64) -> f64 {
    -(-u).ln_1p()
}

#[test]
fn surprise_is_minus_the_logarithm_of_p_at_held_out_scores() -> Checked {
    for rows in [1, 2, 50, 2_048, 30_000] {
        let scores = drawn(rows, 3, exponential);
        let calibration = Calibration::fit(&scores)?;
        for score in &calibration.stored.scores.kept {
            let p = calibration.p_value(*score);
            assert_eq!(
                calibration.surprise(*score),
                0.0 - p.ln(),
                "{rows}: {score}"
            );
        }
    }
    Ok(())
}

#[test]
fn p_values_of_further_benign_rows_are_no_smaller_than_they_claim() -> Checked {
    let calibration = Calibration::fit(&drawn(20_000, 5, exponential))?;
    let further = drawn(200_000, 6, exponential);
    for p in [0.5, 0.1, 0.01, 0.001] {
        let found = further
            .iter()
            .filter(|s| calibration.p_value(**s) <= p)
            .count() as f64
            / further.len() as f64;
        assert!(found < p * 1.25 && found > p * 0.75, "{found} for {p}");
    }
    Ok(())
}

#[test]
fn beyond_the_highest_score_the_surprise_follows_the_tail() -> Checked {
    // Power laws: the chance of more than x is x^(-1 / shape), so that 100 times as far is
    // ln(100) / shape as surprising.
    for shape in [0.3, 0.5, 1.0] {
        let calibration = Calibration::fit(&drawn(50_000, 7, |u| (1.0 - u).powf(-shape)))?;
        let gained = calibration.surprise(1e14) - calibration.surprise(1e12);
        let expected = 100_f64.ln() / shape;
        assert!(
            (gained / expected - 1.0).abs() < 0.25,
            "{gained} for {expected}"
        );
    }
    // A light tail: one scale further on is about 1 more, before it bends.
    let scores = drawn(50_000, 8, exponential);
    let highest = scores.iter().fold(0.0_f32, |a, b| a.max(*b));
    let calibration = Calibration::fit(&scores)?;
    let gained = calibration.surprise(highest + 1.0) - calibration.surprise(highest.next_up());
    assert!((0.6..1.4).contains(&gained), "{gained}");
    Ok(())
}

#[test]
fn scores_beyond_the_highest_never_tie_and_stay_finite() -> Checked {
    let sets = [
        vec![0.0],
        vec![-3.0; 40],
        vec![f32::MAX; 3],
        vec![f32::MIN, f32::MAX],
        vec![1e-40; 30],
        drawn(3_000, 1, exponential),
        drawn(500, 2, |u| u),
        drawn(3_000, 2, |u| (u * 10.0).floor()),
    ];
    for scores in sets {
        let calibration = Calibration::fit(&scores)?;
        let highest = scores.iter().fold(f32::MIN, |a, b| a.max(*b));
        let mut score = highest.max(1e-3);
        let mut before = calibration.surprise(highest);
        while score < f32::MAX / 4.0 {
            score *= 3.0;
            let now = calibration.surprise(score);
            assert!(
                now > before && now.is_finite(),
                "{score}: {now} after {before}"
            );
            before = now;
        }
        let most = calibration.surprise(f32::MAX);
        assert!(most.is_finite());
        assert_eq!(calibration.surprise(f32::INFINITY), most);
        assert_eq!(calibration.surprise(f32::NAN), most);
        assert_eq!(calibration.surprise(f32::NEG_INFINITY), 0.0);
    }
    Ok(())
}

#[test]
fn what_gives_no_calibration_is_refused() {
    assert!(matches!(
        Calibration::fit(&[]),
        Err(ModelError::TooFewRows { .. })
    ));
    let error = ModelError::NotFinite { row: 1, column: 0 };
    assert_eq!(Calibration::fit(&[1.0, f32::INFINITY]), Err(error));
}

#[test]
fn stored_calibrations_come_back_and_damaged_ones_are_refused() -> Checked {
    for rows in [1, 30, 5_000] {
        let calibration = Calibration::fit(&drawn(rows, 4, exponential))?;
        let bytes = postcard::to_stdvec(&calibration).unwrap_or_default();
        assert!(bytes.len() < 9_000);
        assert_eq!(postcard::from_bytes(&bytes), Ok(calibration));
    }
    let spoils: [fn(&mut Stored); 9] = [
        |s| s.scale = 0.0,
        |s| s.scale = f64::INFINITY,
        |s| s.shape = f64::NAN,
        |s| s.shape = -0.1,
        |s| s.scores.rows = 0,
        |s| s.scores.rows = 31,
        |s| s.scores.rows = u64::MAX,
        |s| s.scores.kept[3] = f32::NAN,
        |s| s.scores.kept.swap(3, 4),
    ];
    for (case, spoil) in spoils.into_iter().enumerate() {
        let mut stored = Calibration::fit(&drawn(30, 4, exponential))?.stored;
        assert_eq!(stored.fault(), None);
        spoil(&mut stored);
        let bytes = postcard::to_stdvec(&stored).unwrap_or_default();
        let found = postcard::from_bytes::<Calibration>(&bytes);
        assert!(found.is_err(), "case {case}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_higher_score_is_never_less_surprising_nor_more_than_its_p_value_says(
        held_out in prop::collection::vec(prop_oneof![-1e3_f32..1e3, (0_u8..9).prop_map(f32::from)], 1..120),
        mut scores in prop::collection::vec(prop_oneof![-2e3_f32..2e3, any::<f32>()], 2..60),
    ) {
        let calibration = Calibration::fit(&held_out)?;
        scores.retain(|s| !s.is_nan());
        scores.sort_unstable_by(f32::total_cmp);
        let highest = held_out.iter().fold(f32::MIN, |a, b| a.max(*b));
        let mut before = 0.0;
        for score in scores {
            let surprise = calibration.surprise(score);
            prop_assert!(surprise >= before && surprise.is_finite());
            let p = calibration.p_value(score);
            prop_assert!(p > 0.0 && p <= 1.0);
            if score <= highest {
                prop_assert!(surprise <= 0.0 - p.ln());
            } else {
                prop_assert!(surprise > 0.0 - p.ln());
            }
            before = surprise;
        }
    }
}
