//! TCP options: what steers the connection stays, what could tell of a machine does not.

use super::names::{Names, blank};
use super::tlv::{Style, Tlv};

const MIN_LEN: usize = 20;

/// Replaces addresses in the options of a TCP header, and blanks what is not understood.
pub(super) fn header(header: &mut [u8], names: &mut Names) {
    const SEGMENT_SIZE: u8 = 2;
    const WINDOW_SCALE: u8 = 3;
    const SACK_PERMITTED: u8 = 4;
    const SACK: u8 = 5;
    const TIMESTAMPS: u8 = 8;
    const MULTIPATH: u8 = 30;

    let Some(options) = header.get_mut(MIN_LEN..) else {
        return;
    };
    let mut next = 0;
    while let Some(Tlv { kind, at, len }) = Style::Ip4AndTcp.next(options, &mut next) {
        match (kind, len) {
            (SEGMENT_SIZE, 4) | (WINDOW_SCALE, 3) | (SACK_PERMITTED, 2) => {}
            (SACK, 10 | 18 | 26 | 34) | (TIMESTAMPS, 10) => {}
            (MULTIPATH, _) => {
                if let Some(option) = options.get_mut(at..at + len) {
                    multipath(option, names);
                }
            }
            _ => blank(options, at + 2, at + len),
        }
    }
}

/// Multipath TCP (RFC 6824, RFC 8684): announced addresses are replaced, keys and tokens blanked.
fn multipath(option: &mut [u8], names: &mut Names) {
    const ADD_ADDRESS: u8 = 3;
    const ADDRESS: usize = 4;
    let is_announcement = option.get(2).is_some_and(|byte| byte >> 4 == ADD_ADDRESS);
    // A port of 2 bytes, and from version 1 on a code of 8 bytes, may follow the address.
    let after = match option.len() {
        8 | 10 | 16 | 18 if is_announcement => {
            names.ipv4(option, ADDRESS);
            ADDRESS + 4
        }
        20 | 22 | 28 | 30 if is_announcement => {
            names.ipv6(option, ADDRESS);
            ADDRESS + 16
        }
        // Subtype and flags; there may be less.
        _ => ADDRESS,
    };
    let is_replaced = after > ADDRESS;
    let has_port = is_replaced && matches!(option.len().checked_sub(after), Some(2 | 10));
    let after = if has_port { after + 2 } else { after };
    blank(option, after.min(option.len()), option.len());
}
