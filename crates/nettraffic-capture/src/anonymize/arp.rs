//! ARP messages about IPv4 addresses.

use super::names::{Names, blank};

/// Bytes before the addresses.
const FIXED: usize = 8;

/// Replaces both pairs of addresses. Hardware addresses that are no MAC addresses become zero.
pub(super) fn message(message: &mut [u8], names: &mut Names) {
    let Some(hardware_len) = message.get(4).copied().map(usize::from) else {
        return blank(message, 0, message.len());
    };
    for pair in [FIXED, FIXED + hardware_len + 4] {
        if hardware_len == 6 {
            names.mac(message, pair);
        } else {
            blank(message, pair, pair + hardware_len);
        }
        names.ipv4(message, pair + hardware_len);
    }
}
