//! Cholesky factors of symmetric matrices, packed: row `i` of the lower triangle starts at
//! `i (i + 1) / 2` and has `i + 1` numbers.

/// Start of row `i` in a packed lower triangle; also the length of one with `i` rows.
pub(super) fn row_start(i: usize) -> usize {
    i * (i + 1) / 2
}

/// Replaces the packed symmetric matrix by its lower Cholesky factor; `None` when it is not
/// positive definite in double precision.
pub(super) fn factor(a: &mut [f64], size: usize) -> Option<()> {
    for i in 0..size {
        let (above, row) = a.split_at_mut(row_start(i));
        for j in 0..i {
            let other = &above[row_start(j)..][..=j];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        let pivot = row[i] - dot(&row[..i], &row[..i]);
        if pivot.is_nan() || pivot <= 0.0 {
            return None;
        }
        row[i] = pivot.sqrt();
    }
    Some(())
}

/// The inverse of a packed lower-triangular matrix with a positive diagonal.
pub(super) fn invert(l: &[f64], size: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; l.len()];
    for i in 0..size {
        let (above, row) = inverse.split_at_mut(row_start(i));
        let factors = &l[row_start(i)..][..=i];
        // Row i of the inverse is a combination of the rows above it, which are known.
        for (j, factor) in factors[..i].iter().enumerate() {
            for (to, from) in row.iter_mut().zip(&above[row_start(j)..][..=j]) {
                *to -= factor * from;
            }
        }
        row[i] = 1.0;
        for value in &mut row[..=i] {
            *value /= factors[i];
        }
    }
    inverse
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_known_matrix_has_its_known_factor() {
        // [4 2 0.6; 2 2 1.3; 0.6 1.3 2.9] = L Lᵀ with L = [2; 1 1; 0.3 1 1.345362404707371].
        let mut a = [4.0, 2.0, 2.0, 0.6, 1.3, 2.9];
        assert_eq!(factor(&mut a, 3), Some(()));
        let expected = [2.0, 1.0, 1.0, 0.3, 1.0, 1.81_f64.sqrt()];
        for (found, expected) in a.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{a:?}");
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_none() {
        assert_eq!(factor(&mut [1.0, 2.0, 1.0], 2), None);
        assert_eq!(factor(&mut [0.0], 1), None);
        assert_eq!(factor(&mut [f64::NAN], 1), None);
    }

    proptest! {
        #[test]
        fn the_inverse_undoes_the_factor(entries in prop::collection::vec(-2.0..2.0, 21)) {
            let size = 6;
            let mut l: Vec<f64> = entries;
            for i in 0..size {
                let pivot = &mut l[row_start(i) + i];
                *pivot = pivot.abs() + 0.5;
            }
            let inverse = invert(&l, size);
            for i in 0..size {
                for j in 0..=i {
                    let product: f64 = (j..=i)
                        .map(|k| l[row_start(i) + k] * inverse[row_start(k) + j])
                        .sum();
                    let expected = if i == j { 1.0 } else { 0.0 };
                    let size: f64 = (j..=i)
                        .map(|k| (l[row_start(i) + k] * inverse[row_start(k) + j]).abs())
                        .sum();
                    prop_assert!((product - expected).abs() <= 1e-12 * (1.0 + size));
                }
            }
        }
    }
}
