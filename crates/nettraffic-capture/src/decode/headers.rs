//! Where the headers of a packet end.

use std::net::IpAddr;

use super::config::DecodeConfig;
use super::observe::{LayerKind, Observe};
use super::{link, straight, walk};
use crate::{IcmpAbout, LinkType, Packet, Transport};

/// Bytes from the start of the packet to the end of its innermost header, also when decoding
/// fails behind it; more than were captured where that header is cut. The headers of a packet
/// that an ICMP error quotes are headers too.
#[inline]
pub(crate) fn headers_len(packet: &Packet<'_>) -> usize {
    match straight::ordinary(packet, &DecodeConfig::default()) {
        Some(meta) => link::ETHERNET_LEN + meta.header_len as usize,
        None => walked_len(packet),
    }
}

/// The same by the way through any packet.
#[inline(never)]
fn walked_len(packet: &Packet<'_>) -> usize {
    let mut end = End(0);
    let decoded = walk::walk(packet, &DecodeConfig::default(), &mut end);
    let End(end) = end;
    let Ok(Transport::Icmp(icmp)) = decoded.map(|meta| meta.transport) else {
        return end;
    };
    let (IcmpAbout::Quoted(quoted), Some(data)) = (icmp.about, packet.data.get(end..)) else {
        return end;
    };
    let link_type = match quoted.source {
        IpAddr::V4(_) => LinkType::IPV4,
        IpAddr::V6(_) => LinkType::IPV6,
    };
    let mut quoted = End(0);
    // How far it can be decoded is all that counts here: most quotes are cut.
    let _ = walk::walk(
        &Packet::new(packet.timestamp, link_type, data),
        &DecodeConfig::default(),
        &mut quoted,
    );
    end + quoted.0
}

/// The end of the last header.
struct End(usize);

impl Observe for End {
    #[inline]
    fn layer(&mut self, _kind: LayerKind, at: usize, len: usize) {
        self.0 = self.0.max(at + len);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Timestamp;

    /// What follows the addresses of a frame, up to the transport header.
    const STARTS: [&[u8]; 5] = [
        b"\x08\x00\x45\x00\x00\x40\x00\x00\x40\x00\x40\x06\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02",
        b"\x08\x00\x46\x00\x00\x40\x00\x00\x40\x00\x40\x11\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02\x01\x01\x01\x01",
        b"\x86\xdd\x60\x00\x00\x00\x00\x30\x06\x40\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\
          \x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02\x02",
        b"\x08\x00\x45\x00\x00\x40\x00\x00\x40\x00\x40\x01\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02",
        b"\x81\x00\x00\x07\x08\x00\x45\x00\x00\x40\x00\x00\x40\x00\x40\x06\x00\x00\x01\x01\x01\x01\x02\x02\x02\x02",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_straight_way_finds_the_end_that_the_walk_finds(
            start in prop::sample::select(STARTS.to_vec()),
            rest in prop::collection::vec(any::<u8>(), 0..80),
            damage in prop::collection::vec((12_usize..80, any::<u8>()), 0..3),
        ) {
            let mut frame = [&[2; 12], start, &rest].concat();
            for (at, value) in damage {
                if let Some(byte) = frame.get_mut(at) {
                    *byte = value;
                }
            }
            let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
            let (straight, walked) = (headers_len(&packet), walked_len(&packet));
            // Beyond what was captured there is no difference.
            prop_assert_eq!(straight.min(frame.len()), walked.min(frame.len()));
        }
    }
}
