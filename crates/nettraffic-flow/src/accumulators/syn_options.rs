//! What the sides of a TCP connection offer when it opens.

use nettraffic_capture::{PacketMeta, TcpFlags, TcpOptions};

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// The options of each side's first SYN; `None` for a side that sent none.
///
/// Operating systems differ in them, and tools that write their own headers offer few or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SynOptions {
    /// What each side offered.
    pub sides: PerSide<Option<SynOffer>>,
}

/// The options of a SYN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SynOffer {
    /// Largest segment that the sender takes, in bytes.
    pub maximum_segment_size: Option<u16>,
    /// Bits by which the sender's windows are to be shifted.
    pub window_scale: Option<u8>,
    /// Selective acknowledgements are understood.
    pub sack_permitted: bool,
    /// It bore a time stamp.
    pub timestamps: bool,
}

impl From<&TcpOptions> for SynOffer {
    fn from(options: &TcpOptions) -> Self {
        Self {
            maximum_segment_size: options.maximum_segment_size,
            window_scale: options.window_scale,
            sack_permitted: options.sack_permitted,
            timestamps: options.timestamps.is_some(),
        }
    }
}

impl Accumulate for SynOptions {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let syn = packet.tcp().filter(|tcp| tcp.flags.contains(TcpFlags::SYN));
        if let Some(tcp) = syn {
            let first = self.sides.get_mut(direction);
            *first = first.or(Some(SynOffer::from(&tcp.options)));
        }
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::Transport;

    use super::super::testing::{accumulate, segment};
    use super::*;
    use Direction::{Backward, Forward};

    #[test]
    fn the_first_syn_of_each_side_stays() {
        let with_mss = |flags, size| {
            let mut packet = segment(flags, 0, 0);
            if let Transport::Tcp(tcp) = &mut packet.transport {
                tcp.options.maximum_segment_size = Some(size);
                tcp.options.timestamps = Some((1, 0));
            }
            packet
        };
        let options: SynOptions = accumulate(&[
            (Forward, with_mss(0x10, 1)),
            (Forward, with_mss(0x02, 1460)),
            (Forward, with_mss(0x02, 536)),
            (Backward, with_mss(0x10, 1460)),
        ]);
        let offer = SynOffer {
            maximum_segment_size: Some(1460),
            window_scale: None,
            sack_permitted: false,
            timestamps: true,
        };
        assert_eq!(options.sides.forward, Some(offer));
        assert_eq!(options.sides.backward, None);
    }
}
