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
use super::limits::ReadLimits;
use super::recover::{self, Guess};
use super::window::Window;
use crate::error::Fault;
use crate::{BlockProblem, CaptureErrorKind, CapturePart, Timestamp};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const OBSOLETE_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// The types of blocks at which reading goes on behind damage: those above, name resolution,
/// statistics, systemd journal, decryption secrets, and custom blocks.
const KNOWN: [u32; 11] = [
    SECTION_HEADER,
    INTERFACE_DESCRIPTION,
    OBSOLETE_PACKET,
    SIMPLE_PACKET,
    ENHANCED_PACKET,
    4,
    5,
    9,
    10,
    0x0000_0bad,
    0x4000_0bad,
];

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
    limits: ReadLimits,
}

/// A whole block with sound lengths, at the start of some bytes.
struct Block {
    kind: u32,
    len: usize,
}

impl Block {
    /// The block at the start of `bytes`: its lengths are checked, its body is not looked at.
    #[inline]
    fn at(order: ByteOrder, bytes: &[u8], limit: u32) -> Option<Self> {
        let [kind, claimed] = order.words::<2>(bytes)?;
        let len = claimed as usize;
        let trailer = bytes.get(len.checked_sub(size_of::<u32>())?..len)?;
        let [after] = order.words::<1>(trailer)?;
        let sound = is_length(claimed) && claimed <= limit && after == claimed;
        sound.then_some(Self { kind, len })
    }

    /// Where its body is when the block is at `at`.
    #[inline]
    fn body(&self, at: usize) -> Range<usize> {
        at + BLOCK_HEADER_LEN..at + self.len - size_of::<u32>()
    }
}

fn is_length(claimed: u32) -> bool {
    claimed >= BLOCK_FRAME_LEN && claimed.is_multiple_of(4)
}

impl PcapNg {
    /// Whether a file that begins with `magic` is a pcapng file.
    pub(crate) fn recognises(magic: [u8; 4]) -> bool {
        u32::from_be_bytes(magic) == SECTION_HEADER
    }

    /// Begins before the first section header, which [`PcapNg::next`] reads.
    pub(crate) fn new(limits: &ReadLimits) -> Self {
        Self {
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            time: Timestamp::default(),
            limits: *limits,
        }
    }

    /// The next packet, when the next block is a sound packet that the window has all of.
    #[inline]
    pub(crate) fn ready(&mut self, window: &mut Window<'_>) -> Option<Frame> {
        let bytes = window.unread();
        let block = Block::at(self.order, bytes, self.limits.block_len)?;
        if block.kind != ENHANCED_PACKET {
            return None;
        }
        let frame = self.enhanced_packet(bytes.get(block.body(0))?).ok()?;
        let taken = window.take(block.len);
        Some(self.place(frame, block.body(taken.start).start))
    }

