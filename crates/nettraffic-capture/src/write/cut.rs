//! Packets without their payload.

use crate::Packet;
use crate::decode::headers_len;

impl Packet<'_> {
    /// The packet with its first `len` captured bytes only, as if that had been the snap length;
    /// its length on the wire stays.
    ///
    /// ```
    /// use nettraffic_capture::{LinkType, Packet, Timestamp};
    ///
    /// let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &[0; 1500]).cut_to(96);
    /// assert_eq!((packet.data.len(), packet.wire_len), (96, 1500));
    /// ```
    #[must_use]
    pub fn cut_to(self, len: usize) -> Self {
        Self {
            data: self.data.get(..len).unwrap_or(self.data),
            ..self
        }
    }

    /// The packet with its headers only, as far as [`decode`](crate::decode) knows them: link
    /// layer, tunnels, network and transport, and those of a packet that an ICMP error quotes. Its
    /// length on the wire stays, so that a packet whose headers are sound gives the same facts, only
    /// that it may be [cut](crate::PacketMeta::cut) now, and without what needs the payload
    /// (entropy, checksums).
    ///
    /// A packet that cannot be decoded keeps the headers in front of what is wrong with it; of one
    /// whose link type is unknown nothing is left. Addresses stay as they are: see `Anonymizer`
    /// for pseudonyms.
    ///
    /// ```
    /// use nettraffic_capture::{LinkType, Packet, Timestamp};
    ///
    /// let data = b"\x45\0\0\x21\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x30\x39\0\x35\0\x0d\0\0query";
    /// let packet = Packet::new(Timestamp::default(), LinkType::RAW, data).cut_to_headers();
    /// assert_eq!((packet.data.len(), packet.wire_len), (28, 33));
    /// ```
    #[must_use]
    pub fn cut_to_headers(self) -> Self {
        self.cut_to(headers_len(&self))
    }
}
