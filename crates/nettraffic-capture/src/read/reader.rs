//! One capture: its format, its place in the input, its account.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::compressed::{Compression, Decompressed};
use super::foreign;
use super::frame::{self, Frame};
use super::limits::ReadLimits;
use super::options::ReadOptions;
use super::pcap::Pcap;
use super::pcapng::PcapNg;
use super::recover;
use super::time_account::TimeAccount;
use super::window::Window;
use crate::error::{After, Fault};
use crate::{CaptureCounters, CaptureError, CaptureErrorKind, Packet, PacketSource};

/// Bytes that are looked at to tell what a file is.
const START_LEN: usize = 16;

/// A source over one input of any format.
pub(crate) struct Reader<'a> {
    path: Arc<Path>,
    window: Window<'a>,
    format: Format,
    compression: Option<Compression>,
    recovery: bool,
    /// Where the last fault left the format.
    after: After,
    counters: CaptureCounters,
    times: TimeAccount,
}

enum Format {
    Pcap(Pcap),
    PcapNg(PcapNg),
}

impl<'a> Reader<'a> {
    /// Finds out the format and reads the file header.
    pub(crate) fn new(
        path: &Path,
        input: Box<dyn Read + Send + 'a>,
        options: &ReadOptions,
    ) -> Result<Self, CaptureError> {
        let path: Arc<Path> = path.into();
        let limits = options.limits();
        let mut compression = None;
        let opened = outermost(input, limits).and_then(|(mut window, packed)| {
            compression = packed;
            let format = Format::open(&mut window, limits)?;
            Ok((window, format))
        });
        match opened {
            Ok((window, format)) => Ok(Self {
                path,
                window,
                format,
                compression,
                recovery: options.recovery(),
                after: After::Passed,
                counters: CaptureCounters::default(),
                times: TimeAccount::default(),
            }),
            Err(fault) => Err(CaptureError::opening(path, fault, compression.is_some())),
        }
    }

    /// Finds the next packet and counts it, but for its time: a set has a time of its own.
    // Always: sets of captures read through it too, where a call costs as much as what it does.
    #[inline(always)]
    pub(crate) fn advance(&mut self) -> Result<Option<Frame>, CaptureError> {
        // What is left after a fault is never ready.
        let frame = match self.format.ready(&mut self.window) {
            Some(frame) => frame,
            None => match self.read_on()? {
                Some(frame) => frame,
                None => return Ok(None),
            },
        };
        self.counters.packets += 1;
        self.counters.wire_bytes += u64::from(frame.wire_len);
        self.counters.captured_bytes += frame.data.len() as u64;
        Ok(Some(frame))
    }

    /// Reads until the next packet is there, behind damage if it was asked for.
    #[cold]
    fn read_on(&mut self) -> Result<Option<Frame>, CaptureError> {
        let goes_on = match self.after {
            After::Passed => true,
            After::Lost => self.recovery && self.recover(),
            After::Ended => false,
        };
        if !goes_on {
            self.after = After::Ended;
            return Ok(None);
        }
        let found = self.format.next(&mut self.window);
        self.after = match &found {
            Ok(Some(_)) => After::Passed,
            Ok(None) => After::Ended,
            Err(fault) => fault.after,
        };
        found.map_err(|fault| {
            let (path, packets) = (Arc::clone(&self.path), self.counters.packets);
            CaptureError::reading(path, fault, self.compression.is_some(), packets)
        })
    }

    /// Moves to the next place at which records seem to go on.
    fn recover(&mut self) -> bool {
        let format = &self.format;
        let found = recover::search(&mut self.window, |bytes, at_end| {
            format.guess(bytes, at_end)
        });
        let Some(passed_over) = found else {
            return false;
        };
        self.counters.resynchronisations += 1;
        self.counters.passed_over_bytes += passed_over;
        true
    }

    /// Whether decompression may take as much memory as
    /// [`ReadLimits::window_len`](crate::ReadLimits::window_len) allows.
    pub(crate) fn may_hold_window(&self) -> bool {
        self.compression
            .is_some_and(Compression::may_ask_for_window)
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
        self.times.told_in(CaptureCounters {
            input_bytes: self.window.offset(),
            ..self.counters
        })
    }
}

impl Format {
    /// Reads the file header; what is no capture is named.
    fn open(window: &mut Window<'_>, limits: &ReadLimits) -> Result<Self, Fault> {
        match start(window)? {
            Some(magic) if Pcap::recognises(magic) => {
                Pcap::open(magic, window, limits).map(Self::Pcap)
            }
            Some(magic) if PcapNg::recognises(magic) => Ok(Self::PcapNg(PcapNg::new(limits))),
            _ => {
                let unread = window.unread();
                let found = foreign::describe(unread.get(..START_LEN).unwrap_or(unread));
                Err(Fault::fatal(0, CaptureErrorKind::NotACapture { found }))
            }
        }
    }

    #[inline]
    fn ready(&mut self, window: &mut Window<'_>) -> Option<Frame> {
        match self {
            Self::Pcap(pcap) => pcap.ready(window),
            Self::PcapNg(pcapng) => pcapng.ready(window),
        }
    }

    fn next(&mut self, window: &mut Window<'_>) -> Result<Option<Frame>, Fault> {
        match self {
            Self::Pcap(pcap) => pcap.next(window),
            Self::PcapNg(pcapng) => pcapng.next(window),
        }
    }

    fn guess(&self, bytes: &[u8], at_end: bool) -> recover::Guess {
        match self {
            Self::Pcap(pcap) => pcap.guess(bytes, at_end),
            Self::PcapNg(pcapng) => pcapng.guess(bytes, at_end),
        }
    }
}

/// A window over `input`, or over what is inside when it is compressed, and how it is.
/// What is compressed twice is no capture.
fn outermost<'a>(
    input: Box<dyn Read + Send + 'a>,
    limits: &ReadLimits,
) -> Result<(Window<'a>, Option<Compression>), Fault> {
    let mut window = Window::new(input);
    let Some(compression) = start(&mut window)?.and_then(Compression::recognise) else {
        return Ok((window, None));
    };
    let inside = Decompressed::new(compression, window, limits)?;
    Ok((Window::new(Box::new(inside)), Some(compression)))
}

/// The first four bytes, with a few more in the window when the input has them.
fn start(window: &mut Window<'_>) -> Result<Option<[u8; 4]>, Fault> {
    frame::peek(window, START_LEN)?;
    Ok(window.unread().first_chunk().copied())
}
