//! IPv4 and IPv6: addresses, lengths, and what stands between them and the transport header.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::cursor::Cursor;
use super::fragments::{Piece, WholePacket};
use super::observe::{LayerKind, Observe};
use crate::{IpProtocol, Skip, Timestamp, Tunnel};

/// The headers of an IP packet; the cursor stands behind them.
pub(super) struct Internet {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: IpProtocol,
    /// Where the IP header begins in the packet.
    pub(super) at: usize,
    /// The IP header and its extension headers.
    pub(super) header_len: u32,
    pub(super) ttl: u8,
    pub(super) fragment: Option<Part>,
    /// An extension header was not captured.
    pub(super) cut: bool,
}

/// Which part of a packet a fragment is.
#[derive(Clone, Copy)]
pub(super) struct Part {
    identification: u32,
    /// Of its payload in that of the whole packet, in units of 8 bytes.
    offset: u16,
    is_last: bool,
}

impl Part {
    /// `None` of a packet that is whole.
    #[inline]
    fn new(identification: u32, offset: u16, more: bool) -> Option<Self> {
        (offset > 0 || more).then_some(Self {
            identification,
            offset,
            is_last: !more,
        })
    }

    pub(super) fn is_later(&self) -> bool {
        self.offset > 0
    }

    /// With all that tells its packet from others; `len` is that of its own payload.
    pub(super) fn of(
        &self,
        ip: &Internet,
        vlan: Option<u16>,
        tunnel: Option<Tunnel>,
        timestamp: Timestamp,
        len: usize,
    ) -> Piece {
        Piece {
            packet: WholePacket {
                source: ip.source,
                destination: ip.destination,
                // Fragments of one IPv6 packet may name different headers (RFC 8200).
                protocol: ip.source.is_ipv4().then_some(ip.protocol),
                identification: self.identification,
                vlan,
                tunnel,
            },
            timestamp,
            offset: self.offset,
            len,
            is_last: self.is_last,
        }
    }
}

