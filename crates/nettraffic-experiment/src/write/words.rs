//! Numbers and names as people read them.

use nettraffic_eval::{Interval, grouped};

/// Three digits; nobody needs more.
pub(super) fn short(value: f64) -> String {
    format!("{value:.3}")
}

pub(super) fn none() -> String {
    "none".to_owned()
}

pub(super) fn bracketed(interval: Interval) -> String {
    format!("[{}, {}]", short(interval.low), short(interval.high))
}

/// A share with as many digits as it needs.
pub(super) fn percent(share: f64) -> String {
    // Rounded, so that 0.07 is not 7.000000000000001 %.
    format!("{} %", (share * 1e6).round() / 1e4)
}

/// One number, or the least and the greatest.
pub(crate) fn range(values: impl Iterator<Item = u64> + Clone) -> String {
    match (values.clone().min(), values.max()) {
        (Some(least), Some(most)) if least == most => grouped(least),
        (Some(least), Some(most)) => format!("{}–{}", grouped(least), grouped(most)),
        _ => none(),
    }
}

/// What breaks neither the cell nor the row of a Markdown table.
pub(super) fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_counts_have_separators() {
        for (counts, expected) in [
            (&[][..], "none"),
            (&[999], "999"),
            (&[1000, 1000], "1,000"),
            (&[0, 1_234_567], "0–1,234,567"),
        ] {
            assert_eq!(range(counts.iter().copied()), expected);
        }
    }
}
