//! What alerts are worth where attacks are rare.

/// Share of attacks among the alerts when attacks are `base_rate` of all rows: by Bayes,
/// `recall·b / (recall·b + rate·(1 − b))` (Axelsson 2000, "The base-rate fallacy and the difficulty of
/// intrusion detection"). Data sets hold as many attacks as their makers liked; a network does not.
///
/// `None` when a value is no share from 0 to 1, or when nothing at all would raise an alert.
///
/// ```
/// use nettraffic_eval::precision_at_base_rate;
///
/// // 99 % of the attacks found, 1 % false alarms: good, until one flow in 100,000 is an attack.
/// let found = precision_at_base_rate(0.99, 0.01, 1e-5).expect("shares");
/// assert!(found < 0.001);
/// ```
#[must_use]
pub fn precision_at_base_rate(recall: f64, false_alarm_rate: f64, base_rate: f64) -> Option<f64> {
    let shares = [recall, false_alarm_rate, base_rate];
    if !shares.iter().all(|share| (0.0..=1.0).contains(share)) {
        return None;
    }
    let hits = recall * base_rate;
    let alerts = hits + false_alarm_rate * (1.0 - base_rate);
    (alerts > 0.0).then(|| hits / alerts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_on_the_base_rate() {
        for (recall, rate, base_rate, expected) in [
            (0.5, 0.5, 0.25, Some(0.25)),
            (1.0, 0.0, 0.001, Some(1.0)),
            (0.0, 0.1, 0.5, Some(0.0)),
            (0.8, 0.2, 0.0, Some(0.0)),
            (0.0, 0.0, 0.5, None),
            (1.5, 0.1, 0.5, None),
            (0.5, f64::NAN, 0.5, None),
            (0.5, 0.1, -0.1, None),
        ] {
            let found = precision_at_base_rate(recall, rate, base_rate);
            assert_eq!(found, expected, "{recall} {rate} {base_rate}");
        }
    }
}
