//! Packets that were seen before.

use std::collections::VecDeque;
use std::hash::Hasher;
use std::net::IpAddr;
use std::time::Duration;

use hashbrown::HashTable;
use nettraffic_capture::{CaptureCounters, Fingerprint, PacketMeta, TcpFlags, Timestamp};
use siphasher::sip::SipHasher13;

/// Remembers the packets of the last moments, and knows copies of them.
///
/// A packet like one before it is a copy when that one was seen at another place (with another
/// time to live or in another VLAN). At the same place a mirror port that sees a packet come
/// and go gives it twice, but the sender may just as well have sent it twice. So there every second one
/// is a copy where senders give each packet something of its own: an IPv4 identification, or TCP
/// sequence numbers, which are repeated no sooner than a round trip later. Where they do not (pure
/// acknowledgements and resets, datagrams, echoes, all without an identification), it is kept.
#[derive(Clone, Debug)]
pub(super) struct Copies {
    window_nanos: u64,
    limit: usize,
    hasher: SipHasher13,
    /// The packets, by their number: how many were remembered before.
    index: HashTable<u64>,
    packets: VecDeque<Remembered>,
    /// The number of the first of the packets.
    first: u64,
    pub(super) found: u64,
    pub(super) forgotten: u64,
}

impl Copies {
    pub(super) fn new(window: Duration, limit: usize, key: u64) -> Self {
        Self {
            window_nanos: u64::try_from(window.as_nanos()).unwrap_or(u64::MAX),
            limit: limit.max(1),
            hasher: SipHasher13::new_with_keys(key, 0),
            index: HashTable::new(),
            packets: VecDeque::new(),
            first: 0,
            found: 0,
            forgotten: 0,
        }
    }

    /// Whether the packet is a copy of one before it; if not, it is remembered. One without a
    /// fingerprint is none.
    pub(super) fn is_copy(&mut self, packet: &PacketMeta) -> bool {
        let Some(fingerprint) = packet.fingerprint else {
            return false;
        };
        let (now, window_nanos) = (packet.timestamp, self.window_nanos);
        self.forget_what_is_over(now);
        let identity = self.identity(packet, fingerprint);
        let mut seen = Remembered::new(identity, now);
        if let Some(like) = self.find(identity)
            && like.time.as_nanos().abs_diff(now.as_nanos()) < window_nanos
        {
            let times_at_once = if is_told_apart(packet, fingerprint) {
                2
            } else {
                1
            };
            let sightings = like.see_at(packet.ttl, packet.vlan);
            if sightings.div_ceil(times_at_once) <= like.given_out {
                self.found += 1;
                return true;
            }
            seen = Remembered { time: now, ..*like };
        } else {
            seen.see_at(packet.ttl, packet.vlan);
        }
        seen.given_out += 1;
        self.remember(seen);
        false
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.index.clear();
        self.first += self.packets.len() as u64;
        self.packets.clear();
    }

    /// A hash of what copies have in common. Tunnels are part of it: a packet that is seen inside of
    /// one and outside belongs to two flows, and each is to have all of its packets.
    ///
    /// Packets of one hash are taken to be the same, so it mixes all 64 bits, whatever the key.
    fn identity(&self, packet: &PacketMeta, fingerprint: Fingerprint) -> u64 {
        let mut hasher = self.hasher;
        for address in [packet.source, packet.destination] {
            match address {
                IpAddr::V4(address) => hasher.write_u32(address.to_bits()),
                IpAddr::V6(address) => hasher.write_u128(address.to_bits()),
            }
        }
        let (source_port, destination_port) = packet.ports().unwrap_or_default();
        hasher.write_u64(u64::from(fingerprint.to_bits()) << 32 | u64::from(packet.payload_len));
        hasher.write_u64(
            u64::from(source_port) << 48
                | u64::from(destination_port) << 32
                | u64::from(packet.header_len & 0xff_ffff) << 8
                | u64::from(packet.protocol.0),
        );
        if let Some(tcp) = packet.tcp() {
            hasher.write_u64(u64::from(tcp.sequence) << 32 | u64::from(tcp.acknowledgement));
        }
        if let Some(tunnel) = packet.tunnel {
            hasher.write_u64(
                u64::from(tunnel.id) | (tunnel.kind as u64) << 32 | u64::from(tunnel.depth) << 40,
            );
        }
        hasher.finish()
    }

