//! Tests, and what a forest may learn from the others.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use nettraffic_detect::FlowRows;
use nettraffic_eval::Truth;

/// Flows of one attack in one capture that a forest learns from at most, so that one flood
/// does not outweigh all other attacks together.
const MOST_OF_ONE: usize = 500;

/// A test with its flows and their truth.
pub(crate) struct LoadedTest {
    pub(crate) name: String,
    /// Tells the capture from others, whatever it is called.
    pub(crate) capture: PathBuf,
    pub(crate) flows: Rc<FlowRows>,
    /// What each flow is, by the name of its truth.
    pub(crate) labels: Vec<String>,
}

impl LoadedTest {
    pub(crate) fn truths(&self) -> impl Iterator<Item = Truth<'_>> {
        self.labels.iter().map(|label| Truth::named(label))
    }

    /// Attack flows with their classes, in their order, each class evenly thinned to the limit.
    fn attacks(&self) -> (FlowRows, Vec<String>) {
        let mut by_class: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, truth) in self.truths().enumerate() {
            if let Truth::Attack(class) = truth {
                by_class.entry(class).or_default().push(index);
            }
        }
        let mut kept: Vec<usize> = by_class
            .into_values()
            .flat_map(|flows| {
                let step = flows.len().div_ceil(MOST_OF_ONE);
                flows.into_iter().step_by(step)
            })
            .collect();
        kept.sort_unstable();
        let classes = kept.iter().map(|index| self.labels[*index].clone());
        (self.flows.select(&kept), classes.collect())
    }
}

/// The attacks of all captures but that of one test, appended to `flows`, with their classes:
/// the tested capture is left out even where another test uses it too.
pub(crate) fn attacks_of_others(
    tests: &[LoadedTest],
    tested: &LoadedTest,
    mut flows: FlowRows,
) -> (FlowRows, Vec<String>) {
    let mut classes = Vec::new();
    for other in tests.iter().filter(|test| test.capture != tested.capture) {
        let (attacks, names) = other.attacks();
        flows.extend_from(&attacks);
        classes.extend(names);
    }
    (flows, classes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::{IpProtocol, Timestamp};
    use nettraffic_features::FeatureSet;
    use nettraffic_flow::{Flow, FlowKey};

    /// A test whose flows all have the given source, so that they can be told apart.
    fn test(capture: &str, source: u8, labels: &[(&str, usize)]) -> LoadedTest {
        let mut flows = FlowRows::new(FeatureSet::default());
        let mut all = Vec::new();
        for (label, count) in labels {
            for _ in 0..*count {
                let (client, server) = ([10, 0, 0, source].into(), [10, 0, 1, 1].into());
                let key = FlowKey::new(client, 1, server, 80, IpProtocol::TCP);
                let time = Timestamp::from_nanos(all.len() as i64);
                let row = vec![0.0; flows.features().schema().len()];
                flows.push(Flow::new(key, time, ()), &row);
                all.push((*label).to_owned());
            }
        }
        LoadedTest {
            name: capture.to_owned(),
            capture: capture.into(),
            flows: Rc::new(flows),
            labels: all,
        }
    }

    #[test]
    fn no_flow_of_the_tested_capture_is_learned() {
        let tests = [
            test("a", 1, &[("benign", 3), ("scan", 2), ("unknown", 4)]),
            test("b", 2, &[("flood", 3)]),
            // The first capture once more, under other rules.
            test("a", 1, &[("scan", 9)]),
            test("c", 3, &[("benign", 5)]),
        ];
        let sources = |tested: usize| {
            let empty = FlowRows::new(FeatureSet::default());
            let (flows, classes) = attacks_of_others(&tests, &tests[tested], empty);
            assert_eq!(flows.len(), classes.len());
            let from = |source: u8| {
                let address = std::net::IpAddr::from([10, 0, 0, source]);
                flows
                    .flows()
                    .iter()
                    .filter(|flow| flow.key.initiator == address)
                    .count()
            };
            [from(1), from(2), from(3)]
        };
        assert_eq!(sources(0), [0, 3, 0]);
        assert_eq!(sources(1), [11, 0, 0]);
        assert_eq!(sources(2), [0, 3, 0]);
        assert_eq!(sources(3), [11, 3, 0]);
    }

    #[test]
    fn large_attacks_are_thinned_evenly() {
        for (attacks, kept, step) in [(1, 1, 1), (500, 500, 1), (501, 251, 2), (1_501, 376, 4)] {
            let (flows, classes) = test("a", 1, &[("benign", 7), ("flood", attacks)]).attacks();
            assert_eq!((flows.len(), classes.len()), (kept, kept));
            assert!(classes.iter().all(|class| class == "flood"));
            let times: Vec<i64> = flows
                .flows()
                .iter()
                .map(|flow| flow.first.as_nanos())
                .collect();
            assert_eq!(times[0], 7);
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] == step));
        }
    }
}
