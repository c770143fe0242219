//! A decoder of its own: it shares no code with what it judges.

use nettraffic_synth::Synthetic;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 16;

/// A packet as a careful reader sees it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: u64,
    pub(crate) src: (IpAddr, u16),
    pub(crate) dst: (IpAddr, u16),
    pub(crate) proto: u8,
    pub(crate) flags: u8,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) payload: Vec<u8>,
    pub(crate) label: &'static str,
}

/// Both ends of a conversation, the smaller first, and its protocol.
pub(crate) type Key = ((IpAddr, u16), (IpAddr, u16), u8);

impl Seen {
    pub(crate) fn key(&self) -> Key {
        (self.src.min(self.dst), self.src.max(self.dst), self.proto)
    }

    pub(crate) fn is(&self, flags: u8) -> bool {
        self.flags & flags == flags
    }

    /// Sequence numbers it takes.
    pub(crate) fn extent(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.is(SYN)) + u32::from(self.is(FIN))
    }
}

pub(crate) fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Ones' complement sum by the book, to judge the fast one.
fn folded(parts: &[&[u8]]) -> u16 {
    let bytes = parts.concat();
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |low| u32::from(*low));
    }
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    sum as u16
}

/// Insists on the checksums of a frame.
pub(crate) fn verify(frame: &[u8]) {
    let four = be16(frame, 12) == 0x0800;
    let (start, end, proto, addresses) = if four {
        assert_eq!(folded(&[&frame[14..34]]), 0xFFFF, "IPv4 header checksum");
        (
            34,
            14 + usize::from(be16(frame, 16)),
            frame[23],
            &frame[26..34],
        )
    } else {
        (
            54,
            54 + usize::from(be16(frame, 18)),
            frame[20],
            &frame[22..54],
        )
    };
    let length = ((end - start) as u32).to_be_bytes();
    let sum = match proto {
        1 => folded(&[&frame[start..end]]),
        _ => folded(&[addresses, &length, &[0, 0, 0, proto], &frame[start..end]]),
    };
    assert_eq!(sum, 0xFFFF, "transport checksum, protocol {proto}");
}

/// Decodes a frame and insists on its lengths.
fn decode(at: u64, frame: &[u8], label: &'static str) -> Seen {
    assert!(frame.len() >= 60, "shorter than Ethernet allows");
    let (src, dst, proto, start, end) = match be16(frame, 12) {
        0x0800 => {
            let v4 = |at: usize| IpAddr::from(Ipv4Addr::from(be32(frame, at)));
            (
                v4(26),
                v4(30),
                frame[23],
                34,
                14 + usize::from(be16(frame, 16)),
            )
        }
        0x86DD => {
            let v6 = |at: usize| {
                let octets: [u8; 16] = frame[at..at + 16].try_into().unwrap_or_default();
                IpAddr::from(Ipv6Addr::from(octets))
            };
            (
                v6(22),
                v6(38),
                frame[20],
                54,
                54 + usize::from(be16(frame, 18)),
            )
        }
        other => panic!("ether type {other:#x}"),
    };
    assert!(
        end <= frame.len() && frame[end..].iter().all(|byte| *byte == 0),
        "length and padding"
    );
    let body = &frame[start..end];
    let (ports, header) = match proto {
        6 => (
            (be16(body, 0), be16(body, 2)),
            usize::from(body[12] >> 4) * 4,
        ),
        17 => {
            assert_eq!(usize::from(be16(body, 4)), body.len(), "UDP length");
            ((be16(body, 0), be16(body, 2)), 8)
        }
        _ => ((0, 0), 8),
    };
    let tcp = proto == 6;
    Seen {
        at,
        src: (src, ports.0),
        dst: (dst, ports.1),
        proto,
        flags: if tcp { body[13] } else { 0 },
        seq: if tcp { be32(body, 4) } else { 0 },
        ack: if tcp { be32(body, 8) } else { 0 },
        payload: body[header..].to_vec(),
        label,
    }
}

/// Walks a capture's bytes: every record whole, every frame readable.
pub(crate) fn read(capture: &Synthetic) -> Vec<Seen> {
    walk(capture, |_| ())
}

pub(crate) fn walk(capture: &Synthetic, check: fn(&[u8])) -> Vec<Seen> {
    let pcap = &capture.pcap;
    assert_eq!(pcap[..4], 0xA1B2_3C4D_u32.to_le_bytes());
    assert_eq!(pcap[20..24], 1u32.to_le_bytes(), "Ethernet");
    let le = |at: usize| u32::from_le_bytes([pcap[at], pcap[at + 1], pcap[at + 2], pcap[at + 3]]);
    let mut seen = Vec::new();
    let mut at = 24;
    while at < pcap.len() {
        let (time, len) = (
            u64::from(le(at)) * 1_000_000_000 + u64::from(le(at + 4)),
            le(at + 8) as usize,
        );
        assert_eq!(le(at + 12) as usize, len, "captured whole");
        let label = capture
            .truth
            .packet_label(seen.len())
            .expect("a label for every packet");
        let frame = &pcap[at + 16..at + 16 + len];
        check(frame);
        seen.push(decode(time, frame, label));
        at += 16 + len;
    }
    assert_eq!(seen.len(), capture.truth.packets);
    seen
}
