//! What must follow the headers for a packet to decode as it did.
//!
//! Most packets need nothing. But why a packet is no IP packet, or no tunnel although its port says
//! so, stands in bytes that are no header: without them a cut packet would seem to be the reason.

use std::net::{IpAddr, Ipv4Addr};

use crate::{IcmpAbout, Packet, PacketMeta, Skip, Transport, decode};

/// Bytes that the decoder reads at most before it decides, with room for a broken chain of
/// extension headers.
const LONGEST: usize = 512;

/// Adds to `out`, which holds the headers of `packet`, what it takes to be decoded as the packet
/// was: zeros, or else ones, and before them as few of the packet's own bytes as possible, two at
/// most.
pub(super) fn complete(packet: &Packet<'_>, decoded: Result<PacketMeta, Skip>, out: &mut Vec<u8>) {
    let expected = decoded.map(outline);
    let is_same = |out: &[u8]| {
        decode(&Packet {
            data: out,
            ..*packet
        })
        .map(outline)
            == expected
    };
    if is_same(out) {
        return;
    }
    let headers = out.len();
    let rest = packet.data.get(headers..).unwrap_or(&[]);
    let len = headers + rest.len().min(LONGEST);
    for filler in [0, u8::MAX] {
        for own in 0..=2.min(rest.len()) {
            out.truncate(headers);
            out.extend_from_slice(rest.get(..own).unwrap_or(rest));
            out.resize(len, filler);
            if is_same(out) {
                return;
            }
        }
    }
    out.truncate(headers);
}

/// What decoding gives, without what changes.
fn outline(mut meta: PacketMeta) -> PacketMeta {
    let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    meta.source = nobody;
    meta.destination = nobody;
    match &mut meta.transport {
        Transport::Icmp(icmp) => {
            if let IcmpAbout::Quoted(quoted) = &mut icmp.about {
                quoted.source = nobody;
                quoted.destination = nobody;
            }
        }
        Transport::Arp(arp) => {
            arp.sender = None;
            arp.target = None;
        }
        _ => {}
    }
    meta
}
