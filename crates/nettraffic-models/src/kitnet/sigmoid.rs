//! The sigmoid, the same bits on every machine.

use std::f32::consts::LOG2_E;

/// Values that the kernels work on side by side.
pub(super) const LANES: usize = 8;

/// That many values, in two or one registers of a processor.
pub(super) type Lanes = [f32; LANES];

/// Beyond it a sigmoid is 0 or 1 in all digits of `f32` that matter, and eˣ still a normal number.
const FAR: f32 = 87.0;

/// Adding it leaves a sum's nearest whole number in the low bits: between 2²³ and 2²⁴ the
/// numbers of type `f32` are the whole ones.
const ROUNDING: f32 = 1.5 * (1_u32 << 23) as f32;

/// ln 2 in two parts, the first with so few bits that its products with whole numbers are exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = (std::f64::consts::LN_2 - LN_2_HIGH as f64) as f32;

/// The bias of the exponent of an `f32`, and the bits below it.
const BIAS: u32 = 127;
const FRACTION_BITS: u32 = 23;

/// 1/6!, … 1/2!, 1, 1: the next term of the series is below 2·10⁻⁷ of eʳ where it is used.
const SERIES: [f32; 7] = [
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
];

/// 1 / (1 + e⁻ˣ) of each, within 2·10⁻⁷; of what is not finite too.
///
/// Only additions, multiplications, divisions and bits of IEEE 754 numbers are used, which all
/// machines round alike; the `exp` of their mathematical libraries differ. There is no branch, so
/// a processor works on several at once.
#[inline(always)]
pub(super) fn sigmoids(x: Lanes) -> Lanes {
    x.map(|x| 1.0 / (1.0 + exp((-x).clamp(-FAR, FAR))))
}

/// eˣ = 2ⁿ · eʳ with n the whole number next to x / ln 2, and r between −0.35 and 0.35.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let rounded = x * LOG2_E + ROUNDING;
    let whole = rounded - ROUNDING;
    let rest = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let series = SERIES
        .iter()
        .fold(0.0, |sum, coefficient| sum * rest + coefficient);
    series * f32::from_bits(rounded.to_bits().wrapping_add(BIAS) << FRACTION_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_below_two_in_ten_million() {
        let mut worst = 0.0_f64;
        for step in -2_000_000..2_000_000 {
            let x = step as f32 / 20_000.0;
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            worst = worst.max((f64::from(sigmoids([x; LANES])[3]) - exact).abs());
        }
        assert!(worst < 2e-7, "{worst:e}");
        assert!(worst > 1e-9, "{worst:e} is too good to be measured");
    }

    #[test]
    fn ends_and_middle_are_what_they_must_be() {
        let found = sigmoids([
            0.0,
            1e30,
            -1e30,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MIN_POSITIVE,
            20.0,
            -20.0,
        ]);
        assert_eq!(found[0], 0.5);
        assert_eq!([found[1], found[3]], [1.0; 2]);
        assert!(found[2] >= 0.0 && found[2] < 1e-37 && found[4] == found[2]);
        assert_eq!(found[5], 0.5);
        assert!(found[6] <= 1.0 && found[7] > 0.0);
    }

    /// Recorded once: other bits on another machine would be other scores.
    #[test]
    fn the_bits_are_the_same_everywhere() {
        let found = sigmoids([0.1, -0.1, 1.0, -1.0, 3.3, -3.3, 10.0, -10.0]);
        assert_eq!(found.map(f32::to_bits), BITS);
    }

    const BITS: [u32; LANES] = [
        0x3f06_6509,
        0x3ef3_35ed,
        0x3f3b_26a8,
        0x3e89_b2b1,
        0x3f76_e4cf,
        0x3d11_b319,
        0x3f7f_fd06,
        0x383e_6998,
    ];
}
