//! IEEE 802.11, with what wireless drivers put before a frame, and token ring.

use super::{LinkType, Next, other_lan};
use crate::Skip;
use crate::decode::cursor::Cursor;
use crate::decode::observe::{LayerKind, Observe};

/// A frame: only data frames that are not encrypted hold packets.
pub(super) fn frame(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    const DATA: u8 = 2;
    const TO_AND_FROM_DS: u8 = 0x03;
    const PROTECTED: u8 = 0x40;
    const HT_CONTROL: u8 = 0x80;
    const QOS: u8 = 0x80;
    const NO_DATA: u8 = 0x40;
    const AGGREGATE: u8 = 0x80;

    let [control, flags] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    if control >> 2 & 3 != DATA || control & 3 != 0 {
        return Err(Skip::NotIp);
    }
    let mut len = 24;
    if flags & TO_AND_FROM_DS == TO_AND_FROM_DS {
        len += 6;
    }
    let mut is_aggregate = false;
    if control & QOS != 0 {
        let qos = cursor.rest().get(len).ok_or(Skip::LinkHeaderCut)?;
        is_aggregate = qos & AGGREGATE != 0;
        len += 2;
        if flags & HT_CONTROL != 0 {
            len += 4;
        }
    }
    if cursor.rest().len() < len {
        return Err(Skip::LinkHeaderCut);
    }
    cursor.pass(LayerKind::Wifi, len, observer)?;
    match () {
        () if control & NO_DATA != 0 => Err(Skip::NotIp),
        () if flags & PROTECTED != 0 => Err(Skip::Encrypted),
        () if is_aggregate => Err(Skip::Aggregate),
        () => Ok(Next::Llc),
    }
}

/// Radiotap: version 0, its length, and bits that tell which fields follow (radiotap.org). Of
/// these only the flags matter, which say whether the driver padded the frame's own header.
pub(super) fn radiotap(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    const TIME: u32 = 1;
    const FLAGS: u32 = 1 << 1;
    const MORE_BITS: u32 = 1 << 31;
    const PADDED: u8 = 0x20;

    let header: &[u8; 8] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let [0, _, len_low, len_high, present @ ..] = *header else {
        return Err(Skip::NotIp);
    };
    let len = usize::from(u16::from_le_bytes([len_low, len_high]));
    let fields = cursor.rest().get(..len).ok_or(Skip::LinkHeaderCut)?;
    let present = u32::from_le_bytes(present);
    let mut at = header.len();
    let mut more = present & MORE_BITS != 0;
    while more {
        let word = fields.get(at..).and_then(|rest| rest.first_chunk());
        more = word.is_some_and(|word| u32::from_le_bytes(*word) & MORE_BITS != 0);
        at += 4;
    }
    if present & TIME != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    let flags = if present & FLAGS != 0 {
        fields.get(at).copied().unwrap_or(0)
    } else {
        0
    };
    cursor.pass(LayerKind::RadioHeader, len.max(header.len()), observer)?;
    let next = frame(cursor, observer)?;
    if flags & PADDED != 0 {
        // The frame's header was padded to a multiple of 4 bytes; only that of QoS needs it.
        let unpadded = cursor.at() - len;
        let padding = unpadded.next_multiple_of(4) - unpadded;
        cursor.pass(LayerKind::RadioHeader, padding, observer)?;
    }
    Ok(next)
}

/// The headers of Prism and AVS; the former tells its length in the byte order of the machine.
pub(super) fn prism(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    /// The version of an AVS header, whose numbers are big-endian, is `0x80211001` or the next one.
    const AVS: [u8; 3] = [0x80, 0x21, 0x10];
    let header: &[u8; 8] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let [version @ .., l0, l1, l2, l3] = *header;
    let len = if version.starts_with(&AVS) {
        u32::from_be_bytes([l0, l1, l2, l3])
    } else {
        u32::from_le_bytes([l0, l1, l2, l3]).min(u32::from_be_bytes([l0, l1, l2, l3]))
    };
    radio_header(cursor, len as usize, observer)?;
    frame(cursor, observer)
}

/// PPI: version 0, flags, length and link type, little-endian.
pub(super) fn ppi(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    let [0, _, len_low, len_high, t0, t1, 0, 0] = *cursor.peek().ok_or(Skip::LinkHeaderCut)? else {
        return Err(Skip::NotIp);
    };
    let len = u16::from_le_bytes([len_low, len_high]);
    radio_header(cursor, len.into(), observer)?;
    Ok(Next::Link(LinkType(u16::from_le_bytes([t0, t1]))))
}

/// Token ring: frame control, both addresses, and the route that the highest bit of the source
/// announces.
pub(super) fn token_ring(
    cursor: &mut Cursor<'_>,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    const ROUTED: u8 = 0x80;
    const LEN: usize = 14;
    let header: &[u8; LEN] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let mut len = LEN;
    if header[8] & ROUTED != 0 {
        let route = cursor.rest().get(LEN).ok_or(Skip::LinkHeaderCut)?;
        len += usize::from(route & 0x1f);
    }
    other_lan(cursor, len, observer)
}

fn radio_header(
    cursor: &mut Cursor<'_>,
    len: usize,
    observer: &mut impl Observe,
) -> Result<(), Skip> {
    // At least what was read of it, so that headers which name each other come to an end.
    if len < 8 {
        return Err(Skip::NotIp);
    }
    if cursor.rest().len() < len {
        return Err(Skip::LinkHeaderCut);
    }
    cursor.pass(LayerKind::RadioHeader, len, observer)
}
