//! The straight way to the innermost transport header, for packets in which all is as it should
//! be. Anything else (fragments, cut or wrong headers, tunnels without a packet) is left to the
//! [`walk`](super::walk::walk), which would give the same for these in three times the time: here
//! nothing has to be remembered, and what is found stays in registers.

use super::config::DecodeConfig;
use super::cursor::Cursor;
use super::facts::{compose, look_at_bytes};
use super::internet;
use super::link::{self, Link, Network, Next};
use super::transport;
use super::tunnel::{self, Carrier};
use crate::{LinkType, Packet, PacketMeta, Tunnel};

/// The facts of nearly every packet: TCP or UDP over IP over Ethernet, without anything between.
#[inline]
pub(super) fn ordinary(packet: &Packet<'_>, config: &DecodeConfig) -> Option<PacketMeta> {
    if packet.link_type != LinkType::ETHERNET || config.looks_at_bytes() {
        return None;
    }
    let mut cursor = Cursor::new(packet);
    let ip = match link::untagged(&mut cursor)? {
        Network::V4 => internet::v4(&mut cursor, &mut ()),
        _ => internet::v6(&mut cursor, &mut ()),
    };
    let ip = ip.ok().filter(|ip| ip.fragment.is_none())?;
    let parsed = transport::parse_ordinary(&mut cursor, &ip)?;
    if Carrier::of(&ip, &parsed.transport).is_some() {
        return None;
    }
    Some(compose(packet, &ip, &parsed, cursor.room(), None, None))
}

/// The facts of a packet in which all is as it should be, whatever link layer and tunnels it comes
/// through; the outer packets are forgotten on the way.
#[inline]
pub(super) fn wrapped(packet: &Packet<'_>, config: &DecodeConfig) -> Option<PacketMeta> {
    let mut place = Place::behind(Cursor::new(packet), Next::Link(packet.link_type))?;
    loop {
        let Place {
            mut cursor,
            link,
            tunnel,
            end,
        } = place;
        let ip = match link.network {
            Network::V4 => internet::v4(&mut cursor, &mut ()),
            Network::V6 => internet::v6(&mut cursor, &mut ()),
            Network::Arp => return None,
        };
        let ip = ip.ok().filter(|ip| ip.fragment.is_none() && !ip.cut)?;
        let transport_at = cursor.at();
        let parsed = transport::parse_unwatched(&mut cursor, &ip)?;
        if cursor.end() > end {
            return None;
        }
        if let Some(carrier) = Carrier::of(&ip, &parsed.transport) {
            let outer = Place {
                cursor,
                link,
                tunnel,
                end,
            };
            place = outer.enter(carrier, config)?;
            continue;
        }
        let room = cursor.room();
        if config.looks_at_bytes() {
            let meta = compose(packet, &ip, &parsed, room, link.vlan, tunnel);
            let headers_at = (ip.at, transport_at);
            return Some(look_at_bytes(meta, config, cursor, headers_at, false));
        }
        return Some(compose(packet, &ip, &parsed, room, link.vlan, tunnel));
    }
}

/// Where a network header begins, and what was passed before it.
struct Place<'a> {
    cursor: Cursor<'a>,
    link: Link,
    tunnel: Option<Tunnel>,
    /// Where the packet around it ends.
    end: usize,
}

impl<'a> Place<'a> {
    /// Behind the link layer that begins at the cursor.
    #[inline(never)]
    fn behind(mut cursor: Cursor<'a>, next: Next) -> Option<Self> {
        let link = link::follow(&mut cursor, next, &mut ()).ok()?;
        Some(Self {
            cursor,
            link,
            tunnel: None,
            end: usize::MAX,
        })
    }

