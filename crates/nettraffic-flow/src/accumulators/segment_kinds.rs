//! Which kinds of TCP segments there were.

use nettraffic_capture::{PacketMeta, TcpFlags};

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Pure acknowledgements, and combinations of flags; none outside TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentKinds {
    /// One bit for each of the 256 combinations of flags.
    combinations: [u64; 4],
    pure_acks: PerSide<u64>,
}

impl SegmentKinds {
    /// Segments of one side with ACK alone and no payload.
    #[must_use]
    pub const fn pure_acks(&self, direction: Direction) -> u64 {
        *self.pure_acks.get(direction)
    }

    /// How many different combinations of flags there were, of both sides together, 0 to 256. An
    /// ordinary connection has four or five; tools that write their own headers have odd ones.
    #[must_use]
    pub fn flag_combinations(&self) -> u32 {
        self.combinations.iter().map(|bits| bits.count_ones()).sum()
    }

    /// Whether a segment had exactly these flags.
    #[must_use]
    pub const fn has_seen(&self, flags: TcpFlags) -> bool {
        self.combinations[(flags.0 >> 6) as usize] >> (flags.0 & 63) & 1 == 1
    }
}

impl Accumulate for SegmentKinds {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let Some(tcp) = packet.tcp() else {
            return;
        };
        let flags = tcp.flags.0;
        self.combinations[usize::from(flags >> 6)] |= 1 << (flags & 63);
        let is_pure_ack = tcp.flags == TcpFlags::ACK && packet.payload_len == 0;
        *self.pure_acks.get_mut(direction) += u64::from(is_pure_ack);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet, segment};
    use super::*;
    use Direction::{Backward, Forward};

    #[test]
    fn combinations_count_once_and_acknowledgements_by_side() {
        let kinds: SegmentKinds = accumulate(&[
            (Forward, segment(0x02, 0, 0)),
            (Backward, segment(0x12, 0, 0)),
            (Forward, segment(0x10, 0, 0)),
            (Forward, segment(0x10, 0, 5)),
            (Backward, segment(0x10, 0, 0)),
            (Backward, segment(0x10, 0, 0)),
            (Backward, segment(0xff, 0, 0)),
            (Backward, segment(0x00, 0, 0)),
            (Backward, packet(0, 0)),
        ]);
        assert_eq!(
            (kinds.pure_acks(Forward), kinds.pure_acks(Backward)),
            (1, 2)
        );
        assert_eq!(kinds.flag_combinations(), 5);
        let seen: Vec<u8> = (0..=255).filter(|f| kinds.has_seen(TcpFlags(*f))).collect();
        assert_eq!(seen, [0x00, 0x02, 0x10, 0x12, 0xff]);
    }
}
