//! From captured bytes to the facts of a packet: link layer, network, tunnels, transport.

mod arp;
mod checksum;
mod config;
mod cursor;
mod decoder;
mod facts;
mod fragments;
mod headers;
mod internet;
mod link;
mod observe;
mod straight;
mod transport;
mod tunnel;
mod walk;

use crate::{Packet, PacketMeta, Skip};

#[cfg(feature = "anonymize")]
pub(crate) use checksum::{fold, sum};
pub use config::DecodeConfig;
pub use decoder::Decoder;
pub use fragments::FragmentCounters;
pub(crate) use headers::headers_len;
#[cfg(feature = "anonymize")]
pub(crate) use observe::{Layer, LayerKind};

/// Decodes the headers of one packet, without a memory of others: no allocation, nothing kept. All
/// tunnels are opened. A [`Decoder`] also joins fragments, and counts.
///
/// - Link layers: Ethernet (802.1Q, 802.1ad, QinQ, 802.1ah, LLC/SNAP, MPLS, PPPoE), Linux cooked 1
///   and 2, NFLOG, raw IP, BSD and OpenBSD loopback, PPP, Cisco HDLC, Frame Relay, 802.11 data
///   frames (bare, radiotap, Prism, AVS, PPI), FDDI, token ring.
/// - ARP; IPv4 with options; IPv6 with extension headers.
/// - Tunnels ([`TunnelKind`](crate::TunnelKind)): the innermost packet that can be decoded counts,
///   so where a tunnel holds something else, the packet of the tunnel itself does.
/// - TCP with options, UDP, SCTP, ICMP and ICMPv6 with the packets that errors quote; every other
///   protocol by its number.
///
/// Sixteen headers are passed at most, four tunnels among them.
///
/// Lengths come from the IP header, so Ethernet padding is no payload and a snapped capture
/// gives the numbers of a whole one. Where the IP header leaves its length open (0, as
/// segmentation offload and jumbograms have it), the length of what it is in counts.
///
/// A packet whose captured bytes end early is decoded to the last whole layer and
/// marked ([`PacketMeta::cut`]); a TCP header of which only options are missing keeps its fields.
///
/// # Errors
/// Why the packet is not one that can be told from others; see [`Skip`].
pub fn decode(packet: &Packet<'_>) -> Result<PacketMeta, Skip> {
    walk::decode(packet, &DecodeConfig::default(), &mut ())
}

/// The same, and notes the headers that are passed, outermost first: also those in front of what
/// cannot be decoded, and those of a tunnel that holds no packet after all.
#[cfg(feature = "anonymize")]
pub(crate) fn layers(packet: &Packet<'_>, layers: &mut Vec<Layer>) -> Result<PacketMeta, Skip> {
    walk::walk(packet, &DecodeConfig::default(), layers)
}
