//! How much of a flow is headers.

use nettraffic_capture::PacketMeta;

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// Bytes of IP and transport headers per side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderBytes {
    /// What each side sent.
    pub sides: PerSide<u64>,
}

impl Accumulate for HeaderBytes {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        *self.sides.get_mut(direction) += u64::from(packet.header_len);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accumulate, packet};
    use super::*;

    #[test]
    fn headers_add_up_per_side() {
        let with_headers = |bytes| {
            let mut packet = packet(0, 100);
            packet.header_len = bytes;
            packet
        };
        let bytes: HeaderBytes = accumulate(&[
            (Direction::Forward, with_headers(40)),
            (Direction::Forward, with_headers(52)),
            (Direction::Backward, with_headers(28)),
        ]);
        assert_eq!((bytes.sides.forward, bytes.sides.backward), (92, 28));
    }
}
