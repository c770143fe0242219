//! How often a flow paused.

use std::time::Duration;

use nettraffic_capture::PacketMeta;

use super::inter_arrivals::nanos_between;
use crate::{Accumulate, Direction, Flow};

/// The parts of a flow between pauses longer than [`Subflows::PAUSE`], as in CICFlowMeter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subflows {
    pauses: u32,
}

impl Subflows {
    /// The gap between two packets, of either side, that parts two subflows must be longer than this.
    pub const PAUSE: Duration = Duration::from_secs(1);

    /// How many there are: one more than there are pauses, of which 2³² − 1 are counted at most.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.pauses as u64 + 1
    }
}

const PAUSE_NANOS: u64 = Subflows::PAUSE.as_secs() * 1_000_000_000;

impl Accumulate for Subflows {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, _: Direction, flow: &Flow<()>) {
        let gap = nanos_between(flow.last, packet.timestamp);
        self.pauses = self.pauses.saturating_add(u32::from(gap > PAUSE_NANOS));
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::{IpProtocol, Timestamp};

    use super::super::testing::{HOST, packet};
    use super::*;
    use crate::FlowKey;

    #[test]
    fn pauses_of_more_than_a_second_part_a_flow() {
        for (millis, expected) in [
            (&[0][..], 1),
            (&[7], 1),
            (&[7, 1_007], 1),
            (&[7, 1_008], 2),
            (&[0, 1_001, 1_002, 9_000], 3),
            // A late packet does not turn the clock back.
            (&[5_000, 0, 5_500], 1),
        ] {
            let packets: Vec<_> = millis.iter().map(|at| packet(at * 1_000_000, 0)).collect();
            let key = FlowKey::new(HOST, 0, HOST, 0, IpProtocol::UDP);
            let first = packets
                .first()
                .map_or(Timestamp::default(), |p| p.timestamp);
            let mut flow: Flow = Flow::new(key, first, ());
            let mut subflows = Subflows::default();
            for packet in &packets {
                subflows.update(packet, Direction::Forward, &flow);
                flow.last = flow.last.max(packet.timestamp);
            }
            assert_eq!(subflows.count(), expected, "{millis:?}");
        }
    }
}
