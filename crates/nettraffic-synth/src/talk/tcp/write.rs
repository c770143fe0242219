//! Segments on the wire: headers, options, payload.

use super::Segment;
use crate::rng::Rng;
use crate::time::MILLI;
use crate::wire::tcp_flag::{RST, SYN};
use crate::wire::{Frame, Message, TCP};
use crate::world::{Endpoint, Stack};

/// What only the headers need to know.
pub(super) struct State {
    segment_size: u16,
    /// Both ends use time stamps (RFC 7323).
    stamped: bool,
    stacks: [Stack; 2],
    stamp_offset: [u32; 2],
    last_stamp: [u32; 2],
    window: [u16; 2],
    id: [u16; 2],
}

const STAMP_OPTION: usize = 12;
/// Advertised windows are shifted by this (RFC 7323): 128 kB and more.
const WINDOW_SHIFT: u8 = 7;

impl State {
    pub(super) fn new(rng: &mut Rng, stacks: [Stack; 2], six: bool) -> Self {
        let bits = rng.bits();
        Self {
            segment_size: if six { 1440 } else { 1460 },
            stamped: stacks == [Stack::Linux; 2],
            stacks,
            stamp_offset: [bits as u32, (bits >> 32) as u32],
            last_stamp: [0; 2],
            window: [
                rng.between(1024, 2200) as u16,
                rng.between(1024, 2200) as u16,
            ],
            id: [(bits >> 8) as u16, (bits >> 40) as u16],
        }
    }

    /// Payload bytes of a full segment.
    pub(super) fn payload_size(&self) -> usize {
        usize::from(self.segment_size) - if self.stamped { STAMP_OPTION } else { 0 }
    }

    pub(super) fn write(
        &mut self,
        frame: &mut Frame,
        ends: &[Endpoint; 2],
        segment: &Segment,
        message: &Message,
    ) {
        let side = usize::from(segment.from);
        let (from, to) = (&ends[side], &ends[1 - side]);
        self.id[side] = self.id[side].wrapping_add(1);
        frame.begin(from, to, TCP, self.id[side]);
        let mut options = [0; 20];
        let options_len = self.options(segment, side, &mut options);
        let window = match segment.flags {
            flags if flags & RST != 0 => 0,
            flags if flags & SYN != 0 => 64_240,
            _ => self.window[side],
        };
        let mut header = [0; 20];
        header[0..2].copy_from_slice(&from.port.to_be_bytes());
        header[2..4].copy_from_slice(&to.port.to_be_bytes());
        header[4..8].copy_from_slice(&segment.sequence.to_be_bytes());
        header[8..12].copy_from_slice(&segment.acknowledgment.to_be_bytes());
        header[12] = ((20 + options_len) as u8 / 4) << 4;
        header[13] = segment.flags;
        header[14..16].copy_from_slice(&window.to_be_bytes());
        frame.put(&header);
        frame.put(&options[..options_len]);
        if segment.len > 0 {
            frame.put_message(message, segment.offset, usize::from(segment.len));
        }
        frame.seal();
    }

    /// Writes the options that this segment carries; returns their length.
    fn options(&mut self, segment: &Segment, side: usize, out: &mut [u8; 20]) -> usize {
        let stamp = ((segment.at / MILLI) as u32).wrapping_add(self.stamp_offset[side]);
        let echo = self.last_stamp[1 - side];
        let offer = self.stacks[side] == Stack::Linux && (side == 0 || self.stamped);
        if segment.flags & RST != 0 {
            return 0;
        }
        if segment.flags & SYN != 0 {
            let [high, low] = self.segment_size.to_be_bytes();
            if !offer {
                out[..12].copy_from_slice(&[2, 4, high, low, 1, 3, 3, WINDOW_SHIFT, 1, 1, 4, 2]);
                return 12;
            }
            self.last_stamp[side] = stamp;
            out[..8].copy_from_slice(&[2, 4, high, low, 4, 2, 8, 10]);
            out[8..12].copy_from_slice(&stamp.to_be_bytes());
            out[12..16].copy_from_slice(&echo.to_be_bytes());
            out[16..].copy_from_slice(&[1, 3, 3, WINDOW_SHIFT]);
            return 20;
        }
        if !self.stamped {
            return 0;
        }
        self.last_stamp[side] = stamp;
        out[..4].copy_from_slice(&[1, 1, 8, 10]);
        out[4..8].copy_from_slice(&stamp.to_be_bytes());
        out[8..12].copy_from_slice(&echo.to_be_bytes());
        STAMP_OPTION
    }
}
