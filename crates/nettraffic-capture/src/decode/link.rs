//! Link layers: finding the IP header.

use etherparse::{EtherType, Ethernet2HeaderSlice, SingleVlanHeaderSlice, ether_type};

use crate::{LinkType, Skip};

/// What is left of a packet without its link-layer headers.
pub(super) struct Link<'a> {
    pub(super) version: IpVersion,
    /// From the IP header on, as far as captured.
    pub(super) bytes: &'a [u8],
    pub(super) header_len: usize,
    pub(super) vlan: Option<u16>,
}

/// The IP version that the link layer announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IpVersion {
    V4,
    V6,
}

/// Takes off the link layer of `link_type`.
#[inline]
pub(super) fn strip(link_type: LinkType, data: &[u8]) -> Result<Link<'_>, Skip> {
    match link_type {
        LinkType::ETHERNET => {
            let header = Ethernet2HeaderSlice::from_slice(data).map_err(|_| Skip::LinkHeaderCut)?;
            ether_payload(header.ether_type(), data, header.slice().len())
        }
        LinkType::LINUX_SLL => {
            let header: &[u8; 16] = data.first_chunk().ok_or(Skip::LinkHeaderCut)?;
            let [_, _, hardware_high, hardware_low, .., high, low] = *header;
            let hardware = u16::from_be_bytes([hardware_high, hardware_low]);
            cooked_payload(
                hardware,
                u16::from_be_bytes([high, low]),
                data,
                header.len(),
            )
        }
        LinkType::LINUX_SLL2 => {
            let header: &[u8; 20] = data.first_chunk().ok_or(Skip::LinkHeaderCut)?;
            let [high, low, _, _, _, _, _, _, hardware_high, hardware_low, ..] = *header;
            let hardware = u16::from_be_bytes([hardware_high, hardware_low]);
            cooked_payload(
                hardware,
                u16::from_be_bytes([high, low]),
                data,
                header.len(),
            )
        }
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD => {
            let version = match data.first().ok_or(Skip::IpHeaderCut)? >> 4 {
                4 => IpVersion::V4,
                6 => IpVersion::V6,
                _ => return Err(Skip::BadIpHeader),
            };
            Ok(bare(version, data, 0))
        }
        LinkType::IPV4 => Ok(bare(IpVersion::V4, data, 0)),
        LinkType::IPV6 => Ok(bare(IpVersion::V6, data, 0)),
        LinkType::NULL | LinkType::LOOP => {
            let family: &[u8; 4] = data.first_chunk().ok_or(Skip::LinkHeaderCut)?;
            let version = address_family(*family).ok_or(Skip::NotIp)?;
            Ok(bare(version, data, family.len()))
        }
        _ => Err(Skip::LinkType),
    }
}

/// Follows VLAN tags from `at` on, to the first header that is none.
#[inline]
fn ether_payload(mut ether_type: EtherType, data: &[u8], mut at: usize) -> Result<Link<'_>, Skip> {
    let mut vlan = None;
    loop {
        let rest = data.get(at..).unwrap_or(&[]);
        let version = match ether_type {
            ether_type::IPV4 => IpVersion::V4,
            ether_type::IPV6 => IpVersion::V6,
            ether_type::ARP => return Err(Skip::Arp),
            ether_type::VLAN_TAGGED_FRAME
            | ether_type::PROVIDER_BRIDGING
            | ether_type::VLAN_DOUBLE_TAGGED_FRAME => {
                let tag =
                    SingleVlanHeaderSlice::from_slice(rest).map_err(|_| Skip::LinkHeaderCut)?;
                vlan.get_or_insert(tag.vlan_identifier().value());
                ether_type = tag.ether_type();
                at += tag.slice().len();
                continue;
            }
            EtherType(0..=MAX_802_3_LEN) => {
                // IP over LLC needs the SNAP extension with an organisation code of 0.
                let header: &[u8; 8] = rest.first_chunk().ok_or(Skip::LinkHeaderCut)?;
                let [0xaa, 0xaa, 3, 0, 0, 0, high, low] = *header else {
                    return Err(Skip::NotIp);
                };
                ether_type = EtherType(u16::from_be_bytes([high, low]));
                at += header.len();
                continue;
            }
            _ => return Err(Skip::NotIp),
        };
        return Ok(Link {
            version,
            bytes: rest,
            header_len: at,
            vlan,
        });
    }
}

/// The largest value of the type field that is the length of an IEEE 802.3 frame.
const MAX_802_3_LEN: u16 = 1500;

/// The payload of a Linux cooked header, whose protocol is an EtherType except on these
/// kinds of hardware (`if_arp.h`).
fn cooked_payload(
    hardware: u16,
    protocol: u16,
    data: &[u8],
    header_len: usize,
) -> Result<Link<'_>, Skip> {
    const FRAME_RELAY_ACCESS: u16 = 770;
    const IEEE_802_11: u16 = 801;
    const IEEE_802_11_RADIOTAP: u16 = 803;
    const NETLINK: u16 = 824;
    match hardware {
        FRAME_RELAY_ACCESS | IEEE_802_11..=IEEE_802_11_RADIOTAP | NETLINK => Err(Skip::NotIp),
        _ => ether_payload(EtherType(protocol), data, header_len),
    }
}

fn bare(version: IpVersion, data: &[u8], header_len: usize) -> Link<'_> {
    Link {
        version,
        bytes: data.get(header_len..).unwrap_or(&[]),
        header_len,
        vlan: None,
    }
}

/// The IP version of a BSD address family, whose byte order is that of an unknown machine.
fn address_family(bytes: [u8; 4]) -> Option<IpVersion> {
    let family = u32::from_be_bytes(bytes).min(u32::from_le_bytes(bytes));
    match family {
        2 => Some(IpVersion::V4),
        // Linux, Windows, NetBSD and OpenBSD, FreeBSD, Darwin.
        10 | 23 | 24 | 28 | 30 => Some(IpVersion::V6),
        _ => None,
    }
}
