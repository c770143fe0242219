//! Moments of packet time in text.

use nettraffic_capture::Timestamp;

/// As Suricata writes it: `2009-11-24T21:27:09.534255+0000`.
pub(super) fn offset(time: Timestamp) -> String {
    text(time, "%Y-%m-%dT%H:%M:%S%.6f+0000")
}

/// With the letter for UTC, as RFC 5424 and Elastic want it: `2003-10-11T22:14:15.003000Z`.
pub(in crate::sink) fn zulu(time: Timestamp) -> String {
    text(time, "%Y-%m-%dT%H:%M:%S%.6fZ")
}

/// To the nanosecond.
pub(super) fn exact(time: Timestamp) -> String {
    text(time, "%Y-%m-%dT%H:%M:%S%.9fZ")
}

fn text(time: Timestamp, format: &str) -> String {
    // Its range is wider than that of packet time.
    jiff::Timestamp::from_nanosecond(time.as_nanos().into())
        .unwrap_or_default()
        .strftime(format)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_cut_not_rounded() {
        for (time, expected) in [
            (
                Timestamp::from_seconds(1_259_098_029, 534_255_999),
                "2009-11-24T21:27:09.534255999Z",
            ),
            (Timestamp::default(), "1970-01-01T00:00:00.000000000Z"),
            (Timestamp::from_nanos(-1), "1969-12-31T23:59:59.999999999Z"),
            (Timestamp::MAX, "2262-04-11T23:47:16.854775807Z"),
            (Timestamp::MIN, "1677-09-21T00:12:43.145224192Z"),
        ] {
            assert_eq!(exact(time), expected);
            let micros = &expected[..expected.len() - 4];
            assert_eq!(zulu(time), format!("{micros}Z"));
            assert_eq!(offset(time), format!("{micros}+0000"));
        }
    }
}
