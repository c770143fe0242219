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
///
/// The latest packets are counted in one word, a byte for each flag, which is emptied into the
/// counters before a byte could overflow: a packet costs one addition. Equal are those that have
/// counted the same, however much of it is in the word.
#[derive(Clone, Copy, Debug, Default)]
pub struct FlagCounts {
    latest: u64,
    added: u8,
    counts: [u32; 8],
}

impl FlagCounts {
    /// Packets with `flag` set. Of several flags at once it is the count of the lowest bit; of none, 0.
    #[must_use]
    pub const fn of(&self, flag: TcpFlags) -> u64 {
        let bit = flag.0.trailing_zeros() as usize;
        if bit < 8 { self.of_bit(bit) } else { 0 }
    }

    const fn of_bit(&self, bit: usize) -> u64 {
        self.counts[bit] as u64 + self.latest.to_le_bytes()[bit] as u64
    }

    #[inline]
    fn add(&mut self, flags: TcpFlags) {
        self.latest += one_byte_each(flags.0);
        self.added += 1;
        if self.added == u8::MAX {
            self.empty();
        }
    }

    #[cold]
    fn empty(&mut self) {
        for (count, latest) in self.counts.iter_mut().zip(self.latest.to_le_bytes()) {
            // A record ends before it has more packets.
            *count = count.wrapping_add(latest.into());
        }
        (self.latest, self.added) = (0, 0);
    }
}

impl PartialEq for FlagCounts {
    fn eq(&self, other: &Self) -> bool {
        (0..8).all(|bit| self.of_bit(bit) == other.of_bit(bit))
    }
}

impl Eq for FlagCounts {}

/// The bits of a byte as the bytes of a word: 1 where the bit is set, the lowest first.
#[inline]
const fn one_byte_each(bits: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Byte i of this keeps bit i alone.
    let apart = (bits as u64 * ONES) & 0x8040_2010_0804_0201;
    ((apart + 0x7f * ONES) >> 7) & ONES
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
    fn many_packets_count_as_well() {
        for packets in [254, 255, 256, 1000] {
            let flags: Vec<_> = (0..packets)
                .map(|packet| {
                    (
                        Forward,
                        segment(if packet % 2 == 0 { 0xff } else { 0x10 }, 0, 0),
                    )
                })
                .collect();
            let counts: TcpFlagCounts = accumulate(&flags);
            let forward = counts.sides.forward;
            assert_eq!(forward.of(TcpFlags::ACK), packets);
            assert_eq!(forward.of(TcpFlags::FIN), packets.div_ceil(2));
            assert_eq!(forward.of(TcpFlags::CWR), packets.div_ceil(2));
        }
    }

    #[test]
    fn equal_counts_are_equal_wherever_they_are_kept() {
        // As many packets with ACK and one without a flag more, which empties the word.
        let packets = |none| {
            let acks = (0..254).map(|_| (Forward, segment(0x10, 0, 0)));
            let plain = (0..none).map(|_| (Forward, segment(0, 0, 0)));
            accumulate::<TcpFlagCounts>(&acks.chain(plain).collect::<Vec<_>>())
        };
        assert_eq!(packets(0), packets(1));
        let mut more = packets(0);
        more.sides.forward.add(TcpFlags::SYN);
        assert_ne!(more, packets(1));
    }

    #[test]
    fn every_bit_becomes_a_byte() {
        for bits in 0..=u8::MAX {
            let bytes = one_byte_each(bits).to_le_bytes();
            for (bit, byte) in bytes.into_iter().enumerate() {
                assert_eq!(byte, bits >> bit & 1, "{bits:#b}");
            }
        }
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
