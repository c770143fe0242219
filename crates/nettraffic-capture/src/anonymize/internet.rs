//! IP headers, their options and extension headers.

use std::ops::Range;

use super::names::{Names, blank};
use super::tlv::{Style, Tlv};

/// Where the addresses stand that the checksum of the transport covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) source: Range<usize>,
    pub(super) destination: Range<usize>,
}

/// Replaces the addresses of an IPv4 header that begins at byte `at` of the packet.
pub(super) fn ipv4(header: &mut [u8], at: usize, names: &mut Names) -> Ends {
    let mut ends = Ends {
        source: at + 12..at + 16,
        destination: at + 16..at + 20,
    };
    names.ipv4(header, 12);
    names.ipv4(header, 16);
    if let Some(options) = header.get_mut(20..)
        && let Some(last) = ipv4_options(options, names)
    {
        ends.destination = at + 20 + last..at + 24 + last;
    }
    ends
}

/// Replaces the addresses in options, blanks what is not understood, and tells where the final
/// destination stands when the packet has not yet come to the end of a source route.
fn ipv4_options(options: &mut [u8], names: &mut Names) -> Option<usize> {
    const RECORD_ROUTE: u8 = 7;
    const TIMESTAMP: u8 = 68;
    const LOOSE_ROUTE: u8 = 131;
    const STRICT_ROUTE: u8 = 137;
    const ROUTER_ALERT: u8 = 148;

    let mut destination = None;
    let mut next = 0;
    while let Some(Tlv { kind, at, len }) = Style::Ip4AndTcp.next(options, &mut next) {
        let end = at + len;
        let third = options.get(at + 2).copied().unwrap_or(0);
        match kind {
            RECORD_ROUTE | LOOSE_ROUTE | STRICT_ROUTE => {
                let route = at + 3;
                let addresses = len.saturating_sub(3) / 4;
                for address in 0..addresses {
                    names.ipv4(options, route + 4 * address);
                }
                blank(options, route + 4 * addresses, end);
                if kind != RECORD_ROUTE && usize::from(third) <= len && addresses > 0 {
                    destination = Some(route + 4 * (addresses - 1));
                }
            }
            TIMESTAMP => {
                let flags = options.get(at + 3).map_or(0, |flags| flags & 0x0f);
                match flags {
                    // Times alone.
                    0 => {}
                    1 | 3 => {
                        let pairs = len.saturating_sub(4) / 8;
                        (0..pairs).for_each(|pair| names.ipv4(options, at + 4 + 8 * pair));
                        blank(options, at + 4 + 8 * pairs, end);
                    }
                    _ => blank(options, at + 4, end),
                }
            }
            ROUTER_ALERT if len == 4 => {}
            _ => blank(options, at + 2, end),
        }
    }
    destination
}

/// Replaces the addresses of an IPv6 header that begins at byte `at` of the packet.
pub(super) fn ipv6(header: &mut [u8], at: usize, names: &mut Names) -> Ends {
    names.ipv6(header, 8);
    names.ipv6(header, 24);
    Ends {
        source: at + 8..at + 24,
        destination: at + 24..at + 40,
    }
}

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
pub(super) const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;
pub(super) const MOBILITY: u8 = 135;
pub(super) const HOST_IDENTITY: u8 = 139;

/// Replaces the addresses in the extension header `number` that begins at byte `at` of the packet,
/// and blanks what is not understood.
pub(super) fn extension(
    header: &mut [u8],
    number: u8,
    at: usize,
    ends: &mut Ends,
    names: &mut Names,
) {
    match number {
        FRAGMENT => {}
        // The integrity value covers what is changed here.
        AUTHENTICATION => blank(header, 12, header.len()),
        ROUTING => routing(header, at, ends, names),
        HOP_BY_HOP | DESTINATION_OPTIONS => {
            if let Some(options) = header.get_mut(2..)
                && let Some(home) = ipv6_options(options, names)
            {
                ends.source = at + 2 + home..at + 18 + home;
            }
        }
        _ => blank(header, 8, header.len()),
    }
}

