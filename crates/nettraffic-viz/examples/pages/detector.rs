//! A made-up detector whose traffic has drifted.

use nettraffic_viz::{Card, CardFeature, Drift, DriftedFeature, Fact, Measured, Unit};

/// Its card.
pub(crate) fn card() -> Card {
    Card {
        title: "office.ntm".into(),
        summary: "A fusion of three models over flow and window features, with a forest of known attacks.".into(),
        figures: vec![
            Fact::new("Alerts to expect", "9.6 a day"),
            Fact::new("False alarms", "0.05 %"),
            Fact::new("Flows learned from", "17,020"),
        ],
        period_ns: Some((1_704_099_600_000_000_000, 1_704_114_720_000_000_000)),
        training: vec![
            Fact::new("Benign flows learned from", "17,020"),
            Fact::new("Held out for the threshold", "3,404, by capture"),
            Fact::new("Seed", "42"),
        ],
        attacks: vec![("scan_syn".into(), 1_007), ("dos_synflood".into(), 4_070)],
        threshold: vec![
            Fact::new("Score that an alert exceeds", "4.99"),
            Fact::new("Asked for", "1 % of benign flows"),
            Fact::new("To expect", "0.45 % (95 % interval 0.18 % to 0.84 %)"),
        ],
        features: (0..40)
            .map(|number| {
                CardFeature::range(
                    format!("gap_{number}_max"),
                    Unit::Seconds,
                    (0.001 * f64::from(number), 0.7 * f64::from(number)),
                )
            })
            .chain([CardFeature {
                name: "service".into(),
                categories: [("dns", 0.63), ("https", 0.28), ("http", 0.04)]
                    .map(|(name, share)| (name.into(), share))
                    .to_vec(),
                ..CardFeature::default()
            }])
            .collect(),
        measured: vec![Measured {
            data: "lab.pcap".into(),
            figures: vec![Fact::new("Recall", "99 %"), Fact::new("False alarms", "0.8 %")],
            classes: vec![("scan_syn".into(), 1_000, 1_007), ("c2_beacon".into(), 11, 80)],
        }],
        drift: Some(Drift {
            has_drifted: true,
            facts: vec![Fact::new("Recent flows", "4,000, held against 17,020 of the training")],
            features: [("response_delay", 0.41, "far"), ("service", 0.12, "moderately")]
                .map(|(name, index, level)| DriftedFeature {
                    name: name.into(),
                    index,
                    by_chance: 0.03,
                    level: level.into(),
                    values: "above 265 ms".into(),
                    shares: (0.01, 0.18),
                    ..DriftedFeature::default()
                })
                .to_vec(),
        }),
        ..Card::default()
    }
}
