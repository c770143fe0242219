//! The classic capture format with nanosecond time stamps.

use std::io::{self, Write};

/// Bytes in front of every packet of the file.
const RECORD_HEADER: usize = 16;
const NANOSECOND_MAGIC: u32 = 0xA1B2_3C4D;
const SNAPLEN: u32 = 262_144;
const ETHERNET: u32 = 1;

/// Writes packets as a little-endian nanosecond pcap file of Ethernet frames.
pub(crate) struct PcapWriter<W>(W);

impl<W: Write> PcapWriter<W> {
    pub(crate) fn new(mut writer: W) -> io::Result<Self> {
        let mut header = [0; 24];
        header[0..4].copy_from_slice(&NANOSECOND_MAGIC.to_le_bytes());
        header[4..6].copy_from_slice(&2u16.to_le_bytes());
        header[6..8].copy_from_slice(&4u16.to_le_bytes());
        header[16..20].copy_from_slice(&SNAPLEN.to_le_bytes());
        header[20..24].copy_from_slice(&ETHERNET.to_le_bytes());
        writer.write_all(&header)?;
        Ok(Self(writer))
    }

    pub(crate) fn write(&mut self, timestamp_ns: u64, bytes: &[u8]) -> io::Result<()> {
        let fields = [
            (timestamp_ns / 1_000_000_000) as u32,
            (timestamp_ns % 1_000_000_000) as u32,
            bytes.len() as u32,
            bytes.len() as u32,
        ];
        let mut header = [0; RECORD_HEADER];
        for (slot, field) in header.chunks_exact_mut(4).zip(fields) {
            slot.copy_from_slice(&field.to_le_bytes());
        }
        self.0.write_all(&header)?;
        self.0.write_all(bytes)
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}
