//! Fragments of one packet, joined by what the first of them says.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::observe::Observe;
use crate::{FirstHeader, IpProtocol, Timestamp, Tunnel};

/// How long a packet's fragments are waited for: Linux does so too.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Packets whose fragments are followed at once; the oldest makes room for a new one.
const MAX_TRACKERS: usize = 4_096;

/// Remembers the first fragments of packets, so that later ones can be told ports.
///
/// A later fragment that comes before the first is not joined: nothing is held back, so that
/// packets leave decoding in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct FragmentTable {
    index: HashMap<WholePacket, usize>,
    /// A ring: its order is that in which packets came to be followed.
    trackers: Vec<Tracker>,
    oldest: usize,
    counters: FragmentCounters,
}

/// What became of fragments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FragmentCounters {
    /// First fragments.
    pub first: u64,
    /// Later fragments that were joined to the first one of their packet.
    pub joined: u64,
    /// Later fragments whose first one was not there (not captured, late, or more than 30 s ago) or
    /// did not hold its whole header.
    pub orphaned: u64,
    /// Fragments that cover bytes which another one of their packet covered already: copies, or an
    /// attempt to show a receiver and an observer two different packets.
    pub overlapping: u64,
    /// Packets with missing fragments that were no longer followed for want of room.
    pub evicted: u64,
}

impl FragmentCounters {
    pub(crate) fn merge(&mut self, other: Self) {
        self.first += other.first;
        self.joined += other.joined;
        self.orphaned += other.orphaned;
        self.overlapping += other.overlapping;
        self.evicted += other.evicted;
    }
}

/// A fragment of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(super) packet: WholePacket,
    pub(super) timestamp: Timestamp,
    /// Of its payload in that of the whole packet, in units of 8 bytes.
    pub(super) offset: u16,
    /// Bytes of its payload.
    pub(super) len: usize,
    pub(super) is_last: bool,
}

/// What the first fragment of a packet says about all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    /// Later fragments of an IPv6 packet name another one where extension headers were split off.
    pub(crate) protocol: IpProtocol,
    pub(crate) header: FirstHeader,
}

/// What fragments of one packet have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WholePacket {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: Option<IpProtocol>,
    pub(super) identification: u32,
    pub(super) vlan: Option<u16>,
    pub(super) tunnel: Option<Tunnel>,
}

impl FragmentTable {
    pub(super) fn counters(&self) -> FragmentCounters {
        self.counters
    }

    /// A free tracker, the oldest when there is none.
    fn slot(&mut self, now: Timestamp) -> usize {
        if self.trackers.len() < MAX_TRACKERS {
            self.trackers.push(Tracker::default());
            return self.trackers.len() - 1;
        }
        let slot = self.oldest;
        self.oldest = (slot + 1) % MAX_TRACKERS;
        if let Some(tracker) = self.trackers.get(slot)
            && let Some(packet) = tracker.packet
        {
            self.index.remove(&packet);
            let was_waiting = !tracker.is_complete() && !tracker.is_over(now);
            self.counters.evicted += u64::from(was_waiting);
        }
        slot
    }
}

impl Observe for FragmentTable {
    fn first_fragment(&mut self, piece: &Piece, first: Option<First>) {
        self.counters.first += 1;
        let known = self.index.get(&piece.packet).copied();
        let slot = known.unwrap_or_else(|| {
            let slot = self.slot(piece.timestamp);
            self.index.insert(piece.packet, slot);
            slot
        });
        let Some(tracker) = self.trackers.get_mut(slot) else {
            return;
        };
        if known.is_some() && !tracker.is_complete() && !tracker.is_over(piece.timestamp) {
            // Identifications come round again, so the newer packet is the likelier one.
            self.counters.overlapping += 1;
        }
        tracker.restart(piece, first);
    }

    fn later_fragment(&mut self, piece: &Piece) -> Option<First> {
        let slot = self.index.get(&piece.packet);
        let tracker = slot.and_then(|slot| self.trackers.get_mut(*slot));
        let Some(tracker) = tracker.filter(|tracker| !tracker.is_over(piece.timestamp)) else {
            self.counters.orphaned += 1;
            return None;
        };
        self.counters.overlapping += u64::from(tracker.cover(piece));
        match tracker.first {
            Some(_) => self.counters.joined += 1,
            None => self.counters.orphaned += 1,
        }
        tracker.first
    }
}

/// Bytes that a unit of offsets has.
const UNIT: usize = 8;
/// Units that the payload of a packet has at most, in words of 64.
const WORDS: usize = (1 << 16) / UNIT / 64;

/// The fragments of one packet.
#[derive(Debug)]
struct Tracker {
    packet: Option<WholePacket>,
    since: Timestamp,
    first: Option<First>,
    /// A bit for each unit that a fragment covers.
    covered: Box<[u64; WORDS]>,
    missing: Missing,
}

/// How many units are still to come.
#[derive(Clone, Copy, Debug, Default)]
struct Missing {
    covered: usize,
    /// Known once the last fragment has come.
    total: Option<usize>,
}

