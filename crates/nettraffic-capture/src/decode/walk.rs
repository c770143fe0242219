//! The way through a packet, from the link layer to the innermost transport header.

use super::arp::{self, Arp};
use super::config::DecodeConfig;
use super::cursor::Cursor;
use super::internet::Internet;
use super::link::{self, Link, Network, Next};
use super::observe::Observe;
use super::transport::{self, Parsed};
use super::{checksum, internet, tunnel};
use crate::{
    Checksums, Entropy, FirstHeader, IpProtocol, LinkType, Packet, PacketMeta, Skip, Transport,
    Tunnel,
};

/// Decodes `packet`. The innermost packet that can be decoded counts: where a tunnel holds
/// something else, the packet of the tunnel itself does.
#[inline]
pub(super) fn decode(
    packet: &Packet<'_>,
    config: &DecodeConfig,
    observer: &mut impl Observe,
) -> Result<PacketMeta, Skip> {
    match ordinary(packet, config) {
        Some(meta) => Ok(meta),
        None => walk(packet, config, observer),
    }
}

/// The straight way through nearly every packet: TCP or UDP over IP over Ethernet, without
/// anything between. It takes a third of the time of the walk, which gives the same.
#[inline]
fn ordinary(packet: &Packet<'_>, config: &DecodeConfig) -> Option<PacketMeta> {
    if packet.link_type != LinkType::ETHERNET || config.looks_at_payload() {
        return None;
    }
    let mut cursor = Cursor::new(packet);
    let ip = match link::untagged(&mut cursor)? {
        Network::V4 => internet::v4(&mut cursor, &mut ()),
        _ => internet::v6(&mut cursor, &mut ()),
    };
    let ip = ip.ok().filter(|ip| ip.fragment.is_none())?;
    let parsed = transport::parse_ordinary(&mut cursor, &ip)?;
    if tunnel::may_hold(ip.protocol, &parsed.transport) {
        return None;
    }
    Some(compose(packet, &ip, &parsed, cursor.room(), None, None))
}

/// The way through any packet, header by header; `observer` is told of each.
#[inline(never)]
pub(super) fn walk(
    packet: &Packet<'_>,
    config: &DecodeConfig,
    observer: &mut impl Observe,
) -> Result<PacketMeta, Skip> {
    let mut cursor = Cursor::new(packet);
    let link = link::follow(&mut cursor, Next::Link(packet.link_type), observer)?;
    let mut level = match Level::parse(packet, link, None, cursor, observer)? {
        Parse::Packet(level) => level,
        Parse::Arp(meta) => return Ok(meta),
    };
    while tunnel::may_hold(level.ip.protocol, &level.parsed.transport) {
        let inner = match level.enter(packet, config, observer) {
            Ok(Some(inner)) => inner,
            Ok(None) => break,
            Err(limit @ (Skip::TooManyLayers | Skip::TooManyTunnels)) => return Err(limit),
            Err(reason) => {
                level.parsed.cut |= matches!(reason, Skip::LinkHeaderCut | Skip::IpHeaderCut);
                break;
            }
        };
        level.tell_first(packet, Some(FirstHeader::Tunnel), observer);
        level = match inner {
            Parse::Packet(level) => level,
            Parse::Arp(meta) => return Ok(meta),
        };
    }
    level.tell_first(packet, FirstHeader::of(&level.parsed.transport), observer);
    Ok(level.finish(packet, config))
}

/// An IP packet, which may hold another one.
struct Level<'a> {
    ip: Internet,
    parsed: Parsed,
    vlan: Option<u16>,
    tunnel: Option<Tunnel>,
    /// Where the payload begins.
    cursor: Cursor<'a>,
    transport_at: usize,
}

enum Parse<'a> {
    Packet(Level<'a>),
    Arp(PacketMeta),
}

