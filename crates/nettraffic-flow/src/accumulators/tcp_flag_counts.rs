//! How often each TCP flag was set.

use nettraffic_capture::{PacketMeta, TcpFlags};

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Per side and flag, the number of packets that had it set; all 0 outside TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TcpFlagCounts {
    /// What each side sent.
    pub sides: PerSide<FlagCounts>,
}

impl TcpFlagCounts {
    /// Packets of both sides with `flag` set.
    #[must_use]
    pub const fn of_both_sides(&self, flag: TcpFlags) -> u64 {
        self.sides.forward.of(flag) + self.sides.backward.of(flag)
    }
}

impl Accumulate for TcpFlagCounts {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let flags = packet.tcp().map_or(TcpFlags(0), |tcp| tcp.flags);
        self.sides.get_mut(direction).add(flags);
    }
}

/// A counter for each of the eight TCP flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlagCounts {
    counts: [u64; 8],
}

impl FlagCounts {
    /// Packets with `flag` set. Of several flags at once it is the count of the lowest bit; of none, 0.
    #[must_use]
    pub const fn of(&self, flag: TcpFlags) -> u64 {
        let bit = flag.0.trailing_zeros() as usize;
        if bit < 8 { self.counts[bit] } else { 0 }
    }

    #[inline]
    fn add(&mut self, flags: TcpFlags) {
        for (bit, count) in self.counts.iter_mut().enumerate() {
            *count += u64::from(flags.0 >> bit & 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet, segment};
    use super::*;
    use Direction::{Backward, Forward};

    #[test]
    fn every_flag_has_its_counter() {
        let all = [
            TcpFlags::FIN,
            TcpFlags::SYN,
            TcpFlags::RST,
            TcpFlags::PSH,
            TcpFlags::ACK,
            TcpFlags::URG,
            TcpFlags::ECE,
            TcpFlags::CWR,
        ];
        // Flag number k is set in k packets.
        let packets: Vec<_> = (0..8)
            .map(|i| {
                (
                    Forward,
                    segment((0..8).filter(|k| *k > i).fold(0, |f, k| f | 1 << k), 0, 0),
                )
            })
            .collect();
        let counts: TcpFlagCounts = accumulate(&packets);
        assert_eq!(
            all.map(|flag| counts.sides.forward.of(flag)),
            [0, 1, 2, 3, 4, 5, 6, 7]
        );
        assert_eq!(all.map(|flag| counts.sides.backward.of(flag)), [0; 8]);
    }

    #[test]
    fn sides_are_apart_and_other_protocols_have_none() {
        let counts: TcpFlagCounts = accumulate(&[
            (Forward, segment(0x02, 0, 0)),
            (Backward, segment(0x12, 0, 0)),
            (Backward, packet(0, 0)),
        ]);
        assert_eq!(counts.sides.forward.of(TcpFlags::SYN), 1);
        assert_eq!(counts.sides.forward.of(TcpFlags::ACK), 0);
        assert_eq!(counts.of_both_sides(TcpFlags::SYN), 2);
        assert_eq!(counts.of_both_sides(TcpFlags(0)), 0);
    }
}
