//! Ethernet, its tags, and LLC.

use super::{Network, Next, ppp};
use crate::Skip;
use crate::decode::cursor::Cursor;
use crate::decode::observe::{LayerKind, Observe};

/// Both addresses and the EtherType.
pub(super) const HEADER_LEN: usize = 14;
/// The largest value of the type field that is the length of an IEEE 802.3 frame.
const MAX_802_3_LEN: u16 = 1500;

/// An Ethernet header.
pub(super) fn header(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    let [.., high, low] = *cursor.peek::<HEADER_LEN>().ok_or(Skip::LinkHeaderCut)?;
    cursor.pass(LayerKind::Ethernet, HEADER_LEN, observer)?;
    Ok(Next::EtherType(u16::from_be_bytes([high, low])))
}

/// What `ether_type` (IANA and IEEE numbers) announces.
pub(super) fn payload(
    cursor: &mut Cursor<'_>,
    ether_type: u16,
    vlan: &mut Option<u16>,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    match ether_type {
        0x0800 => Ok(Next::Network(Network::V4)),
        0x86dd => Ok(Next::Network(Network::V6)),
        0x0806 => Ok(Next::Network(Network::Arp)),
        // 802.1Q, 802.1ad, and what was used before it.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => tag(cursor, vlan, observer),
        0x8847 | 0x8848 => Ok(Next::Mpls),
        0x8864 => ppp::pppoe(cursor, observer),
        0x88e7 => backbone(cursor, observer),
        // Ethernet in GRE and in Geneve.
        0x6558 => Ok(Next::Ethernet),
        0x880b => Ok(Next::Ppp),
        // MACsec.
        0x88e5 => Err(Skip::Encrypted),
        0..=MAX_802_3_LEN => Ok(Next::Llc),
        _ => Err(Skip::NotIp),
    }
}

/// A VLAN tag; the 12 low bits of its first half are the identifier.
fn tag(
    cursor: &mut Cursor<'_>,
    vlan: &mut Option<u16>,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    let [high, low, type_high, type_low] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    cursor.pass(LayerKind::Vlan, 4, observer)?;
    vlan.get_or_insert(u16::from_be_bytes([high, low]) & 0x0fff);
    Ok(Next::EtherType(u16::from_be_bytes([type_high, type_low])))
}

/// The service tag of a provider backbone bridge; a customer's frame follows.
fn backbone(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    let _: &[u8; 4] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    cursor.pass(LayerKind::Backbone, 4, observer)?;
    Ok(Next::Ethernet)
}

/// LLC: IPv4 has an address of its own, but is found behind the SNAP extension with an
/// organisation code of 0.
pub(super) fn llc(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    match *cursor.peek().ok_or(Skip::LinkHeaderCut)? {
        [0xaa, 0xaa, 3] => {}
        [6, 6, 3] => {
            cursor.pass(LayerKind::Snap, 3, observer)?;
            return Ok(Next::Network(Network::V4));
        }
        _ => return Err(Skip::NotIp),
    }
    let header: &[u8; 8] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let [_, _, _, organisation @ .., high, low] = *header;
    cursor.pass(LayerKind::Snap, header.len(), observer)?;
    match organisation {
        // The second one is that of bridged frames, which wireless stations use for some protocols.
        [0, 0, 0] | [0, 0, 0xf8] => Ok(Next::EtherType(u16::from_be_bytes([high, low]))),
        _ => Err(Skip::NotIp),
    }
}
