//! What a report tells of the detector and of the traffic as a whole.

use std::collections::BTreeMap;

use nettraffic_detect::Detector;
use nettraffic_viz::{Fact, Share, Threshold};

use crate::describe::grouped;
use crate::{Judging, describe_false_alarms};

/// Services that are told apart; the others are put together.
const MOST_SERVICES: usize = 12;

/// The threshold and what it means.
pub(crate) fn threshold(detector: &Detector) -> Threshold {
    let threshold = detector.threshold();
    let mut view = Threshold::new(
        threshold.value().into(),
        format!("alerts on {}", describe_false_alarms(detector)),
    );
    view.alerts_per_day = detector.expected_alerts_per_day();
    view
}

/// What there is to know of the detector.
pub(super) fn facts(detector: &Detector, judging: &Judging) -> Vec<Fact> {
    let training = detector.training();
    let mut facts = vec![
        Fact::new("Model", detector.model().name()),
        Fact::new(
            "Feature sets",
            detector.features().name().replace(',', ", "),
        ),
        Fact::new("Benign flows learned from", grouped(training.fitted)),
        Fact::new(
            "Scores of unseen benign flows that set the threshold",
            grouped(training.held_out),
        ),
        Fact::new("Flows judged", grouped(judging.judged())),
        Fact::new("Seed", training.seed.to_string()),
    ];
    if !training.attacks.is_empty() {
        let known: Vec<&str> = training
            .attacks
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        facts.insert(4, Fact::new("Known attacks", known.join(", ")));
    }
    facts
}

/// Services with most flows, the others together.
pub(super) fn top_services(services: BTreeMap<String, Share>) -> Vec<Share> {
    let mut shares: Vec<Share> = services.into_values().collect();
    shares.sort_by_key(|share| std::cmp::Reverse(share.bytes));
    let others = shares.split_off(shares.len().min(MOST_SERVICES));
    if !others.is_empty() {
        let sum = |value: fn(&Share) -> u64| others.iter().map(value).sum();
        shares.push(Share {
            name: format!("{} others", others.len()),
            flows: sum(|share| share.flows),
            packets: sum(|share| share.packets),
            bytes: sum(|share| share.bytes),
        });
    }
    shares
}