impl<'a> Level<'a> {
    /// Parses the network and transport headers at the cursor.
    fn parse(
        packet: &Packet<'a>,
        link: Link,
        tunnel: Option<Tunnel>,
        mut cursor: Cursor<'a>,
        observer: &mut impl Observe,
    ) -> Result<Parse<'a>, Skip> {
        let ip = match link.network {
            Network::V4 => internet::v4(&mut cursor, observer)?,
            Network::V6 => internet::v6(&mut cursor, observer)?,
            Network::Arp => {
                let arp = arp::parse(&mut cursor, observer)?;
                return Ok(Parse::Arp(message(packet, &arp, link.vlan, tunnel)));
            }
        };
        let transport_at = cursor.at();
        let parsed = match ip.fragment {
            _ if ip.cut => Parsed::headless(Transport::Cut),
            Some(part) if part.is_later() => {
                let piece = part.of(&ip, tunnel, packet.timestamp, cursor.room());
                Parsed::headless(Transport::LaterFragment(observer.later_fragment(&piece)))
            }
            // What is too small for its header is no damage but an attempt to hide it.
            Some(_) => match transport::parse(&mut cursor, &ip, observer) {
                Err(Skip::BadTransportHeader) => Parsed::headless(Transport::Cut),
                parsed => parsed?,
            },
            None => transport::parse(&mut cursor, &ip, observer)?,
        };
        Ok(Parse::Packet(Self {
            ip,
            parsed,
            vlan: link.vlan,
            tunnel,
            cursor,
            transport_at,
        }))
    }

    /// Parses the packet inside of this one, when it holds one.
    fn enter(
        &self,
        packet: &Packet<'a>,
        config: &DecodeConfig,
        observer: &mut impl Observe,
    ) -> Result<Option<Parse<'a>>, Skip> {
        let mut cursor = self.cursor;
        let transport = &self.parsed.transport;
        let opened = tunnel::open(&self.ip, transport, &mut cursor, config.tunnels, observer)?;
        let Some(opened) = opened else {
            return Ok(None);
        };
        let depth = self.tunnel.map_or(0, |outer| outer.depth) + 1;
        if depth > tunnel::MAX_DEPTH {
            return Err(Skip::TooManyTunnels);
        }
        let outer_id = self.tunnel.map(|outer| outer.id);
        let tunnel = Tunnel {
            kind: opened.kind,
            depth,
            id: opened.id.or(outer_id).unwrap_or(0),
        };
        let mut link = link::follow(&mut cursor, opened.next, observer)?;
        link.vlan = link.vlan.or(self.vlan);
        let inner = Self::parse(packet, link, Some(tunnel), cursor, observer)?;
        if let Parse::Packet(inner) = &inner
            && inner.cursor.end() > self.cursor.end()
            && self.ip.fragment.is_none()
        {
            // Words on a port of a tunnel may look like a header, but they rarely fit.
            return Err(Skip::BadIpHeader);
        }
        Ok(Some(inner))
    }

    /// Tells the observer what the header of a first fragment says.
    fn tell_first(
        &self,
        packet: &Packet<'_>,
        header: Option<FirstHeader>,
        observer: &mut impl Observe,
    ) {
        if let Some(part) = self.ip.fragment.filter(|part| !part.is_later())
            && let Some(header) = header
        {
            let len = self.cursor.at() - self.transport_at + self.cursor.room();
            let piece = part.of(&self.ip, self.tunnel, packet.timestamp, len);
            observer.first_fragment(&piece, header);
        }
    }

    /// The facts of the packet, with what was asked for of its payload.
    fn finish(self, packet: &Packet<'_>, config: &DecodeConfig) -> PacketMeta {
        let Self {
            ip, parsed, cursor, ..
        } = self;
        let mut meta = compose(packet, &ip, &parsed, cursor.room(), self.vlan, self.tunnel);
        if config.payload_entropy {
            meta.payload_entropy = Entropy::of(cursor.rest());
        }
        if config.checksums && ip.fragment.is_none() && !cursor.is_cut() {
            let (ip, transport) = (cursor.since(ip.at), cursor.since(self.transport_at));
            meta.checksums = checksum::check(&meta, ip, transport);
        }
        meta
    }
}

#[inline]
fn compose(
    packet: &Packet<'_>,
    ip: &Internet,
    parsed: &Parsed,
    payload_len: usize,
    vlan: Option<u16>,
    tunnel: Option<Tunnel>,
) -> PacketMeta {
    PacketMeta {
        timestamp: packet.timestamp,
        sequence: packet.sequence,
        source: ip.source,
        destination: ip.destination,
        protocol: ip.protocol,
        transport: parsed.transport,
        wire_len: packet.wire_len,
        header_len: ip.header_len + parsed.header_len,
        payload_len: u32::try_from(payload_len).unwrap_or(u32::MAX),
        ttl: ip.ttl,
        vlan,
        tunnel,
        checksums: Checksums::Unchecked,
        payload_entropy: None,
        cut: parsed.cut,
    }
}

fn message(
    packet: &Packet<'_>,
    arp: &Arp,
    vlan: Option<u16>,
    tunnel: Option<Tunnel>,
) -> PacketMeta {
    PacketMeta {
        sequence: packet.sequence,
        transport: Transport::Arp(arp.header),
        wire_len: packet.wire_len,
        ttl: 0,
        vlan,
        tunnel,
        ..PacketMeta::new(packet.timestamp, arp.sender, arp.target, IpProtocol::NONE)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Timestamp;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Damage in the headers makes packets of every other kind out of ordinary ones.
        #[test]
        fn the_straight_way_leads_where_the_walk_does(
            start in prop::sample::select(vec![
                &b"\x08\x00\x45\x00\x00\x40\x00\x00\x40\x00\x40\x06\x00\x00"[..],
                b"\x08\x00\x47\x00\x00\x40\x00\x00\x40\x00\x40\x11\x00\x00",
                b"\x86\xdd\x60\x00\x00\x00\x00\x30\x06\x40",
                b"\x86\xdd\x60\x00\x00\x00\x00\x30\x11\x40",
                b"\x81\x00\x00\x07\x08\x00\x45\x00\x00\x00\x00\x00\x00\x00\x40\x06",
            ]),
            rest in prop::collection::vec(any::<u8>(), 0..100),
            damage in prop::collection::vec((12_usize..60, any::<u8>()), 0..3),
            wire_len in 0_u32..200,
        ) {
            let mut frame = [&[2; 12], start, &rest].concat();
            for (at, value) in damage {
                if let Some(byte) = frame.get_mut(at) {
                    *byte = value;
                }
            }
            let mut packet = Packet::new(Timestamp::from_nanos(7), LinkType::ETHERNET, &frame);
            packet.wire_len = wire_len;
            let config = DecodeConfig::default();
            if let Some(straight) = ordinary(&packet, &config) {
                prop_assert_eq!(walk(&packet, &config, &mut ()), Ok(straight));
            }
        }
    }

    #[test]
    fn an_ordinary_packet_takes_the_straight_way() {
        let frame = [
            &[2; 12][..],
            b"\x08\x00\x45\x00\x00\x1c\x00\x01\x00\x00\x40\x11\x00\x00",
            &[10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2, 0, 8, 0, 0],
        ]
        .concat();
        let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
        let straight = ordinary(&packet, &DecodeConfig::default());
        assert_eq!(straight.and_then(|meta| meta.ports()), Some((1, 2)));
        let looking = DecodeConfig::default().with_checksums();
        assert_eq!(ordinary(&packet, &looking), None);
    }
}
