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

/// The number that `text` writes; numbers beyond `f64` are infinite.
pub(super) fn parse(text: &str) -> Number {
    // Most values of most tables are small whole numbers.
    if text.len() <= EXACT_DIGITS
        && let Some(whole) = whole(text.as_bytes())
    {
        return Number::Finite(whole as f64);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Number::Finite(value),
        Ok(value) if value.is_nan() => Number::NotFinite(NotFinite::NotANumber),
        Ok(_) => Number::NotFinite(NotFinite::Infinite),
        Err(_) => Number::Text,
    }
}

fn whole(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then(|| number * 10 + u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_number_or_says_why_not() {
        for (text, expected) in [
            ("0", Number::Finite(0.0)),
            ("0.00", Number::Finite(0.0)),
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
}
