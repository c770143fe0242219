//! What streams are found by.

use std::hash::Hasher;
use std::net::IpAddr;

use nettraffic_capture::PacketMeta;

use super::PacketFeatureConfig;
use super::pair::Way;
use crate::keyed_hash::KeyedHash;

/// The streams of one packet.
///
/// The key of a pair is the same for both ways; which one the packet goes is kept beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys {
    pub(super) host: HostKey,
    pub(super) channel: ChannelKey,
    pub(super) channel_way: Way,
    pub(super) socket: SocketKey,
    pub(super) socket_way: Way,
}

/// A sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HostKey {
    address: u128,
    scope: u64,
}

/// Two hosts, the smaller address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChannelKey {
    addresses: [u128; 2],
    scope: u64,
}

/// Two hosts with their ports, the smaller end first, and the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SocketKey {
    addresses: [u128; 2],
    scope: u64,
    ports: [u16; 2],
    protocol: u8,
}

impl Keys {
    #[inline]
    pub(super) fn of(packet: &PacketMeta, config: &PacketFeatureConfig) -> Self {
        let scope = scope(packet, config);
        let (source, destination) = (bits(packet.source), bits(packet.destination));
        let (source_port, destination_port) = packet.ports().unwrap_or((0, 0));
        let (addresses, channel_way) = in_order(source, destination);
        let (ends, socket_way) = in_order((source, source_port), (destination, destination_port));
        Self {
            host: HostKey {
                address: source,
                scope,
            },
            channel: ChannelKey { addresses, scope },
            channel_way,
            socket: SocketKey {
                addresses,
                scope,
                ports: ends.map(|(_, port)| port),
                protocol: packet.protocol.0,
            },
            socket_way,
        }
    }
}

/// Hashes keys.
#[derive(Clone, Debug)]
pub(super) struct KeyHasher(KeyedHash);

impl KeyHasher {
    pub(super) fn new(key: u64) -> Self {
        Self(KeyedHash::new(key))
    }

    #[inline]
    pub(super) fn host(&self, key: &HostKey) -> u32 {
        self.hash(&[key.address], key.scope, 0)
    }

    #[inline]
    pub(super) fn channel(&self, key: &ChannelKey) -> u32 {
        self.hash(&key.addresses, key.scope, 0)
    }

    #[inline]
    pub(super) fn socket(&self, key: &SocketKey) -> u32 {
        let [low, high] = key.ports.map(u64::from);
        let service = low << 24 | high << 8 | u64::from(key.protocol);
        self.hash(&key.addresses, key.scope, service)
    }

    #[inline]
    fn hash(&self, addresses: &[u128], scope: u64, service: u64) -> u32 {
        self.0.of(|hasher| {
            for address in addresses {
                hasher.write_u128(*address);
            }
            hasher.write_u64(scope);
            hasher.write_u64(service);
        })
    }
}

/// Puts the smaller end first, and tells whether the packet goes from there.
#[inline]
fn in_order<T: PartialOrd>(source: T, destination: T) -> ([T; 2], Way) {
    if source <= destination {
        ([source, destination], Way::Up)
    } else {
        ([destination, source], Way::Down)
    }
}

