//! A capture in either format.

use std::io::{self, Write};

use super::{PcapNgWriter, PcapWriter};
use crate::{LinkType, Packet};

/// A format in which captures are written, both with nanosecond time stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureFormat {
    /// Classic pcap, which every tool reads: packets of this one link type.
    Pcap(LinkType),
    /// pcapng, for packets of any link types.
    PcapNg,
}

/// Writes a capture in a format that is chosen when the program runs.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nettraffic_capture::{CaptureFormat, CaptureWriter, LinkType, Packet, Timestamp};
///
/// let packet = Packet::new(Timestamp::from_seconds(1, 5), LinkType::ETHERNET, &[0; 60]);
/// for format in [CaptureFormat::Pcap(LinkType::ETHERNET), CaptureFormat::PcapNg] {
///     let mut writer = CaptureWriter::new(Vec::new(), format)?;
///     writer.write(&packet)?;
///     let file = writer.finish()?;
///     let mut source = nettraffic_capture::from_reader("memory", &file[..])?;
///     assert_eq!(source.next_packet()?, Some(packet));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum CaptureWriter<W> {
    /// Classic pcap.
    Pcap(PcapWriter<W>),
    /// pcapng.
    PcapNg(PcapNgWriter<W>),
}

impl<W: Write> CaptureWriter<W> {
    /// Writes the header of the file.
    ///
    /// # Errors
    /// When the output fails.
    pub fn new(output: W, format: CaptureFormat) -> io::Result<Self> {
        match format {
            CaptureFormat::Pcap(link_type) => PcapWriter::new(output, link_type).map(Self::Pcap),
            CaptureFormat::PcapNg => PcapNgWriter::new(output).map(Self::PcapNg),
        }
    }

    /// Writes one packet.
    ///
    /// # Errors
    /// When the output fails, or (`InvalidInput`, with nothing written) when the format cannot
    /// hold the packet.
    pub fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        match self {
            Self::Pcap(writer) => writer.write(packet),
            Self::PcapNg(writer) => writer.write(packet),
        }
    }

    /// The output.
    pub fn get_ref(&self) -> &W {
        match self {
            Self::Pcap(writer) => writer.get_ref(),
            Self::PcapNg(writer) => writer.get_ref(),
        }
    }

    /// Hands the output back, flushed.
    ///
    /// # Errors
    /// When flushing fails.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Self::Pcap(writer) => writer.finish(),
            Self::PcapNg(writer) => writer.finish(),
        }
    }
}
