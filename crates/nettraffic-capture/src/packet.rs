//! A raw packet as a source lends it.

use crate::Timestamp;

/// One captured packet, borrowed from its source until the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Packet<'a> {
    /// Capture time; that of the packet before where the capture tells none (pcapng's simple packets).
    pub timestamp: Timestamp,
    /// Position in the order of reading, from 0.
    pub sequence: u64,
    /// What the first byte of `data` is.
    pub link_type: LinkType,
    /// Bytes on the wire; at least `data.len()` in a sound capture, but files lie.
    pub wire_len: u32,
    /// The captured bytes.
    pub data: &'a [u8],
}

impl<'a> Packet<'a> {
    /// A packet captured whole, with sequence 0.
    #[must_use]
    pub fn new(timestamp: Timestamp, link_type: LinkType, data: &'a [u8]) -> Self {
        Self {
            timestamp,
            sequence: 0,
            link_type,
            wire_len: u32::try_from(data.len()).unwrap_or(u32::MAX),
            data,
        }
    }
}

/// A link type, numbered as in the tcpdump.org registry (`LINKTYPE_…`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: a 4-byte protocol family in the byte order of the capturing machine.
    pub const NULL: Self = Self(0);
    /// Ethernet.
    pub const ETHERNET: Self = Self(1);
    /// Token ring.
    pub const TOKEN_RING: Self = Self(6);
    /// PPP, with or without the address and control bytes of HDLC.
    pub const PPP: Self = Self(9);
    /// FDDI.
    pub const FDDI: Self = Self(10);
    /// Raw IP, version from the first nibble (as some systems number it).
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP, version from the first nibble (as OpenBSD numbers it).
    pub const RAW_OPENBSD: Self = Self(14);
    /// PPP with the address and control bytes of HDLC, or Cisco HDLC.
    pub const PPP_HDLC: Self = Self(50);
    /// PPP over Ethernet, without the Ethernet header.
    pub const PPP_ETHER: Self = Self(51);
    /// LLC over ATM.
    pub const ATM_RFC1483: Self = Self(100);
    /// Raw IP, version from the first nibble.
    pub const RAW: Self = Self(101);
    /// Cisco HDLC.
    pub const CISCO_HDLC: Self = Self(104);
    /// IEEE 802.11.
    pub const IEEE_802_11: Self = Self(105);
    /// Frame Relay.
    pub const FRAME_RELAY: Self = Self(107);
    /// OpenBSD loopback: a 4-byte protocol family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// IEEE 802.11 after a Prism header.
    pub const IEEE_802_11_PRISM: Self = Self(119);
    /// IEEE 802.11 after a radiotap header.
    pub const IEEE_802_11_RADIOTAP: Self = Self(127);
    /// IEEE 802.11 after an AVS header.
    pub const IEEE_802_11_AVS: Self = Self(163);
    /// PPP with a direction in the place of the address.
    pub const PPP_PPPD: Self = Self(166);
    /// Per-packet information, then another link type.
    pub const PPI: Self = Self(192);
    /// IEEE 802.15.4.
    pub const IEEE_802_15_4: Self = Self(195);
    /// IEEE 802.15.4 with its physical header.
    pub const IEEE_802_15_4_NONASK_PHY: Self = Self(215);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// IEEE 802.15.4 without its check sequence.
    pub const IEEE_802_15_4_NO_FCS: Self = Self(230);
    /// Messages of the Linux firewall.
    pub const NFLOG: Self = Self(239);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);
    /// IEEE 802.15.4 after what the radio tells.
    pub const IEEE_802_15_4_TAP: Self = Self(283);
}
