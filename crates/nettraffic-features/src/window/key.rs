//! Under which keys things are found.

use std::hash::Hasher;
use std::net::IpAddr;

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use nettraffic_capture::IpProtocol;
use nettraffic_flow::FlowKey;

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

/// Hashes under a key of its own, so that nobody who does not know it can make keys collide.
/// Equality decides what is the same: no result depends on it.
#[derive(Clone, Debug)]
pub(super) struct KeyHasher {
    start: u64,
    seed: SharedSeed,
}

impl KeyHasher {
    pub(super) fn new(key: u64) -> Self {
        Self {
            // Not 0, whatever the key: the hasher multiplies what it is given, and would make one of
            // all channels between hosts of address 0.
            start: key ^ 0x9e37_79b9_7f4a_7c15,
            seed: SharedSeed::from_u64(key),
        }
    }

    #[inline]
    pub(super) fn channel(&self, key: &ChannelKey) -> u32 {
        self.hash(|hasher| {
            write_address(hasher, key.hosts[0]);
            write_address(hasher, key.hosts[1]);
            hasher.write_u32(number(key.service));
        })
    }

    pub(super) fn address(&self, address: IpAddr) -> u32 {
        self.hash(|hasher| write_address(hasher, address))
    }

    pub(super) fn service(&self, service: ServiceKey) -> u32 {
        self.hash(|hasher| hasher.write_u32(number(service)))
    }

    /// Of two slots.
    pub(super) fn slots(&self, slots: [u32; 2]) -> u32 {
        self.hash(|hasher| hasher.write_u64(u64::from(slots[0]) << 32 | u64::from(slots[1])))
    }

    #[inline]
    fn hash(&self, write: impl FnOnce(&mut FoldHasher<'_>)) -> u32 {
        let mut hasher = FoldHasher::with_seed(self.start, &self.seed);
        write(&mut hasher);
        let hash = hasher.finish();
        (hash ^ (hash >> 32)) as u32
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
