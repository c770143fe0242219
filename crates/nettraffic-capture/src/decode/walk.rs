//! The way through a packet, from the link layer to the innermost transport header.

use super::config::DecodeConfig;
use super::cursor::Cursor;
use super::internet::Part;
use super::link::{self, Link, Network};
use super::observe::Observe;
use super::transport::{self, Parsed};
use super::{arp, checksum, internet, tunnel};
use crate::{
    Checksums, Entropy, FirstHeader, IpProtocol, Packet, PacketMeta, Skip, Transport, Tunnel,
};

/// Decodes `packet`. The innermost packet that can be decoded counts: where a tunnel holds
/// something else, the packet of the tunnel itself does.
#[inline]
pub(super) fn walk(
    packet: &Packet<'_>,
    config: &DecodeConfig,
    observer: &mut impl Observe,
) -> Result<PacketMeta, Skip> {
    let mut cursor = Cursor::new(packet);
    let link = link::strip(&mut cursor, packet.link_type, observer)?;
    let level = network(packet, link, None, cursor, observer)?;
    if tunnel::may_hold(&level.meta) {
        return unwrap(packet, level, config, observer);
    }
    Ok(finish(level, config, observer))
}

/// A decoded packet, which may hold another one.
struct Level<'a> {
    meta: PacketMeta,
    /// Where the payload begins.
    cursor: Cursor<'a>,
    ip_at: usize,
    transport_at: usize,
    part: Option<Part>,
}

/// Decodes the network and transport headers at the cursor.
#[inline]
fn network<'a>(
    packet: &Packet<'a>,
    link: Link,
    tunnel: Option<Tunnel>,
    mut cursor: Cursor<'a>,
    observer: &mut impl Observe,
) -> Result<Level<'a>, Skip> {
    let ip = match link.network {
        Network::V4 => internet::v4(&mut cursor, observer)?,
        Network::V6 => internet::v6(&mut cursor, observer)?,
        Network::Arp => return message(packet, link, tunnel, cursor, observer),
    };
    let mut level = Level {
        meta: PacketMeta {
            timestamp: packet.timestamp,
            sequence: packet.sequence,
            source: ip.source,
            destination: ip.destination,
            protocol: ip.protocol,
            transport: Transport::Other,
            wire_len: packet.wire_len,
            header_len: ip.header_len,
            payload_len: 0,
            ttl: ip.ttl,
            vlan: link.vlan,
            tunnel,
            checksums: Checksums::Unchecked,
            payload_entropy: None,
            cut: false,
        },
        cursor,
        ip_at: ip.at,
        transport_at: cursor.at(),
        part: ip.fragment,
    };
    let parsed = match ip.fragment {
        _ if ip.cut => Parsed::headless(Transport::Cut),
        Some(part) if part.is_later() => {
            let first = observer.later_fragment(&part.of(&level.meta, cursor.room()));
            Parsed::headless(Transport::LaterFragment(first))
        }
        _ => transport::parse(&mut level.cursor, &ip, observer)?,
    };
    let meta = &mut level.meta;
    meta.transport = parsed.transport;
    meta.header_len += parsed.header_len;
    meta.payload_len = u32::try_from(level.cursor.room()).unwrap_or(u32::MAX - meta.header_len);
    meta.cut = parsed.cut;
    Ok(level)
}

/// Decodes an ARP message.
#[inline(never)]
fn message<'a>(
    packet: &Packet<'a>,
    link: Link,
    tunnel: Option<Tunnel>,
    mut cursor: Cursor<'a>,
    observer: &mut impl Observe,
) -> Result<Level<'a>, Skip> {
    let at = cursor.at();
    let arp = arp::parse(&mut cursor, observer)?;
    let mut meta = PacketMeta::new(packet.timestamp, arp.sender, arp.target, IpProtocol::NONE);
    meta.sequence = packet.sequence;
    meta.transport = Transport::Arp(arp.header);
    meta.wire_len = packet.wire_len;
    meta.ttl = 0;
    meta.vlan = link.vlan;
    meta.tunnel = tunnel;
    // What follows is padding: no length says otherwise.
    cursor.limit(0);
    Ok(Level {
        meta,
        cursor,
        ip_at: at,
        transport_at: cursor.at(),
        part: None,
    })
}

/// Opens tunnels one after another.
#[inline(never)]
fn unwrap<'a>(
    packet: &Packet<'a>,
    mut level: Level<'a>,
    config: &DecodeConfig,
    observer: &mut impl Observe,
) -> Result<PacketMeta, Skip> {
    while tunnel::may_hold(&level.meta) {
        let inner = match enter(packet, &level, config, observer) {
            Ok(Some(inner)) => inner,
            Ok(None) => break,
            Err(limit @ (Skip::TooManyLayers | Skip::TooManyTunnels)) => return Err(limit),
            Err(reason) => {
                level.meta.cut |= matches!(reason, Skip::LinkHeaderCut | Skip::IpHeaderCut);
                break;
            }
        };
        if let Some(part) = &level.part {
            let piece = part.of(&level.meta, level.payload_of_ip());
            observer.first_fragment(&piece, FirstHeader::Tunnel);
        }
        level = inner;
    }
    Ok(finish(level, config, observer))
}

/// Decodes the packet inside of `level`, when it holds one.
fn enter<'a>(
    packet: &Packet<'a>,
    level: &Level<'a>,
    config: &DecodeConfig,
    observer: &mut impl Observe,
) -> Result<Option<Level<'a>>, Skip> {
    let mut cursor = level.cursor;
    let Some(opened) = tunnel::open(&level.meta, &mut cursor, config.tunnels, observer)? else {
        return Ok(None);
    };
    let outer = level.meta.tunnel;
    let depth = outer.map_or(0, |outer| outer.depth) + 1;
    if depth > tunnel::MAX_DEPTH {
        return Err(Skip::TooManyTunnels);
    }
    let tunnel = Tunnel {
        kind: opened.kind,
        depth,
        id: opened.id.or(outer.map(|outer| outer.id)).unwrap_or(0),
    };
    let mut link = link::follow(&mut cursor, opened.next, observer)?;
    link.vlan = link.vlan.or(level.meta.vlan);
    network(packet, link, Some(tunnel), cursor, observer).map(Some)
}

impl Level<'_> {
    /// Bytes behind the IP headers, as the IP header says.
    fn payload_of_ip(&self) -> usize {
        self.cursor.at() - self.transport_at + self.cursor.room()
    }
}

/// Adds what was asked for of the innermost packet.
#[inline]
fn finish(level: Level<'_>, config: &DecodeConfig, observer: &mut impl Observe) -> PacketMeta {
    let mut meta = level.meta;
    if let Some(part) = &level.part
        && !part.is_later()
        && let Some(header) = FirstHeader::of(&meta.transport)
    {
        observer.first_fragment(&part.of(&meta, level.payload_of_ip()), header);
    }
    if config.payload_entropy {
        meta.payload_entropy = Entropy::of(level.cursor.rest());
    }
    if config.checksums && level.part.is_none() && !level.cursor.is_cut() {
        let cursor = &level.cursor;
        meta.checksums = checksum::check(
            &meta,
            cursor.since(level.ip_at),
            cursor.since(level.transport_at),
        );
    }
    meta
}
