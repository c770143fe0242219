//! What counts as one row of a test.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use nettraffic_eval::Truth;
use nettraffic_flow::Flow;
use serde::{Deserialize, Serialize};

/// What is judged once in a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Unit {
    /// Every flow record.
    #[default]
    Flow,
    /// All flow records between the same two ends by the same protocol, in either direction: its
    /// score is the highest of theirs, and one alert among them is its alert. One attack flow makes
    /// an attack of it; flows of unknown truth count only where all are.
    Conversation,
}

/// The two ends, the lesser one first, and the protocol.
pub(crate) type Conversation = ((IpAddr, u16), (IpAddr, u16), u8);

/// Rows of flows put together to conversations, in the order of their first records: the scores and truths of those
/// flows that have the same key.
pub(crate) fn by_conversation<'a>(
    scores: &[f32],
    truths: &[Truth<'a>],
    keys: &[u64],
) -> (Vec<f32>, Vec<Truth<'a>>) {
    let mut places: BTreeMap<u64, usize> = BTreeMap::new();
    let mut together: (Vec<f32>, Vec<Truth<'a>>) = (Vec::new(), Vec::new());
    for ((score, truth), key) in scores.iter().zip(truths).zip(keys) {
        let next = together.0.len();
        let place = *places.entry(*key).or_insert(next);
        if place == next {
            together.0.push(*score);
            together.1.push(*truth);
            continue;
        }
        let (highest, known) = (&mut together.0[place], &mut together.1[place]);
        // What nobody knows of is left out, also where it stands beside flows that are known.
        match (*known, truth) {
            (Truth::Unknown, Truth::Benign | Truth::Attack(_)) => {
                *highest = *score;
                *known = *truth;
            }
            (Truth::Benign | Truth::Attack(_), Truth::Unknown) => {}
            (before, truth) => {
                *highest = highest.max(*score);
                if let (Truth::Benign, Truth::Attack(_)) = (before, truth) {
                    *known = *truth;
                }
            }
        }
    }
    together
}

/// What the first row of each conversation has, in the order of [`by_conversation`].
pub(crate) fn of_first(values: &[u64], keys: &[u64]) -> Vec<u64> {
    let mut seen = BTreeSet::new();
    let first = values
        .iter()
        .zip(keys)
        .filter(|(_, key)| seen.insert(**key));
    first.map(|(value, _)| *value).collect()
}

pub(crate) fn conversation(flow: &Flow) -> Conversation {
    let key = &flow.key;
    let (a, b) = (
        (key.initiator, key.initiator_port),
        (key.responder, key.responder_port),
    );
    (a.min(b), a.max(b), key.protocol.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::{IpProtocol, Timestamp};
    use nettraffic_flow::FlowKey;

    #[test]
    fn both_directions_are_one_conversation() {
        let flow = |initiator: (u8, u16), responder: (u8, u16)| {
            let host = |host| [10, 0, 0, host].into();
            let (client, server) = (host(initiator.0), host(responder.0));
            let key = FlowKey::new(client, initiator.1, server, responder.1, IpProtocol::TCP);
            conversation(&Flow::new(key, Timestamp::from_nanos(0), ()))
        };
        let there = flow((1, 40_000), (2, 80));
        assert_eq!(there, flow((2, 80), (1, 40_000)));
        assert_ne!(there, flow((1, 40_001), (2, 80)));
        assert_ne!(there, flow((2, 40_000), (1, 80)));
    }

    #[test]
    fn the_highest_flow_speaks_for_its_conversation() {
        let truths = [
            Truth::Unknown,
            Truth::Benign,
            Truth::Attack("scan"),
            Truth::Benign,
            Truth::Unknown,
            Truth::Benign,
        ];
        let judged = by_conversation(
            &[9.0, 7.0, 3.0, 2.0, 8.0, 5.0],
            &truths,
            &[4, 6, 4, 0, 6, 4],
        );
        let expected = [
            (5.0, Truth::Attack("scan")),
            (7.0, Truth::Benign),
            (2.0, Truth::Benign),
        ];
        assert_eq!(judged, expected.into_iter().unzip());
        assert_eq!(
            of_first(&[1, 2, 3, 4, 5, 6], &[4, 6, 4, 0, 6, 4]),
            [1, 2, 4]
        );
    }
}
