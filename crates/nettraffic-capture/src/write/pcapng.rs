//! pcapng files.

use std::io::{self, Write};

use super::{captured_len, refused};
use crate::{LinkType, Packet};

/// Interfaces of a section that readers accept; a new section begins to number them anew.
const MOST_INTERFACES: usize = 4_096;

/// Writes a pcapng file with nanosecond time stamps, little-endian
/// (`draft-ietf-opsawg-pcapng`).
///
/// One section with one interface for each link type that occurs, and enhanced packet blocks:
/// no comments, no names, nothing about the machine. Times are those from 1970 on. Buffer the
/// output: every packet makes three small writes.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nettraffic_capture::{LinkType, Packet, PcapNgWriter, Timestamp};
///
/// let mut writer = PcapNgWriter::new(Vec::new())?;
/// let time = Timestamp::from_seconds(1, 5);
/// writer.write(&Packet::new(time, LinkType::ETHERNET, &[0; 60]))?;
/// writer.write(&Packet::new(time, LinkType::RAW, &[0x45; 40]))?;
/// let file = writer.finish()?;
///
/// let mut source = nettraffic_capture::from_reader("memory", &file[..])?;
/// let mut link_types = Vec::new();
/// while let Some(packet) = source.next_packet()? {
///     link_types.push(packet.link_type);
/// }
/// assert_eq!(link_types, [LinkType::ETHERNET, LinkType::RAW]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PcapNgWriter<W> {
    output: W,
    /// Link types of the section's interfaces, by their numbers.
    interfaces: Vec<LinkType>,
    /// The interface of the packet before: as a rule of the next one too.
    last: usize,
}

impl<W: Write> PcapNgWriter<W> {
    /// Writes the header of the section.
    ///
    /// # Errors
    /// When the output fails.
    pub fn new(output: W) -> io::Result<Self> {
        let mut writer = Self {
            output,
            interfaces: Vec::new(),
            last: 0,
        };
        writer.begin_section()?;
        Ok(writer)
    }

    /// Writes one packet, and before it the description of its interface when its link type is new.
    ///
    /// # Errors
    /// When the output fails, or (`InvalidInput`, with nothing written) when the packet is from
    /// before 1970 or has more than 262,144 captured bytes.
    pub fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        const ENHANCED_PACKET: u32 = 6;
        const FRAME_LEN: u32 = 32;
        let captured_len = captured_len(packet)?;
        let nanos = u64::try_from(packet.timestamp.as_nanos()).map_err(|_| {
            let time = packet.timestamp;
            refused(format!(
                "a packet of time {time}, where pcapng tells the seconds from 0 (1970) on"
            ))
        })?;
        let interface = self.interface(packet.link_type)? as u32;
        let padded_len = captured_len.next_multiple_of(4);
        let block_len = FRAME_LEN + padded_len;
        self.words([
            ENHANCED_PACKET,
            block_len,
            interface,
            (nanos >> 32) as u32,
            nanos as u32,
            captured_len,
            packet.wire_len,
        ])?;
        self.output.write_all(packet.data)?;
        // The padding, of no to three bytes, and the length once more, in one piece.
        let end = (u64::from(block_len) << 32).to_le_bytes();
        let begin = 4 - (padded_len - captured_len) as usize;
        self.output.write_all(end.get(begin..).unwrap_or(&end))
    }

    /// The output.
    pub fn get_ref(&self) -> &W {
        &self.output
    }

    /// Hands the output back, flushed.
    ///
    /// # Errors
    /// When flushing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }

    /// The number of the interface of a link type, which is described now if it is new.
    fn interface(&mut self, link_type: LinkType) -> io::Result<usize> {
        if self.interfaces.get(self.last) == Some(&link_type) {
            return Ok(self.last);
        }
        let known = self.interfaces.iter().position(|known| *known == link_type);
        self.last = match known {
            Some(known) => known,
            None => self.describe(link_type)?,
        };
        Ok(self.last)
    }

    fn describe(&mut self, link_type: LinkType) -> io::Result<usize> {
        const INTERFACE_DESCRIPTION: u32 = 1;
        const BLOCK_LEN: u32 = 32;
        const NO_SNAP_LEN: u32 = 0;
        /// `if_tsresol`, one byte long.
        const RESOLUTION: u32 = 9 | 1 << 16;
        const NANOSECONDS: u32 = 9;
        const END_OF_OPTIONS: u32 = 0;
        if self.interfaces.len() == MOST_INTERFACES {
            self.interfaces.clear();
            self.begin_section()?;
        }
        self.words([
            INTERFACE_DESCRIPTION,
            BLOCK_LEN,
            link_type.0.into(),
            NO_SNAP_LEN,
            RESOLUTION,
            NANOSECONDS,
            END_OF_OPTIONS,
            BLOCK_LEN,
        ])?;
        self.interfaces.push(link_type);
        Ok(self.interfaces.len() - 1)
    }

    fn begin_section(&mut self) -> io::Result<()> {
        const SECTION_HEADER: u32 = 0x0a0d_0d0a;
        const BLOCK_LEN: u32 = 28;
        const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
        const VERSION: u32 = 1;
        /// The length of a section whose end is not known yet, in two halves.
        const UNKNOWN: u32 = u32::MAX;
        self.words([
            SECTION_HEADER,
            BLOCK_LEN,
            BYTE_ORDER_MAGIC,
            VERSION,
            UNKNOWN,
            UNKNOWN,
            BLOCK_LEN,
        ])
    }

    fn words<const N: usize>(&mut self, words: [u32; N]) -> io::Result<()> {
        let bytes = words.map(u32::to_le_bytes);
        self.output.write_all(bytes.as_flattened())
    }
}
