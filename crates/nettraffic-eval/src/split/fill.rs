//! Filling the sides of a split with units of rows.

use super::Split;
use crate::EvalError;

/// `share` of `n`, rounded half up.
pub(super) fn share_of(n: usize, share: f64) -> Result<usize, EvalError> {
    if !(0.0..=1.0).contains(&share) {
        return Err(EvalError::Share { value: share });
    }
    Ok(((n as f64 * share).round() as usize).min(n))
}

/// Whole units to the first side until it has about the `wanted` rows, the others to the second. A
/// unit that would overshoot is taken when that comes nearer than leaving it.
pub(super) fn take_share(units: Vec<Vec<usize>>, wanted: usize) -> (Vec<usize>, Vec<usize>) {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for rows in units {
        let missing = wanted.saturating_sub(first.len());
        if rows.len() <= 2 * missing {
            first.extend(rows);
        } else {
            second.extend(rows);
        }
    }
    (first, second)
}

/// One split per part: it is tested on, the others are trained on.
pub(super) fn fold_splits(parts: &[Vec<usize>]) -> Vec<Split> {
    let split = |(tested, test): (usize, &Vec<usize>)| {
        let others = parts.iter().enumerate().filter(|(part, _)| *part != tested);
        let train = others.flat_map(|(_, rows)| rows).copied().collect();
        Split::new(train, test.clone())
    };
    parts.iter().enumerate().map(split).collect()
}
