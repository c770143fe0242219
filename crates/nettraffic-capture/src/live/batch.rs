//! Packets copied out of the kernel's ring, many at a time.

use pcap::{Active, Capture};

use crate::{LinkType, Packet, Timestamp};

/// The most packets that are read at once.
const PACKETS: usize = 512;
/// About the most bytes that are read at once, so that they stay in the cache.
const BYTES: usize = 256 << 10;

/// Packets that were read and not lent yet.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    packets: Vec<Entry>,
    next: usize,
    limit: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    timestamp: Timestamp,
    wire_len: u32,
    begin: usize,
    end: usize,
}

impl Batch {
    pub(super) fn new(snap_len: u32) -> Self {
        let limit = (BYTES / snap_len.max(1) as usize).clamp(1, PACKETS);
        Self {
            bytes: Vec::new(),
            packets: Vec::with_capacity(limit),
            next: 0,
            limit,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.next >= self.packets.len()
    }

    /// Reads what is there, up to a limit, in the place of what was there before.
    pub(super) fn fill(&mut self, capture: &mut Capture<Active>) -> Result<(), pcap::Error> {
        self.bytes.clear();
        self.packets.clear();
        self.next = 0;
        let (bytes, packets) = (&mut self.bytes, &mut self.packets);
        let read = capture.dispatch(Some(self.limit), |packet| {
            let begin = bytes.len();
            bytes.extend_from_slice(packet.data);
            packets.push(Entry {
                // In nanoseconds, as they were asked for.
                timestamp: Timestamp::from_seconds(
                    packet.header.ts.tv_sec,
                    u32::try_from(packet.header.ts.tv_usec).unwrap_or(0),
                ),
                wire_len: packet.header.len,
                begin,
                end: bytes.len(),
            });
        });
        read.map(|_| ())
    }

    /// The times of the first and the last packet not lent yet.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.packets.get(self.next)?;
        let last = self.packets.last()?;
        Some((first.timestamp, last.timestamp))
    }

    /// Lends the next one.
    #[inline]
    pub(super) fn lend(&mut self, sequence: u64, link_type: LinkType) -> Option<Packet<'_>> {
        let entry = *self.packets.get(self.next)?;
        self.next += 1;
        Some(Packet {
            timestamp: entry.timestamp,
            sequence,
            link_type,
            wire_len: entry.wire_len,
            data: self.bytes.get(entry.begin..entry.end)?,
        })
    }
}
