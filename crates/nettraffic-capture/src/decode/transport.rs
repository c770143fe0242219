//! Transport headers, of which only the fixed beginning is read: etherparse's slices want
//! the whole header, options included, which snapped captures do not have.

use super::internet::Internet;
use crate::{IcmpHeader, IpProtocol, Skip, TcpFlags, TcpHeader, Transport, UdpHeader};

const TCP_LEN: usize = 20;
const UDP_LEN: usize = 8;
const ICMP_LEN: usize = 8;

/// A transport header, and how much of the packet it takes.
pub(super) struct Parsed {
    pub(super) transport: Transport,
    pub(super) header_len: u32,
    pub(super) cut: bool,
}

/// Parses the transport header of `ip`, whose payload may have been captured in part.
#[inline]
pub(super) fn parse(ip: &Internet<'_>) -> Result<Parsed, Skip> {
    if ip.later_fragment {
        return Ok(headless(Transport::LaterFragment));
    }
    let claimed = (ip.len - ip.header_len) as usize;
    match ip.protocol {
        IpProtocol::TCP => tcp(ip.payload, claimed),
        IpProtocol::UDP => fixed(ip.payload, claimed, |header: &[u8; UDP_LEN]| {
            Transport::Udp(udp(header))
        }),
        IpProtocol::ICMP => fixed(ip.payload, claimed, |header: &[u8; ICMP_LEN]| {
            Transport::Icmp(icmp(header, is_icmp_query))
        }),
        IpProtocol::ICMPV6 => fixed(ip.payload, claimed, |header: &[u8; ICMP_LEN]| {
            Transport::Icmp(icmp(header, is_icmpv6_query))
        }),
        _ => Ok(headless(Transport::Other)),
    }
}

fn headless(transport: Transport) -> Parsed {
    Parsed {
        transport,
        header_len: 0,
        cut: false,
    }
}

/// A header of `N` bytes. When it was cut its length is known all the same.
#[inline]
fn fixed<const N: usize>(
    payload: &[u8],
    claimed: usize,
    read: impl FnOnce(&[u8; N]) -> Transport,
) -> Result<Parsed, Skip> {
    if claimed < N {
        return Err(Skip::BadTransportHeader);
    }
    let header = payload.first_chunk();
    Ok(Parsed {
        transport: header.map_or(Transport::Cut, read),
        header_len: N as u32,
        cut: header.is_none(),
    })
}

#[inline]
fn tcp(payload: &[u8], claimed: usize) -> Result<Parsed, Skip> {
    let mut parsed = fixed(payload, claimed, |header: &[u8; TCP_LEN]| {
        Transport::Tcp(tcp_fields(header))
    })?;
    // The data offset, in 32-bit words; it may have been captured even where the header was cut.
    if let Some(byte) = payload.get(12) {
        let header_len = usize::from(byte >> 4) * 4;
        if header_len < TCP_LEN || header_len > claimed {
            return Err(Skip::BadTransportHeader);
        }
        parsed.header_len = header_len as u32;
        parsed.cut = payload.len() < header_len;
    }
    Ok(parsed)
}

fn tcp_fields(header: &[u8; TCP_LEN]) -> TcpHeader {
    let [
        s0,
        s1,
        d0,
        d1,
        q0,
        q1,
        q2,
        q3,
        a0,
        a1,
        a2,
        a3,
        _,
        flags,
        w0,
        w1,
        ..,
    ] = *header;
    TcpHeader {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        acknowledgement: u32::from_be_bytes([a0, a1, a2, a3]),
        window: u16::from_be_bytes([w0, w1]),
        flags: TcpFlags(flags),
    }
}

fn udp(header: &[u8; UDP_LEN]) -> UdpHeader {
    let [s0, s1, d0, d1, ..] = *header;
    UdpHeader {
        source_port: u16::from_be_bytes([s0, s1]),
        destination_port: u16::from_be_bytes([d0, d1]),
    }
}

fn icmp(header: &[u8; ICMP_LEN], is_query: fn(u8) -> bool) -> IcmpHeader {
    let [kind, code, _, _, i0, i1, ..] = *header;
    IcmpHeader {
        kind,
        code,
        identifier: is_query(kind).then_some(u16::from_be_bytes([i0, i1])),
    }
}

/// Echo, timestamp, information, address mask and extended echo, requests and replies.
fn is_icmp_query(kind: u8) -> bool {
    matches!(kind, 0 | 8 | 13..=18 | 42 | 43)
}

/// Echo and extended echo, requests and replies.
fn is_icmpv6_query(kind: u8) -> bool {
    matches!(kind, 128 | 129 | 160 | 161)
}
