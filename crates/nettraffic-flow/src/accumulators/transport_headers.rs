//! How much of a flow is transport headers.

use nettraffic_capture::PacketMeta;

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Sum and minimum of the transport headers' lengths per side, options included and IP headers not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransportHeaders {
    bytes: PerSide<u64>,
    /// 0 before the first header.
    smallest: PerSide<u8>,
}

impl TransportHeaders {
    /// Bytes of the headers that the side sent.
    #[must_use]
    pub const fn bytes(&self, direction: Direction) -> u64 {
        *self.bytes.get(direction)
    }

    /// Bytes of the shortest of them; `None` when the side sent no packet with one.
    #[must_use]
    pub const fn smallest(&self, direction: Direction) -> Option<u8> {
        match *self.smallest.get(direction) {
            0 => None,
            smallest => Some(smallest),
        }
    }
}

impl Accumulate for TransportHeaders {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let length = packet.transport_header_len();
        *self.bytes.get_mut(direction) += u64::from(length);
        let smallest = self.smallest.get_mut(direction);
        // One less, 0 is the largest number: "no header" never is the minimum.
        *smallest = smallest
            .wrapping_sub(1)
            .min(length.wrapping_sub(1))
            .wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::Transport;

    use super::super::testing::{accumulate, segment};
    use super::*;
    use Direction::{Backward, Forward};

    fn check(lengths: &[u8], bytes: u64, smallest: Option<u8>) {
        let packets: Vec<_> = lengths
            .iter()
            .map(|length| {
                let mut packet = segment(0, 0, 0);
                if let Transport::Tcp(tcp) = &mut packet.transport {
                    tcp.header_len = *length;
                }
                (Forward, packet)
            })
            .collect();
        let headers: TransportHeaders = accumulate(&packets);
        assert_eq!(headers.bytes(Forward), bytes, "{lengths:?}");
        assert_eq!(headers.smallest(Forward), smallest, "{lengths:?}");
        assert_eq!(
            (headers.bytes(Backward), headers.smallest(Backward)),
            (0, None)
        );
    }

    #[test]
    fn fragments_without_a_header_are_not_the_smallest() {
        check(&[], 0, None);
        check(&[0, 0], 0, None);
        check(&[40, 32, 20, 60], 152, Some(20));
        check(&[0, 8, 0], 8, Some(8));
        check(&[255, 255], 510, Some(255));
    }
}
