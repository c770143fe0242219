//! Link layers: finding the network header.

mod cooked;
mod ethernet;
mod mpls;
mod ppp;
mod wifi;

use super::cursor::Cursor;
use super::observe::{LayerKind, Observe};
use crate::{LinkType, Skip};

/// What the link layer announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) network: Network,
    /// The outermost VLAN identifier.
    pub(super) vlan: Option<u16>,
}

/// The header that follows the link layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    V4,
    V6,
    Arp,
}

/// The header at the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Link(LinkType),
    Ethernet,
    /// What this EtherType stands for.
    EtherType(u16),
    /// An LLC header, of which only SNAP leads to IP.
    Llc,
    Mpls,
    /// An IP header of either version.
    Ip,
    /// PPP from its protocol field on.
    Ppp,
    Network(Network),
}

/// Bytes of an Ethernet header without tags.
pub(super) const ETHERNET_LEN: usize = ethernet::HEADER_LEN;

/// The network that an Ethernet header without tags announces.
#[inline]
pub(super) fn untagged(cursor: &mut Cursor<'_>) -> Option<Network> {
    let network = match *cursor.peek::<{ ethernet::HEADER_LEN }>()? {
        [.., 0x08, 0x00] => Network::V4,
        [.., 0x86, 0xdd] => Network::V6,
        _ => return None,
    };
    cursor
        .pass(LayerKind::Ethernet, ethernet::HEADER_LEN, &mut ())
        .ok()?;
    Some(network)
}

/// Walks from header to header, until one is that of a network.
pub(super) fn follow(
    cursor: &mut Cursor<'_>,
    mut next: Next,
    observer: &mut impl Observe,
) -> Result<Link, Skip> {
    let mut vlan = None;
    loop {
        next = match next {
            Next::Network(network) => return Ok(Link { network, vlan }),
            Next::Link(link_type) => begin(cursor, link_type, observer)?,
            Next::Ethernet => ethernet::header(cursor, observer)?,
            Next::EtherType(ether_type) => {
                ethernet::payload(cursor, ether_type, &mut vlan, observer)?
            }
            Next::Ip => version(cursor)?,
            Next::Llc => ethernet::llc(cursor, observer)?,
            Next::Mpls => mpls::label(cursor, observer)?,
            Next::Ppp => ppp::protocol(cursor, observer)?,
        };
    }
}

/// The outermost header of each link type.
fn begin(
    cursor: &mut Cursor<'_>,
    link_type: LinkType,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    match link_type {
        LinkType::ETHERNET => Ok(Next::Ethernet),
        LinkType::LINUX_SLL => cooked::version_1(cursor, observer),
        LinkType::LINUX_SLL2 => cooked::version_2(cursor, observer),
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD => Ok(Next::Ip),
        LinkType::IPV4 => Ok(Next::Network(Network::V4)),
        LinkType::IPV6 => Ok(Next::Network(Network::V6)),
        LinkType::NULL | LinkType::LOOP => loopback(cursor, observer),
        LinkType::PPP | LinkType::PPP_HDLC | LinkType::PPP_PPPD => ppp::hdlc(cursor, observer),
        LinkType::PPP_ETHER => ppp::pppoe(cursor, observer),
        LinkType::CISCO_HDLC => ppp::cisco_hdlc(cursor, observer),
        LinkType::FRAME_RELAY => ppp::frame_relay(cursor, observer),
        LinkType::IEEE_802_11 => wifi::frame(cursor, observer),
        LinkType::IEEE_802_11_RADIOTAP => wifi::radiotap(cursor, observer),
        LinkType::IEEE_802_11_PRISM | LinkType::IEEE_802_11_AVS => wifi::prism(cursor, observer),
        LinkType::PPI => wifi::ppi(cursor, observer),
        LinkType::FDDI => other_lan(cursor, 13, observer),
        LinkType::TOKEN_RING => wifi::token_ring(cursor, observer),
        LinkType::ATM_RFC1483 => Ok(Next::Llc),
        LinkType::NFLOG => cooked::nflog(cursor, observer),
        LinkType::IEEE_802_15_4
        | LinkType::IEEE_802_15_4_NO_FCS
        | LinkType::IEEE_802_15_4_NONASK_PHY
        | LinkType::IEEE_802_15_4_TAP => Err(Skip::NotIp),
        _ => Err(Skip::LinkType),
    }
}

/// Raw IP: its own first nibble tells the version.
fn version(cursor: &Cursor<'_>) -> Result<Next, Skip> {
    match cursor.peek::<1>().ok_or(Skip::IpHeaderCut)?[0] >> 4 {
        4 => Ok(Next::Network(Network::V4)),
        6 => Ok(Next::Network(Network::V6)),
        _ => Err(Skip::BadIpHeader),
    }
}

/// A BSD address family, whose byte order is that of an unknown machine.
fn loopback(cursor: &mut Cursor<'_>, observer: &mut impl Observe) -> Result<Next, Skip> {
    let family = *cursor.peek::<4>().ok_or(Skip::LinkHeaderCut)?;
    cursor.pass(LayerKind::Loopback, family.len(), observer)?;
    match u32::from_be_bytes(family).min(u32::from_le_bytes(family)) {
        2 => Ok(Next::Network(Network::V4)),
        // Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin.
        10 | 23 | 24 | 28 | 30 => Ok(Next::Network(Network::V6)),
        _ => Err(Skip::NotIp),
    }
}

/// A LAN header of `len` bytes before LLC.
fn other_lan(
    cursor: &mut Cursor<'_>,
    len: usize,
    observer: &mut impl Observe,
) -> Result<Next, Skip> {
    if cursor.rest().len() < len {
        return Err(Skip::LinkHeaderCut);
    }
    cursor.pass(LayerKind::OtherLan, len, observer)?;
    Ok(Next::Llc)
}
