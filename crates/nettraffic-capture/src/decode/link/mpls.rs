//! MPLS: a stack of labels that does not say what it carries.

use super::{Network, Next};
use crate::Skip;
use crate::decode::cursor::Cursor;
use crate::decode::observe::{LayerKind, Observe};

/// One label (RFC 3032). Below the last one the first nibble tells IPv4 and IPv6 from the control
/// word of a pseudowire (RFC 4385), which is taken for one of Ethernet.
pub(super) fn label(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    let label: &[u8; 4] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
    let is_last = label[2] & 1 != 0;
    cursor.pass(LayerKind::MplsLabel, label.len(), observer)?;
    if !is_last {
        return Ok(Next::Mpls);
    }
    match cursor.peek::<1>().ok_or(Skip::LinkHeaderCut)?[0] >> 4 {
        4 => Ok(Next::Network(Network::V4)),
        6 => Ok(Next::Network(Network::V6)),
        0 => {
            let _: &[u8; 4] = cursor.peek().ok_or(Skip::LinkHeaderCut)?;
            cursor.pass(LayerKind::ControlWord, 4, observer)?;
            Ok(Next::Ethernet)
        }
        _ => Err(Skip::NotIp),
    }
}
