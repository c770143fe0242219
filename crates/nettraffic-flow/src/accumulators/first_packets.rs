//! The packets with which a flow begins.

use nettraffic_capture::PacketMeta;

use super::inter_arrivals::nanos_between;
use crate::{Accumulate, Direction, Flow};

/// Direction, length and time of the first [`FirstPackets::LIMIT`] packets, in the order of
/// reading: the beginning of a conversation tells applications apart (Bernaille and others 2006).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstPackets {
    gaps: [u32; FirstPackets::LIMIT],
    /// One bit for each packet of the responder.
    backward: u32,
    payloads: [u16; FirstPackets::LIMIT],
    seen: u8,
}

/// One of the first packets of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FirstPacket {
    /// Who sent it.
    pub direction: Direction,
    /// Bytes of transport payload; 65535 stands for more as well.
    pub payload: u16,
    /// Whole microseconds since the latest packet before it: 0 for the first packet and for late
    /// ones, 2³² − 1 for over 71 minutes.
    pub gap_micros: u32,
}

impl FirstPackets {
    /// How many packets are remembered.
    pub const LIMIT: usize = 20;

    /// The packet at `index`, counted from 0; `None` when there were not so many, and from
    /// [`FirstPackets::LIMIT`] on.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<FirstPacket> {
        let is_backward = self.backward >> (index as u32 % u32::BITS) & 1 == 1;
        (index < self.len()).then_some(FirstPacket {
            direction: match is_backward {
                true => Direction::Backward,
                false => Direction::Forward,
            },
            payload: *self.payloads.get(index)?,
            gap_micros: *self.gaps.get(index)?,
        })
    }

    /// How many packets there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.seen as usize
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.seen == 0
    }
}

impl Accumulate for FirstPackets {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow<()>) {
        let index = usize::from(self.seen);
        let (Some(gap), Some(payload)) = (self.gaps.get_mut(index), self.payloads.get_mut(index))
        else {
            return;
        };
        // Of the first packet, `flow.last` is its own time.
        let micros = nanos_between(flow.last, packet.timestamp) / 1_000;
        *gap = u32::try_from(micros).unwrap_or(u32::MAX);
        *payload = u16::try_from(packet.payload_len).unwrap_or(u16::MAX);
        self.backward |= u32::from(direction == Direction::Backward) << index;
        self.seen += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    fn check(packets: &[(Direction, i64, u32)], expected: &[(Direction, u16, u32)]) {
        let packets: Vec<_> = packets
            .iter()
            .map(|(d, at, length)| (*d, packet(*at, *length)))
            .collect();
        let first: FirstPackets = accumulate(&packets);
        let found: Vec<_> = (0..40)
            .map_while(|index| first.get(index))
            .map(|packet| (packet.direction, packet.payload, packet.gap_micros))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(
            (first.len(), first.is_empty()),
            (expected.len(), expected.is_empty())
        );
    }

    #[test]
    fn packets_stand_in_the_order_of_reading() {
        check(&[], &[]);
        check(
            &[
                (Forward, 7_000, 10),
                (Backward, 9_999, 0),
                // Late: no gap, and the next counts from the latest.
                (Backward, 8_000, 70_000),
                (Forward, 12_999, 1),
                (Forward, i64::MAX, 2),
            ],
            &[
                (Forward, 10, 0),
                (Backward, 0, 2),
                (Backward, u16::MAX, 0),
                (Forward, 1, 3),
                (Forward, 2, u32::MAX),
            ],
        );
    }

    #[test]
    fn later_packets_change_nothing() {
        let packet = |i: i64| {
            let direction = if i % 3 == 0 { Backward } else { Forward };
            (direction, i * 1_000, i as u32)
        };
        let many: Vec<_> = (0..30).map(packet).collect();
        let expected: Vec<_> = (0..20)
            .map(packet)
            .map(|(direction, at, length)| (direction, length as u16, u32::from(at > 0)))
            .collect();
        check(&many, &expected);
    }
}
