//! Quantiles of the beta distribution, for exact intervals around rates.

/// The `p`-quantile of the beta distribution with parameters `a`, `b` > 0, to about 12 digits.
pub(super) fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Each step halves what is left; small quantiles need more steps for the same digits.
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if high - low <= 1e-13 * middle {
            break;
        }
        if cumulative(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

/// The regularised incomplete beta function (NIST DLMF 8.17), the chance of a value up to `x`.
fn cumulative(x: f64, a: f64, b: f64) -> f64 {
    // The fraction converges fast on this side of the mean, the other side is its mirror (8.17.4).
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - cumulative(1.0 - x, b, a);
    }
    if x <= 0.0 {
        return 0.0;
    }
    let front = a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    front.exp() / a / fraction(x, a, b)
}

/// The continued fraction of 8.17.22, `1 + d₁/(1 + d₂/(1 + …))`, by Lentz's method
/// (convergents as running ratios of numerators and of denominators, kept away from 0).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut value, mut up, mut down) = (1.0, 1.0, 0.0);
    // About as many pairs of steps as the square root of the larger parameter.
    for pair in 0..100_000 {
        let m = f64::from(pair);
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let m = m + 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let before = value;
        for term in [odd, even] {
            up = away(1.0 + term / up);
            down = away(1.0 + term * down).recip();
            value *= up * down;
        }
        if (value - before).abs() <= 1e-15 * value.abs() {
            break;
        }
    }
    value
}

/// The logarithm of the gamma function for `x` > 0: Stirling's series (DLMF 5.11.1) above 12,
/// and below it by recurrence from there.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut product) = (x, 1.0);
    while x < 12.0 {
        product *= x;
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let tail = [
        1.0 / 1188.0,
        -1.0 / 1680.0,
        1.0 / 1260.0,
        -1.0 / 360.0,
        1.0 / 12.0,
    ]
    .into_iter()
    .fold(0.0, |sum, term| sum * inverse + term);
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + tail / x - f64::ln(product)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-10 * expected.abs(),
            "{found} instead of {expected}"
        );
    }

    #[test]
    fn gamma_is_the_factorial() {
        let mut factorial = 1.0_f64;
        for n in 2..60 {
            factorial *= f64::from(n);
            close(ln_gamma(f64::from(n) + 1.0), factorial.ln());
        }
        close(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln());
    }

    #[test]
    fn quantiles_with_a_closed_form_are_met() {
        for p in [0.001, 0.025, 0.5, 0.975] {
            close(quantile(p, 1.0, 1.0), p);
            // One of n + 1: the maximum of n uniform values, and the minimum.
            close(quantile(p, 1000.0, 1.0), p.powf(0.001));
            close(quantile(p, 1.0, 1000.0), -((-p).ln_1p() / 1000.0).exp_m1());
            // The arcsine law.
            close(
                quantile(p, 0.5, 0.5),
                (std::f64::consts::FRAC_PI_2 * p).sin().powi(2),
            );
        }
    }

    #[test]
    fn quantiles_agree_with_scipy() {
        for (p, a, b, expected) in [
            (0.025, 10.0, 990.0, 0.004810331195290225),
            (0.975, 10.0, 990.0, 0.01703274677025096),
            (0.025, 1.0, 100.0, 0.00025314603297742064),
            (0.975, 3.0, 58.0, 0.1152810444192517),
            (0.5, 2.5, 7.25, 0.23927737178921268),
            (0.025, 100.0, 99901.0, 0.0008137116819701753),
            (0.975, 100.0, 9999901.0, 1.2052881800986645e-05),
            (0.001, 5000.0, 5000000.0, 0.0009559316346351683),
        ] {
            close(quantile(p, a, b), expected);
        }
    }

    #[test]
    fn the_chance_grows_from_0_to_1() {
        for (a, b) in [(1.0, 5.0), (0.3, 0.2), (40.0, 3.0), (1e4, 1e7)] {
            assert_eq!((cumulative(0.0, a, b), cumulative(1.0, a, b)), (0.0, 1.0));
            let steps: Vec<f64> = (1..1000)
                .map(|i| cumulative(f64::from(i) / 1e3, a, b))
                .collect();
            assert!(steps.windows(2).all(|w| w[0] <= w[1] + 1e-12), "{a} {b}");
        }
    }
}
