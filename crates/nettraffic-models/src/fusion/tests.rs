use ndarray::{Array2, array};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256Plus;

use super::*;

type Checked = Result<(), ModelError>;

/// Members whose held-out scores were 1 to 99, and the same in other units.
fn members(number: usize) -> Result<Vec<Calibration>, ModelError> {
    (0..number)
        .map(|member| {
            let unit = 10_f32.powi(member as i32);
            let scores: Vec<f32> = (1..100).map(|score| score as f32 * unit).collect();
            Calibration::fit(&scores)
        })
        .collect()
}

fn fused(rule: FusionRule, row: &[f32]) -> Result<(f32, Array1<f32>), ModelError> {
    let fusion = Fusion::new(members(row.len())?, rule)?;
    Ok((fusion.score(row)?, fusion.shares(row)?))
}

fn close(found: f32, expected: f64) {
    assert!(
        (f64::from(found) - expected).abs() < 1e-5,
        "{found} for {expected}"
    );
}

#[test]
fn the_rules_combine_surprises_as_they_say() -> Checked {
    // p-values 0.1, 0.51 and 0.02.
    let row = [91.0, 500.0, 9_900.0];
    let (a, b, c) = (-0.1_f64.ln(), -0.51_f64.ln(), -0.02_f64.ln());
    let sum = a + b + c;
    // The chance that chi-squared with 6 degrees exceeds 2 sum.
    let fisher = -((-sum).exp() * (1.0 + sum + sum * sum / 2.0)).ln();
    for (rule, score, shares) in [
        (FusionRule::MeanLog, sum / 3.0, [a / 3.0, b / 3.0, c / 3.0]),
        (
            FusionRule::Fisher,
            fisher,
            [a, b, c].map(|x| fisher * x / sum),
        ),
        (FusionRule::Maximum, c, [0.0, 0.0, c]),
        (
            FusionRule::Learned(vec![3.0, 0.0, 1.0]),
            0.75 * a + 0.25 * c,
            [0.75 * a, 0.0, 0.25 * c],
        ),
    ] {
        let (found, found_shares) = fused(rule, &row)?;
        close(found, score);
        for (found, share) in found_shares.iter().zip(shares) {
            close(*found, share);
        }
    }
    Ok(())
}

#[test]
fn one_member_keeps_its_surprise_under_every_rule() -> Checked {
    for rule in [
        FusionRule::MeanLog,
        FusionRule::Fisher,
        FusionRule::Maximum,
        FusionRule::Learned(vec![0.2]),
    ] {
        let (found, shares) = fused(rule, &[91.0])?;
        close(found, -0.1_f64.ln());
        assert_eq!(shares, array![found]);
    }
    Ok(())
}

#[test]
fn rows_in_a_batch_are_scored_as_alone() -> Checked {
    let fusion = Fusion::new(members(3)?, FusionRule::Fisher)?;
    let scores = Array2::from_shape_fn((2_000, 3), |(r, c)| ((r * 7 + c * 31) % 150) as f32);
    let batch = fusion.score_all(scores.view())?;
    for (row, score) in scores.outer_iter().zip(&batch) {
        assert_eq!(fusion.score(row)?, *score);
    }
    Ok(())
}