    fn find(&mut self, identity: u64) -> Option<&mut Remembered> {
        let Self {
            index,
            packets,
            first,
            ..
        } = self;
        let at = |number: u64| (number - *first) as usize;
        let is_it = |number: &u64| {
            packets
                .get(at(*number))
                .is_some_and(|it| it.identity == identity)
        };
        let number = *index.find(identity, is_it)?;
        packets.get_mut(at(number))
    }

    /// Remembers a packet as the latest, in place of what was remembered of it.
    fn remember(&mut self, packet: Remembered) {
        let Self {
            index,
            packets,
            first,
            ..
        } = self;
        let number = *first + packets.len() as u64;
        let identity = packet.identity;
        packets.push_back(packet);
        let identity_of = |number: &u64| {
            let at = (*number - *first) as usize;
            packets.get(at).map_or(0, |it| it.identity)
        };
        index
            .entry(
                identity,
                |number| identity_of(number) == identity,
                identity_of,
            )
            .and_modify(|known| *known = number)
            .or_insert(number);
    }

    fn forget_what_is_over(&mut self, now: Timestamp) {
        while let Some(oldest) = self.packets.front() {
            let is_over = oldest.is_over(now, self.window_nanos);
            if !is_over && self.packets.len() < self.limit {
                return;
            }
            let (identity, number) = (oldest.identity, self.first);
            // Else it was given out once more, and is remembered as that one.
            if let Ok(entry) = self.index.find_entry(identity, |known| *known == number) {
                entry.remove();
                self.forgotten += u64::from(!is_over);
            }
            self.packets.pop_front();
            self.first += 1;
        }
    }
}

/// A packet, and where it was seen.
#[derive(Clone, Debug)]
struct Remembered {
    identity: u64,
    /// When it was last given out.
    time: Timestamp,
    /// How often it was given out.
    given_out: u32,
    /// The places where it was seen, in front of unused ones.
    places: [Place; Self::PLACES],
}

/// Where a packet was seen: before or after which router, in which VLAN.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    ttl: u8,
    vlan: Option<u16>,
    sightings: u32,
}

impl Remembered {
    /// A packet that was seen at more places goes in circles: all that comes of it are copies.
    const PLACES: usize = 4;

    fn new(identity: u64, time: Timestamp) -> Self {
        Self {
            identity,
            time,
            given_out: 0,
            places: [Place::default(); Self::PLACES],
        }
    }

    /// Counts a sighting, and tells how many there were at the same place.
    fn see_at(&mut self, ttl: u8, vlan: Option<u16>) -> u32 {
        let mut places = self.places.iter_mut();
        let place =
            places.find(|place| place.sightings == 0 || (place.ttl, place.vlan) == (ttl, vlan));
        let Some(place) = place else {
            return 0;
        };
        let sightings = place.sightings.saturating_add(1);
        *place = Place {
            ttl,
            vlan,
            sightings,
        };
        sightings
    }

    /// Whether it lies too far before `now`, or so far behind that one of the times is wrong.
    fn is_over(&self, now: Timestamp, window_nanos: u64) -> bool {
        const JUMP_NANOS: u64 = CaptureCounters::JUMP.as_nanos() as u64;
        let distance = now.as_nanos().abs_diff(self.time.as_nanos());
        match now < self.time {
            true => distance > JUMP_NANOS,
            false => distance >= window_nanos,
        }
    }
}

