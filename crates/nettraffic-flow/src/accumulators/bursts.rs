//! Runs of packets of one side.

use std::time::Duration;

use nettraffic_capture::{PacketMeta, Timestamp};

use super::PerSide;
use super::inter_arrivals::nanos_between;
use crate::{Accumulate, Direction, Flow};

/// Bursts of each side: packets of one side with none of the other in between, as in traffic
/// analysis (Dyer, Coull, Ristenpart and Shrimpton 2012), and no gap over [`Bursts::GAP`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bursts {
    closed: PerSide<BurstCounts>,
    open: Option<Burst>,
}

impl Bursts {
    /// The gap that parts two bursts must be longer than this.
    pub const GAP: Duration = Duration::from_secs(1);

    /// The bursts of one side, that which goes on included.
    #[must_use]
    pub fn of(&self, direction: Direction) -> BurstCounts {
        let mut counts = *self.closed.get(direction);
        if let Some(open) = self.open.filter(|open| open.direction == direction) {
            counts.add(&open);
        }
        counts
    }
}

impl Accumulate for Bursts {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let now = packet.timestamp;
        match &mut self.open {
            Some(open)
                if open.direction == direction && nanos_between(open.last, now) <= GAP_NANOS =>
            {
                open.packets = open.packets.saturating_add(1);
                open.payload_bytes += u64::from(packet.payload_len);
                open.last = open.last.max(now);
            }
            open => {
                let ended = open.replace(Burst {
                    payload_bytes: u64::from(packet.payload_len),
                    first: now,
                    last: now,
                    packets: 1,
                    direction,
                });
                if let Some(ended) = ended {
                    self.closed.get_mut(ended.direction).add(&ended);
                }
            }
        }
    }
}

const GAP_NANOS: u64 = Bursts::GAP.as_secs() * 1_000_000_000;

/// A burst that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Burst {
    payload_bytes: u64,
    first: Timestamp,
    last: Timestamp,
    packets: u32,
    direction: Direction,
}

/// How many bursts a side had, and the largest. Counts end at 2³² − 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BurstCounts {
    largest_payload: u64,
    nanos: u64,
    longest_nanos: u64,
    count: u32,
    largest_packets: u32,
}

impl BurstCounts {
    /// How many bursts.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The most packets in one burst.
    #[must_use]
    pub const fn largest_packets(&self) -> u32 {
        self.largest_packets
    }

    /// The most bytes of transport payload in one burst.
    #[must_use]
    pub const fn largest_payload(&self) -> u64 {
        self.largest_payload
    }

    /// How long all bursts lasted together, in nanoseconds; one packet lasts 0.
    #[must_use]
    pub const fn nanos(&self) -> u64 {
        self.nanos
    }

    /// How long the longest lasted, in nanoseconds.
    #[must_use]
    pub const fn longest_nanos(&self) -> u64 {
        self.longest_nanos
    }

    fn add(&mut self, burst: &Burst) {
        let nanos = nanos_between(burst.first, burst.last);
        self.count = self.count.saturating_add(1);
        self.largest_packets = self.largest_packets.max(burst.packets);
        self.largest_payload = self.largest_payload.max(burst.payload_bytes);
        self.nanos = self.nanos.saturating_add(nanos);
        self.longest_nanos = self.longest_nanos.max(nanos);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    /// Packets: direction, milliseconds, payload. Expected of each side: bursts, most packets,
    /// most bytes, milliseconds of all and of the longest.
    fn check(packets: &[(Direction, i64, u32)], expected: [[u64; 5]; 2]) {
        let packets: Vec<_> = packets
            .iter()
            .map(|(d, at, length)| (*d, packet(at * 1_000_000, *length)))
            .collect();
        let bursts: Bursts = accumulate(&packets);
        let found = [Forward, Backward].map(|direction| {
            let side = bursts.of(direction);
            [
                u64::from(side.count()),
                u64::from(side.largest_packets()),
                side.largest_payload(),
                side.nanos() / 1_000_000,
                side.longest_nanos() / 1_000_000,
            ]
        });
        assert_eq!(found, expected, "{packets:?}");
    }

    #[test]
    fn the_other_side_and_a_long_gap_end_a_burst() {
        check(&[], [[0; 5]; 2]);
        check(&[(Backward, 0, 9)], [[0; 5], [1, 1, 9, 0, 0]]);
        check(
            &[
                (Forward, 0, 100),
                (Forward, 10, 200),
                (Backward, 20, 1000),
                (Backward, 1020, 1000),
                (Backward, 1070, 0),
                (Forward, 1080, 50),
                // 1001 ms later: another one.
                (Forward, 2081, 60),
            ],
            [[3, 2, 300, 10, 10], [1, 3, 2000, 1050, 1050]],
        );
    }

    #[test]
    fn a_late_packet_belongs_to_the_burst() {
        check(
            &[(Forward, 5000, 1), (Forward, 10, 1), (Forward, 5900, 1)],
            [[1, 3, 3, 900, 900], [0; 5]],
        );
    }
}
