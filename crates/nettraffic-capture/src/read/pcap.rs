//! Classic pcap: micro- and nanosecond files and the modified format, in both byte orders.
//!
//! The format is that of `draft-ietf-opsawg-pcap`; the modified one (Alexey Kuznetzov's,
//! found in old Linux captures) has eight more bytes in each record header.
//!
//! Records are framed and not validated, which is what real captures need: those longer than
//! the snap length of the header are common, a snap length of 0 occurs.

use super::byte_order::ByteOrder;
use super::frame::{self, Frame};
use super::limits::ReadLimits;
use super::recover::{self, Guess};
use super::window::Window;
use crate::error::Fault;
use crate::{CapturePart, LinkType, Timestamp};

const FILE_HEADER_LEN: usize = 24;
const RECORD_HEADER_LEN: usize = 16;
const MODIFIED_RECORD_HEADER_LEN: usize = 24;
/// Bits of the header's last word that hold the link type; those above tell the length of
/// the frame check sequence.
const LINK_TYPE_BITS: u32 = 0xffff;

/// The state of reading a classic pcap file.
pub(crate) struct Pcap {
    order: ByteOrder,
    link_type: LinkType,
    record_header_len: usize,
    lengths: Lengths,
    nanos_per_tick: u32,
    ticks_per_second: u32,
    packet_limit: u32,
}

/// In which order a record header has its two lengths, by the version of the file
/// (libpcap's `sf-pcap.c` has the story).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    /// Before version 2.3, and in version 543.0 of DG/UX.
    WireFirst,
    /// Of version 2.3 there are both: no more is captured than was on the wire.
    ShorterIsCaptured,
}

impl Lengths {
    fn of(major: u16, minor: u16) -> Self {
        match (major, minor) {
            (2, 0..=2) | (543, 0) => Self::WireFirst,
            (2, 3) => Self::ShorterIsCaptured,
            _ => Self::CapturedFirst,
        }
    }

    /// Captured length and wire length.
    #[inline]
    fn sort(self, first: u32, second: u32) -> (u32, u32) {
        match self {
            Self::CapturedFirst => (first, second),
            Self::WireFirst => (second, first),
            Self::ShorterIsCaptured => (first.min(second), first.max(second)),
        }
    }
}

/// The numbers of a record header.
struct Record {
    seconds: u32,
    fraction: u32,
    captured_len: u32,
    wire_len: u32,
}

/// Byte order, length of a record header, nanoseconds per tick.
fn variant(magic: [u8; 4]) -> Option<(ByteOrder, usize, u32)> {
    [ByteOrder::Big, ByteOrder::Little]
        .into_iter()
        .find_map(|order| match order.u32(magic) {
            0xa1b2_c3d4 => Some((order, RECORD_HEADER_LEN, 1_000)),
            0xa1b2_3c4d => Some((order, RECORD_HEADER_LEN, 1)),
            0xa1b2_cd34 => Some((order, MODIFIED_RECORD_HEADER_LEN, 1_000)),
            _ => None,
        })
}

impl Pcap {
    /// Whether a file that begins with `magic` is a classic pcap.
    pub(crate) fn recognises(magic: [u8; 4]) -> bool {
        variant(magic).is_some()
    }

    /// Reads the file header, which begins with `magic`.
    pub(crate) fn open(
        magic: [u8; 4],
        window: &mut Window<'_>,
        limits: &ReadLimits,
    ) -> Result<Self, Fault> {
        frame::require(window, CapturePart::FileHeader, 0, FILE_HEADER_LEN)?;
        let (order, record_header_len, nanos_per_tick) =
            variant(magic).unwrap_or((ByteOrder::Little, RECORD_HEADER_LEN, 1_000));
        let header = window.unread();
        let [_, _, major, minor] = order.halves::<4>(header).unwrap_or_default();
        let [.., link_type] = order.words::<6>(header).unwrap_or_default();
        window.take(FILE_HEADER_LEN);
        Ok(Self {
            order,
            link_type: LinkType((link_type & LINK_TYPE_BITS) as u16),
            record_header_len,
            lengths: Lengths::of(major, minor),
            nanos_per_tick,
            ticks_per_second: 1_000_000_000 / nanos_per_tick,
            packet_limit: limits.packet_len,
        })
    }