    /// From the payload of a packet to the one that it holds.
    #[inline(never)]
    fn enter(mut self, carrier: Carrier, config: &DecodeConfig) -> Option<Self> {
        let end = self.cursor.end();
        let opened = tunnel::open(carrier, &mut self.cursor, config.tunnels, &mut ());
        let opened = opened.ok()??;
        let mut inner = Self::behind(self.cursor, opened.next)?;
        inner.link.vlan = inner.link.vlan.or(self.link.vlan);
        let tunnel = opened.inside(self.tunnel);
        inner.tunnel = (tunnel.depth <= tunnel::MAX_DEPTH).then_some(tunnel);
        inner.tunnel?;
        inner.end = end;
        Some(inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Timestamp;
    use crate::decode::walk::walk;

    /// What follows the addresses of a frame; the last bytes are to be those of a packet.
    const STARTS: [&[u8]; 9] = [
        b"\x08\x00\x45\x00\x00\x40\x00\x00\x40\x00\x40\x06\x00\x00",
        b"\x08\x00\x47\x00\x00\x40\x00\x00\x40\x00\x40\x11\x00\x00",
        b"\x86\xdd\x60\x00\x00\x00\x00\x30\x06\x40",
        b"\x86\xdd\x60\x00\x00\x00\x00\x30\x11\x40",
        b"\x81\x00\x00\x07\x08\x00\x45\x00\x00\x00\x00\x00\x00\x00\x40\x06",
        b"\x08\x00\x45\x00\x00\x00\x00\x00\x00\x00\x40\x04\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02\
          \x45\x00\x00\x00\x00\x00\x00\x00\x40\x11\x00\x00",
        b"\x08\x00\x45\x00\x00\x00\x00\x00\x00\x00\x40\x2f\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02\
          \x20\x00\x86\xdd\x00\x00\x00\x07\x60\x00\x00\x00\x00\x20\x06\x40",
        b"\x08\x00\x45\x00\x00\x00\x00\x00\x00\x00\x40\x11\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02\
          \x12\xb5\x12\xb5\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x07\x00\
          \x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x08\x00\x45\x00\x00\x00\x00\x00\x00\x00\x40\x06",
        b"\x08\x00\x45\x00\x00\x00\x00\x00\x00\x00\x40\x32\x00\x00",
    ];

    fn ethernet(start: &[u8], rest: &[u8]) -> Vec<u8> {
        [&[2; 12], start, rest].concat()
    }

    /// Holds both straight ways against the walk, and tells which of them led anywhere.
    fn check(packet: &Packet<'_>) -> [bool; 2] {
        let everything = DecodeConfig::default()
            .with_checksums()
            .with_fingerprints()
            .with_payload_entropy();
        let mut led = [false; 2];
        for config in [DecodeConfig::default(), everything] {
            let ways = [ordinary(packet, &config), wrapped(packet, &config)];
            for (led, straight) in led.iter_mut().zip(ways) {
                if let Some(meta) = straight {
                    assert_eq!(walk(packet, &config, &mut ()), Ok(meta));
                    *led = true;
                }
            }
        }
        led
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Damage in the headers makes packets of every other kind out of these.
        #[test]
        fn the_straight_ways_lead_where_the_walk_does(
            start in prop::sample::select(STARTS.to_vec()),
            link_type in prop::sample::select(vec![LinkType::ETHERNET, LinkType::RAW]),
            rest in prop::collection::vec(any::<u8>(), 0..100),
            damage in prop::collection::vec((12_usize..100, any::<u8>()), 0..3),
            wire_len in 0_u32..200,
        ) {
            let mut frame = ethernet(start, &rest);
            for (at, value) in damage {
                if let Some(byte) = frame.get_mut(at) {
                    *byte = value;
                }
            }
            let from = if link_type == LinkType::RAW { 14 } else { 0 };
            let data = frame.get(from..).unwrap_or_default();
            let mut packet = Packet::new(Timestamp::from_nanos(7), link_type, data);
            packet.wire_len = wire_len;
            check(&packet);
        }
    }

    #[test]
    fn sound_packets_take_the_straight_ways() {
        // A TCP header of 20 bytes in the right place for each of them.
        for (start, addresses, expected) in [
            (STARTS[0], 8, [true, true]),
            (STARTS[2], 32, [true, true]),
            (STARTS[4], 10, [false, true]),
            (STARTS[5], 8, [false, true]),
            (STARTS[6], 32, [false, true]),
            (STARTS[7], 10, [false, true]),
            (STARTS[8], 8, [false, true]),
        ] {
            let transport = [0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0];
            let rest = [&vec![7; addresses], &transport[..], &[0; 60]].concat();
            let frame = ethernet(start, &rest);
            let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
            assert_eq!(check(&packet), expected, "{start:02x?}");
        }
    }
}
