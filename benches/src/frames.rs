//! The same IP packets behind every link layer and in every tunnel.

use std::net::Ipv6Addr;

use nettraffic_capture::{LinkType, Packet, PacketSource as _, Timestamp};

use crate::Traffic;

/// Frames of one link type, one behind the other.
pub struct Frames {
    link_type: LinkType,
    frames: Vec<Vec<u8>>,
}

impl Frames {
    /// The first packets of a busy network, of TCP and UDP over IP over Ethernet nearly all.
    ///
    /// # Panics
    /// Never: the traffic is sound.
    #[must_use]
    pub fn ethernet(packets: u64) -> Self {
        let traffic = Traffic::of("load", packets);
        let mut source = traffic.source();
        let mut frames = Vec::new();
        while let Some(packet) = source.next_packet().expect("it is sound") {
            frames.push(packet.data.to_vec());
        }
        Self {
            link_type: LinkType::ETHERNET,
            frames,
        }
    }

    /// Their IP packets behind the link layer of that name; see [`LINKS`].
    ///
    /// # Panics
    /// There is no link layer of that name.
    #[must_use]
    pub fn on_link(&self, name: &str) -> Self {
        let link = LINKS.iter().find(|(known, ..)| *known == name);
        let (_, link_type, wrap) = link.expect("the link layer is there");
        Self {
            link_type: *link_type,
            frames: self.ip_packets().map(wrap).collect(),
        }
    }

    /// Their IP packets in tunnels of that name, over Ethernet; see [`TUNNELS`]. In `mix`, each is
    /// in another kind of tunnel than the one before, in no order that a processor could learn.
    ///
    /// # Panics
    /// There is no tunnel of that name.
    #[must_use]
    pub fn in_tunnels(&self, name: &str) -> Self {
        let kinds: Vec<Wrap> = TUNNELS
            .iter()
            .filter(|(known, _)| name == "mix" || *known == name)
            .map(|(_, wrap)| *wrap)
            .collect();
        assert!(!kinds.is_empty(), "the tunnel is there");
        let wrapped = self.ip_packets().zip(0_u64..).map(|(packet, at)| {
            let random = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            let wrap = kinds[random as usize % kinds.len()];
            ethernet(&[], &wrap(packet))
        });
        Self {
            link_type: LinkType::ETHERNET,
            frames: wrapped.collect(),
        }
    }

    /// A packet in three fragments for each of their IPv4 packets.
    #[must_use]
    pub fn fragments(&self) -> Self {
        const LEN: u16 = 480;
        const MORE: u16 = 0x2000;
        let mut frames = Vec::new();
        for (packet, identification) in self.ip_packets().filter(|ip| !is_v6(ip)).zip(0_u16..) {
            for part in [MORE, MORE | (LEN / 8), LEN / 8 * 2] {
                let mut fragment = packet.to_vec();
                fragment.resize(20 + usize::from(LEN), 0);
                fragment[2..4].copy_from_slice(&(20 + LEN).to_be_bytes());
                fragment[4..6].copy_from_slice(&identification.to_be_bytes());
                fragment[6..8].copy_from_slice(&part.to_be_bytes());
                frames.push(ethernet(&[], &fragment));
            }
        }
        Self {
            link_type: LinkType::ETHERNET,
            frames,
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.frames.len() as u64
    }

    /// The frames as a source would lend them.
    pub fn packets(&self) -> impl Iterator<Item = Packet<'_>> {
        self.frames
            .iter()
            .map(|frame| Packet::new(Timestamp::default(), self.link_type, frame))
    }

    /// What is behind the Ethernet header of the frames that hold IP.
    fn ip_packets(&self) -> impl Iterator<Item = &[u8]> {
        self.frames
            .iter()
            .filter_map(|frame| match frame.split_at_checked(14)? {
                ([.., 0x08, 0x00] | [.., 0x86, 0xdd], packet) => Some(packet),
                _ => None,
            })
    }
}

/// Puts an IP packet into something else.
type Wrap = fn(&[u8]) -> Vec<u8>;

/// Link layers by name.
pub const LINKS: [(&str, LinkType, Wrap); 15] = [
    ("ethernet", LinkType::ETHERNET, |ip| ethernet(&[], ip)),
    ("vlan", LinkType::ETHERNET, |ip| {
        ethernet(&[0x81, 0, 0, 7], ip)
    }),
    ("qinq", LinkType::ETHERNET, |ip| {
        ethernet(&[0x88, 0xa8, 0, 9, 0x81, 0, 0, 7], ip)
    }),
    ("mpls", LinkType::ETHERNET, |ip| {
        let labels = [0, 1, 0, 64, 0, 2, 1, 64];
        [&[2; 12][..], &[0x88, 0x47], &labels, ip].concat()
    }),
    ("pppoe", LinkType::ETHERNET, |ip| {
        let session = [0x88, 0x64, 0x11, 0, 0, 9, 0, 0, 0];
        [&[2; 12][..], &session, &[ppp(ip)], ip].concat()
    }),
    ("snap", LinkType::ETHERNET, |ip| {
        let llc = [0, 100, 0xaa, 0xaa, 3, 0, 0, 0];
        [&[2; 12][..], &llc, &ether_type(ip), ip].concat()
    }),
    ("sll", LinkType::LINUX_SLL, |ip| {
        let address = [0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0];
        [&address[..], &ether_type(ip), ip].concat()
    }),
    ("sll2", LinkType::LINUX_SLL2, |ip| {
        [&ether_type(ip)[..], &[0; 7], &[1], &[0; 10], ip].concat()
    }),
    ("raw", LinkType::RAW, <[u8]>::to_vec),
    ("null", LinkType::NULL, |ip| {
        let family = if is_v6(ip) { 30 } else { 2 };
        [&[family, 0, 0, 0], ip].concat()
    }),
    ("ppp", LinkType::PPP, |ip| {
        [&[0xff, 3, 0, ppp(ip)], ip].concat()
    }),
    ("cisco_hdlc", LinkType::CISCO_HDLC, |ip| {
        [&[0x0f, 0][..], &ether_type(ip), ip].concat()
    }),
    ("frame_relay", LinkType::FRAME_RELAY, |ip| {
        let network = if is_v6(ip) { 0x8e } else { 0xcc };
        [&[0x18, 0x41, 3, network], ip].concat()
    }),
    ("wifi", LinkType::IEEE_802_11, wifi),
    ("radiotap", LinkType::IEEE_802_11_RADIOTAP, |ip| {
        let radiotap = [0, 0, 12, 0, 4, 0x80, 0, 0, 0, 0, 0, 0];
        [&radiotap[..], &wifi(ip)].concat()
    }),
];

