//! Link-layer headers: addresses become pseudonyms, what else could tell of a machine becomes zero.

use super::names::{Names, blank};

/// Ethernet: destination, source, type.
pub(super) fn ethernet(header: &mut [u8], names: &Names) {
    names.mac(header, 0);
    names.mac(header, 6);
}

/// The MAC address of an IPv4 multicast group (RFC 1112).
pub(super) fn ipv4_group([a, b, c, d]: [u8; 4]) -> Option<[u8; 6]> {
    (a >> 4 == 0xe).then_some([0x01, 0x00, 0x5e, b & 0x7f, c, d])
}

/// The MAC address of an IPv6 multicast group (RFC 2464).
pub(super) fn ipv6_group(address: [u8; 16]) -> Option<[u8; 6]> {
    let [0xff, .., a, b, c, d] = address else {
        return None;
    };
    Some([0x33, 0x33, a, b, c, d])
}

/// FDDI: frame control and both addresses.
pub(super) fn fddi(header: &mut [u8], names: &Names) {
    names.mac(header, 1);
    names.mac(header, 7);
}

/// Token ring: access and frame control, both addresses, the route.
pub(super) fn token_ring(header: &mut [u8], names: &Names) {
    names.mac_highest_first(header, 2);
    names.mac_highest_first(header, 8);
    // The first byte of the route tells its length, the others through which rings it goes.
    blank(header, 15, header.len());
}

/// Linux cooked, version 1: type of packet, of hardware, length of the address, address, protocol.
pub(super) fn cooked_1(header: &mut [u8], names: &mut Names) {
    let &mut [_, _, h0, h1, l0, l1, ref mut address @ ..] = header else {
        return header.fill(0);
    };
    let address_len = address.len().min(8);
    if let Some(address) = address.get_mut(..address_len) {
        let len = u16::from_be_bytes([l0, l1]).into();
        cooked_address(address, u16::from_be_bytes([h0, h1]), len, names);
    }
}

/// Linux cooked, version 2: protocol, interface, type of hardware and of packet, address.
pub(super) fn cooked_2(header: &mut [u8], names: &mut Names) {
    blank(header, 4, 8);
    let &mut [_, _, _, _, _, _, _, _, h0, h1, _, len, ref mut address @ ..] = header else {
        return header.fill(0);
    };
    cooked_address(address, u16::from_be_bytes([h0, h1]), len.into(), names);
}

fn cooked_address(address: &mut [u8], hardware: u16, len: usize, names: &mut Names) {
    // Numbers of `if_arp.h`.
    const TUNNELS_OVER_IPV4: [u16; 3] = [768, 776, 778];
    let used = match len {
        6 => {
            names.mac(address, 0);
            6
        }
        4 if TUNNELS_OVER_IPV4.contains(&hardware) => {
            names.ipv4(address, 0);
            4
        }
        _ => 0,
    };
    blank(address, used, address.len());
}

/// IEEE 802.11: three addresses, or four in a frame from one access point to another.
pub(super) fn wifi(header: &mut [u8], names: &Names) {
    const TO_AND_FROM_DS: u8 = 0x03;
    for at in [4, 10, 16] {
        names.mac(header, at);
    }
    if header
        .get(1)
        .is_some_and(|flags| flags & TO_AND_FROM_DS == TO_AND_FROM_DS)
    {
        names.mac(header, 24);
    }
}

/// Radiotap: stays readable, but of its fields (among them times and places) only the flags stay.
pub(super) fn radiotap(header: &mut [u8]) {
    const TIME: u32 = 1;
    const FLAGS: u32 = 1 << 1;
    const MORE_BITS: u32 = 1 << 31;
    let word = |header: &[u8], at: usize| {
        let word = header.get(at..).and_then(|rest| rest.first_chunk());
        word.map_or(0, |word| u32::from_le_bytes(*word))
    };
    let present = word(header, 4);
    let mut fields = 8;
    let mut last = present;
    while last & MORE_BITS != 0 {
        last = word(header, fields);
        fields += 4;
    }
    let mut flags_at = fields;
    if present & TIME != 0 {
        flags_at = fields.next_multiple_of(8) + 8;
    }
    let flags = header.get(flags_at).copied();
    blank(header, fields, header.len());
    if let (true, Some(flags), Some(place)) =
        (present & FLAGS != 0, flags, header.get_mut(flags_at))
    {
        *place = flags;
    }
}

/// Prism, AVS and PPI: what tells length and kind stays.
pub(super) fn radio_header(header: &mut [u8]) {
    blank(header, 8, header.len());
}

/// NFLOG: the attributes stay, but not what they say (prefix, user, hardware address, time).
pub(super) fn nflog(header: &mut [u8]) {
    // The attribute that holds the packet is the last; its payload is no part of this header.
    let mut at = 4;
    while let Some(&[l0, l1, k0, k1]) = header.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
        let len = match u16::from_le_bytes([l0, l1]) {
            len if u16::from_le_bytes([k0, k1]) <= 0xff => len,
            _ => u16::from_be_bytes([l0, l1]),
        };
        let next = at + usize::from(len.max(4)).next_multiple_of(4);
        blank(header, at + 4, next);
        at = next;
    }
}
