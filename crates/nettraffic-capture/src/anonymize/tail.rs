//! What must follow the headers for a packet to decode as it did.
//!
//! Most packets need nothing. But why a packet is no IP packet, or no tunnel although its port says
//! so, stands in bytes that are no header: without them a cut packet would seem to be the reason.

use std::net::{IpAddr, Ipv4Addr};

use crate::{IcmpAbout, Packet, PacketMeta, Skip, Transport, decode};

/// Bytes that as a rule are enough for the decoder to decide.
const ENOUGH: usize = 512;

/// An IPv4 header that says of itself to have no bytes, for behind an MPLS label, where nothing
/// but the first byte tells that this should be IP.
const BROKEN_IP: [u8; 1] = [0x40];

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
    let own = |len| rest.get(..len).unwrap_or(rest);
    let beginnings = [&[], own(1), own(2), &BROKEN_IP];
    // A chain of extension headers is broken only in a packet that is all there, else it is cut.
    for len in [rest.len().min(ENOUGH), rest.len()] {
        for filler in [0, u8::MAX] {
            for beginning in beginnings {
                out.truncate(headers);
                out.extend_from_slice(beginning);
                out.resize(headers + len, filler);
                if is_same(out) {
                    return;
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LinkType, Timestamp};

    #[test]
    fn what_is_broken_does_not_come_to_look_cut() {
        // The next header has 256 words by its own account, of which the packet holds 180.
        let mut extensions = [0xab; 40 + 8 + 1_440];
        extensions[..8].copy_from_slice(&[0x60, 0, 0, 0, 0x05, 0xa8, 60, 64]);
        extensions[40..50].copy_from_slice(&[60, 0, 1, 4, 0, 0, 0, 0, 17, 255]);
        // An IPv4 packet of 6 bytes, behind a label.
        let label = *b"\0\x01\x01\xff\x45\xc0\0\x06aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let frame = [&[0xab; 12][..], &[0x88, 0x47], &label].concat();
        for (link_type, bytes, own) in [
            (LinkType::RAW, &extensions[..], 2),
            (LinkType::ETHERNET, &frame, 0),
        ] {
            let packet = Packet::new(Timestamp::default(), link_type, bytes);
            let expected = decode(&packet);
            assert_eq!(expected, Err(Skip::BadIpHeader));
            let headers = packet.cut_to_headers().data;
            let mut out = headers.to_vec();
            complete(&packet, expected, &mut out);
            let shown = Packet::new(Timestamp::default(), link_type, &out);
            assert_eq!(decode(&shown), expected, "{link_type:?}");
            let more = out.get(headers.len() + own..).unwrap_or(&[]);
            assert!(!more.iter().any(|byte| matches!(byte, 0xab | b'a')));
        }
    }
}
