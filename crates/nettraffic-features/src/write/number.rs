//! Numbers as text, fast.
//!
//! Every function writes at the start of a piece of room, may leave anything behind what it
//! wrote, and gives the length. Which digits a number has is not foreseeable, and a processor that
//! guessed wrong loses more time than formatting takes: where it can be, there is no branch.

use super::digits::{EIGHT, eight, eight_without_end, up_to_eight};

/// Room for any number, and what is stored behind it.
pub(super) type Room = [u8; 31];

/// Above it not every whole number is an `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

const NANOS: u64 = 1_000_000_000;

/// The shortest text that reads back as the same finite number; whole numbers without a point.
#[inline]
pub(super) fn number(value: f64, room: &mut Room) -> usize {
    // Not `fract`, which is a call on processors of the oldest kind; a cast from beyond the
    // range of `i64` stops at its ends.
    let whole = value as i64;
    match SMALL.get(index(whole as u64)) {
        Some(small) if whole as f64 == value => put_small(*small, room),
        _ => other(value, room),
    }
}

#[inline]
pub(super) fn integer(number: u64, room: &mut Room) -> usize {
    match SMALL.get(index(number)) {
        Some(small) => put_small(*small, room),
        None => integer_at(number, 0, room),
    }
}

/// Three digits and how many of them count.
type Small = [u8; 4];

/// Most features of most flows are among the first of these.
static SMALL: [Small; 1_000] = {
    let mut texts = [[0; 4]; 1_000];
    let mut number = 0;
    while number < texts.len() {
        let (digits, len) = up_to_eight(number as u64);
        texts[number] = [digits[0], digits[1], digits[2], len as u8];
        number += 1;
    }
    texts
};

/// The place in [`SMALL`], beyond its end for other numbers.
#[inline]
fn index(number: u64) -> usize {
    number.min(SMALL.len() as u64) as usize
}

#[inline]
fn put_small(small: Small, room: &mut Room) -> usize {
    let [.., len] = small;
    put(small, 0, room);
    len.into()
}

/// Nanoseconds as seconds with nine decimals.
pub(super) fn seconds(nanos: u64, room: &mut Room) -> usize {
    let point = integer(nanos / NANOS, room);
    let decimals = nanos % NANOS;
    put([b'.', b'0' + (decimals / EIGHT) as u8], point, room);
    put(eight(decimals % EIGHT), point + 2, room);
    point + 10
}

/// A number that is large or not whole.
fn other(value: f64, room: &mut Room) -> usize {
    let whole = value as i64;
    if whole as f64 == value && value.abs() < EXACT {
        let sign = put_sign(whole < 0, room);
        return integer_at(whole.unsigned_abs(), sign, room);
    }
    if let Some(nanos) = whole_nanos(value.abs()) {
        let sign = put_sign(value < 0.0, room);
        let (digits, len) = up_to_eight(nanos / NANOS);
        put(digits, sign, room);
        let point = sign + len;
        let decimals = nanos % NANOS;
        put([b'.', b'0' + (decimals / EIGHT) as u8], point, room);
        let (digits, len) = eight_without_end(decimals % EIGHT);
        put(digits, point + 2, room);
        return point + 2 + len;
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value).as_bytes();
    match (text.first_chunk::<16>(), text.last_chunk::<16>()) {
        (Some(first), Some(last)) => {
            put(*first, 0, room);
            put(*last, text.len() - 16, room);
        }
        _ => {
            for (to, from) in room.iter_mut().zip(text) {
                *to = *from;
            }
        }
    }
    text.len()
}

/// The whole number of nanoseconds that so many seconds are, where its digits are the shortest
/// that read back as `seconds`.
///
/// Most fractions are seconds of clocks that tick in nanoseconds, and such a number needs no
/// search for its digits. Both numbers of the quotient are exact, so that it is rounded once, as
/// reading the digits does; and up to 15 digits no other text of as many is read as the same.
#[inline]
fn whole_nanos(seconds: f64) -> Option<u64> {
    // From where the library writes no exponent, to where there would be 16 digits.
    if !(1e-4..1e6).contains(&seconds) {
        return None;
    }
    let scaled = seconds * 1e9;
    let nanos = (scaled + 0.5) as u64;
    // Only spares the division where it cannot succeed.
    let may_be = (scaled - nanos as f64).abs() <= scaled * f64::EPSILON;
    (may_be && nanos as f64 / 1e9 == seconds).then_some(nanos)
}

#[inline]
fn put_sign(negative: bool, room: &mut Room) -> usize {
    room[0] = b'-';
    usize::from(negative)
}

fn integer_at(number: u64, at: usize, room: &mut Room) -> usize {
    let (most, rest) = (number / EIGHT, number % EIGHT);
    if most == 0 {
        let (digits, len) = up_to_eight(rest);
        put(digits, at, room);
        at + len
    } else {
        let at = integer_at(most, at, room);
        put(eight(rest), at, room);
        at + 8
    }
}

#[inline]
fn put<const N: usize>(bytes: [u8; N], at: usize, room: &mut Room) {
    if let Some(place) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *place = bytes;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(write: impl Fn(&mut Room) -> usize) -> String {
        let mut room = [b'?'; 31];
        let len = write(&mut room);
        String::from_utf8_lossy(&room[..len]).into_owned()
    }

    #[test]
    fn numbers_read_back_as_they_were() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-3.0, "-3"),
            (9.0, "9"),
            (10.0, "10"),
            (-99_999_999.0, "-99999999"),
            (123_456_789.0, "123456789"),
            (0.1, "0.1"),
            (-0.5, "-0.5"),
            (3.000_000_001, "3.000000001"),
            (12.25, "12.25"),
            (1e-9, "1e-9"),
            (1e300, "1e+300"),
            (-1.797_693_134_862_315_7e308, "-1.7976931348623157e+308"),
            (EXACT - 1.0, "9007199254740991"),
            (-EXACT, "-9007199254740992.0"),
        ] {
            assert_eq!(text(|room| number(value, room)), expected);
            assert_eq!(expected.parse(), Ok(value));
        }
    }

    #[test]
    fn seconds_have_nine_decimals() {
        for (nanos, expected) in [
            (0, "0.000000000"),
            (1, "0.000000001"),
            (1_704_067_200_000_000_001, "1704067200.000000001"),
            (u64::MAX, "18446744073.709551615"),
        ] {
            assert_eq!(text(|room| seconds(nanos, room)), expected);
        }
    }

    /// What the number would be without any shortcut.
    fn slow(value: f64) -> String {
        if value.fract() == 0.0 && value.abs() < EXACT {
            (value as i64).to_string()
        } else {
            zmij::Buffer::new().format_finite(value).to_owned()
        }
    }

    proptest! {
        #[test]
        fn shortcuts_write_what_the_library_writes(
            bits: u64, nanos in 0_u64..20_000_000_000_000_000, shift in 0_u32..54, digits in 0_u32..12,
        ) {
            let nanos = nanos >> shift;
            let any = f64::from_bits(bits);
            let seconds = nanos as f64 / 1e9;
            let mean = nanos as f64 / f64::from(digits * 7 + 1);
            let decimal = nanos as f64 / 10_f64.powi(digits as i32);
            let neighbour = f64::from_bits(seconds.to_bits() + 1);
            for value in [any, seconds, mean, mean / 1e9, decimal, neighbour, -decimal] {
                if value.is_finite() {
                    prop_assert_eq!(text(|room| number(value, room)), slow(value));
                }
            }
            for number in [bits, bits >> shift] {
                prop_assert_eq!(text(|room| integer(number, room)), number.to_string());
            }
        }
    }
}
