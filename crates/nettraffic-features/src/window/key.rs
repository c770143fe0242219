//! Under which keys things are found.

use std::hash::Hasher;
use std::net::IpAddr;

use foldhash::fast::FoldHasher;
use nettraffic_capture::IpProtocol;
use nettraffic_flow::FlowKey;

use crate::keyed_hash::KeyedHash;

/// A service, whoever offers it: protocol and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ServiceKey {
    protocol: IpProtocol,
    port: u16,
}

/// Two hosts and a service: all connections from the one to it at the other. Addresses alone tell
/// hosts apart, whatever tunnel or VLAN they are seen in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChannelKey {
    /// Initiator and responder.
    pub(super) hosts: [IpAddr; 2],
    pub(super) service: ServiceKey,
}

impl ChannelKey {
    pub(super) fn of(key: &FlowKey) -> Self {
        // The "ports" of ICMP are identifiers, types and codes.
        let has_ports = matches!(
            key.protocol,
            IpProtocol::TCP | IpProtocol::UDP | IpProtocol::SCTP
        );
        Self {
            hosts: [key.initiator, key.responder],
            service: ServiceKey {
                protocol: key.protocol,
                port: if has_ports { key.responder_port } else { 0 },
            },
        }
    }
}

/// Hashes keys. Equality decides what is the same: no result depends on the hash.
#[derive(Clone, Debug)]
pub(super) struct KeyHasher(KeyedHash);

impl KeyHasher {
    pub(super) fn new(key: u64) -> Self {
        Self(KeyedHash::new(key))
    }

    #[inline]
    pub(super) fn channel(&self, key: &ChannelKey) -> u32 {
        self.0.of(|hasher| {
            write_address(hasher, key.hosts[0]);
            write_address(hasher, key.hosts[1]);
            hasher.write_u32(number(key.service));
        })
    }

    pub(super) fn address(&self, address: IpAddr) -> u32 {
        self.0.of(|hasher| write_address(hasher, address))
    }

    pub(super) fn service(&self, service: ServiceKey) -> u32 {
        self.0.of(|hasher| hasher.write_u32(number(service)))
    }

    /// Of two slots.
    pub(super) fn slots(&self, slots: [u32; 2]) -> u32 {
        self.0
            .of(|hasher| hasher.write_u64(u64::from(slots[0]) << 32 | u64::from(slots[1])))
    }
}

fn number(service: ServiceKey) -> u32 {
    u32::from(service.protocol.0) << 16 | u32::from(service.port)
}

#[inline]
fn write_address(hasher: &mut FoldHasher<'_>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => hasher.write_u32(address.to_bits()),
        IpAddr::V6(address) => hasher.write_u128(address.to_bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyed_hash::tests::{KEYS, check_spread};

    fn address(a: u32, b: u32) -> IpAddr {
        IpAddr::V4((0x0a00_0000 | a << 8 | b).into())
    }

    fn service(port: u32) -> ServiceKey {
        ServiceKey {
            protocol: IpProtocol::TCP,
            port: port as u16,
        }
    }

    #[test]
    fn ordinary_traffic_does_not_collide_whatever_the_key() {
        for key in KEYS {
            let hasher = KeyHasher::new(key);
            check_spread("slots", key, |a, b| hasher.slots([a, b]));
            check_spread("addresses", key, |a, b| hasher.address(address(a, b)));
            check_spread("services", key, |a, b| hasher.service(service(a << 8 | b)));
            let channel = |a, b, port| {
                hasher.channel(&ChannelKey {
                    hosts: [address(0, a), address(1, b)],
                    service: service(port),
                })
            };
            check_spread("two networks", key, |a, b| channel(a, b, 443));
            check_spread("ports of a scan", key, |a, b| channel(1, 2, a << 8 | b));
        }
    }
}
