//! PPP and its relatives on serial lines.

use super::{Network, Next};
use crate::Skip;
use crate::decode::cursor::Cursor;
use crate::decode::observe::{LayerKind, Observe};

/// PPP, with the address and control bytes of HDLC or without them (RFC 1662). Where a direction
/// was captured, it stands in the place of the address. Cisco's HDLC has addresses of its own.
pub(super) fn hdlc(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    match *cursor.peek::<2>().ok_or(Skip::LinkHeaderCut)? {
        [0xff | 0 | 1, 3] => {
            cursor.pass(LayerKind::Ppp, 2, observer)?;
            Ok(Next::Ppp)
        }
        [0x0f | 0x8f, 0] => cisco_hdlc(cursor, observer),
        _ => Ok(Next::Ppp),
    }
}

/// The protocol of PPP, one byte where it was compressed: the last byte of a number is odd.
pub(super) fn protocol(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    let [first] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let (protocol, len) = if first & 1 != 0 {
        (first.into(), 1)
    } else {
        let number = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
        (u16::from_be_bytes(*number), 2)
    };
    cursor.pass(LayerKind::Ppp, len, observer)?;
    match protocol {
        0x0021 => Ok(Next::Network(Network::V4)),
        0x0057 => Ok(Next::Network(Network::V6)),
        0x0281 | 0x0283 => Ok(Next::Mpls),
        _ => Err(Skip::NotIp),
    }
}

/// PPP over Ethernet: the session stage (RFC 2516), whose code is 0.
pub(super) fn pppoe(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    let header: &[u8; 6] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let [0x11, 0, ..] = *header else {
        return Err(Skip::NotIp);
    };
    cursor.pass(LayerKind::Pppoe, header.len(), observer)?;
    Ok(Next::Ppp)
}

/// Cisco's HDLC: address, control, EtherType.
pub(super) fn cisco_hdlc(
    cursor: &mut Cursor<'_>,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    let [_, _, high, low] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    cursor.pass(LayerKind::CiscoHdlc, 4, observer)?;
    Ok(Next::EtherType(u16::from_be_bytes([high, low])))
}

/// Frame Relay with an address of two bytes: either Cisco's EtherType, or the network layer's
/// identifier of RFC 2427.
pub(super) fn frame_relay(
    cursor: &mut Cursor<'_>,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    let header: &[u8; 4] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let (next, len) = match *header {
        [_, _, 3, 0xcc] => (Next::Network(Network::V4), 4),
        [_, _, 3, 0x8e] => (Next::Network(Network::V6), 4),
        // A padding byte, then SNAP without the LLC addresses.
        [_, _, 3, 0] => match *cursor.peek::<10>().ok_or(Skip::LinkHeaderCut)? {
            [.., 0x80, 0, 0, 0, high, low] => {
                (Next::EtherType(u16::from_be_bytes([high, low])), 10)
            }
            _ => return Err(Skip::NotIp),
        },
        [_, _, 3, _] => return Err(Skip::NotIp),
        [_, _, high, low] => (Next::EtherType(u16::from_be_bytes([high, low])), 4),
    };
    cursor.pass(LayerKind::FrameRelay, len, observer)?;
    Ok(next)
}
