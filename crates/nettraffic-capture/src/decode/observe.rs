//! What a walk through a packet tells on its way.

use super::fragments::{First, Piece};

/// Is told of every header that a walk passes. Nothing is asked of it by default, and `()` asks
/// nothing, so that a walk which nobody watches costs nothing.
pub(crate) trait Observe {
    /// A header of `len` bytes at byte `at` of the packet; fewer may have been captured.
    #[inline]
    fn layer(&mut self, _kind: LayerKind, _at: usize, _len: usize) {}

    /// The first fragment of an IP packet, with what its transport header says, unless that is not
    /// all there.
    #[inline]
    fn first_fragment(&mut self, _piece: &Piece, _first: Option<First>) {}

    /// A later fragment; gives what the first one said, when it is known.
    #[inline]
    fn later_fragment(&mut self, _piece: &Piece) -> Option<First> {
        None
    }
}

impl Observe for () {}

/// A header in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    pub(crate) kind: LayerKind,
    /// Its first byte, counted from the start of the packet.
    pub(crate) at: usize,
    /// Its bytes, options included; fewer may have been captured.
    pub(crate) len: usize,
}

impl Observe for Vec<Layer> {
    fn layer(&mut self, kind: LayerKind, at: usize, len: usize) {
        self.push(Layer { kind, at, len });
    }
}

/// What a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LayerKind {
    Ethernet,
    /// FDDI and token ring: both addresses stand before the LLC header.
    OtherLan,
    /// A tag of 802.1Q or 802.1ad with the type that follows it.
    Vlan,
    /// The service tag of 802.1ah, followed by a whole Ethernet header.
    Backbone,
    Snap,
    MplsLabel,
    /// The control word of an MPLS pseudowire.
    ControlWord,
    Pppoe,
    Ppp,
    CiscoHdlc,
    FrameRelay,
    Cooked1,
    Cooked2,
    Loopback,
    /// Radiotap, Prism, AVS or PPI: what a wireless driver tells of a frame.
    RadioHeader,
    Wifi,
    Nflog,
    Arp,
    Ipv4,
    Ipv6,
    /// An extension header of this number.
    Extension(u8),
    Tcp,
    Udp,
    Icmp,
    Icmpv6,
    Sctp,
    Gre,
    Erspan,
    Vxlan,
    Geneve,
    Gtp,
    Teredo,
}
