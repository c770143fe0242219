//! Transport headers.

mod icmp;
mod tcp;

use super::cursor::Cursor;
use super::internet::Internet;
use super::observe::{LayerKind, Observe};
use crate::{IpProtocol, SctpHeader, Skip, Transport, UdpHeader};

pub(super) const UDP_LEN: usize = 8;
const SCTP_LEN: usize = 12;

/// A transport header, and how much of the packet it takes.
pub(super) struct Parsed {
    pub(super) transport: Transport,
    pub(super) header_len: u32,
    pub(super) cut: bool,
}

impl Parsed {
    /// No header that is looked at.
    pub(super) fn headless(transport: Transport, cut: bool) -> Self {
        Self {
            transport,
            header_len: 0,
            cut,
        }
    }
}

/// Parses the header that `ip` announces. The cursor moves behind it.
#[inline]
pub(super) fn parse(
    cursor: &mut Cursor<'_>,
    ip: &Internet,
    observer: &mut impl Observe,
) -> Result<Parsed, Skip> {
    match ip.protocol {
        IpProtocol::TCP => tcp::parse(cursor, observer),
        IpProtocol::UDP => fixed(cursor, LayerKind::Udp, udp, observer),
        IpProtocol::ICMP => icmp::v4(cursor, observer),
        IpProtocol::ICMPV6 => icmp::v6(cursor, observer),
        IpProtocol::SCTP => fixed(cursor, LayerKind::Sctp, sctp, observer),
        _ => Ok(Parsed::headless(Transport::Other, false)),
    }
}

/// Parses the header of TCP and UDP.
#[inline]
pub(super) fn parse_ordinary(cursor: &mut Cursor<'_>, ip: &Internet) -> Option<Parsed> {
    let parsed = match ip.protocol {
        IpProtocol::TCP => tcp::parse(cursor, &mut ()),
        IpProtocol::UDP => fixed(cursor, LayerKind::Udp, udp, &mut ()),
        _ => return None,
    };
    parsed.ok()
}

/// The same, and passes protocols by that are not looked at.
#[inline]
pub(super) fn parse_unwatched(cursor: &mut Cursor<'_>, ip: &Internet) -> Option<Parsed> {
    let parsed = match ip.protocol {
        IpProtocol::TCP => tcp::parse(cursor, &mut ()),
        IpProtocol::UDP => fixed(cursor, LayerKind::Udp, udp, &mut ()),
        IpProtocol::ICMP | IpProtocol::ICMPV6 | IpProtocol::SCTP => return None,
        _ => return Some(Parsed::headless(Transport::Other, false)),
    };
    parsed.ok()
}

/// A header of `N` bytes. When it was cut its length is known all the same.
#[inline]
fn fixed<const N: usize>(
    cursor: &mut Cursor<'_>,
    kind: LayerKind,
    read: impl FnOnce(&[u8; N]) -> Transport,
    observer: &mut impl Observe,
) -> Result<Parsed, Skip> {
    if cursor.room() < N {
        return Err(Skip::BadTransportHeader);
    }
    let header = cursor.peek();
    cursor.pass(kind, N, observer)?;
    Ok(Parsed {
        transport: header.map_or(Transport::Cut, read),
        header_len: N as u32,
        cut: header.is_none(),
    })
}

fn udp(header: &[u8; UDP_LEN]) -> Transport {
    let [s0, s1, d0, d1, ..] = *header;
    Transport::Udp(UdpHeader {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
    })
}

fn sctp(header: &[u8; SCTP_LEN]) -> Transport {
    let [s0, s1, d0, d1, v0, v1, v2, v3, ..] = *header;
    Transport::Sctp(SctpHeader {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        verification_tag: u32::from_be_bytes([v0, v1, v2, v3]),
    })
}
