//! Packets one behind another in a piece of memory, round and round.

use nettraffic_capture::{LinkType, Packet, Timestamp};

/// Time, length on the wire, captured length, link type.
const HEADER: usize = 8 + 4 + 4 + 2;

/// Packets lie in `tail..head`, or when `turn` says so, in `tail..turn` and then `0..head`. None is cut in two.
#[derive(Debug)]
pub(super) struct ByteRing {
    memory: Box<[u8]>,
    tail: usize,
    head: usize,
    turn: Option<usize>,
    len: u64,
}

impl ByteRing {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            memory: vec![0; bytes].into(),
            tail: 0,
            head: 0,
            turn: None,
            len: 0,
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// All of the memory, whether it is in use or not.
    #[cfg(test)]
    pub(super) fn memory(&self) -> &[u8] {
        &self.memory
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a packet in, if there is room for it.
    #[inline]
    pub(super) fn push(&mut self, packet: &Packet<'_>) -> bool {
        let needed = HEADER + packet.data.len();
        if self.turn.is_none() && self.memory.len() - self.head < needed {
            if needed > self.tail {
                return false;
            }
            self.turn = Some(self.head);
            self.head = 0;
        }
        let end = self.head + needed;
        if self.turn.is_some() && end > self.tail {
            return false;
        }
        let place = self.memory.get_mut(self.head..end);
        let Some((header, data)) = place.and_then(|place| place.split_first_chunk_mut()) else {
            return false;
        };
        *header = write_header(packet);
        data.copy_from_slice(packet.data);
        self.head = end;
        self.len += 1;
        true
    }

    /// Forgets the oldest packet.
    pub(super) fn pop(&mut self) {
        let Some((_, next)) = self.read(self.tail) else {
            return;
        };
        self.len -= 1;
        self.tail = next;
        if self.turn == Some(self.tail) {
            self.tail = 0;
            self.turn = None;
        }
        if self.len == 0 {
            (self.tail, self.head, self.turn) = (0, 0, None);
        }
    }

    /// The time of the oldest packet.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        let (oldest, _) = self.read(self.tail).filter(|_| self.len > 0)?;
        Some(oldest.timestamp)
    }

    /// All packets, the oldest first, with sequence 0.
    pub(super) fn iter(&self) -> impl Iterator<Item = Packet<'_>> {
        let mut at = self.tail;
        (0..self.len).map_while(move |_| {
            if self.turn == Some(at) {
                at = 0;
            }
            let (packet, next) = self.read(at)?;
            at = next;
            Some(packet)
        })
    }

    /// The packet at a place, and the place behind it.
    fn read(&self, at: usize) -> Option<(Packet<'_>, usize)> {
        let (header, rest) = self.memory.get(at..)?.split_first_chunk()?;
        let (mut packet, len) = read_header(header);
        packet.data = rest.get(..len)?;
        Some((packet, at + HEADER + len))
    }
}

fn write_header(packet: &Packet<'_>) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let (time, rest) = header.split_at_mut(8);
    let (wire_len, rest) = rest.split_at_mut(4);
    let (len, link_type) = rest.split_at_mut(4);
    time.copy_from_slice(&packet.timestamp.as_nanos().to_le_bytes());
    wire_len.copy_from_slice(&packet.wire_len.to_le_bytes());
    // More than fits into memory is refused before.
    len.copy_from_slice(&(packet.data.len() as u32).to_le_bytes());
    link_type.copy_from_slice(&packet.link_type.0.to_le_bytes());
    header
}

fn read_header(header: &[u8; HEADER]) -> (Packet<'static>, usize) {
    let [
        t0,
        t1,
        t2,
        t3,
        t4,
        t5,
        t6,
        t7,
        w0,
        w1,
        w2,
        w3,
        l0,
        l1,
        l2,
        l3,
        k0,
        k1,
    ] = *header;
    let timestamp = Timestamp::from_nanos(i64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7]));
    let mut packet = Packet::new(timestamp, LinkType(u16::from_le_bytes([k0, k1])), &[]);
    packet.wire_len = u32::from_le_bytes([w0, w1, w2, w3]);
    (packet, u32::from_le_bytes([l0, l1, l2, l3]) as usize)
}
