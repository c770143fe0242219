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
    /// Neither IPv4, IPv6 nor ARP about IPv4.
    NotIp,
    /// Encrypted on the link: protected 802.11 frames, MACsec.
    Encrypted,
    /// Several packets in one 802.11 frame (A-MSDU), of which none is decoded.
    Aggregate,
    /// The captured bytes end inside the IP header or the ARP message.
    IpHeaderCut,
    /// The IP header or one of its extension headers contradicts itself (version, lengths).
    BadIpHeader,
    /// The transport header contradicts the IP header (a TCP data offset below 5, a UDP packet of 3 bytes).
    BadTransportHeader,
    /// More than 16 headers: nobody sends such packets but to keep decoders busy.
    TooManyLayers,
    /// More than 4 tunnels, one inside of another.
    TooManyTunnels,
    /// Decoded, but not one of those that were asked for.
    Filtered,
}

impl Skip {
    /// Every reason, in the order in which they are printed.
    pub const ALL: [Self; 11] = [
        Self::LinkType,
        Self::LinkHeaderCut,
        Self::NotIp,
        Self::Encrypted,
        Self::Aggregate,
        Self::IpHeaderCut,
        Self::BadIpHeader,
        Self::BadTransportHeader,
        Self::TooManyLayers,
        Self::TooManyTunnels,
        Self::Filtered,
    ];

    /// The name used in summaries: `not_ip`, `encrypted`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LinkType => "link_type",
            Self::LinkHeaderCut => "link_header_cut",
            Self::NotIp => "not_ip",
            Self::Encrypted => "encrypted",
            Self::Aggregate => "aggregate",
            Self::IpHeaderCut => "ip_header_cut",
            Self::BadIpHeader => "bad_ip_header",
            Self::BadTransportHeader => "bad_transport_header",
            Self::TooManyLayers => "too_many_layers",
            Self::TooManyTunnels => "too_many_tunnels",
            Self::Filtered => "filtered",
        }
    }
}

impl std::error::Error for Skip {}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
