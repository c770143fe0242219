//! Classic pcap files.

use std::io::{self, Write};

use super::{captured_len, refused};
use crate::{LinkType, Packet};

/// Writes a classic pcap file with nanosecond time stamps, little-endian.
///
/// Times are those from 1970 to 2106. Buffer the output: every packet makes two small writes.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use nettraffic_capture::{LinkType, Packet, PcapWriter, Timestamp};
///
/// let mut file = Vec::new();
/// let mut writer = PcapWriter::new(&mut file, LinkType::ETHERNET)?;
/// writer.write(&Packet::new(Timestamp::from_seconds(1, 5), LinkType::ETHERNET, &[0; 60]))?;
///
/// let mut source = nettraffic_capture::from_reader("memory", &file[..])?;
/// let packet = source.next_packet()?.ok_or("no packet")?;
/// assert_eq!(packet.timestamp.to_string(), "1.000000005");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PcapWriter<W> {
    output: W,
    link_type: LinkType,
}

impl<W: Write> PcapWriter<W> {
    /// Writes the file header.
    ///
    /// # Errors
    /// When the output fails.
    pub fn new(mut output: W, link_type: LinkType) -> io::Result<Self> {
        const NANOSECOND_MAGIC: u32 = 0xa1b2_3c4d;
        const VERSION: u32 = 2 | 4 << 16;
        const SNAP_LEN: u32 = 262_144;
        let words = [
            NANOSECOND_MAGIC,
            VERSION,
            0,
            0,
            SNAP_LEN,
            link_type.0.into(),
        ];
        output.write_all(words.map(u32::to_le_bytes).as_flattened())?;
        Ok(Self { output, link_type })
    }

    /// Writes one packet.
    ///
    /// # Errors
    /// When the output fails, or (`InvalidInput`, with nothing written) when the packet has
    /// another link type than the file, a time that pcap cannot tell, or more than 262,144
    /// captured bytes.
    pub fn write(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        if packet.link_type != self.link_type {
            return Err(refused(format!(
                "a packet of link type {} in a pcap file of link type {}, which can hold only one",
                packet.link_type.0, self.link_type.0
            )));
        }
        let captured_len = captured_len(packet)?;
        let (seconds, fraction) = seconds_and_nanos(packet).ok_or_else(|| {
            let time = packet.timestamp;
            refused(format!(
                "a packet of time {time}, where pcap can tell the seconds from 0 (1970) to {} (2106)",
                u32::MAX
            ))
        })?;
        let words = [seconds, fraction, captured_len, packet.wire_len];
        self.output
            .write_all(words.map(u32::to_le_bytes).as_flattened())?;
        self.output.write_all(packet.data)
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
}

fn seconds_and_nanos(packet: &Packet<'_>) -> Option<(u32, u32)> {
    const NANOS_PER_SECOND: u64 = 1_000_000_000;
    let nanos = u64::try_from(packet.timestamp.as_nanos()).ok()?;
    let seconds = u32::try_from(nanos / NANOS_PER_SECOND).ok()?;
    Some((seconds, (nanos % NANOS_PER_SECOND) as u32))
}