/// Whether the sender gives packets like this one something of their own each.
fn is_told_apart(packet: &PacketMeta, fingerprint: Fingerprint) -> bool {
    const NUMBERED: u8 = TcpFlags::SYN.union(TcpFlags::FIN).0;
    let is_in_sequence = |flags: TcpFlags| packet.payload_len > 0 || flags.0 & NUMBERED != 0;
    fingerprint.is_numbered() || packet.tcp().is_some_and(|tcp| is_in_sequence(tcp.flags))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use nettraffic_capture::{IpProtocol, TcpHeader, Transport, UdpHeader};

    use super::*;

    /// What a packet says; its sequence number or content is that of every packet like it.
    #[derive(Clone, Copy)]
    enum Kind {
        /// A datagram with this identification.
        Datagram(u8),
        /// TCP data without an identification.
        Data,
        /// An acknowledgement without an identification.
        Ack,
    }
    use Kind::{Ack, Data, Datagram};

    fn packet(micros: i64, kind: Kind, ttl: u8) -> PacketMeta {
        let time = Timestamp::from_nanos(micros * 1_000);
        let (a, b) = ([192, 0, 2, 1], [192, 0, 2, 2]);
        let mut packet = PacketMeta::new(time, a.into(), b.into(), IpProtocol::UDP);
        packet.ttl = ttl;
        let id = match kind {
            Datagram(id) => id,
            Data | Ack => {
                packet.protocol = IpProtocol::TCP;
                packet.transport = Transport::Tcp(TcpHeader::default());
                packet.payload_len = if matches!(kind, Data) { 10 } else { 0 };
                0
            }
        };
        let protocol = packet.protocol.0;
        let header = [[0x45, 0, 0, 20], [0, id, 0, 0], [ttl, protocol, 0, 0], a, b];
        packet.fingerprint = Fingerprint::of(&header.concat());
        packet
    }

    fn copies(window_micros: u64, limit: usize) -> Copies {
        Copies::new(Duration::from_micros(window_micros), limit, 0)
    }

    /// Which of the packets (time in microseconds, kind, time to live) are kept.
    fn check(packets: &[(i64, Kind, u8)], expected: &[bool]) {
        let mut copies = copies(1_000, 100);
        let kept: Vec<_> = packets
            .iter()
            .map(|(micros, kind, ttl)| !copies.is_copy(&packet(*micros, *kind, *ttl)))
            .collect();
        assert_eq!(kept, expected);
        let found = expected.iter().filter(|is_kept| !**is_kept).count();
        assert_eq!(copies.found, found as u64);
    }

    const KEPT: bool = true;
    const COPY: bool = false;

    #[test]
    fn at_another_place_it_is_a_copy() {
        for kind in [Datagram(1), Datagram(0), Data, Ack] {
            check(&[(0, kind, 64), (10, kind, 63)], &[KEPT, COPY]);
            check(
                &[(0, kind, 64), (0, kind, 63), (0, kind, 62)],
                &[KEPT, COPY, COPY],
            );
        }
    }

    #[test]
    fn at_the_same_place_every_second_one_of_those_told_apart_is_a_copy() {
        for (kind, expected) in [
            (Datagram(1), [KEPT, COPY, KEPT, COPY]),
            (Data, [KEPT, COPY, KEPT, COPY]),
            (Datagram(0), [KEPT; 4]),
            (Ack, [KEPT; 4]),
        ] {
            check(&[0, 1, 2, 3].map(|micros| (micros, kind, 64)), &expected);
        }
    }

    #[test]
    fn repetitions_have_copies_too() {
        let twice_seen = [(0, Ack, 64), (10, Ack, 64), (20, Ack, 63), (30, Ack, 63)];
        check(&twice_seen, &[KEPT, KEPT, COPY, COPY]);
        let by_turns = [(0, Ack, 64), (10, Ack, 63), (20, Ack, 64), (30, Ack, 63)];
        check(&by_turns, &[KEPT, COPY, KEPT, COPY]);
        // Mirrored where it comes in and where it goes out, on both sides of a router.
        let order = [64, 63, 63, 64];
        check(
            &order.map(|ttl| (0, Datagram(1), ttl)),
            &[KEPT, COPY, COPY, COPY],
        );
    }

    #[test]
    fn the_window_begins_with_the_packet_and_ends_before_its_length() {
        let kind = Datagram(1);
        check(&[(0, kind, 64), (999, kind, 63)], &[KEPT, COPY]);
        check(&[(0, kind, 64), (1_000, kind, 63)], &[KEPT, KEPT]);
        // A copy does not make it longer.
        check(
            &[(0, kind, 64), (999, kind, 63), (1_001, kind, 62)],
            &[KEPT, COPY, KEPT],
        );
        // Time may run backwards.
        check(&[(999, kind, 64), (0, kind, 63)], &[KEPT, COPY]);
        check(&[(1_000, kind, 64), (0, kind, 63)], &[KEPT, KEPT]);
    }

    #[test]
    fn other_packets_are_no_copies() {
        let first = packet(0, Datagram(1), 64);
        let mut others = [first; 5];
        others[0].source = [192, 0, 2, 3].into();
        others[1].payload_len = 1;
        others[2].tunnel = Some(nettraffic_capture::Tunnel::new(
            nettraffic_capture::TunnelKind::Vxlan,
            7,
        ));
        others[3].fingerprint = packet(0, Datagram(2), 64).fingerprint;
        others[4].fingerprint = None;
        let mut copies = copies(1_000, 100);
        for packet in [&[first], &others[..]].concat() {
            assert!(!copies.is_copy(&packet), "{packet:?}");
        }
        // Without a fingerprint nothing is known.
        assert!(!copies.is_copy(&others[4]));
        assert!(copies.is_copy(&first));
    }

    #[test]
    fn ordinary_packets_are_told_apart_whatever_the_key() {
        type Change = fn(&mut PacketMeta, u8, u8);
        let change: [(&str, Change); 4] = [
            ("hosts", |packet, a, b| {
                packet.source = [10, 0, 0, a].into();
                packet.destination = [10, 0, 1, b].into();
            }),
            ("ports", |packet, a, b| {
                packet.transport = Transport::Udp(UdpHeader {
                    source_port: a.into(),
                    destination_port: b.into(),
                });
            }),
            ("places in a connection", |packet, a, b| {
                packet.transport = Transport::Tcp(TcpHeader {
                    sequence: a.into(),
                    acknowledgement: b.into(),
                    ..TcpHeader::default()
                });
            }),
            // These cancelled the multiplier of a hash of products whose key was 0.
            ("numbers of connections", |packet, a, b| {
                packet.source = [10, 0, a, b].into();
                packet.transport = Transport::Tcp(TcpHeader {
                    sequence: 0x8000_0000,
                    acknowledgement: 0x8000_0001,
                    ..TcpHeader::default()
                });
            }),
        ];
        for (what, change) in change {
            for key in [0, 1, 80, u64::MAX] {
                let copies = Copies::new(Duration::from_secs(1), 100, key);
                let mut identities = HashSet::new();
                for low in 0..=u16::MAX {
                    let [a, b] = low.to_be_bytes();
                    let mut packet = packet(0, Datagram(1), 64);
                    change(&mut packet, a, b);
                    identities.extend(packet.fingerprint.map(|it| copies.identity(&packet, it)));
                }
                assert_eq!(identities.len(), 65_536, "{what}, key {key}");
                // Half of it tells nearly all of them apart too: 0.5 pairs share one by chance.
                for half in [0, 32] {
                    let halves: HashSet<_> =
                        identities.iter().map(|id| (id >> half) as u32).collect();
                    assert!(identities.len() - halves.len() < 10, "{what}, key {key}");
                }
            }
        }
    }

    #[test]
    fn the_oldest_is_forgotten_when_there_is_no_room() {
        let mut copies = copies(1_000, 3);
        for id in 1..=4 {
            assert!(!copies.is_copy(&packet(0, Datagram(id), 64)));
        }
        assert_eq!((copies.forgotten, copies.packets.len()), (1, 3));
        assert!(copies.is_copy(&packet(0, Datagram(4), 63)));
        // To make room for it, the second had to go.
        assert!(!copies.is_copy(&packet(0, Datagram(1), 63)));
        assert!(!copies.is_copy(&packet(0, Datagram(2), 63)));
    }

    #[test]
    fn memory_holds_the_window_only() {
        let mut copies = copies(1_000, 100_000);
        for micros in 0..10_000 {
            let id = u8::try_from(micros % 250 + 1).unwrap_or(1);
            copies.is_copy(&packet(micros * 10, Datagram(id), 64));
            assert!(copies.packets.len() <= 101 && copies.index.len() <= 101);
        }
        assert_eq!((copies.found, copies.forgotten), (0, 0));
    }
}
