//! Quantiles of the normal distribution.

/// The value below which a standard normal variable lies with probability `p`, 0 < `p` < 1.
///
/// Found by bisection on the distribution function: called a few times per report, so
/// simplicity beats speed. Good to about 1e-12.
pub(crate) fn quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if below(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// Probability that a standard normal variable is further from 0 than `z`, in either direction.
pub(crate) fn two_sided(z: f64) -> f64 {
    2.0 * upper_tail(z.abs())
}

/// Probability that a standard normal variable lies below `x`.
fn below(x: f64) -> f64 {
    let tail = upper_tail(x.abs());
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Probability of more than `x`, `x` ≥ 0: a power series near the middle (Abramowitz and Stegun
/// 26.2.11), Laplace's continued fraction (26.2.14) further out.
fn upper_tail(x: f64) -> f64 {
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x < 3.0 {
        let (mut term, mut sum) = (x, x);
        for k in 1..100 {
            term *= x * x / f64::from(2 * k + 1);
            sum += term;
        }
        0.5 - density * sum
    } else {
        let fraction = (1..=200).rev().fold(x, |rest, k| x + f64::from(k) / rest);
        density / fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_tables() {
        for (p, expected) in [
            (0.5, 0.0),
            (0.9, 1.281_551_565_544_600_4),
            (0.975, 1.959_963_984_540_054),
            (0.995, 2.575_829_303_548_901),
            (0.025, -1.959_963_984_540_054),
            (0.999_999, 4.753_424_308_822_899),
        ] {
            assert!(
                (quantile(p) - expected).abs() < 1e-9,
                "{p}: {}",
                quantile(p)
            );
        }
    }
}
