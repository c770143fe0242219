//! Flows that raise several alerts, counted once.

use nettraffic_capture::Timestamp;
use nettraffic_flow::{Flow, FlowEnd, FlowKey};

use super::OpenIncident;
use crate::IncidentId;
use crate::gate::BoundedMap;

/// Flows that are followed: about 20 MB.
const MOST: usize = 50_000;

/// The flows that raised an alert and of which a further record may come: an early judgement, those of the parts of a
/// long connection and the last are of one flow.
#[derive(Debug)]
pub(super) struct CountedFlows {
    counted: BoundedMap<FlowKey, Counted>,
    forgotten: u64,
}

/// The latest record of a flow that raised an alert, and the incident that counted it.
#[derive(Clone, Copy, Debug)]
struct Counted {
    incident: IncidentId,
    first: Timestamp,
    continuation: u32,
}

impl CountedFlows {
    pub(super) fn new() -> Self {
        Self {
            counted: BoundedMap::new(MOST),
            forgotten: 0,
        }
    }

    /// Whether no alert of this flow was in that incident or one of its parts before.
    pub(super) fn is_new(&mut self, flow: &Flow, incident: &OpenIncident) -> bool {
        let before = self.counted.get(&flow.key);
        let is_known = before
            .is_some_and(|before| before.is_of(flow) && incident.is_or_holds(before.incident));
        if matches!(flow.end, FlowEnd::Early | FlowEnd::Active) {
            let latest = Counted {
                incident: incident.id,
                first: flow.first,
                continuation: flow.continuation,
            };
            self.forgotten += u64::from(self.counted.put(flow.key, latest).is_some());
        } else {
            self.counted.remove(&flow.key);
        }
        !is_known
    }

    /// Flows that were forgotten before their end, so that they may be counted again.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

impl Counted {
    /// Whether a record is of the same flow: of the same part of it, or of a later one.
    fn is_of(&self, flow: &Flow) -> bool {
        let is_same_part = flow.continuation == self.continuation && flow.first == self.first;
        is_same_part || flow.continuation > self.continuation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::Raised;

    #[test]
    fn records_of_one_flow_count_once() {
        use FlowEnd::{Active, Early, Fin};
        let raised = Raised::new(1, 0, 1);
        let incident = OpenIncident::begin(&raised.alert());
        // First second, part, end, and whether it is a flow that was not counted.
        for (records, expected) in [
            (&[(0, 0, Early), (0, 0, Fin)][..], &[true, false][..]),
            (&[(0, 0, Fin), (0, 0, Fin)], &[true, true]),
            (
                &[
                    (0, 0, Early),
                    (0, 0, Active),
                    (60, 1, Active),
                    (120, 2, Fin),
                ],
                &[true, false, false, false],
            ),
            // A part raised none between them.
            (&[(0, 0, Active), (120, 2, Fin)], &[true, false]),
            // The ports are used again.
            (&[(0, 0, Early), (9, 0, Fin)], &[true, true]),
            (
                &[(0, 0, Active), (60, 1, Fin), (90, 0, Active), (150, 1, Fin)],
                &[true, false, true, false],
            ),
        ] {
            let mut flows = CountedFlows::new();
            let mut found = Vec::new();
            for (second, part, end) in records {
                let mut flow = raised.alert().verdict().flow.clone();
                flow.first = Timestamp::from_seconds(*second, 0);
                (flow.continuation, flow.end) = (*part, *end);
                found.push(flows.is_new(&flow, &incident));
            }
            assert_eq!(found, expected, "{records:?}");
        }
    }

    #[test]
    fn another_incident_counts_a_flow_anew() {
        let raised = Raised::new(1, 0, 1);
        let (one, mut other) = (
            OpenIncident::begin(&raised.alert()),
            OpenIncident::begin(&Raised::new(2, 9, 2).alert()),
        );
        let mut flow = raised.alert().verdict().flow.clone();
        flow.end = FlowEnd::Early;
        let mut flows = CountedFlows::new();
        assert!(flows.is_new(&flow, &one));
        assert!(flows.is_new(&flow, &other));
        assert!(!flows.is_new(&flow, &other));
        assert!(flows.is_new(&flow, &one));
        // One that has taken the other in does not.
        other.absorb(&one, 10);
        assert!(!flows.is_new(&flow, &other));
    }

    #[test]
    fn what_is_followed_is_bounded() {
        let incident = OpenIncident::begin(&Raised::new(1, 0, 1).alert());
        let mut flows = CountedFlows::new();
        for source in 0..MOST as u32 + 10 {
            let mut flow = Raised::new(1, 0, source).alert().verdict().flow.clone();
            flow.end = FlowEnd::Early;
            assert!(flows.is_new(&flow, &incident));
        }
        assert_eq!((flows.counted.len(), flows.forgotten()), (MOST, 10));
    }
}