    /// The next packet, when the window has all of it.
    #[inline]
    pub(crate) fn ready(&self, window: &mut Window<'_>) -> Option<Frame> {
        let bytes = window.unread();
        let record = self.record(bytes)?;
        let len = record.captured_len as usize;
        let end = self.record_header_len + len;
        if record.captured_len > self.packet_limit || end > bytes.len() {
            return None;
        }
        let taken = window.take(end);
        Some(Frame {
            timestamp: self.timestamp(&record),
            link_type: self.link_type,
            wire_len: record.wire_len,
            data: taken.start + self.record_header_len..taken.end,
        })
    }

    /// The next packet; `None` when the input ends between two records.
    pub(crate) fn next(&self, window: &mut Window<'_>) -> Result<Option<Frame>, Fault> {
        if !frame::goes_on(window)? {
            return Ok(None);
        }
        self.fetch(window)?;
        Ok(self.ready(window))
    }

    /// Reads on until the next record is there as a whole.
    fn fetch(&self, window: &mut Window<'_>) -> Result<(), Fault> {
        let header_len = self.record_header_len;
        frame::require(window, CapturePart::RecordHeader, 0, header_len)?;
        let record = self.record(window.unread());
        let len = record.map_or(0, |record| record.captured_len);
        if len > self.packet_limit {
            let (part, limit) = (CapturePart::Record, self.packet_limit);
            return Err(frame::too_large(window, part, header_len, len, limit));
        }
        frame::require(window, CapturePart::Record, header_len, len as usize)
    }

    /// The header at the start of `bytes`.
    #[inline]
    fn record(&self, bytes: &[u8]) -> Option<Record> {
        let [seconds, fraction, first, second] = self.order.words::<4>(bytes)?;
        let (captured_len, wire_len) = self.lengths.sort(first, second);
        Some(Record {
            seconds,
            fraction,
            captured_len,
            wire_len,
        })
    }

    /// A fraction beyond its second, which only damage writes, is kept within it.
    #[inline]
    fn timestamp(&self, record: &Record) -> Timestamp {
        let ticks = record.fraction.min(self.ticks_per_second - 1);
        Timestamp::from_seconds(record.seconds.into(), ticks * self.nanos_per_tick)
    }

    /// Whether a chain of records seems to begin at the start of `bytes`.
    ///
    /// pcap has no mark that begins a record: what tells one are lengths and times that make
    /// sense, and that the next header stands where the length says.
    pub(crate) fn guess(&self, bytes: &[u8], at_end: bool) -> Guess {
        let mut at = 0;
        let mut before = None;
        for link in 0..recover::CHAIN {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(record) = self.record(rest) else {
                // The last record ends with the input, or the input is cut once more.
                let known = link > 0 && (at == bytes.len() || link > 1);
                return Guess::at_end(at_end, known, at + self.record_header_len);
            };
            if !self.is_plausible(&record, before) {
                return Guess::No;
            }
            before = Some(record.seconds);
            at += self.record_header_len + record.captured_len as usize;
            if at > bytes.len() {
                return Guess::at_end(at_end, link > 0, at);
            }
        }
        Guess::Yes
    }

    fn is_plausible(&self, record: &Record, before: Option<u32>) -> bool {
        record.captured_len > 0
            && record.captured_len <= self.packet_limit
            && record.captured_len <= record.wire_len
            && record.wire_len <= self.packet_limit
            && record.fraction < self.ticks_per_second
            && before.is_none_or(|before| record.seconds.abs_diff(before) <= recover::NEAR_SECONDS)
    }
}
