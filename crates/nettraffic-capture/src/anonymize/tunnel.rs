//! Headers of tunnels. Identifiers (keys, networks, endpoints) stay: they tell flows apart.

use super::names::{Names, blank};

/// A label of MPLS straight behind IP, where nothing but the bit of the last label shows that
/// these are labels: it alone stays.
pub(super) fn mpls_in_ip(label: &mut [u8]) {
    blank(label, 0, 2);
    blank(label, 3, 4);
    if let Some(byte) = label.get_mut(2) {
        *byte &= 1;
    }
}

/// VXLAN: flags, protocol and network stay; reserved bytes and policy groups do not.
pub(super) fn vxlan(header: &mut [u8]) {
    blank(header, 1, 3);
    blank(header, 7, 8);
}

/// Geneve: class, type and length of options stay, their data does not.
pub(super) fn geneve(header: &mut [u8]) {
    let mut at = 8;
    while let Some(words) = header.get(at + 3).map(|len| usize::from(len & 0x1f)) {
        blank(header, at + 4, at + 4 + 4 * words);
        at += 4 + 4 * words;
    }
}

/// One of the extensions behind GTP-U's header: its first byte tells its length, its last one the
/// kind of the next.
pub(super) fn gtp_extension(header: &mut [u8]) {
    blank(header, 1, header.len().saturating_sub(1));
}

/// Teredo's authentication, or the address that a packet came from.
pub(super) fn teredo(header: &mut [u8], names: &mut Names) {
    match *header {
        [0, 0, ..] => names.inverted_ipv4(header, 4),
        _ => blank(header, 4, header.len()),
    }
}
