//! Ethernet frames written in place, lengths and checksums filled in at the end.

use super::content::{Blocks, Message};
use crate::world::Endpoint;
use std::net::IpAddr;

pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMP6: u8 = 58;

/// TCP flag bits.
pub(crate) mod tcp_flag {
    pub(crate) const FIN: u8 = 0x01;
    pub(crate) const SYN: u8 = 0x02;
    pub(crate) const RST: u8 = 0x04;
    pub(crate) const PSH: u8 = 0x08;
    pub(crate) const ACK: u8 = 0x10;
}

const ETHERNET: usize = 14;
/// Shortest Ethernet frame without its check sequence: shorter ones are padded on the wire.
const SHORTEST: usize = 60;

/// One frame under construction; its buffer is reused from packet to packet.
pub(crate) struct Frame {
    bytes: Vec<u8>,
    transport: usize,
    protocol: u8,
    blocks: Blocks,
}

impl Frame {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(2048),
            transport: 0,
            protocol: 0,
            blocks: Blocks::new(),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Starts a packet: Ethernet and IP headers, lengths still open.
    pub(crate) fn begin(&mut self, from: &Endpoint, to: &Endpoint, protocol: u8, id: u16) {
        let out = &mut self.bytes;
        out.clear();
        out.extend_from_slice(&to.mac);
        out.extend_from_slice(&from.mac);
        match (from.ip, to.ip) {
            (IpAddr::V4(source), IpAddr::V4(target)) => {
                out.extend_from_slice(&[0x08, 0x00, 0x45, 0, 0, 0]);
                out.extend_from_slice(&id.to_be_bytes());
                out.extend_from_slice(&[0x40, 0, from.ttl, protocol, 0, 0]);
                out.extend_from_slice(&source.octets());
                out.extend_from_slice(&target.octets());
            }
            (source, target) => {
                out.extend_from_slice(&[0x86, 0xDD, 0x60, 0, 0, 0, 0, 0, protocol, from.ttl]);
                out.extend_from_slice(&six(source));
                out.extend_from_slice(&six(target));
            }
        }
        self.transport = out.len();
        self.protocol = protocol;
    }

    /// Appends header or payload bytes.
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a piece of a message.
    pub(crate) fn put_message(&mut self, message: &Message, offset: usize, len: usize) {
        message.copy(&self.blocks, offset, len, &mut self.bytes);
    }

    /// What an ICMP error quotes of this packet: its IP header and the eight bytes after it.
    pub(crate) fn quote(&self) -> &[u8] {
        let end = (self.transport + 8).min(self.bytes.len());
        &self.bytes[ETHERNET..end]
    }

    /// Fills in lengths and checksums and pads to the shortest Ethernet frame.
    pub(crate) fn seal(&mut self) {
        let length = self.bytes.len() - self.transport;
        let addresses = if self.transport == ETHERNET + 20 {
            let total = (length + 20) as u16;
            self.bytes[16..18].copy_from_slice(&total.to_be_bytes());
            let header = checksum(sum(&self.bytes[ETHERNET..self.transport]));
            self.bytes[24..26].copy_from_slice(&header);
            26..34
        } else {
            self.bytes[18..20].copy_from_slice(&(length as u16).to_be_bytes());
            22..54
        };
        if self.protocol == UDP {
            let at = self.transport + 4;
            self.bytes[at..at + 2].copy_from_slice(&(length as u16).to_be_bytes());
        }
        let pseudo = match self.protocol {
            ICMP => 0,
            protocol => {
                let words = [0, protocol, (length >> 8) as u8, length as u8];
                sum(&self.bytes[addresses]) + sum(&words)
            }
        };
        let mut check = checksum(pseudo + sum(&self.bytes[self.transport..]));
        if self.protocol == UDP && check == [0, 0] {
            check = [0xFF, 0xFF]; // zero would mean "no checksum"
        }
        let at = self.transport
            + match self.protocol {
                TCP => 16,
                UDP => 6,
                _ => 2,
            };
        self.bytes[at..at + 2].copy_from_slice(&check);
        if self.bytes.len() < SHORTEST {
            self.bytes.resize(SHORTEST, 0);
        }
    }
}

fn six(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(four) => four.to_ipv6_mapped().octets(),
        IpAddr::V6(six) => six.octets(),
    }
}

/// Sum of 32-bit words in native order; folding it gives the Internet checksum (RFC 1071).
fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(4);
    let mut last = [0; 4];
    last[..words.remainder().len()].copy_from_slice(words.remainder());
    let rest = u64::from(u32::from_ne_bytes(last));
    words.fold(rest, |sum, w| {
        sum + u64::from(u32::from_ne_bytes([w[0], w[1], w[2], w[3]]))
    })
}

fn checksum(mut sum: u64) -> [u8; 2] {
    while sum >> 16 != 0 {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    (!(sum as u16)).to_ne_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_matches_a_header_worked_by_hand() {
        // The IPv4 header used as example on many pages: checksum 0xb861.
        let header = [
            0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11, 0x00, 0x00, 0xc0, 0xa8,
            0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
        ];
        assert_eq!(checksum(sum(&header)), [0xb8, 0x61]);
    }

    #[test]
    fn odd_lengths_are_padded_with_zero() {
        assert_eq!(
            checksum(sum(&[0xAB, 0xCD, 0xEF])),
            checksum(sum(&[0xAB, 0xCD, 0xEF, 0x00]))
        );
    }
}
