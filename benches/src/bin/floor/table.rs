//! The table: one look-up per packet, and what each flow remembers.

use hashbrown::HashTable;

use crate::moments::FloorMoments;
use crate::packet::{FloorKey, FloorPacket};

/// Silence that ends an active period, in microseconds.
const IDLE: u32 = 5_000_000;

/// Flows in the order of their first packets, and where to find them. It only grows.
#[derive(Debug, Default)]
pub(crate) struct FloorTable {
    index: HashTable<u32>,
    keys: Vec<FloorKey>,
    flows: Vec<FloorFlow>,
}

#[derive(Clone, Copy, Debug, Default)]
struct FloorFlow {
    forward: FloorSide,
    backward: FloorSide,
    gaps: FloorMoments,
    active: FloorMoments,
    idle: FloorMoments,
    last: u64,
    active_since: u64,
    opened_by_higher: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct FloorSide {
    lengths: FloorMoments,
    gaps: FloorMoments,
    last: u64,
    flags: [u32; 8],
    header_bytes: u32,
    first_window: u16,
}

impl FloorTable {
    #[inline]
    pub(crate) fn push(&mut self, packet: &FloorPacket) {
        let hash = packet.key.hash();
        let found = self
            .index
            .find(hash, |&place| self.keys[place as usize] == packet.key);
        let place = match found {
            Some(&place) => place,
            None => self.open(packet, hash),
        };
        self.flows[place as usize].push(packet);
    }

    fn open(&mut self, packet: &FloorPacket, hash: u64) -> u32 {
        let place = self.flows.len() as u32;
        self.flows.push(FloorFlow {
            last: packet.time,
            active_since: packet.time,
            opened_by_higher: packet.reversed,
            ..FloorFlow::default()
        });
        self.keys.push(packet.key);
        let keys = &self.keys;
        self.index
            .insert_unique(hash, place, |&place| keys[place as usize].hash());
        place
    }

    pub(crate) fn len(&self) -> usize {
        self.flows.len()
    }

    /// Of everything that was counted, so that all of it is.
    pub(crate) fn checksum(&self) -> u64 {
        self.flows
            .iter()
            .fold(0, |sum, flow| sum.wrapping_add(flow.checksum()))
    }
}

impl FloorFlow {
    #[inline]
    fn push(&mut self, packet: &FloorPacket) {
        let gap = packet.time.saturating_sub(self.last) as u32;
        if gap > IDLE {
            let active = self.last.saturating_sub(self.active_since);
            self.active.add(active as u32);
            self.idle.add(gap);
            self.active_since = packet.time;
        }
        self.gaps.add(gap);
        self.last = packet.time;
        if packet.reversed == self.opened_by_higher {
            self.forward.push(packet);
        } else {
            self.backward.push(packet);
        }
    }

    fn checksum(&self) -> u64 {
        [self.gaps, self.active, self.idle]
            .iter()
            .fold(0, |sum: u64, moments| sum.wrapping_add(moments.checksum()))
            .wrapping_add(self.forward.checksum())
            .wrapping_add(self.backward.checksum())
    }
}

impl FloorSide {
    #[inline]
    fn push(&mut self, packet: &FloorPacket) {
        if self.lengths.count == 0 {
            self.first_window = packet.window;
        } else {
            self.gaps.add(packet.time.saturating_sub(self.last) as u32);
        }
        self.lengths.add(packet.payload_len);
        self.last = packet.time;
        self.header_bytes = self.header_bytes.wrapping_add(packet.header_len);
        for (bit, count) in self.flags.iter_mut().enumerate() {
            *count += u32::from(packet.flags >> bit & 1);
        }
    }

    fn checksum(&self) -> u64 {
        let counts = self.flags.iter().fold(self.header_bytes, |sum, count| {
            sum.wrapping_add(*count).rotate_left(1)
        });
        self.lengths
            .checksum()
            .wrapping_add(self.gaps.checksum())
            .wrapping_add(u64::from(counts))
            .wrapping_add(u64::from(self.first_window))
    }
}
