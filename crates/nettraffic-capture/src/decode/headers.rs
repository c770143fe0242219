//! Where the headers of a packet end.

use std::net::IpAddr;

use super::config::DecodeConfig;
use super::observe::{LayerKind, Observe};
use super::walk;
use crate::{IcmpAbout, LinkType, Packet, Transport};

/// Bytes from the start of the packet to the end of its innermost header, also when decoding
/// fails behind it; more than were captured where that header is cut. The headers of a packet
/// that an ICMP error quotes are headers too.
pub(crate) fn headers_len(packet: &Packet<'_>) -> usize {
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
