//! Transfers in bulk: data of one side, packet after packet.

use std::time::Duration;

use nettraffic_capture::{PacketMeta, Timestamp};

use super::PerSide;
use super::inter_arrivals::nanos_between;
use crate::{Accumulate, Direction, Flow};

/// What each side sent in bulk.
///
/// A bulk is a run of at least [`BulkTransfers::SHORTEST`] packets with payload from one side,
/// between which no payload of the other side was seen and no gap is longer than
/// [`BulkTransfers::LONGEST_GAP`]. Packets without payload neither belong to it nor end it. The
/// idea and its two numbers are those of CICFlowMeter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkTransfers {
    packets: PerSide<u64>,
    bytes: PerSide<u64>,
    nanos: PerSide<u64>,
    bulks: PerSide<u32>,
    run: Run,
}

/// The bulks of one side, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bulks {
    /// How many; it stops at the end of its range.
    pub bulks: u32,
    /// Their packets.
    pub packets: u64,
    /// Their payload.
    pub bytes: u64,
    /// From the first packet of each to its last, in nanoseconds.
    pub nanos: u64,
}

impl BulkTransfers {
    /// The fewest packets that make a bulk.
    pub const SHORTEST: u8 = 4;
    /// A gap that is longer than this parts two runs.
    pub const LONGEST_GAP: Duration = Duration::from_secs(1);

    /// What the side that sends in `direction` sent in bulk.
    #[must_use]
    pub const fn of(&self, direction: Direction) -> Bulks {
        Bulks {
            bulks: *self.bulks.get(direction),
            packets: *self.packets.get(direction),
            bytes: *self.bytes.get(direction),
            nanos: *self.nanos.get(direction),
        }
    }
}

impl Accumulate for BulkTransfers {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        if packet.payload_len == 0 {
            return;
        }
        self.run.add(packet, direction);
        if self.run.length >= Self::SHORTEST {
            let bulks = self.bulks.get_mut(direction);
            *bulks = bulks.saturating_add(u32::from(self.run.length == Self::SHORTEST));
            self.book(direction);
        }
    }
}

impl BulkTransfers {
    /// Moves what is pending to the sums of its side.
    #[inline]
    fn book(&mut self, direction: Direction) {
        let Run {
            packets,
            bytes,
            nanos,
            ..
        } = &mut self.run;
        *self.packets.get_mut(direction) += u64::from(std::mem::take(packets));
        *self.bytes.get_mut(direction) += std::mem::take(bytes);
        *self.nanos.get_mut(direction) += u64::from(std::mem::take(nanos));
    }
}

const LONGEST_GAP_NANOS: u64 = BulkTransfers::LONGEST_GAP.as_secs() * 1_000_000_000;

/// The run that may become, or is, a bulk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Run {
    /// The latest time stamp.
    latest: Timestamp,
    /// Payload that is not booked yet.
    bytes: u64,
    /// Three gaps at most, of a second each, are not booked yet.
    nanos: u32,
    /// Packets that are not booked yet.
    packets: u8,
    /// Packets, and it stops at the end of its range.
    length: u8,
    direction: Option<Direction>,
}

impl Run {
    #[inline]
    fn add(&mut self, packet: &PacketMeta, direction: Direction) {
        let now = packet.timestamp;
        let gap = nanos_between(self.latest, now);
        if self.direction == Some(direction) && gap <= LONGEST_GAP_NANOS {
            self.latest = self.latest.max(now);
            self.nanos += gap as u32;
        } else {
            *self = Self {
                latest: now,
                direction: Some(direction),
                ..Self::default()
            };
        }
        self.bytes += u64::from(packet.payload_len);
        self.packets += 1;
        self.length = self.length.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;
    use Direction::{Backward, Forward};

    /// Packets as (side, milliseconds, payload); expected bulks, packets, bytes and milliseconds.
    fn check(packets: &[(Direction, i64, u32)], expected: [(u32, u64, u64, u64); 2]) {
        let metas: Vec<_> = packets
            .iter()
            .map(|(side, at, payload)| (*side, packet(at * 1_000_000, *payload)))
            .collect();
        let transfers: BulkTransfers = accumulate(&metas);
        let found = [Forward, Backward].map(|direction| {
            let side = transfers.of(direction);
            (side.bulks, side.packets, side.bytes, side.nanos / 1_000_000)
        });
        assert_eq!(found, expected, "{packets:?}");
    }

    const NONE: (u32, u64, u64, u64) = (0, 0, 0, 0);

    #[test]
    fn four_packets_with_payload_make_a_bulk() {
        check(&[], [NONE, NONE]);
        check(&[(Forward, 0, 9); 3], [NONE, NONE]);
        let four = [
            (Backward, 0, 10),
            (Backward, 5, 20),
            (Backward, 7, 30),
            (Backward, 9, 1),
        ];
        check(&four, [NONE, (1, 4, 61, 9)]);
        let five = [&four[..], &[(Backward, 1_009, 5)]].concat();
        check(&five, [NONE, (1, 5, 66, 1_009)]);
        // Longer than any counter of a run.
        let long: Vec<_> = (0..600).map(|at| (Forward, at, 1)).collect();
        check(&long, [(1, 600, 600, 599), NONE]);
    }

    #[test]
    fn payload_of_the_other_side_parts_runs_and_acknowledgements_do_not() {
        let acknowledged = [
            (Forward, 0, 1),
            (Backward, 1, 0),
            (Forward, 2, 1),
            (Forward, 3, 0),
            (Forward, 4, 1),
            (Forward, 6, 1),
        ];
        check(&acknowledged, [(1, 4, 4, 6), NONE]);
        let mut answered = acknowledged;
        answered[1].2 = 1;
        check(&answered, [NONE, NONE]);
        // One after the other, either way.
        let both: Vec<_> = (0..12)
            .map(|at| (if at / 4 == 1 { Backward } else { Forward }, at, 2))
            .collect();
        check(&both, [(2, 8, 16, 6), (1, 4, 8, 3)]);
    }

    #[test]
    fn a_gap_of_more_than_a_second_parts_runs() {
        let with_gap = |gap: i64| {
            let times = [0, 1, 1 + gap, 2 + gap];
            times.map(|at| (Forward, at, 1))
        };
        check(&with_gap(1_000), [(1, 4, 4, 1_002), NONE]);
        check(&with_gap(1_001), [NONE, NONE]);
        // Three gaps of a second each are pending before the fourth packet.
        check(
            &[0, 1_000, 2_000, 3_000].map(|at| (Forward, at, 1)),
            [(1, 4, 4, 3_000), NONE],
        );
    }

    #[test]
    fn late_packets_belong_to_the_run_and_add_no_time() {
        check(
            &[5, 9, 2, 9].map(|at| (Forward, at, 1)),
            [(1, 4, 4, 4), NONE],
        );
        // Before the epoch as well.
        check(
            &[-9, -8, -7, -6].map(|at| (Forward, at, 1)),
            [(1, 4, 4, 3), NONE],
        );
    }
}
