//! The Internet checksum (RFC 1071).

use std::net::IpAddr;

use crate::{Checksums, IpProtocol, PacketMeta, Transport};

/// Checks the checksums of a packet that was captured whole and is no fragment. `ip` begins with
/// its IP header, `transport` with its transport header; both end where the packet does.
pub(super) fn check(packet: &PacketMeta, ip: &[u8], transport: &[u8]) -> Checksums {
    if packet.source.is_ipv4() {
        let len = ip.first().map_or(0, |byte| usize::from(byte & 0x0f) * 4);
        if !is_right(sum(ip.get(..len).unwrap_or(ip))) {
            return Checksums::WrongNetwork;
        }
    }
    if is_rerouted(packet, ip) {
        return Checksums::Unchecked;
    }
    let covered = match packet.transport {
        // UDP tells its own length, and leaves the checksum out with a 0.
        Transport::Udp(_) => match transport {
            [_, _, _, _, _, _, 0, 0, ..] => return Checksums::Unchecked,
            // Left open by segmentation offload and in jumbograms.
            [_, _, _, _, 0, 0, ..] => transport,
            [_, _, _, _, high, low, ..] => {
                let len = u16::from_be_bytes([*high, *low]);
                transport.get(..len.into()).unwrap_or(transport)
            }
            _ => return Checksums::Unchecked,
        },
        Transport::Tcp(_) | Transport::Icmp(_) => transport,
        _ => return Checksums::Unchecked,
    };
    let mut total = sum(covered);
    if packet.protocol != IpProtocol::ICMP {
        total += pseudo_header(packet, covered.len());
    }
    if is_right(total) {
        Checksums::Right
    } else {
        Checksums::WrongTransport
    }
}

/// Whether the checksum covers other addresses than those in the IP header: the last destination
/// of a source route, or the home address of a mobile node.
fn is_rerouted(packet: &PacketMeta, ip: &[u8]) -> bool {
    const ROUTING: u8 = 43;
    const DESTINATION_OPTIONS: u8 = 60;
    const SOURCE_ROUTES: [u8; 2] = [131, 137];
    if packet.source.is_ipv4() {
        let len = ip.first().map_or(0, |byte| usize::from(byte & 0x0f) * 4);
        let mut options = ip.get(20..len).unwrap_or_default();
        while let [kind, rest @ ..] = options {
            options = match (*kind, rest) {
                (0, _) => return false,
                (1, rest) => rest,
                (kind, _) if SOURCE_ROUTES.contains(&kind) => return true,
                (_, [len, ..]) => options.get(usize::from(*len).max(2)..).unwrap_or_default(),
                (_, []) => return false,
            };
        }
        return false;
    }
    let (mut next, mut rest) = match ip.split_at_checked(40) {
        Some((header, rest)) => (header.get(6).copied(), rest),
        None => return false,
    };
    while let Some(number) = next.filter(|number| *number != packet.protocol.0) {
        let [following, len, ..] = *rest else {
            return false;
        };
        if matches!(number, ROUTING | DESTINATION_OPTIONS) {
            return true;
        }
        let len = match number {
            44 => 8,
            51 => (usize::from(len) + 2) * 4,
            _ => (usize::from(len) + 1) * 8,
        };
        next = Some(following);
        rest = rest.get(len..).unwrap_or_default();
    }
    false
}

/// The sum over the addresses, protocol and length that a transport checksum covers too.
fn pseudo_header(packet: &PacketMeta, len: usize) -> u64 {
    let address = |address: IpAddr| match address {
        IpAddr::V4(address) => sum(&address.octets()),
        IpAddr::V6(address) => sum(&address.octets()),
    };
    address(packet.source)
        + address(packet.destination)
        + u64::from(packet.protocol.0)
        // The length has 32 bits; folding takes care of the upper ones.
        + len as u64
}

/// The sum of the 16-bit words of `bytes`, not folded; an odd byte is the upper half of a word.
pub(crate) fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut total: u64 = words
        .iter()
        .map(|word| u64::from(u32::from_be_bytes(*word)))
        .sum();
    let mut last = [0; 4];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    total += u64::from(u32::from_be_bytes(last));
    total
}

/// A sum in 16 bits, with carries added at the other end.
pub(crate) fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// Whether a sum over data with their checksum is that of sound data.
fn is_right(sum: u64) -> bool {
    fold(sum) == 0xffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_as_the_standard_does() {
        // RFC 1071, section 3.
        assert_eq!(
            fold(sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])),
            0xddf2
        );
        assert_eq!(fold(sum(&[0xff, 0xff, 0x12])), 0x1200);
        assert_eq!(fold(sum(&[])), 0);
    }
}
