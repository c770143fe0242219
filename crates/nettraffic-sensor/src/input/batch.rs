//! Raw packets, many at a time.

use nettraffic_capture::{LinkType, Packet, Timestamp};

/// Bytes at which a batch is handed on.
const FULL_BYTES: usize = 256 * 1024;
/// Packets at which it is.
const FULL_PACKETS: usize = 1_024;

/// Raw packets in one piece of memory, which is used again and again: no allocation per packet.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    heads: Vec<Head>,
    bytes: Vec<u8>,
}

/// All of a packet but its bytes.
#[derive(Clone, Copy, Debug)]
struct Head {
    timestamp: Timestamp,
    link_type: LinkType,
    wire_len: u32,
    /// Where its bytes end; they begin where those of the packet before end.
    end: usize,
}

impl Batch {
    /// Adds a packet.
    pub(crate) fn push(&mut self, packet: &Packet<'_>) {
        self.bytes.extend_from_slice(packet.data);
        self.heads.push(Head {
            timestamp: packet.timestamp,
            link_type: packet.link_type,
            wire_len: packet.wire_len,
            end: self.bytes.len(),
        });
    }

    /// The packet at a place; its sequence is to be given by the reader.
    pub(crate) fn get(&self, index: usize) -> Option<Packet<'_>> {
        let head = self.heads.get(index)?;
        let before = index
            .checked_sub(1)
            .and_then(|before| self.heads.get(before));
        let begin = before.map_or(0, |before| before.end);
        let mut packet = Packet::new(
            head.timestamp,
            head.link_type,
            self.bytes.get(begin..head.end)?,
        );
        packet.wire_len = head.wire_len;
        Some(packet)
    }

    /// The time of the packet at a place.
    pub(crate) fn time(&self, index: usize) -> Option<Timestamp> {
        self.heads.get(index).map(|head| head.timestamp)
    }

    pub(crate) fn len(&self) -> usize {
        self.heads.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Whether it is time to hand it on.
    pub(crate) fn is_full(&self) -> bool {
        self.heads.len() >= FULL_PACKETS || self.bytes.len() >= FULL_BYTES
    }

    /// Forgets the packets, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.heads.clear();
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_out_as_they_went_in() {
        let mut batch = Batch::default();
        for round in 0..2 {
            let bytes: Vec<Vec<u8>> = (0..5).map(|n| vec![n; usize::from(n) * 3]).collect();
            let packets: Vec<Packet<'_>> = (bytes.iter().zip(round..))
                .map(|(data, second)| {
                    let time = Timestamp::from_seconds(second, 0);
                    let mut packet = Packet::new(time, LinkType::ETHERNET, data);
                    packet.wire_len += 100;
                    packet
                })
                .collect();
            packets.iter().for_each(|packet| batch.push(packet));
            assert_eq!(batch.len(), 5);
            let out: Vec<Packet<'_>> = (0..).map_while(|index| batch.get(index)).collect();
            assert_eq!(out, packets);
            batch.clear();
            assert!(batch.is_empty() && batch.get(0).is_none());
        }
    }
}
