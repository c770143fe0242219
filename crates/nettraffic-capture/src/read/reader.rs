//! One capture: its format, its place in the input, its account.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::foreign;
use super::frame::{self, Frame};
use super::gzip::{self, Gunzip};
use super::pcap::Pcap;
use super::pcapng::PcapNg;
use super::time_account::TimeAccount;
use super::window::Window;
use crate::error::Fault;
use crate::{CaptureCounters, CaptureError, CaptureErrorKind, Packet, PacketSource};

/// Bytes that are looked at to tell what a file is.
const START_LEN: usize = 16;

/// A source over one input of any format.
pub(crate) struct Reader<'a> {
    path: Arc<Path>,
    window: Window<'a>,
    format: Format,
    compressed: bool,
    ended: bool,
    counters: CaptureCounters,
    times: TimeAccount,
}

enum Format {
    Pcap(Pcap),
    PcapNg(PcapNg),
}

impl<'a> Reader<'a> {
    /// Finds out the format and reads the file header.
    pub(crate) fn new(path: &Path, input: Box<dyn Read + Send + 'a>) -> Result<Self, CaptureError> {
        let path: Arc<Path> = path.into();
        let mut window = Window::new(input);
        let mut compressed = false;
        let opened = start(&mut window).and_then(|magic| {
            if !magic.is_some_and(gzip::recognises) {
                return Format::open(magic, &mut window);
            }
            compressed = true;
            let packed = std::mem::replace(&mut window, Window::new(Box::new(std::io::empty())));
            window = Window::new(Box::new(Gunzip::new(packed.into_input())));
            let magic = start(&mut window)?;
            Format::open(magic, &mut window)
        });
        match opened {
            Ok(format) => Ok(Self {
                path,
                window,
                format,
                compressed,
                ended: false,
                counters: CaptureCounters::default(),
                times: TimeAccount::default(),
            }),
            Err(fault) => Err(CaptureError::opening(path, fault, compressed)),
        }
    }

    /// Finds the next packet and counts it, but for its time: a set has a time of its own.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<Option<Frame>, CaptureError> {
        if self.ended {
            return Ok(None);
        }
        let found = match &mut self.format {
            Format::Pcap(pcap) => pcap.next(&mut self.window),
            Format::PcapNg(pcapng) => pcapng.next(&mut self.window),
        };
        self.counters.input_bytes = self.window.offset();
        match found {
            Ok(Some(frame)) => {
                self.counters.packets += 1;
                self.counters.wire_bytes += u64::from(frame.wire_len);
                self.counters.captured_bytes += frame.data.len() as u64;
                Ok(Some(frame))
            }
            Ok(None) => {
                self.ended = true;
                Ok(None)
            }
            Err(fault) => {
                self.ended = !fault.passed;
                let (path, packets) = (Arc::clone(&self.path), self.counters.packets);
                Err(CaptureError::reading(path, fault, self.compressed, packets))
            }
        }
    }

    /// The packet that [`Reader::advance`] found last.
    #[inline]
    pub(crate) fn lend(&self, frame: Frame, sequence: u64) -> Packet<'_> {
        Packet {
            timestamp: frame.timestamp,
            sequence,
            link_type: frame.link_type,
            wire_len: frame.wire_len,
            data: self.window.slice(frame.data),
        }
    }
}

impl PacketSource for Reader<'_> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let sequence = self.counters.packets;
        let Some(frame) = self.advance()? else {
            return Ok(None);
        };
        self.times.see(frame.timestamp);
        Ok(Some(self.lend(frame, sequence)))
    }

    fn counters(&self) -> CaptureCounters {
        self.times.told_in(self.counters)
    }
}

impl Format {
    fn open(magic: Option<[u8; 4]>, window: &mut Window<'_>) -> Result<Self, Fault> {
        match magic {
            Some(magic) if Pcap::recognises(magic) => Pcap::open(window).map(Self::Pcap),
            Some(magic) if PcapNg::recognises(magic) => Ok(Self::PcapNg(PcapNg::new())),
            _ => Err(Fault::fatal(
                0,
                CaptureErrorKind::NotACapture {
                    found: foreign::describe(window.unread()),
                },
            )),
        }
    }
}

/// The first four bytes, with a few more in the window when the input has them.
fn start(window: &mut Window<'_>) -> Result<Option<[u8; 4]>, Fault> {
    frame::peek(window, START_LEN)?;
    Ok(window.unread().first_chunk().copied())
}
