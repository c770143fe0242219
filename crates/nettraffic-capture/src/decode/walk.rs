//! The way through a packet, from the link layer to the innermost transport header.

use super::config::DecodeConfig;
use super::cursor::Cursor;
use super::facts::{compose, look_at_bytes, message};
use super::fragments::First;
use super::internet::Internet;
use super::link::{self, Link, Network, Next};
use super::observe::Observe;
use super::transport::{self, Parsed};
use super::tunnel::{self, Carrier};
use super::{arp, internet, straight};
use crate::{FirstHeader, Packet, PacketMeta, Skip, Transport, Tunnel};

/// Decodes `packet`. The innermost packet that can be decoded counts: where a tunnel holds
/// something else, the packet of the tunnel itself does.
#[inline]
pub(super) fn decode(
    packet: &Packet<'_>,
    config: &DecodeConfig,
    observer: &mut impl Observe,
) -> Result<PacketMeta, Skip> {
    match straight::ordinary(packet, config) {
        Some(meta) => Ok(meta),
        None => unusual(packet, config, observer),
    }
}

/// Apart, so that callers hold only the code for ordinary packets.
#[inline(never)]
fn unusual(
    packet: &Packet<'_>,
    config: &DecodeConfig,
    observer: &mut impl Observe,
) -> Result<PacketMeta, Skip> {
    match straight::wrapped(packet, config) {
        Some(meta) => Ok(meta),
        None => walk(packet, config, observer),
    }
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
    let mut level = match Level::parse(packet, link, None, cursor, None, observer)? {
        Parse::Packet(level) => level,
        Parse::Arp(meta) => return Ok(meta),
    };
    while let Some(carrier) = Carrier::of(&level.ip, &level.parsed.transport) {
        let inner = match level.enter(carrier, packet, config, observer) {
            Ok(Some(inner)) => inner,
            Ok(None) => break,
            Err(limit @ (Skip::TooManyLayers | Skip::TooManyTunnels)) => return Err(limit),
            Err(reason) => {
                let is_cut = matches!(reason, Skip::LinkHeaderCut | Skip::IpHeaderCut);
                level.parsed.cut |= is_cut && level.cursor.is_cut();
                break;
            }
        };
        level.tell_first(packet, Some(FirstHeader::Tunnel), observer);
        level = match inner {
            Parse::Packet(level) => level,
            Parse::Arp(meta) => return Ok(meta),
        };
    }
    let header = FirstHeader::of(&level.parsed.transport);
    level.tell_first(packet, header, observer);
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
    /// Parses the network and transport headers at the cursor, of a packet that ends at
    /// `latest_end` when there is one.
    fn parse(
        packet: &Packet<'a>,
        link: Link,
        tunnel: Option<Tunnel>,
        mut cursor: Cursor<'a>,
        latest_end: Option<usize>,
        observer: &mut impl Observe,
    ) -> Result<Parse<'a>, Skip> {
        let mut ip = match link.network {
            Network::V4 => internet::v4(&mut cursor, observer)?,
            Network::V6 => internet::v6(&mut cursor, observer)?,
            Network::Arp => {
                let arp = arp::parse(&mut cursor, observer)?;
                return Ok(Parse::Arp(message(packet, &arp, link.vlan, tunnel)));
            }
        };
        if latest_end.is_some_and(|latest| cursor.end() > latest) {
            // Words on a port of a tunnel may look like a header, but they rarely fit.
            return Err(Skip::BadIpHeader);
        }
        let transport_at = cursor.at();
        let parsed = match ip.fragment {
            _ if ip.cut => Parsed::headless(Transport::Cut, cursor.is_cut()),
            Some(part) if part.is_later() => {
                let len = cursor.room();
                let piece = part.of(&ip, link.vlan, tunnel, packet.timestamp, len);
                let first = observer.later_fragment(&piece);
                ip.protocol = first.map_or(ip.protocol, |first| first.protocol);
                let header = first.map(|first| first.header);
                Parsed::headless(Transport::LaterFragment(header), false)
            }
            // What is too small for its header is no damage but an attempt to hide it.
            Some(_) => match transport::parse(&mut cursor, &ip, observer) {
                Err(Skip::BadTransportHeader) => Parsed::headless(Transport::Cut, cursor.is_cut()),
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
        carrier: Carrier,
        packet: &Packet<'a>,
        config: &DecodeConfig,
        observer: &mut impl Observe,
    ) -> Result<Option<Parse<'a>>, Skip> {
        let mut cursor = self.cursor;
        let opened = tunnel::open(carrier, &mut cursor, config.tunnels, observer)?;
        let Some(opened) = opened else {
            return Ok(None);
        };
        let tunnel = opened.inside(self.tunnel);
        let mut link = link::follow(&mut cursor, opened.next, observer)?;
        link.vlan = link.vlan.or(self.vlan);
        // A first fragment holds but the beginning of what is inside.
        let latest_end = self.ip.fragment.is_none().then_some(self.cursor.end());
        let inner = Self::parse(packet, link, Some(tunnel), cursor, latest_end, observer)?;
        // Asked at last: what is no packet is no tunnel either.
        if tunnel.depth > tunnel::MAX_DEPTH {
            return Err(Skip::TooManyTunnels);
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
        if let Some(part) = self.ip.fragment.filter(|part| !part.is_later()) {
            let len = self.cursor.at() - self.transport_at + self.cursor.room();
            let piece = part.of(&self.ip, self.vlan, self.tunnel, packet.timestamp, len);
            let protocol = self.ip.protocol;
            observer.first_fragment(&piece, header.map(|header| First { protocol, header }));
        }
    }

    /// The facts of the packet, with what was asked for of its payload.
    fn finish(&self, packet: &Packet<'_>, config: &DecodeConfig) -> PacketMeta {
        let Self {
            ip, parsed, cursor, ..
        } = self;
        let meta = compose(packet, ip, parsed, cursor.room(), self.vlan, self.tunnel);
        let headers_at = (ip.at, self.transport_at);
        look_at_bytes(meta, config, *cursor, headers_at, ip.fragment.is_some())
    }
}