fn routing(header: &mut [u8], at: usize, ends: &mut Ends, names: &mut Names) {
    const SOURCE_ROUTE: u8 = 0;
    const MOBILE: u8 = 2;
    const SEGMENTS: u8 = 4;
    const FIRST: usize = 8;

    let room = header.len().saturating_sub(FIRST) / 16;
    let [kind, left, last] = [2, 3, 4].map(|at| header.get(at).copied().unwrap_or(0));
    let (addresses, destination) = match kind {
        SOURCE_ROUTE | MOBILE => (room, room.saturating_sub(1)),
        // The list is in reverse order, and options may follow it.
        SEGMENTS => (room.min(usize::from(last) + 1), 0),
        // Others are compressed, or not understood.
        _ => (0, 0),
    };
    for address in 0..addresses {
        names.ipv6(header, FIRST + 16 * address);
    }
    blank(header, FIRST + 16 * addresses, header.len());
    if left > 0 && addresses > 0 {
        let destination = at + FIRST + 16 * destination;
        ends.destination = destination..destination + 16;
    }
}

/// Tells where the home address stands, if there is one.
fn ipv6_options(options: &mut [u8], names: &mut Names) -> Option<usize> {
    const ROUTER_ALERT: u8 = 5;
    const JUMBO: u8 = 0xc2;
    const HOME_ADDRESS: u8 = 0xc9;

    let mut home = None;
    let mut next = 0;
    while let Some(Tlv { kind, at, len }) = Style::Ip6.next(options, &mut next) {
        match kind {
            ROUTER_ALERT if len == 4 => {}
            JUMBO if len == 6 => {}
            HOME_ADDRESS if len == 18 => {
                names.ipv6(options, at + 2);
                home = Some(at + 2);
            }
            _ => blank(options, at + 2, at + len),
        }
    }
    home
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anonymize::key::{KeyError, PseudonymKey};
    use crate::anonymize::options::AnonymizeOptions;

    fn names() -> Result<Names, KeyError> {
        let key = PseudonymKey::from_hex(&("01".repeat(16) + &"02".repeat(16)))?;
        Ok(Names::new(&key, &AnonymizeOptions::default()))
    }

    #[test]
    fn transport_checksums_cover_the_final_destination() -> Result<(), KeyError> {
        const AT: usize = 100;
        let direct = Ends {
            source: 8..24,
            destination: 24..40,
        };
        // Type, segments left, last entry; where the checksum's destination then stands.
        for (kind, left, last, destination) in [
            (0, 2, 0, AT + 24..AT + 40),
            (0, 0, 0, 24..40),
            (2, 1, 0, AT + 24..AT + 40),
            (4, 1, 1, AT + 8..AT + 24),
            (99, 1, 1, 24..40),
        ] {
            let mut header = [[17, 4, kind, left, last, 0, 0, 0].as_slice(), &[7; 32]].concat();
            let mut ends = direct.clone();
            extension(&mut header, ROUTING, AT, &mut ends, &mut names()?);
            assert_eq!(
                (ends.source, ends.destination),
                (8..24, destination),
                "{kind}"
            );
        }

        let mut home = [[17, 2, 1, 2, 0, 0, 0xc9, 16].as_slice(), &[7; 16]].concat();
        let mut ends = direct.clone();
        extension(&mut home, DESTINATION_OPTIONS, AT, &mut ends, &mut names()?);
        assert_eq!((ends.source, ends.destination), (AT + 8..AT + 24, 24..40));
        Ok(())
    }

    #[test]
    fn a_source_route_that_is_not_at_its_end_names_the_destination() -> Result<(), KeyError> {
        for (pointer, destination) in [(4, 27..31), (12, 16..20)] {
            let route = [131, 11, pointer, 8, 8, 8, 8, 9, 9, 9, 9, 0];
            let mut header = [[0x48; 20].as_slice(), &route].concat();
            assert_eq!(ipv4(&mut header, 0, &mut names()?).destination, destination);
        }
        Ok(())
    }
}
