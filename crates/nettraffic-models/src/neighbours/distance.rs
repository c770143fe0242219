//! Squared distances, in double precision and one fixed order.

/// Independent sums side by side, so that the compiler may use vectors as wide as it likes.
const LANES: usize = 8;
/// Columns after which it is looked at whether the sum is too large already.
const STRIDE: usize = 32;

/// The squared distance of two rows of one length; where it exceeds `bound`, maybe only so much of it that it does.
pub(super) fn squared(a: &[f32], b: &[f32], bound: f64) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.chunks(STRIDE).zip(b.chunks(STRIDE)) {
        let mut sums = [0.0; LANES];
        let (a, a_rest) = a.as_chunks::<LANES>();
        let (b, b_rest) = b.as_chunks::<LANES>();
        for (a, b) in a.iter().zip(b) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += square(*a, *b);
            }
        }
        for ((sum, a), b) in sums.iter_mut().zip(a_rest).zip(b_rest) {
            *sum += square(*a, *b);
        }
        sum += sums.iter().sum::<f64>();
        if sum > bound {
            break;
        }
    }
    sum
}

/// The squared difference of two values.
pub(super) fn square(a: f32, b: f32) -> f64 {
    let away = f64::from(a) - f64::from(b);
    away * away
}
