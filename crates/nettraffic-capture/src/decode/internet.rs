//! IPv4 and IPv6: addresses, lengths, and what stands between them and the transport header.

use std::net::IpAddr;

use etherparse::{
    IpAuthHeaderSlice, IpNumber, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice,
    Ipv6RawExtHeaderSlice, err, ip_number,
};

use super::link::{IpVersion, Link};
use crate::{IpProtocol, Skip};

/// An IP packet without its headers.
pub(super) struct Internet<'a> {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) protocol: IpProtocol,
    /// The packet, headers included, as its header says.
    pub(super) len: u32,
    /// The IP header and its extension headers.
    pub(super) header_len: u32,
    pub(super) ttl: u8,
    /// A fragment other than the first, so that no transport header follows.
    pub(super) later_fragment: bool,
    /// What was captured of the payload, padding excluded.
    pub(super) payload: &'a [u8],
}

/// Parses the IP packet that `link` announces; `wire_room` bytes of the wire length are left for it.
#[inline]
pub(super) fn parse<'a>(link: &Link<'a>, wire_room: usize) -> Result<Internet<'a>, Skip> {
    match link.version {
        IpVersion::V4 => v4(link.bytes, wire_room),
        IpVersion::V6 => v6(link.bytes, wire_room),
    }
}

#[inline]
fn v4(bytes: &[u8], wire_room: usize) -> Result<Internet<'_>, Skip> {
    let header = Ipv4HeaderSlice::from_slice(bytes).map_err(|error| match error {
        err::ipv4::HeaderSliceError::Len(_) => Skip::IpHeaderCut,
        err::ipv4::HeaderSliceError::Content(_) => Skip::BadIpHeader,
    })?;
    let len = match usize::from(header.total_len()) {
        0 => wire_room,
        total_len => total_len,
    };
    let mut walk = Walk::new(bytes, len, header.slice().len(), header.protocol())?;
    walk.later_fragment = header.fragments_offset().value() > 0;
    // IPv4 has no extension headers, except that IPsec's authentication header works as one.
    while !walk.later_fragment && walk.next == ip_number::AUTH {
        walk.extension()?;
    }
    Ok(walk.arrive(
        header.source_addr().into(),
        header.destination_addr().into(),
        header.ttl(),
    ))
}

#[inline]
fn v6(bytes: &[u8], wire_room: usize) -> Result<Internet<'_>, Skip> {
    let header = Ipv6HeaderSlice::from_slice(bytes).map_err(|error| match error {
        err::ipv6::HeaderSliceError::Len(_) => Skip::IpHeaderCut,
        err::ipv6::HeaderSliceError::Content(_) => Skip::BadIpHeader,
    })?;
    let header_len = header.slice().len();
    let len = match usize::from(header.payload_length()) {
        0 if header.next_header() != ip_number::IPV6_NO_NEXT_HEADER => wire_room,
        payload_len => header_len + payload_len,
    };
    let mut walk = Walk::new(bytes, len, header_len, header.next_header())?;
    while !walk.later_fragment && is_extension(walk.next) {
        walk.extension()?;
    }
    Ok(walk.arrive(
        header.source_addr().into(),
        header.destination_addr().into(),
        header.hop_limit(),
    ))
}

/// The headers that may stand between IPv6 and its transport, in any order: an order
/// against the rules is the receiver's concern, the packet passed by all the same.
///
/// ESP is not among them: what follows it is encrypted.
fn is_extension(next: IpNumber) -> bool {
    matches!(
        next,
        ip_number::IPV6_HOP_BY_HOP
            | ip_number::IPV6_ROUTE
            | ip_number::IPV6_FRAG
            | ip_number::AUTH
            | ip_number::IPV6_DEST_OPTIONS
            | ip_number::MOBILITY
            | ip_number::HIP
            | ip_number::SHIM6
    )
}

/// A walk from header to header. etherparse's own stops at mobility headers and goes on
/// into the data of later fragments, which have no further header.
struct Walk<'a> {
    /// The captured bytes of the IP packet, padding excluded.
    bytes: &'a [u8],
    len: usize,
    at: usize,
    next: IpNumber,
    later_fragment: bool,
}

impl<'a> Walk<'a> {
    /// Stands behind the IP header.
    fn new(bytes: &'a [u8], len: usize, header_len: usize, next: IpNumber) -> Result<Self, Skip> {
        if len < header_len {
            return Err(Skip::BadIpHeader);
        }
        Ok(Self {
            bytes: bytes.get(..len).unwrap_or(bytes),
            len,
            at: header_len,
            next,
            later_fragment: false,
        })
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    /// Passes over one extension header.
    fn extension(&mut self) -> Result<(), Skip> {
        let rest = self.rest();
        let (next, len) = match self.next {
            ip_number::IPV6_FRAG => {
                let header = Ipv6FragmentHeaderSlice::from_slice(rest).map_err(|_| self.ended())?;
                self.later_fragment = header.fragment_offset().value() > 0;
                (header.next_header(), header.slice().len())
            }
            ip_number::AUTH => {
                let header = IpAuthHeaderSlice::from_slice(rest).map_err(|error| match error {
                    err::ip_auth::HeaderSliceError::Len(_) => self.ended(),
                    err::ip_auth::HeaderSliceError::Content(_) => Skip::BadIpHeader,
                })?;
                (header.next_header(), header.slice().len())
            }
            _ => {
                let header = Ipv6RawExtHeaderSlice::from_slice(rest).map_err(|_| self.ended())?;
                (header.next_header(), header.slice().len())
            }
        };
        self.next = next;
        self.at += len;
        Ok(())
    }

    /// Why a header does not fit: it was not captured, or the packet is too short for it.
    fn ended(&self) -> Skip {
        if self.bytes.len() < self.len {
            Skip::IpHeaderCut
        } else {
            Skip::BadIpHeader
        }
    }

    fn arrive(self, source: IpAddr, destination: IpAddr, ttl: u8) -> Internet<'a> {
        Internet {
            source,
            destination,
            protocol: IpProtocol(self.next.0),
            len: u32::try_from(self.len).unwrap_or(u32::MAX),
            header_len: u32::try_from(self.at).unwrap_or(u32::MAX),
            ttl,
            later_fragment: self.later_fragment,
            payload: self.rest(),
        }
    }
}
