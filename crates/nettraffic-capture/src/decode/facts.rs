//! What was found on the way through a packet, put together.

use super::arp::Arp;
use super::checksum;
use super::config::DecodeConfig;
use super::cursor::Cursor;
use super::internet::Internet;
use super::transport::Parsed;
use crate::{Checksums, Entropy, Fingerprint, IpProtocol, Packet, PacketMeta, Transport, Tunnel};

/// The facts of an IP packet.
#[inline]
pub(super) fn compose(
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
        fingerprint: None,
        cut: parsed.cut,
    }
}

/// The facts of an ARP message.
pub(super) fn message(
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

/// Adds what `config` asks for of the bytes: the cursor stands where the payload begins, the IP
/// and transport headers begin at bytes `ip_at` and `transport_at` of the packet.
#[inline(never)]
pub(super) fn look_at_bytes(
    mut meta: PacketMeta,
    config: &DecodeConfig,
    cursor: Cursor<'_>,
    (ip_at, transport_at): (usize, usize),
    is_fragment: bool,
) -> PacketMeta {
    if config.payload_entropy {
        meta.payload_entropy = Entropy::of(cursor.rest());
    }
    if config.fingerprints {
        meta.fingerprint = Fingerprint::of(cursor.since(ip_at));
    }
    if config.checksums && !is_fragment && !cursor.is_cut() {
        let (ip, transport) = (cursor.since(ip_at), cursor.since(transport_at));
        meta.checksums = checksum::check(&meta, ip, transport);
    }
    meta
}
