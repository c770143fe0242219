//! Control messages about addresses: ICMP, neighbour discovery, group membership.
//!
//! Each function gets the whole message as far as it was captured, and tells how much of it stays.

use super::names::{Names, blank};
use super::tlv::{Style, Tlv};

/// Bytes of the header that every ICMP message has.
pub(super) const ICMP_LEN: usize = 8;

/// What stays of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stays {
    /// Its first bytes.
    Bytes(usize),
    /// The header, and of the packet quoted behind it the headers.
    Quote,
}

/// ICMP for IPv4, types as IANA lists them.
pub(super) fn icmp(message: &mut [u8], names: &mut Names) -> Stays {
    match message.first() {
        Some(3 | 4 | 11 | 12) => return Stays::Quote,
        // Redirect: the gateway to take.
        Some(5) => {
            names.ipv4(message, 4);
            return Stays::Quote;
        }
        // Queries and their replies; router advertisement and solicitation.
        Some(0 | 8 | 9 | 10 | 13..=18 | 42 | 43) => {}
        _ => blank(message, 4, ICMP_LEN),
    }
    Stays::Bytes(ICMP_LEN)
}

/// ICMPv6, with neighbour discovery (RFC 4861) and listener discovery (RFC 2710, RFC 3810).
pub(super) fn icmpv6(message: &mut [u8], names: &mut Names) -> Stays {
    const TARGET: usize = ICMP_LEN;
    let options = match message.first() {
        Some(1..=4) => return Stays::Quote,
        // Router solicitation and advertisement.
        Some(133) => ICMP_LEN,
        Some(134) => ICMP_LEN + 8,
        // Neighbour solicitation and advertisement.
        Some(135 | 136) => {
            names.ipv6(message, TARGET);
            TARGET + 16
        }
        // Redirect: target and destination.
        Some(137) => {
            names.ipv6(message, TARGET);
            names.ipv6(message, TARGET + 16);
            TARGET + 32
        }
        Some(130..=132) => return Stays::Bytes(listener_query(message, names)),
        Some(143) => return Stays::Bytes(reports(message, 20, names)),
        // Echo and extended echo; home agents, whose addresses follow; certificates' paths.
        Some(128 | 129 | 144..=149 | 160 | 161) => return Stays::Bytes(ICMP_LEN),
        _ => {
            blank(message, 4, ICMP_LEN);
            return Stays::Bytes(ICMP_LEN);
        }
    };
    if let Some(options) = message.get_mut(options..) {
        discovery_options(options, names);
    }
    Stays::Bytes(message.len())
}

fn discovery_options(options: &mut [u8], names: &mut Names) {
    const SOURCE_LINK: u8 = 1;
    const TARGET_LINK: u8 = 2;
    const PREFIX: u8 = 3;
    const MTU: u8 = 5;
    const ROUTE: u8 = 24;
    const NAME_SERVERS: u8 = 25;

    let mut next = 0;
    while let Some(Tlv { kind, at, len }) = Style::Discovery.next(options, &mut next) {
        let Some(option) = options.get_mut(at..at + len) else {
            return;
        };
        let prefix_len = option.get(2).copied().unwrap_or(0);
        match (kind, len) {
            (SOURCE_LINK | TARGET_LINK, 8) => names.mac(option, 2),
            (PREFIX, 32) => {
                if let Some(prefix) = option.get_mut(16..) {
                    names.ipv6_prefix(prefix, prefix_len);
                }
            }
            (ROUTE, 8 | 16 | 24) => {
                if let Some(prefix) = option.get_mut(8..) {
                    names.ipv6_prefix(prefix, prefix_len);
                }
            }
            (MTU, 8) => {}
            (NAME_SERVERS, _) => {
                let servers = (len - 8) / 16;
                (0..servers).for_each(|server| names.ipv6(option, 8 + 16 * server));
                blank(option, 8 + 16 * servers, len);
            }
            // A quoted packet, search domains, and what is not known.
            _ => blank(option, 2, len),
        }
    }
}

/// A query, an old report or a done: the group, and in newer queries the sources asked for.
fn listener_query(message: &mut [u8], names: &mut Names) -> usize {
    const GROUP: usize = ICMP_LEN;
    const SOURCES: usize = GROUP + 20;
    names.ipv6(message, GROUP);
    if message.len() < SOURCES {
        return GROUP + 16;
    }
    let sources = (message.len() - SOURCES) / 16;
    let sources = sources.min(number(message, GROUP + 18));
    (0..sources).for_each(|source| names.ipv6(message, SOURCES + 16 * source));
    SOURCES + 16 * sources
}

/// IGMP, all versions (RFC 1112, RFC 2236, RFC 9776).
pub(super) fn igmp(message: &mut [u8], names: &mut Names) -> usize {
    const GROUP: usize = 4;
    const SOURCES: usize = 12;
    match message.first() {
        Some(0x11) => {
            names.ipv4(message, GROUP);
            if message.len() < SOURCES {
                return 8;
            }
            let sources = (message.len() - SOURCES) / 4;
            let sources = sources.min(number(message, 10));
            (0..sources).for_each(|source| names.ipv4(message, SOURCES + 4 * source));
            SOURCES + 4 * sources
        }
        Some(0x12 | 0x16 | 0x17) => {
            names.ipv4(message, GROUP);
            8
        }
        Some(0x22) => reports(message, 8, names),
        _ => {
            blank(message, 4, 8);
            8
        }
    }
}

/// Records of a report, of IGMP's third and MLD's second version: type, length of what follows the
/// sources in words, number of sources; the group, the sources. `record_len` is that without sources.
fn reports(message: &mut [u8], record_len: usize, names: &mut Names) -> usize {
    const RECORDS: usize = 8;
    let address_len = record_len - 4;
    let mut replace = |message: &mut [u8], at: usize| match address_len {
        4 => names.ipv4(message, at),
        _ => names.ipv6(message, at),
    };
    let mut at = RECORDS;
    for _ in 0..number(message, 6) {
        if at >= message.len() {
            break;
        }
        let auxiliary = message
            .get(at + 1)
            .map_or(0, |words| usize::from(*words) * 4);
        let sources = number(message, at + 2);
        let end = at + record_len + sources * address_len;
        let mut address = at + 4;
        while address < end.min(message.len()) {
            replace(message, address);
            address += address_len;
        }
        blank(message, end, end + auxiliary);
        at = end + auxiliary;
    }
    at.min(message.len())
}

/// The 16-bit number at `at`; 0 where it was not captured.
fn number(message: &[u8], at: usize) -> usize {
    let bytes = message.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map_or(0, |bytes| u16::from_be_bytes(*bytes).into())
}
