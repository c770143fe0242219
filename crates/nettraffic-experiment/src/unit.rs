//! What counts as one row of a test.

use std::collections::BTreeMap;
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

/// Rows of a test, side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Judged<'a> {
    pub(crate) scores: Vec<f32>,
    pub(crate) alerts: Vec<bool>,
    pub(crate) truths: Vec<Truth<'a>>,
}

/// The two ends, the lesser one first, and the protocol.
type Conversation = ((IpAddr, u16), (IpAddr, u16), u8);

impl<'a> Judged<'a> {
    /// The rows of flows `flows` put together to conversations, in the order of their first records. The flows
    /// of each origin (a capture) have conversations of their own.
    pub(crate) fn by_conversation(self, flows: impl Iterator<Item = (&'a Flow, u32)>) -> Self {
        let mut places: BTreeMap<(u32, Conversation), usize> = BTreeMap::new();
        let mut together = Self::default();
        let rows = self.scores.into_iter().zip(self.alerts).zip(self.truths);
        for ((flow, origin), ((score, alert), truth)) in flows.zip(rows) {
            let next = together.scores.len();
            let place = *places.entry((origin, conversation(flow))).or_insert(next);
            if place == next {
                together.scores.push(score);
                together.alerts.push(alert);
                together.truths.push(truth);
                continue;
            }
            // What nobody knows of is left out, also where it stands beside flows that are known.
            match (together.truths[place], truth) {
                (Truth::Unknown, Truth::Benign | Truth::Attack(_)) => {
                    together.scores[place] = score;
                    together.alerts[place] = alert;
                    together.truths[place] = truth;
                }
                (Truth::Benign | Truth::Attack(_), Truth::Unknown) => {}
                (known, truth) => {
                    let highest = &mut together.scores[place];
                    *highest = highest.max(score);
                    together.alerts[place] |= alert;
                    if let (Truth::Benign, Truth::Attack(_)) = (known, truth) {
                        together.truths[place] = truth;
                    }
                }
            }
        }
        together
    }
}

fn conversation(flow: &Flow) -> Conversation {
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

    fn flow(initiator: (u8, u16), responder: (u8, u16)) -> Flow {
        let host = |host| [10, 0, 0, host].into();
        let key = FlowKey::new(
            host(initiator.0),
            initiator.1,
            host(responder.0),
            responder.1,
            IpProtocol::TCP,
        );
        Flow::new(key, Timestamp::from_nanos(0), ())
    }

    #[test]
    fn the_highest_flow_speaks_for_its_conversation() {
        let there = flow((1, 40_000), (2, 80));
        let back = flow((2, 80), (1, 40_000));
        let other = flow((1, 40_001), (2, 80));
        let flows = [(&there, 0), (&other, 0), (&back, 0), (&there, 1)];
        let judged = Judged {
            scores: vec![9.0, 7.0, 3.0, 2.0],
            alerts: vec![true, false, false, false],
            truths: vec![
                Truth::Unknown,
                Truth::Benign,
                Truth::Attack("scan"),
                Truth::Benign,
            ],
        };
        let expected = Judged {
            scores: vec![3.0, 7.0, 2.0],
            alerts: vec![false, false, false],
            truths: vec![Truth::Attack("scan"), Truth::Benign, Truth::Benign],
        };
        assert_eq!(judged.by_conversation(flows.into_iter()), expected);
    }
}
