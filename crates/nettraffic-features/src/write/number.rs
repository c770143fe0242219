//! Numbers as text, fast.

/// Above it not every whole number is an `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The shortest text that reads back as the same number; whole numbers without a point.
pub(super) fn write(value: f64, line: &mut Vec<u8>) {
    // Not `fract`, which is a call on processors of the oldest kind; a cast from beyond the
    // range of `i64` stops at its ends, which are above the bound.
    let whole = value as i64;
    if whole as f64 == value && value.abs() < EXACT {
        write_whole(whole, line);
    } else {
        line.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    }
}

/// Most features of most flows are 0 or 1, and a digit needs no formatting.
fn write_whole(value: i64, line: &mut Vec<u8>) {
    match u8::try_from(value) {
        Ok(digit @ 0..=9) => line.push(b'0' + digit),
        _ => line.extend_from_slice(itoa::Buffer::new().format(value).as_bytes()),
    }
}

pub(super) fn write_integer(value: u64, line: &mut Vec<u8>) {
    line.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Nanoseconds as seconds with nine decimals.
pub(super) fn write_seconds(nanos: i128, line: &mut Vec<u8>) {
    if nanos < 0 {
        line.push(b'-');
    }
    // Any time or difference of times has 64 bits, and these are divided quickly.
    let magnitude = u64::try_from(nanos.unsigned_abs()).unwrap_or(u64::MAX);
    line.extend_from_slice(
        itoa::Buffer::new()
            .format(magnitude / 1_000_000_000)
            .as_bytes(),
    );
    line.push(b'.');
    let digits = 1_000_000_000 + magnitude % 1_000_000_000;
    line.extend_from_slice(&itoa::Buffer::new().format(digits).as_bytes()[1..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut line = Vec::new();
        write(&mut line);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn numbers_read_back_as_they_were() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (-3.0, "-3"),
            (9.0, "9"),
            (10.0, "10"),
            (0.1, "0.1"),
            (1e-9, "1e-9"),
            (1e300, "1e+300"),
            (EXACT, "9007199254740992.0"),
        ] {
            let text = text(|line| write(value, line));
            assert_eq!(text, expected);
            assert_eq!(text.parse::<f64>().unwrap(), value);
        }
    }

    #[test]
    fn seconds_have_nine_decimals() {
        for (nanos, expected) in [
            (0, "0.000000000"),
            (1, "0.000000001"),
            (-1, "-0.000000001"),
            (1_704_067_200_000_000_001, "1704067200.000000001"),
            (i64::MIN.into(), "-9223372036.854775808"),
            (u64::MAX.into(), "18446744073.709551615"),
        ] {
            assert_eq!(text(|line| write_seconds(nanos, line)), expected);
        }
    }
}
