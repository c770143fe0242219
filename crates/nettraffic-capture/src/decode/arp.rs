//! ARP messages.

use std::net::{IpAddr, Ipv4Addr};

use super::cursor::Cursor;
use super::observe::{LayerKind, Observe};
use crate::{ArpHeader, MacAddress, Skip};

/// An ARP message about IPv4 addresses (RFC 826).
pub(super) struct Arp {
    pub(super) sender: IpAddr,
    pub(super) target: IpAddr,
    pub(super) header: ArpHeader,
}

/// Bytes before the addresses.
const FIXED_LEN: usize = 8;

pub(super) fn parse(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Arp, Skip> {
    let fixed: &[u8; FIXED_LEN] = cursor.peek().ok_or(Skip::IpHeaderCut)?;
    let [_, _, 0x08, 0x00, hardware_len, 4, operation @ ..] = *fixed else {
        return Err(Skip::NotIp);
    };
    let hardware_len = usize::from(hardware_len);
    let len = FIXED_LEN + 2 * (hardware_len + 4);
    let message = cursor.rest().get(..len).ok_or(Skip::IpHeaderCut)?;
    cursor.pass(LayerKind::Arp, len, observer)?;

    let mut rest = message.get(FIXED_LEN..).unwrap_or_default();
    let mut address = || {
        let (hardware, after) = rest.split_at_checked(hardware_len)?;
        let (protocol, after) = after.split_first_chunk::<4>()?;
        rest = after;
        Some((
            <[u8; 6]>::try_from(hardware).ok().map(MacAddress),
            Ipv4Addr::from(*protocol).into(),
        ))
    };
    let (sender_mac, sender) = address().ok_or(Skip::IpHeaderCut)?;
    let (target_mac, target) = address().ok_or(Skip::IpHeaderCut)?;
    Ok(Arp {
        sender,
        target,
        header: ArpHeader {
            operation: u16::from_be_bytes(operation),
            sender: sender_mac,
            target: target_mac,
        },
    })
}
