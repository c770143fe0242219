//! GRE, and the port mirror that lives in it.

use super::Opened;
use crate::decode::cursor::Cursor;
use crate::decode::link::Next;
use crate::decode::observe::{LayerKind, Observe};
use crate::{Skip, TunnelKind, Tunnels};

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// Of version 1, which PPTP uses.
const ACKNOWLEDGEMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;

const ERSPAN_1_OR_2: u16 = 0x88be;
const ERSPAN_3: u16 = 0x22eb;
/// Cisco's web cache redirection; its second version has a header of 4 bytes.
const WCCP: u16 = 0x883e;

pub(super) fn open(
    cursor: &mut Cursor<'_>,
    tunnels: Tunnels,
    observer: &mut impl Observe,
) -> Result<Option<Opened>, Skip> {
    let [f0, f1, p0, p1] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let flags = u16::from_be_bytes([f0, f1]);
    let protocol = u16::from_be_bytes([p0, p1]);
    // Source routes were withdrawn before anyone used them.
    if flags & ROUTING != 0 || flags & VERSION > 1 {
        return Ok(None);
    }
    let is_version_1 = flags & VERSION == 1;
    let present = |flag| usize::from(flags & flag != 0) * 4;
    let key_at = 4 + present(CHECKSUM);
    let mut len = key_at + present(KEY) + present(SEQUENCE);
    if is_version_1 {
        len += present(ACKNOWLEDGEMENT);
    }
    let header = cursor.rest().get(..len).ok_or(Skip::LinkHeaderCut)?;
    // In version 1 the key holds a length and the call, which each way numbers for itself.
    let key = header.get(key_at..).and_then(|rest| rest.first_chunk());
    let key = key.filter(|_| flags & KEY != 0 && !is_version_1);
    cursor.pass(LayerKind::Gre, len, observer)?;

    let next = match protocol {
        ERSPAN_1_OR_2 if flags & SEQUENCE == 0 => {
            return Ok(Some(Opened::new(TunnelKind::Erspan, None, Next::Ethernet)));
        }
        ERSPAN_1_OR_2 | ERSPAN_3 => return erspan(cursor, tunnels, observer),
        WCCP if cursor.peek().is_some_and(|[byte]| byte >> 4 != 4) => {
            cursor.pass(LayerKind::Gre, 4, observer)?;
            Next::EtherType(0x0800)
        }
        WCCP => Next::EtherType(0x0800),
        protocol => Next::EtherType(protocol),
    };
    let key = key.map(|key| u32::from_be_bytes(*key));
    Ok(Some(Opened::new(TunnelKind::Gre, key, next)))
}

/// ERSPAN type II and III (`draft-foschiano-erspan`).
fn erspan(
    cursor: &mut Cursor<'_>,
    tunnels: Tunnels,
    observer: &mut impl Observe,
) -> Result<Option<Opened>, Skip> {
    const FRAME_TYPE: u8 = 0x7c;
    const IP: u8 = 2 << 2;
    const SUBHEADER: u8 = 0x01;

    let [version, _, session_high, session_low] = *cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let session = u16::from_be_bytes([session_high, session_low]) & 0x03ff;
    let (len, is_ip) = match version >> 4 {
        1 => (8, false),
        2 => {
            let header: &[u8; 12] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
            let [.., kind, last] = *header;
            let subheader = usize::from(last & SUBHEADER) * 8;
            (header.len() + subheader, kind & FRAME_TYPE == IP)
        }
        _ => return Ok(None),
    };
    if cursor.rest().len() < len {
        return Err(Skip::LinkHeaderCut);
    }
    if !tunnels.contains(TunnelKind::Erspan) {
        return Ok(None);
    }
    cursor.pass(LayerKind::Erspan, len, observer)?;
    let next = if is_ip { Next::Ip } else { Next::Ethernet };
    Ok(Some(Opened::new(
        TunnelKind::Erspan,
        Some(session.into()),
        next,
    )))
}
