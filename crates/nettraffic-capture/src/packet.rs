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
    /// Raw IP, version from the first nibble (as some systems number it).
    pub const RAW_BSD: Self = Self(12);
    /// Raw IP, version from the first nibble (as OpenBSD numbers it).
    pub const RAW_OPENBSD: Self = Self(14);
    /// Raw IP, version from the first nibble.
    pub const RAW: Self = Self(101);
    /// OpenBSD loopback: a 4-byte protocol family in network byte order.
    pub const LOOP: Self = Self(108);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: Self = Self(113);
    /// Raw IPv4.
    pub const IPV4: Self = Self(228);
    /// Raw IPv6.
    pub const IPV6: Self = Self(229);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: Self = Self(276);
}