impl Default for Tracker {
    fn default() -> Self {
        Self {
            packet: None,
            since: Timestamp::default(),
            first: None,
            covered: Box::new([0; WORDS]),
            missing: Missing::default(),
        }
    }
}

impl Tracker {
    fn restart(&mut self, piece: &Piece, first: Option<First>) {
        self.packet = Some(piece.packet);
        self.since = piece.timestamp;
        self.first = first;
        self.covered.fill(0);
        self.missing = Missing::default();
        self.cover(piece);
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now.saturating_since(self.since) > TIMEOUT
    }

    fn is_complete(&self) -> bool {
        self.missing.total == Some(self.missing.covered)
    }

    /// Notes what a fragment covers, and tells whether any of it was covered before.
    fn cover(&mut self, piece: &Piece) -> bool {
        let start = usize::from(piece.offset);
        let end = (start + piece.len.div_ceil(UNIT)).min(WORDS * 64);
        let mut overlaps = false;
        let mut at = start;
        while at < end {
            let bit = at % 64;
            let count = (64 - bit).min(end - at);
            let mask = (u64::MAX >> (64 - count)) << bit;
            if let Some(word) = self.covered.get_mut(at / 64) {
                overlaps |= *word & mask != 0;
                self.missing.covered += (mask & !*word).count_ones() as usize;
                *word |= mask;
            }
            at += count;
        }
        if piece.is_last {
            self.missing.total = Some(end);
        }
        overlaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(identification: u32, second: i64, offset: u16, len: usize, is_last: bool) -> Piece {
        Piece {
            packet: WholePacket {
                source: [10, 0, 0, 1].into(),
                destination: [10, 0, 0, 2].into(),
                protocol: Some(IpProtocol::UDP),
                identification,
                vlan: None,
                tunnel: None,
            },
            timestamp: Timestamp::from_seconds(second, 0),
            offset,
            len,
            is_last,
        }
    }

    fn ports(source: u16) -> Option<First> {
        Some(First {
            protocol: IpProtocol::UDP,
            header: FirstHeader::Ports {
                source,
                destination: 53,
            },
        })
    }

    #[test]
    fn later_fragments_are_told_the_ports_of_the_first() {
        let mut table = FragmentTable::default();
        assert_eq!(table.later_fragment(&piece(1, 0, 185, 100, true)), None);
        table.first_fragment(&piece(1, 0, 0, 1480, false), ports(7));
        let later = piece(1, 30, 185, 100, true);
        assert_eq!(table.later_fragment(&later), ports(7));
        assert_eq!(table.later_fragment(&piece(2, 0, 185, 100, true)), None);
        let late = piece(1, 31, 185, 100, true);
        assert_eq!(table.later_fragment(&late), None, "after the time-out");
        let expected = FragmentCounters {
            first: 1,
            joined: 1,
            orphaned: 3,
            ..FragmentCounters::default()
        };
        assert_eq!(table.counters(), expected);
    }

    #[test]
    fn overlaps_are_counted_and_never_merged() {
        // Offset and length of a second fragment, after one of 1,480 bytes from 0 on and one of
        // 800 bytes from unit 200 on.
        for (offset, len, overlaps) in [
            (185, 120, 0),
            (185, 121, 1),
            (184, 8, 1),
            (300, 8, 0),
            (299, 8, 1),
            (8191, 8, 0),
            (1, 65_528, 1),
        ] {
            let mut table = FragmentTable::default();
            table.first_fragment(&piece(1, 0, 0, 1480, false), ports(7));
            table.later_fragment(&piece(1, 0, 200, 800, false));
            table.later_fragment(&piece(1, 0, offset, len, false));
            assert_eq!(table.counters().overlapping, overlaps, "{offset} {len}");
        }
    }

    #[test]
    fn an_identification_may_be_used_again() {
        let mut table = FragmentTable::default();
        for (source, end) in [(7, true), (8, true), (9, false), (10, false)] {
            table.first_fragment(&piece(1, 0, 0, 800, false), ports(source));
            let joined = table.later_fragment(&piece(1, 0, 100, 9, end));
            assert_eq!(joined, ports(source));
        }
        // The third packet never ended, so the fourth one's first fragment overlaps it.
        assert_eq!(table.counters().overlapping, 1);
    }

    #[test]
    fn a_flood_of_first_fragments_puts_out_the_oldest() {
        let mut table = FragmentTable::default();
        let flood = MAX_TRACKERS as u32 + 10;
        for identification in 0..flood {
            table.first_fragment(&piece(identification, 0, 0, 8, false), ports(7));
        }
        assert_eq!(
            (table.index.len(), table.trackers.len()),
            (MAX_TRACKERS, MAX_TRACKERS)
        );
        assert_eq!(table.counters().evicted, 10);
        let mut is_known = |id| table.later_fragment(&piece(id, 0, 1, 8, true)).is_some();
        assert_eq!([9, 10, flood - 1].map(&mut is_known), [false, true, true]);
    }
}
