//! pcapng: sections, interfaces and the three kinds of packet blocks
//! (`draft-ietf-opsawg-pcapng`).
//!
//! Blocks are framed here rather than by pcap-file: its parser keeps every interface
//! description of a section with all its options, without limit, and cannot go on after
//! the first malformed option, though no packet depends on it.

use std::ops::Range;

use super::byte_order::ByteOrder;
use super::frame::{self, Frame};
use super::interface::Interface;
use super::limits;
use super::window::Window;
use crate::error::Fault;
use crate::{BlockProblem, CaptureErrorKind, CapturePart, Timestamp};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Type and length before the body.
const BLOCK_HEADER_LEN: usize = 8;
/// The header, and the length once more after the body.
const BLOCK_FRAME_LEN: u32 = 12;

/// The state of reading a pcapng file.
pub(crate) struct PcapNg {
    order: ByteOrder,
    interfaces: Vec<Interface>,
    /// Of the last packet that had one.
    time: Timestamp,
}

/// A whole block that has been taken from the window.
struct Block {
    kind: u32,
    offset: u64,
    body: Range<usize>,
}

impl PcapNg {
    /// Whether a file that begins with `magic` is a pcapng file.
    pub(crate) fn recognises(magic: [u8; 4]) -> bool {
        u32::from_be_bytes(magic) == SECTION_HEADER
    }

    /// Begins before the first section header, which [`PcapNg::next`] reads.
    pub(crate) fn new() -> Self {
        Self {
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            time: Timestamp::default(),
        }
    }

    /// The next packet; `None` when the input ends between two blocks.
    pub(crate) fn next(&mut self, window: &mut Window<'_>) -> Result<Option<Frame>, Fault> {
        while let Some(block) = self.next_block(window)? {
            let body = window.slice(block.body.clone());
            let found = match block.kind {
                SECTION_HEADER => {
                    self.interfaces.clear();
                    Ok(None)
                }
                INTERFACE_DESCRIPTION => self.add_interface(body).map(|()| None),
                ENHANCED_PACKET => self.enhanced_packet(body).map(Some),
                SIMPLE_PACKET => self.simple_packet(body).map(Some),
                OBSOLETE_PACKET => self.obsolete_packet(body).map(Some),
                _ => Ok(None),
            };
            match found {
                // The block's own lengths were sound, so the next one begins where it should.
                Err(kind) => return Err(Fault::passed(block.offset, kind)),
                Ok(None) => {}
                Ok(Some(mut frame)) => {
                    self.time = frame.timestamp;
                    frame.data.start += block.body.start;
                    frame.data.end += block.body.start;
                    return Ok(Some(frame));
                }
            }
        }
        Ok(None)
    }

    /// Frames the next block: its lengths are checked, its body is not looked at, except
    /// for the byte order that a section header declares.
    fn next_block(&mut self, window: &mut Window<'_>) -> Result<Option<Block>, Fault> {
        if !frame::goes_on(window)? {
            return Ok(None);
        }
        let offset = window.offset();
        let bad = |problem| Fault::fatal(offset, CaptureErrorKind::BadBlock { problem });

        frame::require(window, CapturePart::Block, 0, BLOCK_FRAME_LEN as usize)?;
        if let Some([kind, _, magic]) = ByteOrder::Big.words::<3>(window.unread())
            && kind == SECTION_HEADER
        {
            self.order = match magic {
                0x1a2b_3c4d => ByteOrder::Big,
                0x4d3c_2b1a => ByteOrder::Little,
                found => return Err(bad(BlockProblem::ByteOrderMagic { found })),
            };
        }
        let [kind, len] = self.order.words::<2>(window.unread()).unwrap_or_default();
        if len < BLOCK_FRAME_LEN || !len.is_multiple_of(4) {
            return Err(bad(BlockProblem::Length { claimed: len }));
        }
        if len > limits::BLOCK_LEN {
            let limit = limits::BLOCK_LEN;
            return Err(frame::too_large(window, CapturePart::Block, 0, len, limit));
        }
        frame::require(window, CapturePart::Block, 0, len as usize)?;

        let block = window.take(len as usize);
        let body = block.start + BLOCK_HEADER_LEN..block.end - size_of::<u32>();
        let [after] = self
            .order
            .words::<1>(window.slice(body.end..block.end))
            .unwrap_or_default();
        if after != len {
            return Err(bad(BlockProblem::Trailer { before: len, after }));
        }
        Ok(Some(Block { kind, offset, body }))
    }

