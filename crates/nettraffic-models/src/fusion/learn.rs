//! Weights of members from labelled rows.

use crate::ModelError;

/// Steps of the search; it ends earlier when it stands still.
const STEPS: usize = 2_000;
/// Pull towards small weights, in units where every member's surprise has mean square 1: shares weight out
/// among members that tell the same.
const PULL: f64 = 1e-3;

/// The weights, none negative, of the logistic regression that tells attacks by their surprises
/// (rows of `members` each), both classes counted alike. By accelerated projected gradient steps
/// (Beck and Teboulle 2009) in a fixed order: the same rows give the same bits.
pub(super) fn weights(
    surprises: &[f64],
    members: usize,
    attack: &[bool],
) -> Result<Vec<f32>, ModelError> {
    let rows = surprises.len() / members;
    if attack.len() != rows {
        return Err(refused(attack.len(), "one for each row of scores"));
    }
    let attacks = attack.iter().filter(|a| **a).count();
    if attacks == 0 || attacks == rows {
        return Err(refused(rows, "of both kinds, benign rows and attacks"));
    }
    let sizes = sizes(surprises, members);
    let scaled: Vec<f64> = surprises
        .chunks_exact(members)
        .flat_map(|row| row.iter().zip(&sizes).map(|(s, size)| s / size))
        .collect();
    let of_attack = 0.5 / attacks as f64;
    let of_benign = 0.5 / (rows - attacks) as f64;

    // The last number is the intercept, which alone may be negative.
    let gradient = |at: &[f64]| {
        let mut sum: Vec<f64> = at[..members].iter().map(|w| PULL * w).collect();
        sum.push(0.0);
        for (row, attack) in scaled.chunks_exact(members).zip(attack) {
            let logit = at[members] + row.iter().zip(at).map(|(x, w)| x * w).sum::<f64>();
            let chance = 1.0 / (1.0 + (-logit).exp());
            let pull = if *attack {
                of_attack * (chance - 1.0)
            } else {
                of_benign * chance
            };
            for (sum, x) in sum.iter_mut().zip(row.iter().chain(&[1.0])) {
                *sum += pull * x;
            }
        }
        sum
    };
    // No direction is curved more: a quarter of the squares' sum, each class weighing a half.
    let largest = scaled
        .chunks_exact(members)
        .zip(attack)
        .map(|(row, attack)| {
            let weight = if *attack { of_attack } else { of_benign };
            weight * (1.0 + row.iter().map(|x| x * x).sum::<f64>())
        })
        .sum::<f64>();
    let step = 1.0 / (0.25 * largest + PULL);

    let mut at = vec![0.0; members + 1];
    let (mut ahead, mut pace) = (at.clone(), 1.0_f64);
    for _ in 0..STEPS {
        let slope = gradient(&ahead);
        let mut next: Vec<f64> = ahead.iter().zip(slope).map(|(w, s)| w - step * s).collect();
        for weight in &mut next[..members] {
            *weight = weight.max(0.0);
        }
        let faster = (1.0 + (1.0 + 4.0 * pace * pace).sqrt()) / 2.0;
        let push = (pace - 1.0) / faster;
        ahead = next
            .iter()
            .zip(&at)
            .map(|(n, a)| n + push * (n - a))
            .collect();
        let moved = next
            .iter()
            .zip(&at)
            .map(|(n, a)| (n - a).abs())
            .fold(0.0, f64::max);
        (at, pace) = (next, faster);
        if moved < 1e-9 {
            break;
        }
    }
    at.truncate(members);
    let unscaled: Vec<f64> = at.iter().zip(&sizes).map(|(w, size)| w / size).collect();
    let sum: f64 = unscaled.iter().sum();
    Ok(unscaled
        .iter()
        // Where no member tells attacks from benign rows, none is preferred.
        .map(|w| if sum > 0.0 { w / sum } else { 1.0 / members as f64 } as f32)
        .collect())
}

/// Root of the mean square of each member's surprises, 1 where all are 0.
fn sizes(surprises: &[f64], members: usize) -> Vec<f64> {
    let mut squares = vec![0.0; members];
    for row in surprises.chunks_exact(members) {
        for (square, x) in squares.iter_mut().zip(row) {
            *square += x * x;
        }
    }
    let rows = (surprises.len() / members) as f64;
    squares
        .into_iter()
        .map(|square| {
            if square > 0.0 {
                (square / rows).sqrt()
            } else {
                1.0
            }
        })
        .collect()
}

fn refused(found: usize, expected: &'static str) -> ModelError {
    ModelError::Parameter {
        name: "labels of a fusion",
        value: found.to_string(),
        expected,
    }
}