    /// The next packet; `None` when the input ends between two blocks.
    pub(crate) fn next(&mut self, window: &mut Window<'_>) -> Result<Option<Frame>, Fault> {
        while frame::goes_on(window)? {
            let offset = window.offset();
            let block = self.fetch(window)?;
            let taken = window.take(block.len);
            let range = block.body(taken.start);
            let body = window.slice(range.clone());
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
                Err(kind) => return Err(Fault::passed(offset, kind)),
                Ok(None) => {}
                Ok(Some(frame)) => return Ok(Some(self.place(frame, range.start))),
            }
        }
        Ok(None)
    }

    /// A packet of the body that the window has from `start` on.
    #[inline]
    fn place(&mut self, mut frame: Frame, start: usize) -> Frame {
        self.time = frame.timestamp;
        frame.data = frame.data.start + start..frame.data.end + start;
        frame
    }

    /// Reads on until the next block is there as a whole, and takes on the byte order that a
    /// section header declares.
    fn fetch(&mut self, window: &mut Window<'_>) -> Result<Block, Fault> {
        let offset = window.offset();
        let bad = |problem| Fault::lost(offset, CaptureErrorKind::BadBlock { problem });

        frame::require(window, CapturePart::Block, 0, BLOCK_FRAME_LEN as usize)?;
        if let Some(order) = section_order(window.unread()) {
            self.order = order.map_err(|found| bad(BlockProblem::ByteOrderMagic { found }))?;
        }
        let [_, len] = self.order.words::<2>(window.unread()).unwrap_or_default();
        if !is_length(len) {
            return Err(bad(BlockProblem::Length { claimed: len }));
        }
        let limit = self.limits.block_len;
        if len > limit {
            return Err(frame::too_large(window, CapturePart::Block, 0, len, limit));
        }
        frame::require(window, CapturePart::Block, 0, len as usize)?;
        Block::at(self.order, window.unread(), limit).ok_or_else(|| {
            let trailer = window.unread().get(len as usize - size_of::<u32>()..);
            let after = trailer.and_then(|trailer| self.order.words::<1>(trailer));
            let [after] = after.unwrap_or_default();
            bad(BlockProblem::Trailer { before: len, after })
        })
    }

    /// Whether a chain of blocks seems to begin at the start of `bytes`: of known types, with
    /// the same length before and after. The byte order is that of the section so far, unless a
    /// section begins there.
    pub(crate) fn guess(&self, bytes: &[u8], at_end: bool) -> Guess {
        let mut order = self.order;
        let mut at = 0;
        for link in 0..recover::CHAIN {
            let rest = bytes.get(at..).unwrap_or_default();
            let header = at + BLOCK_FRAME_LEN as usize;
            if bytes.len() < header {
                return Guess::at_end(at_end, link > 0, header);
            }
            match section_order(rest) {
                Some(Ok(declared)) => order = declared,
                Some(Err(_)) => return Guess::No,
                None => {}
            }
            let [kind, len] = order.words::<2>(rest).unwrap_or_default();
            if !KNOWN.contains(&kind) || !is_length(len) || len > recover::BLOCK_LEN {
                return Guess::No;
            }
            let end = at + len as usize;
            if bytes.len() < end {
                return Guess::at_end(at_end, link > 0, end);
            }
            if Block::at(order, rest, self.limits.block_len).is_none() {
                return Guess::No;
            }
            at = end;
        }
        Guess::Yes
    }

    fn add_interface(&mut self, body: &[u8]) -> Result<(), CaptureErrorKind> {
        if self.interfaces.len() >= self.limits.interfaces as usize {
            return Err(CaptureErrorKind::BadBlock {
                problem: BlockProblem::TooManyInterfaces {
                    limit: self.limits.interfaces,
                },
            });
        }
        let interface = Interface::parse(self.order, body);
        // A description that is too short still counts, or the later ones would be misnumbered.
        self.interfaces.push(interface.unwrap_or_default());
        interface.map(|_| ()).ok_or_else(|| short(body))
    }

    #[inline]
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
    #[inline]
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
        if captured_len > self.limits.packet_len {
            return Err(CaptureErrorKind::TooLarge {
                part: CapturePart::Packet,
                claimed: captured_len.into(),
                limit: self.limits.packet_len.into(),
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

/// The byte order that `bytes` declare if they begin a section, or what stands in its place.
#[inline]
fn section_order(bytes: &[u8]) -> Option<Result<ByteOrder, u32>> {
    let [kind, _, magic] = ByteOrder::Big.words::<3>(bytes)?;
    (kind == SECTION_HEADER).then_some(match magic {
        0x1a2b_3c4d => Ok(ByteOrder::Big),
        0x4d3c_2b1a => Ok(ByteOrder::Little),
        found => Err(found),
    })
}

fn short(body: &[u8]) -> CaptureErrorKind {
    CaptureErrorKind::BadBlock {
        problem: BlockProblem::Body {
            len: body.len() as u32,
        },
    }
}