    fn add_interface(&mut self, body: &[u8]) -> Result<(), CaptureErrorKind> {
        if self.interfaces.len() >= limits::INTERFACES as usize {
            return Err(CaptureErrorKind::BadBlock {
                problem: BlockProblem::TooManyInterfaces {
                    limit: limits::INTERFACES,
                },
            });
        }
        let interface = Interface::parse(self.order, body);
        // A description that is too short still counts, or the later ones would be misnumbered.
        self.interfaces.push(interface.unwrap_or_default());
        interface.map(|_| ()).ok_or_else(|| short(body))
    }

    fn enhanced_packet(&self, body: &[u8]) -> Result<Frame, CaptureErrorKind> {
        let [interface, high, low, captured_len, wire_len] =
            self.order.words::<5>(body).ok_or_else(|| short(body))?;
        self.packet(
            body,
            20,
            interface,
            Some((high, low)),
            captured_len,
            wire_len,
        )
    }

    /// The block that the enhanced one replaced: a 16-bit interface number and a drop count
    /// share the first word.
    fn obsolete_packet(&self, body: &[u8]) -> Result<Frame, CaptureErrorKind> {
        let [_, high, low, captured_len, wire_len] =
            self.order.words::<5>(body).ok_or_else(|| short(body))?;
        let interface = body.first_chunk().map_or(0, |bytes| self.order.u16(*bytes));
        let time = Some((high, low));
        self.packet(body, 20, interface.into(), time, captured_len, wire_len)
    }

    /// A simple packet belongs to interface 0, whose snap length tells how much of it was
    /// captured. It has no time: that of the packet before it does least harm to what
    /// follows packets through time.
    fn simple_packet(&self, body: &[u8]) -> Result<Frame, CaptureErrorKind> {
        let [wire_len] = self.order.words::<1>(body).ok_or_else(|| short(body))?;
        let snap_len = match self.interfaces.first() {
            Some(interface) if interface.snap_len > 0 => interface.snap_len,
            _ => u32::MAX,
        };
        self.packet(body, 4, 0, None, wire_len.min(snap_len), wire_len)
    }

    /// A packet of `captured_len` bytes from `start` of `body` on.
    fn packet(
        &self,
        body: &[u8],
        start: u32,
        interface: u32,
        time: Option<(u32, u32)>,
        captured_len: u32,
        wire_len: u32,
    ) -> Result<Frame, CaptureErrorKind> {
        let room = (body.len() as u32).saturating_sub(start);
        if captured_len > room {
            return Err(CaptureErrorKind::BadBlock {
                problem: BlockProblem::PacketLength {
                    claimed: captured_len,
                    room,
                },
            });
        }
        if captured_len > limits::PACKET_LEN {
            return Err(CaptureErrorKind::TooLarge {
                part: CapturePart::Packet,
                claimed: captured_len.into(),
                limit: limits::PACKET_LEN.into(),
            });
        }
        let known = self.interfaces.len() as u32;
        let interface = self
            .interfaces
            .get(interface as usize)
            .ok_or(CaptureErrorKind::UnknownInterface { interface, known })?;
        Ok(Frame {
            timestamp: time.map_or(self.time, |(high, low)| {
                interface.clock.time(u64::from(high) << 32 | u64::from(low))
            }),
            link_type: interface.link_type,
            wire_len,
            data: start as usize..(start + captured_len) as usize,
        })
    }
}

fn short(body: &[u8]) -> CaptureErrorKind {
    CaptureErrorKind::BadBlock {
        problem: BlockProblem::Body {
            len: body.len() as u32,
        },
    }
}
