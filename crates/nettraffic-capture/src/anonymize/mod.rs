//! Captures that may be shown: pseudonyms for addresses, no payload.

mod address;
mod arp;
mod checksum;
mod internet;
mod key;
mod link;
mod mac;
mod messages;
mod names;
mod options;
mod rewrite;
mod special;
mod tail;
mod tcp;
mod tlv;
mod tunnel;

pub use key::{KeyError, PseudonymKey};
pub use options::{AnonymizeOptions, MacAddresses, PseudonymDirection};

use crate::{Packet, Timestamp};

use names::Names;
use rewrite::Rewriter;

/// Gives packets other addresses and takes their payload away, so that a capture can be shown to
/// people who may not know who was in it.
///
/// **This is pseudonymisation, not anonymity.** Times, sizes, ports, counts, identifiers of
/// tunnels and VLANs, and which addresses share a prefix stay as they are; who knows some of a
/// network's traffic can recognise it by them, and who can put packets into a capture can look for
/// their pseudonyms. Who has the key can turn everything back, except what was cut.
///
/// - **IP addresses** get pseudonyms by ipcrypt-pfx (draft-denis-ipcrypt): one to one, and two
///   addresses share as many leading bits as their pseudonyms. Special-purpose ranges map onto
///   themselves, addresses with a function of their own (loopback, broadcast, assigned multicast)
///   stay; an address that shares n bits with such a range keeps n + 1. IPv4 addresses inside IPv6
///   ones (mapped, NAT64, 6to4, Teredo) have the pseudonyms that they have alone. The broadcast
///   address of a subnet is an address like others: its pseudonym does not end in ones.
/// - **MAC addresses** get pseudonyms that keep the group and the local bit and nothing of the
///   maker, unless [`MacAddresses::Kept`].
/// - **Everywhere**: in link headers, ARP, IP headers in every tunnel, source routes, routing
///   headers, packets that ICMP errors quote, redirects, neighbour discovery, group membership, and
///   addresses that multipath TCP announces. Options that are not understood become zeros of the
///   same length; so do keys, cookies and what radio headers tell.
/// - **Payload** is cut, the wire length stays. What cannot be decoded is cut behind the last header
///   that could; where the reason for that would be cut too, up to two bytes of it stay, and a filler.
/// - **Checksums** that were right stay right (of the packet with its payload put back), and so
///   tell the 16-bit sum of what was cut: that can confirm a guess of a short payload. Wrong ones, as
///   offloading leaves them, would tell of the addresses: they become 0xffff, and so do those that
///   cannot be checked, in fragments and packets that were not captured whole. The way back cannot
///   tell what they were. SCTP's, which tells 32 bits, becomes 0.
/// - **TCP sequence numbers** stay, or flows would not have the same features; some scanners (Mirai)
///   write the address there that they probe.
///
/// So an anonymised capture decodes as the original does, and its flows have the same features,
/// except those about payload.
///
/// ```
/// use nettraffic_capture::{
///     AnonymizeOptions, Anonymizer, LinkType, Packet, PseudonymKey, Timestamp, decode,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bytes = [
/// #     0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 93, 184, 216, 34, //
/// #     0x30, 0x39, 0, 53, 0, 12, 0, 0, b'n', b'a', b'm', b'e',
/// # ];
/// let key = PseudonymKey::from_hex(&std::env::var("NETTRAFFIC_KEY").unwrap_or("1f".repeat(16) + &"2e".repeat(16)))?;
/// let mut anonymizer = Anonymizer::new(&key, AnonymizeOptions::default());
/// let packet = Packet::new(Timestamp::default(), LinkType::RAW, &bytes); // 4 bytes of payload
///
/// let mut buffer = Vec::new(); // used again for every packet
/// let shown = anonymizer.anonymize(&packet, &mut buffer);
/// assert_eq!((shown.data.len(), shown.wire_len), (28, 32));
/// let (before, after) = (decode(&packet)?, decode(&shown)?);
/// assert_ne!(before.destination, after.destination);
/// assert_eq!(before.ports(), after.ports());
/// # Ok(())
/// # }
/// ```
pub struct Anonymizer {
    names: Names,
    rewriter: Rewriter,
    direction: PseudonymDirection,
    shift_nanos: i64,
}

impl Anonymizer {
    /// An anonymiser whose pseudonyms hang on `key` and nothing else: the same key gives the same
    /// pseudonyms in every run, and another key others.
    #[must_use]
    pub fn new(key: &PseudonymKey, options: AnonymizeOptions) -> Self {
        Self {
            names: Names::new(key, &options),
            rewriter: Rewriter::default(),
            direction: options.direction,
            shift_nanos: options.shift_nanos,
        }
    }

    /// The packet as it may be shown, in `buffer`, whose old content is lost. Sequence number, link
    /// type and wire length are those of the original; the time is shifted, and clamped to what a
    /// [`Timestamp`] can tell.
    ///
    /// Costs about a microsecond, and more for an address that is new or was forgotten (65,536 of
    /// each family are remembered): some 6 for IPv4, four times that for IPv6.
    pub fn anonymize<'b>(&mut self, packet: &Packet<'_>, buffer: &'b mut Vec<u8>) -> Packet<'b> {
        let decoded = self.rewriter.rewrite(packet, &mut self.names, buffer);
        tail::complete(packet, decoded, buffer);
        self.rewriter.mend_checksums(self.direction, packet, buffer);
        let nanos = packet.timestamp.as_nanos().saturating_add(self.shift_nanos);
        Packet {
            timestamp: Timestamp::from_nanos(nanos),
            sequence: packet.sequence,
            link_type: packet.link_type,
            wire_len: packet.wire_len,
            data: buffer,
        }
    }
}
