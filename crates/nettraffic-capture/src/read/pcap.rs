//! Classic pcap: micro- and nanosecond files and the modified format, in both byte orders.
//!
//! The format is that of `draft-ietf-opsawg-pcap`; the modified one (Alexey Kuznetzov's,
//! found in old Linux captures) has eight more bytes in each record header.

use pcap_file::pcap::{PcapParser, PcapTsResolution};

use super::byte_order::ByteOrder;
use super::frame::{self, Frame};
use super::limits;
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
    framing: Framing,
    order: ByteOrder,
    link_type: LinkType,
    nanos_per_tick: u32,
    ticks_per_second: u32,
}

enum Framing {
    Plain(PcapParser),
    /// pcap-file refuses this magic number, so its records are walked here.
    Modified,
}

/// The numbers of a record header.
struct Record {
    seconds: u32,
    fraction: u32,
    captured_len: u32,
    wire_len: u32,
}

impl Pcap {
    /// Whether a file that begins with `magic` is a classic pcap.
    pub(crate) fn recognises(magic: [u8; 4]) -> bool {
        matches!(
            u32::from_be_bytes(magic),
            0xa1b2_c3d4 | 0xd4c3_b2a1 | 0xa1b2_3c4d | 0x4d3c_b2a1 | 0xa1b2_cd34 | 0x34cd_b2a1
        )
    }

    /// Reads the file header.
    pub(crate) fn open(window: &mut Window<'_>) -> Result<Self, Fault> {
        frame::require(window, CapturePart::FileHeader, 0, FILE_HEADER_LEN)?;
        let header = window.unread();
        let order = match header.first() {
            Some(0xa1) => ByteOrder::Big,
            _ => ByteOrder::Little,
        };
        // The fields after the magic number are the same in all variants.
        let [.., link_type] = order.words::<6>(header).unwrap_or_default();
        let (framing, nanos_per_tick) = match PcapParser::new(header) {
            Ok((_, parser)) => match parser.header().ts_resolution {
                PcapTsResolution::MicroSecond => (Framing::Plain(parser), 1_000),
                PcapTsResolution::NanoSecond => (Framing::Plain(parser), 1),
            },
            Err(_) => (Framing::Modified, 1_000),
        };
        window.take(FILE_HEADER_LEN);
        Ok(Self {
            framing,
            order,
            link_type: LinkType((link_type & LINK_TYPE_BITS) as u16),
            nanos_per_tick,
            ticks_per_second: 1_000_000_000 / nanos_per_tick,
        })
    }

    /// The next packet; `None` when the input ends between two records.
    #[inline]
    pub(crate) fn next(&mut self, window: &mut Window<'_>) -> Result<Option<Frame>, Fault> {
        loop {
            if let Some(record) = self.record(window.unread())
                && record.captured_len <= limits::PACKET_LEN
            {
                let len = record.captured_len as usize;
                let taken = window.take(self.header_len() + len);
                return Ok(Some(Frame {
                    timestamp: self.timestamp(&record),
                    link_type: self.link_type,
                    wire_len: record.wire_len,
                    data: taken.end - len..taken.end,
                }));
            }
            if !frame::goes_on(window)? {
                return Ok(None);
            }
            self.fetch(window)?;
        }
    }

    /// Reads on until the next record is there as a whole.
    fn fetch(&self, window: &mut Window<'_>) -> Result<(), Fault> {
        let header_len = self.header_len();
        frame::require(window, CapturePart::RecordHeader, 0, header_len)?;
        let [_, _, captured_len] = self.order.words::<3>(window.unread()).unwrap_or_default();
        if captured_len > limits::PACKET_LEN {
            let limit = limits::PACKET_LEN;
            return Err(frame::too_large(
                window,
                CapturePart::Record,
                header_len,
                captured_len,
                limit,
            ));
        }
        frame::require(
            window,
            CapturePart::Record,
            header_len,
            captured_len as usize,
        )
    }

    /// The record at the start of `bytes`, when all of it is there.
    ///
    /// pcap-file's raw packets are framed and not validated, which is what real captures
    /// need: records longer than the snap length of the header are common, a snap length
    /// of 0 occurs.
    #[inline]
    fn record(&self, bytes: &[u8]) -> Option<Record> {
        match &self.framing {
            Framing::Plain(parser) => {
                let (_, raw) = parser.next_raw_packet(bytes).ok()?;
                Some(Record {
                    seconds: raw.ts_sec,
                    fraction: raw.ts_frac,
                    captured_len: raw.incl_len,
                    wire_len: raw.orig_len,
                })
            }
            Framing::Modified => {
                let [seconds, fraction, captured_len, wire_len, ..] =
                    self.order.words::<6>(bytes)?;
                let whole = MODIFIED_RECORD_HEADER_LEN + captured_len as usize <= bytes.len();
                whole.then_some(Record {
                    seconds,
                    fraction,
                    captured_len,
                    wire_len,
                })
            }
        }
    }

    fn header_len(&self) -> usize {
        match self.framing {
            Framing::Plain(_) => RECORD_HEADER_LEN,
            Framing::Modified => MODIFIED_RECORD_HEADER_LEN,
        }
    }

    /// A fraction beyond its second, which only damage writes, is kept within it.
    fn timestamp(&self, record: &Record) -> Timestamp {
        let ticks = record.fraction.min(self.ticks_per_second - 1);
        Timestamp::from_seconds(record.seconds.into(), ticks * self.nanos_per_tick)
    }
}
