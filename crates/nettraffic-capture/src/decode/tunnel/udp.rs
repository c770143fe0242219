//! Tunnels over UDP, which are known by their ports.

use super::Opened;
use crate::decode::cursor::Cursor;
use crate::decode::link::{Network, Next};
use crate::decode::observe::{LayerKind, Observe};
use crate::{Skip, TunnelKind, Tunnels, UdpHeader};

const VXLAN: u16 = 4789;
/// What Linux used before the port was assigned.
const VXLAN_OF_LINUX: u16 = 8472;
/// VXLAN that names the protocol inside.
const VXLAN_GPE: u16 = 4790;
const GENEVE: u16 = 6081;
const GTP_U: u16 = 2152;
const TEREDO: u16 = 3544;

#[inline]
pub(super) fn is_port(port: u16) -> bool {
    matches!(
        port,
        VXLAN | VXLAN_OF_LINUX | VXLAN_GPE | GENEVE | GTP_U | TEREDO
    )
}

pub(super) fn open(
    udp: UdpHeader,
    cursor: &mut Cursor<'_>,
    tunnels: Tunnels,
    observer: &mut impl Observe,
) -> Result<Option<Opened>, Skip> {
    // The source port of VXLAN and Geneve is a hash of what is inside.
    match (udp.source_port, udp.destination_port) {
        (_, VXLAN | VXLAN_OF_LINUX) if tunnels.contains(TunnelKind::Vxlan) => {
            vxlan(cursor, false, observer)
        }
        (_, VXLAN_GPE) if tunnels.contains(TunnelKind::Vxlan) => vxlan(cursor, true, observer),
        (_, GENEVE) if tunnels.contains(TunnelKind::Geneve) => geneve(cursor, observer),
        (GTP_U, _) | (_, GTP_U) if tunnels.contains(TunnelKind::GtpU) => gtp(cursor, observer),
        (TEREDO, _) | (_, TEREDO) if tunnels.contains(TunnelKind::Teredo) => {
            teredo(cursor, observer)
        }
        _ => Ok(None),
    }
}

/// VXLAN (RFC 7348), and its generic protocol extension.
fn vxlan(
    cursor: &mut Cursor<'_>,
    names_protocol: bool,
    observer: &mut impl Observe,
) -> Result<Option<Opened>, Skip> {
    const HAS_NETWORK: u8 = 0x08;
    const NAMES_PROTOCOL: u8 = 0x04;
    let header: &[u8; 8] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let [flags, _, _, protocol, n0, n1, n2, _] = *header;
    if flags & HAS_NETWORK == 0 {
        return Ok(None);
    }
    let next = match protocol {
        _ if !names_protocol || flags & NAMES_PROTOCOL == 0 => Next::Ethernet,
        1 => Next::Network(Network::V4),
        2 => Next::Network(Network::V6),
        3 => Next::Ethernet,
        _ => return Ok(None),
    };
    cursor.pass(LayerKind::Vxlan, header.len(), observer)?;
    let network = u32::from_be_bytes([0, n0, n1, n2]);
    Ok(Some(Opened::new(TunnelKind::Vxlan, Some(network), next)))
}

/// Geneve (RFC 8926).
fn geneve(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Option<Opened>, Skip> {
    let [version, _, p0, p1, n0, n1, n2, _] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    if version >> 6 != 0 {
        return Ok(None);
    }
    let len = 8 + usize::from(version & 0x3f) * 4;
    if cursor.rest().len() < len {
        return Err(Skip::LinkHeaderCut);
    }
    cursor.pass(LayerKind::Geneve, len, observer)?;
    let network = u32::from_be_bytes([0, n0, n1, n2]);
    let next = Next::EtherType(u16::from_be_bytes([p0, p1]));
    Ok(Some(Opened::new(TunnelKind::Geneve, Some(network), next)))
}

/// GTP-U version 1 (3GPP TS 29.281): only messages of type G-PDU hold a packet.
fn gtp(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Option<Opened>, Skip> {
    const VERSION_AND_PROTOCOL: u8 = 0xf0;
    const VERSION_1: u8 = 0x30;
    const OPTIONAL_FIELDS: u8 = 0x07;
    const EXTENSION: u8 = 0x04;
    const G_PDU: u8 = 255;
    const LEN: usize = 8;

    let [flags, kind, ..] = *cursor.peek::<LEN>().ok_or(Skip::LinkHeaderCut)?;
    if flags & VERSION_AND_PROTOCOL != VERSION_1 || kind != G_PDU {
        return Ok(None);
    }
    if flags & OPTIONAL_FIELDS == 0 {
        cursor.pass(LayerKind::Gtp, LEN, observer)?;
        return Ok(Some(Opened::new(TunnelKind::GtpU, None, Next::Ip)));
    }
    // Sequence, N-PDU number and the type of the first extension are there if one of them is.
    let [.., mut extension] = *cursor.peek::<{ LEN + 4 }>().ok_or(Skip::LinkHeaderCut)?;
    cursor.pass(LayerKind::Gtp, LEN + 4, observer)?;
    if flags & EXTENSION == 0 {
        extension = 0;
    }
    while extension != 0 {
        // In words of 4 bytes; the last byte is the type of the next one.
        let [words] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
        let Some(last) = (usize::from(words) * 4).checked_sub(1) else {
            return Ok(None);
        };
        extension = *cursor.rest().get(last).ok_or(Skip::LinkHeaderCut)?;
        cursor.pass(LayerKind::Gtp, last + 1, observer)?;
    }
    Ok(Some(Opened::new(TunnelKind::GtpU, None, Next::Ip)))
}

/// Teredo (RFC 4380): IPv6, after what authenticates it and after the address that it came from.
fn teredo(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Option<Opened>, Skip> {
    if let [0, 1, id_len, auth_len] = *cursor.peek().ok_or(Skip::LinkHeaderCut)? {
        // A nonce of 8 bytes and a byte of confirmation follow.
        let len = 4 + usize::from(id_len) + usize::from(auth_len) + 9;
        if cursor.rest().len() < len {
            return Err(Skip::LinkHeaderCut);
        }
        cursor.pass(LayerKind::Teredo, len, observer)?;
    }
    if let [0, 0] = *cursor.peek().ok_or(Skip::LinkHeaderCut)? {
        let origin: &[u8; 8] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
        cursor.pass(LayerKind::Teredo, origin.len(), observer)?;
    }
    let opened = Opened::new(TunnelKind::Teredo, None, Next::Network(Network::V6));
    Ok(Some(opened))
}
