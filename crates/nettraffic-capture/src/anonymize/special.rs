//! Ranges of addresses that mean something by themselves, and so keep their place.
//!
//! The tables follow IANA's registries of special-purpose addresses (RFC 6890 and its successors,
//! state of 2025) and of multicast addresses. A range stands here when the registry calls it not
//! globally reachable, or when a part of its addresses follows from elsewhere (an IPv4 address
//! inside an IPv6 one). Globally reachable entries, such as AS112's, are addresses like others.
//!
//! A range that stays is paid for by its neighbours: what shares its first n bits, and differs in
//! the next one, keeps those n + 1 bits, or the pseudonyms would not preserve prefixes.

/// What happens to the addresses of a range. The range as a whole always stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// They name machines: pseudonyms within the range.
    Pseudonyms,
    /// The same, but bits before this one have a meaning of their own and stay.
    PseudonymsFrom(u32),
    /// They name functions, the same ones everywhere: nothing changes.
    Kept,
    /// An IPv4 address from this bit on gets the pseudonym that it has elsewhere; what follows it
    /// gets pseudonyms.
    Ipv4(u32),
    /// Teredo: the server's IPv4 address, flags and port (kept), the client's inverted IPv4 address.
    Teredo,
}

/// A range of addresses that stays in its place.
pub(super) struct Special {
    /// Its first address, as the upper bits of a number.
    first: u128,
    /// Its prefix length.
    len: u32,
    inside: Inside,
}

/// What stays of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stays {
    /// So many of its first bits.
    pub(super) bits: u32,
    /// What the smallest special range around it wants for the rest.
    pub(super) inside: Inside,
}

/// What stays of the `width`-bit address in the upper bits of `address`.
pub(super) fn stays(ranges: &[Special], address: u128, width: u32) -> Stays {
    let mut bits = 0;
    let mut smallest = (0, Inside::Pseudonyms);
    for range in ranges {
        let common = (address ^ range.first).leading_zeros();
        if common >= range.len {
            bits = bits.max(match range.inside {
                Inside::PseudonymsFrom(bit) => bit,
                _ => range.len,
            });
            if range.len >= smallest.0 {
                smallest = (range.len, range.inside);
            }
        } else {
            // The first bit that differs stays too: its sibling leads to the range.
            bits = bits.max(common + 1);
        }
    }
    let inside = smallest.1;
    let bits = if inside == Inside::Kept { width } else { bits };
    Stays { bits, inside }
}

pub(super) const IPV4: &[Special] = &[
    // "This network": nobody yet.
    v4([0, 0, 0, 0], 8, Inside::Pseudonyms),
    v4([0, 0, 0, 0], 32, Inside::Kept),
    // Private use, shared address space.
    v4([10, 0, 0, 0], 8, Inside::Pseudonyms),
    v4([100, 64, 0, 0], 10, Inside::Pseudonyms),
    // Loopback: tells of no machine but the one that speaks.
    v4([127, 0, 0, 0], 8, Inside::Kept),
    // Link-local: hosts choose from it.
    v4([169, 254, 0, 0], 16, Inside::Pseudonyms),
    v4([172, 16, 0, 0], 12, Inside::Pseudonyms),
    // Protocol assignments: each address a function (DS-Lite, PCP, TURN, NAT64 discovery).
    v4([192, 0, 0, 0], 24, Inside::Kept),
    // Documentation.
    v4([192, 0, 2, 0], 24, Inside::Pseudonyms),
    v4([192, 168, 0, 0], 16, Inside::Pseudonyms),
    // Benchmarks.
    v4([198, 18, 0, 0], 15, Inside::Pseudonyms),
    v4([198, 51, 100, 0], 24, Inside::Pseudonyms),
    v4([203, 0, 113, 0], 24, Inside::Pseudonyms),
    // Multicast. The two control blocks and SSDP's group are functions; the others can tell of an
    // organisation (233/8 and 234/8 hold its AS number or prefix).
    v4([224, 0, 0, 0], 4, Inside::Pseudonyms),
    v4([224, 0, 0, 0], 24, Inside::Kept),
    v4([224, 0, 1, 0], 24, Inside::Kept),
    v4([232, 0, 0, 0], 8, Inside::Pseudonyms),
    v4([233, 0, 0, 0], 8, Inside::Pseudonyms),
    v4([234, 0, 0, 0], 8, Inside::Pseudonyms),
    v4([239, 0, 0, 0], 8, Inside::Pseudonyms),
    v4([239, 255, 255, 250], 32, Inside::Kept),
    // Reserved, and limited broadcast.
    v4([240, 0, 0, 0], 4, Inside::Pseudonyms),
    v4([255, 255, 255, 255], 32, Inside::Kept),
];

pub(super) const IPV6: &[Special] = &[
    // IPv4-compatible (and so `::` and `::1`, since 0.0.0.0 and 0.0.0.1 stay), mapped, translated.
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96, Inside::Ipv4(96)),
    v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, Inside::Ipv4(96)),
    v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, Inside::Ipv4(96)),
    // NAT64. Where the IPv4 address stands in local-use prefixes cannot be seen.
    v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, Inside::Ipv4(96)),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Inside::Pseudonyms),
    // Discard only, and dummy addresses.
    v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64, Inside::Pseudonyms),
    v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64, Inside::Pseudonyms),
    // Protocol assignments, among them Teredo, benchmarks and ORCHID.
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Inside::Pseudonyms),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, Inside::Teredo),
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, Inside::Pseudonyms),
    v6([0x2001, 0x20, 0, 0, 0, 0, 0, 0], 28, Inside::Pseudonyms),
    // Documentation.
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Inside::Pseudonyms),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Inside::Pseudonyms),
    // 6to4.
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, Inside::Ipv4(16)),
    // Segment routing identifiers.
    v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, Inside::Pseudonyms),
    // Unique local, of which the second half is in use.
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Inside::Pseudonyms),
    v6([0xfd00, 0, 0, 0, 0, 0, 0, 0], 8, Inside::Pseudonyms),
    // Link-local, of which the first /64 is in use, and the former site-local.
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, Inside::Pseudonyms),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 64, Inside::Pseudonyms),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Inside::Pseudonyms),
    // Multicast that IANA assigned is a function, in every scope ...
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 12, Inside::Kept),
    // ... but solicited-node groups end as an address does, and node information ones as a name's hash.
    v6([0xff02, 0, 0, 0, 0, 1, 0xff00, 0], 104, Inside::Pseudonyms),
    v6([0xff02, 0, 0, 0, 0, 2, 0xff00, 0], 104, Inside::Pseudonyms),
    // Other multicast keeps flags and scope; it can hold the prefix of a network.
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Inside::PseudonymsFrom(16)),
];

const fn v4(first: [u8; 4], len: u32, inside: Inside) -> Special {
    let first = (u32::from_be_bytes(first) as u128) << 96;
    Special { first, len, inside }
}

const fn v6(first: [u16; 8], len: u32, inside: Inside) -> Special {
    let [a, b, c, d, e, f, g, h] = first;
    let first = std::net::Ipv6Addr::new(a, b, c, d, e, f, g, h).to_bits();
    Special { first, len, inside }
}
