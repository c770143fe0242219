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

/// Row numbers that all splits of a kind may hold together: 800 MB of them.
const MOST_ROWS: usize = 100_000_000;

/// Refuses splits that would not fit into memory, as one for each of many rows.
pub(super) fn check_size(splits: usize, rows: usize) -> Result<(), EvalError> {
    if splits.saturating_mul(rows) <= MOST_ROWS {
        return Ok(());
    }
    Err(EvalError::TooManySplits {
        splits,
        rows,
        limit: MOST_ROWS,
    })
}

/// One split per part: it is tested on, the others are trained on.
pub(super) fn fold_splits(parts: &[Vec<usize>]) -> Result<Vec<Split>, EvalError> {
    check_size(parts.len(), parts.iter().map(Vec::len).sum())?;
    let split = |(tested, test): (usize, &Vec<usize>)| {
        let others = parts.iter().enumerate().filter(|(part, _)| *part != tested);
        let train = others.flat_map(|(_, rows)| rows).copied().collect();
        Split::new(train, test.clone())
    };
    Ok(parts.iter().enumerate().map(split).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_that_overshoots_is_taken_when_that_comes_nearer() {
        for (sizes, wanted, taken) in [
            (&[3, 1][..], 2, 3),
            (&[4, 1], 2, 4),
            (&[5, 1], 2, 1),
            (&[5, 1, 1], 2, 2),
            (&[9], 4, 0),
            (&[], 4, 0),
            (&[2, 2], 0, 0),
        ] {
            let units = sizes.iter().map(|size| vec![0; *size]).collect();
            let (first, second) = take_share(units, wanted);
            let all: usize = sizes.iter().sum();
            assert_eq!(
                (first.len(), second.len()),
                (taken, all - taken),
                "{sizes:?}"
            );
        }
    }
}
