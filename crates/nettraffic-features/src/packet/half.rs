//! Powers of one half, the same bits on every machine.

use std::array::from_fn;
use std::f64::consts::LN_2;

/// Where forgetting ends: 2⁻¹²⁸ of a stream's weight is far below the last bit of the weight 1
/// that the packet at hand adds.
const FORGOTTEN: f64 = 128.0;

/// Adding it leaves a sum's nearest whole number in the low bits: between 2⁵² and 2⁵³ the
/// numbers of type `f64` are the whole ones.
const ROUNDING: f64 = 1.5 * (1_u64 << 52) as f64;

/// The bias of the exponent of an `f64`, and the bits below it.
const BIAS: u64 = 1023;
const FRACTION_BITS: u32 = 52;

/// 1/2!, 1/3!, … 1/13!: the next term of the series is below 4·10⁻¹⁸ where it is used.
const INVERSE_FACTORIALS: [f64; 12] = inverse_factorials();

/// 2⁻ʸ for each `y` ≥ 0, and 0 from 128 on.
///
/// The relative error is below 2⁻⁵². Only additions, multiplications and bits of IEEE 754 numbers
/// are used, which all machines round alike; the `exp2` of their mathematical libraries differ.
#[inline(always)]
pub(super) fn powers_of_half<const N: usize>(exponents: [f64; N]) -> [f64; N] {
    from_fn(|i| power_of_half(exponents[i]))
}

/// 2⁻ʸ = 2ⁿ · eʳ with n the whole number next to −y, and r = (−y − n) · ln 2 between −0.35 and 0.35.
#[inline(always)]
fn power_of_half(y: f64) -> f64 {
    let bounded = if y < FORGOTTEN { y } else { FORGOTTEN };
    let rounded = ROUNDING - bounded;
    let whole = rounded - ROUNDING;
    let rest = (-bounded - whole) * LN_2;
    let series = INVERSE_FACTORIALS
        .iter()
        .rev()
        .fold(0.0, |sum, inverse| sum * rest + inverse);
    let scale = f64::from_bits(rounded.to_bits().wrapping_add(BIAS) << FRACTION_BITS);
    let power = (1.0 + (rest + rest * rest * series)) * scale;
    if y < FORGOTTEN { power } else { 0.0 }
}

const fn inverse_factorials() -> [f64; 12] {
    let mut inverses = [0.0; 12];
    let mut factorial = 1.0;
    let mut at = 0;
    while at < inverses.len() {
        factorial *= (at + 2) as f64;
        inverses[at] = 1.0 / factorial;
        at += 1;
    }
    inverses
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 62 binary places.
    const ONE: u128 = 1 << 62;
    /// ln 2 with 62 binary places.
    const LN_2_FIXED: u128 = 0x2c5c_85fd_f473_de6b;

    /// 2⁻ᶠ of a fraction `f` with 62 binary places, by its series in whole numbers.
    fn exact(fraction: u128) -> u128 {
        let x = (fraction * LN_2_FIXED) >> 62;
        let (mut sum, mut term, mut is_negative) = (ONE, ONE, true);
        for n in 1..30 {
            term = ((term * x) >> 62) / n;
            sum = if is_negative { sum - term } else { sum + term };
            is_negative = !is_negative;
        }
        sum
    }

    #[test]
    fn the_relative_error_is_below_two_to_the_minus_52() {
        let mut worst = 0.0_f64;
        // An odd step visits fractions with all kinds of bits.
        let step = 0x0000_1f3d_5b79_a3c5_u128;
        for at in 0..130_000_u128 {
            // Cut to the 53 bits that a number of type f64 can hold.
            let fraction = (at * step % ONE) & !0x3ff;
            let expected = exact(fraction);
            for whole in [0_u32, 1, 2, 17, 127] {
                let y = f64::from(whole) + fraction as f64 / ONE as f64;
                // Exact, unless the whole part pushed bits of the fraction out.
                if (y - f64::from(whole)) * ONE as f64 != fraction as f64 {
                    continue;
                }
                let found = power_of_half(y) * 2_f64.powi(whole as i32) * ONE as f64;
                let error = (found as u128).abs_diff(expected) as f64 / expected as f64;
                worst = worst.max(error);
            }
        }
        assert!(worst < 2_f64.powi(-52), "{worst:e}");
        assert!(
            worst > 2_f64.powi(-56),
            "{worst:e} is too good to be measured"
        );
    }

    #[test]
    fn whole_exponents_are_exact_and_far_ones_are_zero() {
        for (y, expected) in [
            (0.0, 1.0),
            (1.0, 0.5),
            (2.0, 0.25),
            (127.0, 2_f64.powi(-127)),
            (128.0, 0.0),
            (1e6, 0.0),
            (f64::MAX, 0.0),
            (f64::INFINITY, 0.0),
            (f64::MIN_POSITIVE, 1.0),
        ] {
            assert_eq!(power_of_half(y), expected, "{y}");
        }
    }

    /// Recorded once: other bits on another machine would be other features.
    #[test]
    fn the_bits_are_the_same_everywhere() {
        for (exponent, bits) in [
            (0.1, 0x3fed_db68_0117_ab12),
            (0.5, 0x3fe6_a09e_667f_3bcc),
            (0.9, 0x3fe1_25fb_ee25_0664),
            (1.0 / 3.0, 0x3fe9_65fe_a53d_6e3c),
            (5e-7, 0x3fef_ffff_45ef_4bf5),
            (42.424_242, 0x3d47_d8ec_f4ab_0589_u64),
        ] {
            assert_eq!(power_of_half(exponent).to_bits(), bits, "{exponent}");
        }
    }
}
