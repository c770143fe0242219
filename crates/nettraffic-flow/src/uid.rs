//! Identifiers of flow records.

use std::fmt;
use std::hash::Hasher;
use std::net::IpAddr;

use nettraffic_capture::Timestamp;
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::FlowKey;

/// An identifier of a flow record: a keyless hash of its key, first time and continuation,
/// so the same record has the same one in every run and on every machine.
///
/// Two records of a capture can share it: those with the same key and continuation whose first
/// packets bear the same time, as when ports are used again within one tick of the capture's clock,
/// and the early and the final report of a flow. [`Flow::order`](crate::Flow::order) tells them apart.
///
/// Displayed like Zeek's: `C` and 22 base-62 digits, always 23 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowUid(pub u128);

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits that 128 bits need in base 62.
const WIDTH: usize = 22;
/// Digits that 64 bits hold.
const GROUP: usize = 10;
const GROUP_RANGE: u128 = 62_u128.pow(GROUP as u32);

impl FlowUid {
    /// SipHash-2-4 with 128 bits and a zero key over, in this order: initiator (a byte 4 or 6,
    /// then its 4 or 16 bytes), its port, responder likewise, its port, protocol, `first` in
    /// nanoseconds, `continuation`; inside a tunnel the name of its kind, its depth (a byte) and its
    /// identifier; inside a VLAN that is part of the key the word `vlan` and its identifier; of errors about an unknown
    /// conversation the word `about` and its hash; numbers
    /// big-endian.
    pub(crate) fn of(key: &FlowKey, first: Timestamp, continuation: u32) -> Self {
        let mut hasher = SipHasher24::new();
        write_address(&mut hasher, key.initiator);
        hasher.write(&key.initiator_port.to_be_bytes());
        write_address(&mut hasher, key.responder);
        hasher.write(&key.responder_port.to_be_bytes());
        hasher.write(&[key.protocol.0]);
        hasher.write(&first.as_nanos().to_be_bytes());
        hasher.write(&continuation.to_be_bytes());
        if let Some(tunnel) = key.tunnel {
            hasher.write(tunnel.kind.name().as_bytes());
            hasher.write(&[tunnel.depth]);
            hasher.write(&tunnel.id.to_be_bytes());
        }
        if let Some(vlan) = key.vlan {
            hasher.write(b"vlan");
            hasher.write(&vlan.to_be_bytes());
        }
        if key.about != 0 {
            hasher.write(b"about");
            hasher.write(&key.about.to_be_bytes());
        }
        Self(hasher.finish128().as_u128())
    }

    /// The text that is displayed, in ASCII.
    #[must_use]
    pub fn text(self) -> [u8; 23] {
        let mut text = [b'0'; 1 + WIDTH];
        text[0] = b'C';
        let mut rest = self.0;
        // Ten digits at a time: one division of 128 bits costs as much as many of 64.
        for group in text[1..].rchunks_mut(GROUP) {
            let mut digits = (rest % GROUP_RANGE) as u64;
            rest /= GROUP_RANGE;
            for place in group.iter_mut().rev() {
                *place = DIGITS[(digits % 62) as usize];
                digits /= 62;
            }
        }
        text
    }
}

impl fmt::Display for FlowUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(str::from_utf8(&self.text()).unwrap_or_default())
    }
}

fn write_address(hasher: &mut SipHasher24, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            hasher.write(&[4]);
            hasher.write(&address.octets());
        }
        IpAddr::V6(address) => {
            hasher.write(&[6]);
            hasher.write(&address.octets());
        }
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::{IpProtocol, Tunnel, TunnelKind};

    use super::*;

    fn key() -> FlowKey {
        FlowKey {
            initiator: [10, 0, 0, 1].into(),
            initiator_port: 40000,
            responder: [10, 0, 0, 2].into(),
            responder_port: 443,
            protocol: IpProtocol::TCP,
            tunnel: None,
            vlan: None,
            about: 0,
        }
    }

    #[test]
    fn shown_with_a_fixed_width() {
        for (value, expected) in [
            (0, "C0000000000000000000000"),
            (61, "C000000000000000000000z"),
            (62, "C0000000000000000000010"),
            (u128::MAX, "C7n42DGM5Tflk9n8mt7Fhc7"),
        ] {
            assert_eq!(FlowUid(value).to_string(), expected);
        }
    }

    #[test]
    fn never_changes_between_releases() {
        let uid = FlowUid::of(&key(), Timestamp::from_seconds(1_700_000_000, 5), 0);
        assert_eq!(uid.to_string(), "C0TKl6coxUfWreLgT3Uw62h");
    }

    #[test]
    fn every_part_counts() {
        let time = Timestamp::from_seconds(1_700_000_000, 5);
        let swapped = FlowKey {
            initiator: key().responder,
            responder: key().initiator,
            ..key()
        };
        let port = FlowKey {
            responder_port: 444,
            ..key()
        };
        let protocol = FlowKey {
            protocol: IpProtocol::UDP,
            ..key()
        };
        let tunnel = |kind, id| FlowKey {
            tunnel: Some(Tunnel::new(kind, id)),
            ..key()
        };
        let vlan = FlowKey {
            vlan: Some(7),
            ..key()
        };
        let about = FlowKey { about: 7, ..key() };
        let mut uids = vec![
            FlowUid::of(&tunnel(TunnelKind::Gre, 1), time, 0),
            FlowUid::of(&tunnel(TunnelKind::Gre, 2), time, 0),
            FlowUid::of(&tunnel(TunnelKind::Vxlan, 1), time, 0),
            FlowUid::of(&vlan, time, 0),
            FlowUid::of(&about, time, 0),
            FlowUid::of(&key(), time, 0),
            FlowUid::of(&key(), time, 1),
            FlowUid::of(&key(), Timestamp::from_seconds(1_700_000_000, 6), 0),
            FlowUid::of(&swapped, time, 0),
            FlowUid::of(&port, time, 0),
            FlowUid::of(&protocol, time, 0),
        ];
        uids.sort();
        uids.dedup();
        assert_eq!(uids.len(), 11);
    }
}