#[inline(always)] // Returned through memory, its parts would be waited for.
pub(super) fn v4(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Internet, Skip> {
    const MIN_LEN: usize = 20;
    let header: &[u8; MIN_LEN] = cursor.peek().ok_or(Skip::IpHeaderCut)?;
    let [
        version,
        _,
        len_high,
        len_low,
        id_high,
        id_low,
        part_high,
        part_low,
        ttl,
        protocol,
        _,
        _,
        s0,
        s1,
        s2,
        s3,
        d0,
        d1,
        d2,
        d3,
    ] = *header;
    let header_len = usize::from(version & 0x0f) * 4;
    if version >> 4 != 4 || header_len < MIN_LEN {
        return Err(Skip::BadIpHeader);
    }
    if header_len > MIN_LEN && cursor.rest().len() < header_len {
        return Err(Skip::IpHeaderCut);
    }
    let len = match u16::from_be_bytes([len_high, len_low]) {
        0 => cursor.room(),
        total_len => total_len.into(),
    };
    if len < header_len {
        return Err(Skip::BadIpHeader);
    }
    let at = cursor.at();
    cursor.limit(len);
    cursor.pass(LayerKind::Ipv4, header_len, observer)?;
    let part = u16::from_be_bytes([part_high, part_low]);
    let mut ip = Internet {
        source: Ipv4Addr::new(s0, s1, s2, s3).into(),
        destination: Ipv4Addr::new(d0, d1, d2, d3).into(),
        protocol: IpProtocol(protocol),
        at,
        header_len: header_len as u32,
        ttl,
        fragment: Part::new(
            u16::from_be_bytes([id_high, id_low]).into(),
            part & 0x1fff,
            part & 0x2000 != 0,
        ),
        cut: false,
    };
    // IPv4 has no extension headers, except that IPsec's authentication header works as one.
    if protocol == AUTHENTICATION {
        pass_extensions(&mut ip, cursor, |number| number == AUTHENTICATION, observer)?;
    }
    Ok(ip)
}

#[inline(always)] // Returned through memory, its parts would be waited for.
pub(super) fn v6(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Internet, Skip> {
    const LEN: usize = 40;
    let header: &[u8; LEN] = cursor.peek().ok_or(Skip::IpHeaderCut)?;
    let [
        version,
        _,
        _,
        _,
        len_high,
        len_low,
        next,
        hop_limit,
        addresses @ ..,
    ] = header;
    if version >> 4 != 6 {
        return Err(Skip::BadIpHeader);
    }
    let (addresses, _) = addresses.as_chunks::<16>();
    let [source, destination] = *addresses else {
        return Err(Skip::BadIpHeader);
    };
    let len = match u16::from_be_bytes([*len_high, *len_low]) {
        0 if *next != NO_NEXT_HEADER => cursor.room(),
        payload_len => LEN + usize::from(payload_len),
    };
    if len < LEN {
        return Err(Skip::BadIpHeader);
    }
    let at = cursor.at();
    cursor.limit(len);
    cursor.pass(LayerKind::Ipv6, LEN, observer)?;
    let mut ip = Internet {
        source: Ipv6Addr::from(source).into(),
        destination: Ipv6Addr::from(destination).into(),
        protocol: IpProtocol(*next),
        at,
        header_len: LEN as u32,
        ttl: *hop_limit,
        fragment: None,
        cut: false,
    };
    if is_extension(*next) {
        pass_extensions(&mut ip, cursor, is_extension, observer)?;
    }
    Ok(ip)
}

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const NO_NEXT_HEADER: u8 = 59;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;

/// The headers that may stand between IPv6 and its transport, in any order: an order
/// against the rules is the receiver's concern, the packet passed by all the same.
///
/// ESP is not among them: what follows it is encrypted.
fn is_extension(number: u8) -> bool {
    matches!(
        number,
        HOP_BY_HOP
            | ROUTING
            | FRAGMENT
            | AUTHENTICATION
            | DESTINATION_OPTIONS
            | MOBILITY
            | HOST_IDENTITY
            | SHIM6
    )
}

/// Walks over extension headers, up to the first that was not captured.
fn pass_extensions(
    ip: &mut Internet,
    cursor: &mut Cursor<'_>,
    is_extension: fn(u8) -> bool,
    observer: &mut impl Observe,
) -> Result<(), Skip> {
    // The data of a later fragment begin behind its fragment header.
    while !ip.fragment.is_some_and(|part| part.is_later()) && is_extension(ip.protocol.0) {
        let number = ip.protocol.0;
        let Some(start) = cursor.peek::<8>() else {
            return not_whole(ip, cursor);
        };
        let [next, len, offset_high, offset_low, i0, i1, i2, i3] = *start;
        let len = usize::from(len);
        let len = match number {
            FRAGMENT => {
                let part = u16::from_be_bytes([offset_high, offset_low]);
                let identification = u32::from_be_bytes([i0, i1, i2, i3]);
                ip.fragment = Part::new(identification, part >> 3, part & 1 != 0);
                start.len()
            }
            // In words of 4 bytes, less 2 (RFC 4302).
            AUTHENTICATION if len == 0 => return Err(Skip::BadIpHeader),
            AUTHENTICATION => (len + 2) * 4,
            // In words of 8 bytes, less 1 (RFC 8200).
            _ => (len + 1) * 8,
        };
        if cursor.rest().len() < len {
            return not_whole(ip, cursor);
        }
        cursor.pass(LayerKind::Extension(number), len, observer)?;
        ip.header_len += len as u32;
        ip.protocol = IpProtocol(next);
    }
    Ok(())
}

/// A header that is not there was not captured, or the packet is too short for it.
fn not_whole(ip: &mut Internet, cursor: &Cursor<'_>) -> Result<(), Skip> {
    // What does not fit into a first fragment is no damage but an attempt to hide it (RFC 7112).
    if !cursor.is_cut() && ip.fragment.is_none() {
        return Err(Skip::BadIpHeader);
    }
    ip.cut = true;
    Ok(())
}
