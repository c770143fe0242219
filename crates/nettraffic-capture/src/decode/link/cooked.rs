//! What Linux puts in the place of a link header: cooked captures and NFLOG.

use super::{Network, Next};
use crate::Skip;
use crate::decode::cursor::Cursor;
use crate::decode::observe::{LayerKind, Observe};

/// Cooked capture, version 1: 16 bytes, the protocol last.
pub(super) fn version_1(
    cursor: &mut Cursor<'_>,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    let header: &[u8; 16] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let [_, _, hardware_high, hardware_low, .., high, low] = *header;
    cursor.pass(LayerKind::Cooked1, header.len(), observer)?;
    payload([hardware_high, hardware_low], [high, low])
}

/// Cooked capture, version 2: 20 bytes, the protocol first.
pub(super) fn version_2(
    cursor: &mut Cursor<'_>,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    let header: &[u8; 20] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let [high, low, _, _, _, _, _, _, hardware_high, hardware_low, ..] = *header;
    cursor.pass(LayerKind::Cooked2, header.len(), observer)?;
    payload([hardware_high, hardware_low], [high, low])
}

/// The payload of a cooked header: its protocol is an EtherType except on some kinds of hardware
/// (`if_arp.h`).
fn payload(hardware: [u8; 2], protocol: [u8; 2]) -> Result<Next, Skip> {
    const FRAME_RELAY_ACCESS: u16 = 770;
    const IEEE_802_11: u16 = 801;
    const IEEE_802_11_RADIOTAP: u16 = 803;
    const NETLINK: u16 = 824;
    match u16::from_be_bytes(hardware) {
        FRAME_RELAY_ACCESS | IEEE_802_11..=IEEE_802_11_RADIOTAP | NETLINK => Err(Skip::NotIp),
        _ => Ok(Next::EtherType(u16::from_be_bytes(protocol))),
    }
}

/// Messages of the Linux firewall: a header, then attributes in the byte order of the machine, of
/// which the last is the packet.
pub(super) fn nflog(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    const PAYLOAD: u16 = 9;
    let [family, 0, _, _] = *cursor.peek().ok_or(Skip::LinkHeaderCut)? else {
        return Err(Skip::NotIp);
    };
    let rest = cursor.rest();
    let mut at = 4;
    loop {
        let attribute = rest.get(at..).and_then(|rest| rest.first_chunk::<4>());
        let [l0, l1, k0, k1] = *attribute.ok_or(Skip::LinkHeaderCut)?;
        // Lengths are small, so the wrong byte order shows.
        let (len, kind) = match u16::from_le_bytes([l0, l1]) {
            len if u16::from_le_bytes([k0, k1]) <= 0xff => (len, u16::from_le_bytes([k0, k1])),
            _ => (u16::from_be_bytes([l0, l1]), u16::from_be_bytes([k0, k1])),
        };
        if kind == PAYLOAD {
            break;
        }
        // Attributes are padded to 4 bytes, and at least as long as their header.
        at += usize::from(len.max(4)).next_multiple_of(4);
    }
    cursor.pass(LayerKind::Nflog, at + 4, observer)?;
    match family {
        2 => Ok(Next::Network(Network::V4)),
        10 => Ok(Next::Network(Network::V6)),
        _ => Err(Skip::NotIp),
    }
}