/// Tunnels by name; each holds one packet, the last one three more.
pub const TUNNELS: [(&str, Wrap); 9] = [
    ("ipip", |ip| outer(if is_v6(ip) { 41 } else { 4 }, ip)),
    ("gre", |ip| {
        let header = [&[0x20, 0][..], &ether_type(ip), &[0, 0, 1, 2]].concat();
        outer(47, &[&header, ip].concat())
    }),
    ("erspan", |ip| {
        let gre = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1];
        let erspan = [0x10, 5, 0xfc, 7, 0, 0, 0, 0];
        outer(47, &[&gre[..], &erspan, &ethernet(&[], ip)].concat())
    }),
    ("vxlan", |ip| {
        over_udp(4789, &[8, 0, 0, 0, 0, 1, 2, 0], &ethernet(&[], ip))
    }),
    ("geneve", |ip| {
        let header = [1, 0, 0x65, 0x58, 0, 0, 9, 0, 1, 2, 3, 4];
        over_udp(6081, &header, &ethernet(&[], ip))
    }),
    ("gtpu", |ip| {
        over_udp(2152, &[0x30, 255, 0, 60, 0, 0, 0, 1], ip)
    }),
    ("6in4", |ip| outer(41, &as_v6(ip))),
    ("teredo", |ip| over_udp(3544, &[], &as_v6(ip))),
    ("four_deep", |ip| {
        let gre = outer(47, &[&[0, 0], &ether_type(ip)[..], ip].concat());
        let vxlan = over_udp(4789, &[8, 0, 0, 0, 0, 1, 2, 0], &ethernet(&[], &gre));
        over_udp(2152, &[0x30, 255, 0, 60, 0, 0, 0, 1], &outer(4, &vxlan))
    }),
];

fn is_v6(ip: &[u8]) -> bool {
    ip.first().is_some_and(|byte| byte >> 4 == 6)
}

fn ether_type(ip: &[u8]) -> [u8; 2] {
    if is_v6(ip) {
        [0x86, 0xdd]
    } else {
        [0x08, 0x00]
    }
}

/// The lower byte of its number in PPP.
fn ppp(ip: &[u8]) -> u8 {
    if is_v6(ip) { 0x57 } else { 0x21 }
}

fn ethernet(tags: &[u8], ip: &[u8]) -> Vec<u8> {
    [&[2; 12], tags, &ether_type(ip), ip].concat()
}

/// A data frame of a station, unprotected.
fn wifi(ip: &[u8]) -> Vec<u8> {
    let header = [&[8, 1, 0, 0][..], &[2; 18], &[0, 0]].concat();
    let llc = [0xaa, 0xaa, 3, 0, 0, 0];
    [&header, &llc[..], &ether_type(ip), ip].concat()
}

fn outer(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let len = (20 + payload.len()) as u16;
    let [high, low] = len.to_be_bytes();
    let start = [0x45, 0, high, low, 0, 0, 0, 0, 64, protocol, 0, 0];
    let addresses = [192, 0, 2, 1, 192, 0, 2, 2];
    [&start[..], &addresses, payload].concat()
}

fn over_udp(port: u16, header: &[u8], inner: &[u8]) -> Vec<u8> {
    let len = (8 + header.len() + inner.len()) as u16;
    let udp = [49_152, port, len, 0].map(u16::to_be_bytes);
    outer(17, &[udp.as_flattened(), header, inner].concat())
}

/// What an IPv4 packet carries, in IPv6.
fn as_v6(ip: &[u8]) -> Vec<u8> {
    let [start, ..] = ip else {
        return Vec::new();
    };
    if is_v6(ip) {
        return ip.to_vec();
    }
    let payload = ip.get(usize::from(start & 0x0f) * 4..).unwrap_or_default();
    let [high, low] = (payload.len() as u16).to_be_bytes();
    let protocol = ip.get(9).copied().unwrap_or_default();
    let address = |last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).octets();
    let start = [0x60, 0, 0, 0, high, low, protocol, 64];
    [&start[..], &address(1), &address(2), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::decode;

    #[test]
    fn every_wrapping_holds_the_packets() {
        let ethernet = Frames::ethernet(500);
        let ports = |frames: &Frames| -> Vec<_> {
            let packets = frames.packets().map(|packet| decode(&packet));
            packets.map(|meta| meta.map(|meta| meta.ports())).collect()
        };
        let expected: Vec<_> = ports(&ethernet.on_link("ethernet"));
        assert!(expected.len() > 400);
        for (name, ..) in LINKS {
            assert_eq!(ports(&ethernet.on_link(name)), expected, "{name}");
        }
        for (name, _) in TUNNELS {
            assert_eq!(ports(&ethernet.in_tunnels(name)), expected, "{name}");
        }
    }
}
