//! Decimal digits, eight at a time.

/// `10^8`: what eight digits are below.
pub(super) const EIGHT: u64 = 100_000_000;

const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// The eight digits of a number below [`EIGHT`] as values 0 to 9, the first in the lowest byte.
///
/// The number is halved into fields of a word until each holds one digit. Divisions by 100 and
/// 10 are multiplications that are exact for fields this small.
#[inline]
const fn eight_values(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - 10 * tens) << 8)
}

/// The eight digits of a number below [`EIGHT`], zeros in front included.
#[inline]
pub(super) const fn eight(number: u64) -> [u8; 8] {
    (eight_values(number) | ZEROS).to_le_bytes()
}

/// The digits of a number below [`EIGHT`] without zeros in front, and how many there are, at
/// least one.
#[inline]
pub(super) const fn up_to_eight(number: u64) -> ([u8; 8], usize) {
    let values = eight_values(number);
    // Of 0 one digit is left: the marker stands in the last byte.
    let unneeded = (values | 1 << 63).trailing_zeros() / 8;
    let digits = (values | ZEROS) >> (unneeded * 8);
    (digits.to_le_bytes(), 8 - unneeded as usize)
}

/// The eight digits of a number below [`EIGHT`], zeros in front included, and how many there are
/// without the zeros at the end.
#[inline]
pub(super) const fn eight_without_end(number: u64) -> ([u8; 8], usize) {
    let values = eight_values(number);
    let unneeded = values.leading_zeros() / 8;
    ((values | ZEROS).to_le_bytes(), 8 - unneeded as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(number: u64) {
        let padded = format!("{number:08}");
        assert_eq!(eight(number), padded.as_bytes());

        let (digits, len) = up_to_eight(number);
        assert_eq!(&digits[..len], number.to_string().as_bytes());

        let (digits, len) = eight_without_end(number);
        assert_eq!(&digits[..len], padded.trim_end_matches('0').as_bytes());
    }

    #[test]
    fn digits_are_those_of_the_standard_library() {
        (0..200_000).for_each(check);
        (0..EIGHT).step_by(997).for_each(check);
        (0..=8)
            .map(|power| 10_u64.pow(power))
            .flat_map(|power| [power - 1, power])
            .filter(|number| *number < EIGHT)
            .for_each(check);
    }
}
