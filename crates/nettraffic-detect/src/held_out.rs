//! Which benign flows are held out of fitting.
//!
//! A model's scores of the rows that it was fitted on promise too much, so the threshold is set on
//! scores of rows that were held out. Few rows are worth the work of holding out each of them
//! once, in turn; of many rows a fifth says enough.

use std::collections::BTreeSet;
use std::net::IpAddr;

use nettraffic_eval::{Split, group_folds, group_split};
use nettraffic_flow::Flow;
use serde::{Deserialize, Serialize};

use crate::{DetectError, FlowRows};

/// Share of the benign flows that is held out at a time.
const SHARE: f64 = 0.2;
/// Parts that are held out in turn.
const FOLDS: usize = 5;
/// From this many flows on, one part is held out, once.
const MANY_FLOWS: usize = 20_000;
/// From this many captures on, whole ones are held out.
const MANY_CAPTURES: usize = 10;

/// What is held out as a whole: flows that belong together resemble each other, and a threshold
/// that was set on near copies of training flows would promise too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HeldOutBy {
    /// Captures, where there are ten or more.
    Capture,
    /// All flows between two hosts to one service.
    Conversation,
    /// Single flows, when almost all of them are of one conversation: the threshold may then
    /// promise too much.
    Flow,
}

impl HeldOutBy {
    /// The name used in records: `capture`, `conversation`, `flow`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Conversation => "conversation",
            Self::Flow => "flow",
        }
    }
}

/// The flows to fit on and those to hold out, parted by the largest units that leave enough
/// flows on either side: five times, so that every flow is held out once, or once for many flows.
pub(crate) fn hold_out(
    flows: &FlowRows,
    seed: u64,
) -> Result<(Vec<Split>, HeldOutBy), DetectError> {
    let captures = flows.origins();
    if captures.iter().collect::<BTreeSet<_>>().len() >= MANY_CAPTURES
        && let Some(splits) = part(captures, seed)
    {
        return Ok((splits, HeldOutBy::Capture));
    }
    let conversations: Vec<_> = flows.flows().iter().map(conversation).collect();
    if let Some(splits) = part(&conversations, seed) {
        return Ok((splits, HeldOutBy::Conversation));
    }
    let each: Vec<usize> = (0..flows.len()).collect();
    let splits = part(&each, seed).ok_or(DetectError::TooFewFlows {
        needed: FOLDS,
        found: flows.len(),
    })?;
    Ok((splits, HeldOutBy::Flow))
}

/// Splits that part no group, or `None` when the groups are too few or too unlike in size.
fn part<G: Ord>(groups: &[G], seed: u64) -> Option<Vec<Split>> {
    let splits = if groups.len() < MANY_FLOWS {
        group_folds(groups, FOLDS, seed).ok()?
    } else {
        vec![group_split(groups, 1.0 - SHARE, seed).ok()?]
    };
    splits.iter().all(is_fair).then_some(splits)
}

/// Whether at least half of the flows are left to fit on, and half of the share is held out: one
/// large group can leave one side almost empty.
fn is_fair(split: &Split) -> bool {
    let (fitted, held_out) = (split.train.len() as f64, split.test.len() as f64);
    let all = fitted + held_out;
    fitted >= all / 2.0 && held_out >= all * SHARE / 2.0
}

/// What flows between the same hosts to the same service share.
fn conversation(flow: &Flow) -> (IpAddr, IpAddr, u16, u8) {
    let key = &flow.key;
    let protocol = key.protocol.0;
    (key.initiator, key.responder, key.responder_port, protocol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::{IpProtocol, Timestamp};
    use nettraffic_features::FeatureSet;
    use nettraffic_flow::FlowKey;

    /// Flows of one client to each server, as many as said.
    fn capture(servers: &[(u8, usize)]) -> FlowRows {
        let mut rows = FlowRows::new(FeatureSet::default());
        for (server, flows) in servers {
            for port in 0..*flows {
                let (client, server) = ([10, 0, 0, 1].into(), [10, 0, 1, *server].into());
                let key = FlowKey::new(client, port as u16, server, 443, IpProtocol::TCP);
                let flow = Flow::new(key, Timestamp::from_seconds(port as i64, 0), ());
                let row = vec![0.0; rows.features().schema().len()];
                rows.push(flow, &row);
            }
        }
        rows
    }

    fn captures(sizes: &[usize]) -> FlowRows {
        let mut rows = FlowRows::new(FeatureSet::default());
        for size in sizes {
            // The same conversations in all of them.
            rows.extend_from(&capture(&[(1, size.div_ceil(2)), (2, size / 2)]));
        }
        rows
    }

    #[test]
    fn the_largest_units_that_leave_enough_are_held_out() {
        let many: Vec<(u8, usize)> = (0..50).map(|server| (server, 4)).collect();
        for (what, flows, expected) in [
            ("ten captures", captures(&[20; 10]), HeldOutBy::Capture),
            (
                "nine captures of two conversations",
                captures(&[20; 9]),
                HeldOutBy::Conversation,
            ),
            (
                "one giant capture",
                captures(&[991, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
                HeldOutBy::Flow,
            ),
            (
                "many conversations",
                capture(&many),
                HeldOutBy::Conversation,
            ),
            ("one conversation", capture(&[(1, 200)]), HeldOutBy::Flow),
            (
                "one giant conversation",
                capture(&[(1, 195), (2, 5)]),
                HeldOutBy::Flow,
            ),
        ] {
            for seed in 0..20 {
                let (splits, by) = hold_out(&flows, seed).unwrap();
                assert_eq!(by, expected, "{what}");
                let mut held_out: Vec<usize> = splits.iter().flat_map(|s| s.test.clone()).collect();
                held_out.sort_unstable();
                assert!(held_out.into_iter().eq(0..flows.len()), "{what}: each once");
                for split in splits {
                    assert!(is_fair(&split), "{what}, seed {seed}");
                    let leaks = match by {
                        HeldOutBy::Capture => split.leaks(flows.origins()),
                        HeldOutBy::Conversation => {
                            let all: Vec<_> = flows.flows().iter().map(conversation).collect();
                            split.leaks(&all)
                        }
                        HeldOutBy::Flow => Vec::new(),
                    };
                    assert_eq!(leaks, Vec::<usize>::new(), "{what}, seed {seed}");
                }
            }
        }
    }

    #[test]
    fn of_many_flows_a_fifth_is_held_out_once() {
        let flows = capture(&(0..100).map(|server| (server, 200)).collect::<Vec<_>>());
        let (splits, by) = hold_out(&flows, 1).unwrap();
        assert_eq!((splits.len(), by), (1, HeldOutBy::Conversation));
        assert_eq!(
            (splits[0].train.len(), splits[0].test.len()),
            (16_000, 4_000)
        );
    }
}
