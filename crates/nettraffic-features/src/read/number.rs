//! Numbers from text.

/// What a field says about a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Finite(f64),
    NotFinite(NotFinite),
    Text,
}

/// What kind of no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotFinite {
    NotANumber,
    Infinite,
}

/// Digits of which any number is exact in an `f64`.
const EXACT_DIGITS: usize = 15;

/// Powers of ten, all exact.
const TENS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The number that `text` writes; numbers beyond `f64` are infinite.
pub(super) fn parse(text: &str) -> Number {
    if let Some(short) = short(text.as_bytes()) {
        return Number::Finite(short);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Number::Finite(value),
        Ok(value) if value.is_nan() => Number::NotFinite(NotFinite::NotANumber),
        Ok(_) => Number::NotFinite(NotFinite::Infinite),
        Err(_) => Number::Text,
    }
}

/// Most values of most tables are short: digits, perhaps with a point among them. Digits and
/// power of ten are exact then, so their quotient is rounded once, as it must be.
fn short(text: &[u8]) -> Option<f64> {
    if text.is_empty() || text.len() > EXACT_DIGITS {
        return None;
    }
    let mut digits: u64 = 0;
    let mut behind_point = None;
    for (at, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            digits = digits * 10 + u64::from(digit);
        } else if *byte == b'.' && behind_point.is_none() && text.len() > 1 {
            behind_point = Some(text.len() - at - 1);
        } else {
            return None;
        }
    }
    match behind_point {
        None => Some(digits as f64),
        Some(places) => Some(digits as f64 / TENS.get(places)?),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_a_number_or_says_why_not() {
        for (text, expected) in [
            ("0", Number::Finite(0.0)),
            ("0.00", Number::Finite(0.0)),
            (".5", Number::Finite(0.5)),
            ("5.", Number::Finite(5.0)),
            (".", Number::Text),
            ("1.2.3", Number::Text),
            ("-1", Number::Finite(-1.0)),
            ("1e3", Number::Finite(1000.0)),
            ("999999999999999", Number::Finite(999_999_999_999_999.0)),
            ("9007199254740993", Number::Finite(9_007_199_254_740_992.0)),
            ("Infinity", Number::NotFinite(NotFinite::Infinite)),
            ("-inf", Number::NotFinite(NotFinite::Infinite)),
            ("1e999", Number::NotFinite(NotFinite::Infinite)),
            ("NaN", Number::NotFinite(NotFinite::NotANumber)),
            ("", Number::Text),
            ("-", Number::Text),
            ("1 2", Number::Text),
            ("0x10", Number::Text),
            ("1:2", Number::Text),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }
    proptest! {
        #[test]
        fn a_number_is_what_the_standard_library_reads(text in "[0-9]{0,9}[.]?[0-9]{0,9}") {
            let expected = text.parse().map_or(Number::Text, Number::Finite);
            prop_assert_eq!(parse(&text), expected);
        }
    }
}
