//! The TCP windows with which the sides began.

use nettraffic_capture::PacketMeta;

use super::PerSide;
use crate::{Accumulate, Direction, Flow};

/// The receive window in each side's first TCP packet, in bytes, before any window scaling.
///
/// `None` for a side that sent no TCP packet. Operating systems and tools differ in it,
/// and scanners that write their own headers stand out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InitialWindows {
    /// What each side sent first.
    pub sides: PerSide<Option<u16>>,
}

impl Accumulate for InitialWindows {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, _: &Flow<()>) {
        let window = packet.tcp().map(|tcp| tcp.window);
        let first = self.sides.get_mut(direction);
        *first = first.or(window);
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::Transport;

    use super::super::testing::{accumulate, packet, segment};
    use super::*;

    #[test]
    fn the_first_window_of_each_side_stays() {
        let with_window = |window| {
            let mut packet = segment(0x10, 0, 0);
            if let Transport::Tcp(tcp) = &mut packet.transport {
                tcp.window = window;
            }
            packet
        };
        let windows: InitialWindows = accumulate(&[
            (Direction::Forward, with_window(0)),
            (Direction::Forward, with_window(512)),
            (Direction::Backward, packet(0, 0)),
        ]);
        assert_eq!(windows.sides.forward, Some(0));
        assert_eq!(windows.sides.backward, None);
    }
}