#[test]
fn learned_weights_go_to_the_member_that_tells() -> Checked {
    let mut rng = Xoshiro256Plus::seed_from_u64(3);
    let attack: Vec<bool> = (0..1_000).map(|row| row % 5 == 0).collect();
    // The second member shifts attacks, the others know nothing.
    let scores = Array2::from_shape_fn((1_000, 3), |(row, member)| {
        let shift = if member == 1 && attack[row] {
            60.0
        } else {
            0.0
        };
        (rng.r#gen::<f32>() * 99.0 + shift) * 10_f32.powi(member as i32)
    });
    let fusion = Fusion::learn(members(3)?, scores.view(), &attack)?;
    let again = Fusion::learn(members(3)?, scores.view(), &attack)?;
    assert_eq!(fusion, again);
    let FusionRule::Learned(weights) = fusion.rule() else {
        panic!("another rule: {:?}", fusion.rule());
    };
    assert!(weights[1] > 0.8, "{weights:?}");
    assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
    Ok(())
}

#[test]
fn members_that_tell_nothing_weigh_alike() -> Checked {
    let attack = [true, false, true, false];
    let fusion = Fusion::learn(members(2)?, Array2::zeros((4, 2)).view(), &attack)?;
    assert_eq!(fusion.rule(), &FusionRule::Learned(vec![0.5, 0.5]));
    Ok(())
}

#[test]
fn what_cannot_be_fused_is_refused() -> Checked {
    let weights = |weights: &[f32]| FusionRule::Learned(weights.to_vec());
    for (number, rule) in [
        (0, FusionRule::MeanLog),
        (65, FusionRule::Maximum),
        (2, weights(&[1.0])),
        (2, weights(&[1.0, -0.5])),
        (2, weights(&[0.0, 0.0])),
        (2, weights(&[1.0, f32::NAN])),
    ] {
        let found = Fusion::new(vec![Calibration::fit(&[1.0])?; number], rule.clone());
        let is_refused = matches!(found, Err(ModelError::Parameter { .. }));
        assert!(is_refused, "{number} {rule:?}");
    }
    let fusion = Fusion::new(members(2)?, FusionRule::MeanLog)?;
    let error = ModelError::Columns {
        expected: 2,
        found: 1,
    };
    assert_eq!(fusion.score(&[1.0]), Err(error.clone()));
    assert_eq!(fusion.shares(&[1.0]), Err(error));
    let error = ModelError::NotFinite { row: 1, column: 0 };
    let scores = array![[1.0, 2.0], [f32::NAN, 1.0]];
    assert_eq!(fusion.score_all(scores.view()), Err(error));
    for attack in [&[true, true][..], &[false, false], &[true]] {
        let found = Fusion::learn(members(2)?, Array2::zeros((2, 2)).view(), attack);
        assert!(
            matches!(found, Err(ModelError::Parameter { .. })),
            "{attack:?}"
        );
    }
    Ok(())
}

#[test]
fn stored_fusions_come_back_and_damaged_ones_are_refused() -> Checked {
    for rule in [
        FusionRule::MeanLog,
        FusionRule::Fisher,
        FusionRule::Learned(vec![0.3, 0.9, 0.1]),
    ] {
        let fusion = Fusion::new(members(3)?, rule)?;
        let bytes = postcard::to_stdvec(&fusion).unwrap_or_default();
        assert_eq!(postcard::from_bytes(&bytes), Ok(fusion));
    }
    for rule in [
        FusionRule::Learned(vec![1.0]),
        FusionRule::Learned(vec![f32::NAN; 2]),
    ] {
        let calibrations = members(2)?;
        let bytes = postcard::to_stdvec(&Stored { calibrations, rule }).unwrap_or_default();
        assert!(postcard::from_bytes::<Fusion>(&bytes).is_err());
    }
    Ok(())
}

proptest! {
    #[test]
    fn shares_sum_to_the_score_and_a_higher_score_never_fuses_lower(
        row in prop::collection::vec(prop_oneof![0_f32..120.0, any::<f32>()], 3),
        (member, more) in (0_usize..3, 0_f32..1e9),
        rule in prop_oneof![
            Just(FusionRule::MeanLog),
            Just(FusionRule::Fisher),
            Just(FusionRule::Maximum),
            Just(FusionRule::Learned(vec![0.2, 0.0, 0.7])),
        ],
    ) {
        let mut row: Vec<f32> = row.into_iter().map(|s| if s.is_finite() { s } else { 1.0 }).collect();
        let (score, shares) = fused(rule.clone(), &row)?;
        prop_assert!(score >= 0.0 && score.is_finite());
        prop_assert!(shares.iter().all(|share| *share >= 0.0));
        prop_assert!((shares.sum() - score).abs() <= 1e-5 * (1.0 + score));
        row[member] = (row[member] + more).min(f32::MAX);
        prop_assert!(fused(rule, &row)?.0 >= score);
    }
}