#[inline]
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Everything that makes equal addresses different hosts, in one number: from the low bits on the
/// tunnel's identifier (32), its depth (8), the VLAN (17), the IP version (1), and the tunnel's kind.
#[inline]
fn scope(packet: &PacketMeta, config: &PacketFeatureConfig) -> u64 {
    let tunnel = packet.tunnel.filter(|_| config.tunnel_in_key);
    let tunnel = tunnel.map_or(0, |tunnel| {
        (tunnel.kind as u64 + 1) << 58 | u64::from(tunnel.depth) << 32 | u64::from(tunnel.id)
    });
    let vlan = packet.vlan.filter(|_| config.vlan_in_key);
    let vlan = vlan.map_or(0, |vlan| (u64::from(vlan) + 1) << 40);
    let version = u64::from(packet.source.is_ipv6()) << 57;
    tunnel | vlan | version
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::tests::{KEYS, check_spread};
    use nettraffic_capture::{IpProtocol, Timestamp, Transport, Tunnel, TunnelKind, UdpHeader};

    const HERE: [u8; 4] = [10, 0, 0, 1];
    const THERE: [u8; 4] = [10, 0, 0, 2];

    fn packet(source: impl Into<IpAddr>, destination: impl Into<IpAddr>) -> PacketMeta {
        let (source, destination) = (source.into(), destination.into());
        PacketMeta::new(Timestamp::default(), source, destination, IpProtocol::UDP)
    }

    fn datagram(source: ([u8; 4], u16), destination: ([u8; 4], u16)) -> PacketMeta {
        let mut packet = packet(source.0, destination.0);
        packet.transport = Transport::Udp(UdpHeader {
            source_port: source.1,
            destination_port: destination.1,
        });
        packet
    }

    fn keys(packet: &PacketMeta) -> Keys {
        Keys::of(
            packet,
            &PacketFeatureConfig::default().with_vlan_in_key(true),
        )
    }

    #[test]
    fn both_ways_share_channel_and_socket() {
        for (source, destination) in [
            ((HERE, 50_000), (THERE, 53)),
            ((THERE, 50_000), (HERE, 53)),
            ((HERE, 50_000), (HERE, 53)),
        ] {
            let forth = keys(&datagram(source, destination));
            let back = keys(&datagram(destination, source));
            assert_eq!(forth.channel, back.channel);
            assert_eq!(forth.socket, back.socket);
            assert_ne!(forth.socket_way, back.socket_way);
            let is_alone = source.0 == destination.0;
            assert_eq!(forth.channel_way == back.channel_way, is_alone);
            assert_eq!(forth.host == back.host, is_alone);
        }
    }

    #[test]
    fn ends_ports_and_protocols_are_not_mixed_up() {
        let plain = datagram((HERE, 1), (THERE, 2));
        let swapped = datagram((HERE, 2), (THERE, 1));
        let mut tcp = plain;
        tcp.protocol = IpProtocol::TCP;
        for other in [swapped, tcp] {
            assert_ne!(keys(&plain).socket, keys(&other).socket);
            assert_eq!(keys(&plain).channel, keys(&other).channel);
        }
    }

    #[test]
    fn every_scope_is_another_host() {
        let plain = packet(HERE, THERE);
        let with = |change: fn(&mut PacketMeta)| {
            let mut packet = plain;
            change(&mut packet);
            packet
        };
        let same_bits = |v4: [u8; 4]| u128::from(u32::from_be_bytes(v4)).to_be_bytes();
        let hosts = [
            plain,
            packet(same_bits(HERE), same_bits(THERE)),
            with(|packet| packet.vlan = Some(0)),
            with(|packet| packet.vlan = Some(u16::MAX)),
            with(|packet| packet.tunnel = Some(Tunnel::new(TunnelKind::ALL[0], 0))),
            with(|packet| packet.tunnel = Some(Tunnel::new(TunnelKind::Teredo, 0))),
            with(|packet| packet.tunnel = Some(Tunnel::new(TunnelKind::Teredo, u32::MAX))),
            with(|packet| {
                let tunnel = packet.tunnel.insert(Tunnel::new(TunnelKind::Teredo, 0));
                tunnel.depth = u8::MAX;
            }),
        ];
        for (i, a) in hosts.iter().map(keys).enumerate() {
            for (j, b) in hosts.iter().map(keys).enumerate() {
                assert_eq!(a.host == b.host, i == j, "{i} and {j}");
                assert_eq!(a.channel == b.channel, i == j, "{i} and {j}");
                assert_eq!(a.socket == b.socket, i == j, "{i} and {j}");
            }
        }
        let ignoring = PacketFeatureConfig::default().with_tunnel_in_key(false);
        for packet in hosts.iter().filter(|packet| packet.source.is_ipv4()) {
            assert_eq!(Keys::of(packet, &ignoring).host, keys(&plain).host);
        }
    }

    #[test]
    fn ordinary_traffic_does_not_collide_whatever_the_key() {
        for key in KEYS {
            let hasher = KeyHasher::new(key);
            let between = |[a, b]: [u32; 2], port: u32| {
                let [a, b] = [a, b].map(|low| (0x0a00_0000 | low).to_be_bytes());
                keys(&datagram((a, 40_000), (b, port as u16)))
            };
            check_spread("hosts", key, |a, b| {
                hasher.host(&between([a << 8 | b, 1], 53).host)
            });
            check_spread("channels", key, |a, b| {
                hasher.channel(&between([a, 256 + b], 53).channel)
            });
            check_spread("sockets", key, |a, b| {
                hasher.socket(&between([1, 2], a << 8 | b).socket)
            });
        }
    }
}
