//! Why a packet was not decoded.

use std::fmt;

/// The reason why a packet became no [`PacketMeta`](crate::PacketMeta).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Skip {
    /// The link type is not one that is decoded.
    LinkType,
    /// The captured bytes end inside the link-layer header.
    LinkHeaderCut,
    /// ARP.
    Arp,
    /// Neither IPv4, IPv6 nor ARP.
    NotIp,
    /// The captured bytes end inside the IP header or its extension headers.
    IpHeaderCut,
    /// The IP header contradicts itself (version, header length, total length).
    BadIpHeader,
    /// The transport header contradicts the IP header (a TCP data offset below 5, a UDP packet of 3 bytes).
    BadTransportHeader,
}

impl Skip {
    /// Every reason, in the order in which they are printed.
    pub const ALL: [Self; 7] = [
        Self::LinkType,
        Self::LinkHeaderCut,
        Self::Arp,
        Self::NotIp,
        Self::IpHeaderCut,
        Self::BadIpHeader,
        Self::BadTransportHeader,
    ];

    /// The name used in summaries: `arp`, `not_ip`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LinkType => "link_type",
            Self::LinkHeaderCut => "link_header_cut",
            Self::Arp => "arp",
            Self::NotIp => "not_ip",
            Self::IpHeaderCut => "ip_header_cut",
            Self::BadIpHeader => "bad_ip_header",
            Self::BadTransportHeader => "bad_transport_header",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
