//! ICMP and ICMPv6, with the packets that their errors quote.

use super::{Parsed, fixed};
use crate::decode::cursor::Cursor;
use crate::decode::internet::{self, Internet};
use crate::decode::observe::{LayerKind, Observe};
use crate::{IcmpAbout, IcmpHeader, IpProtocol, QuotedPacket, Skip, Transport};

const LEN: usize = 8;

/// ICMP (RFC 792 and IANA's types).
pub(super) fn v4(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Parsed, Skip> {
    let parsed = fixed(
        cursor,
        LayerKind::Icmp,
        |header| message(header, is_query),
        observer,
    )?;
    // Unreachable, source quench, redirect, time exceeded, parameter problem.
    Ok(about(
        parsed,
        |kind| matches!(kind, 3..=5 | 11 | 12),
        cursor,
        |cursor| internet::v4(cursor, &mut ()),
    ))
}

/// ICMPv6 (RFC 4443 and IANA's types).
pub(super) fn v6(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Parsed, Skip> {
    let parsed = fixed(
        cursor,
        LayerKind::Icmpv6,
        |header| message(header, is_v6_query),
        observer,
    )?;
    // Unreachable, too big, time exceeded, parameter problem.
    Ok(about(
        parsed,
        |kind| matches!(kind, 1..=4),
        cursor,
        |cursor| internet::v6(cursor, &mut ()),
    ))
}

fn message(header: &[u8; LEN], is_query: fn(u8) -> bool) -> Transport {
    let [kind, code, _, _, i0, i1, ..] = *header;
    Transport::Icmp(IcmpHeader {
        kind,
        code,
        about: if is_query(kind) {
            IcmpAbout::Query(u16::from_be_bytes([i0, i1]))
        } else {
            IcmpAbout::Itself
        },
    })
}

/// Echo, timestamp, information, address mask and extended echo, requests and replies.
fn is_query(kind: u8) -> bool {
    matches!(kind, 0 | 8 | 13..=18 | 42 | 43)
}

/// Echo and extended echo, requests and replies.
fn is_v6_query(kind: u8) -> bool {
    matches!(kind, 128 | 129 | 160 | 161)
}

/// Adds the packet that an error quotes, as far as it can be read.
fn about<'a>(
    mut parsed: Parsed,
    is_error: fn(u8) -> bool,
    cursor: &Cursor<'a>,
    read: fn(&mut Cursor<'a>) -> Result<Internet, Skip>,
) -> Parsed {
    if let Transport::Icmp(header) = &mut parsed.transport
        && is_error(header.kind)
        && let Some(packet) = quoted(*cursor, read)
    {
        header.about = IcmpAbout::Quoted(packet);
    }
    parsed
}

fn quoted<'a>(
    mut cursor: Cursor<'a>,
    read: fn(&mut Cursor<'a>) -> Result<Internet, Skip>,
) -> Option<QuotedPacket> {
    let ip = read(&mut cursor).ok()?;
    let first = !ip.fragment.is_some_and(|part| part.is_later()) && !ip.cut;
    let [source_port, destination_port] = match ip.protocol {
        IpProtocol::TCP | IpProtocol::UDP | IpProtocol::SCTP if first => {
            let [s0, s1, d0, d1] = cursor.peek().copied().unwrap_or_default();
            [[s0, s1], [d0, d1]].map(u16::from_be_bytes)
        }
        IpProtocol::ICMP | IpProtocol::ICMPV6 if first => {
            let [kind, _, _, _, i0, i1] = cursor.peek().copied().unwrap_or_default();
            let is_query = match ip.protocol {
                IpProtocol::ICMP => is_query(kind),
                _ => is_v6_query(kind),
            };
            [if is_query {
                u16::from_be_bytes([i0, i1])
            } else {
                0
            }; 2]
        }
        _ => [0; 2],
    };
    Some(QuotedPacket {
        source: ip.source,
        destination: ip.destination,
        protocol: ip.protocol,
        source_port,
        destination_port,
    })
}
