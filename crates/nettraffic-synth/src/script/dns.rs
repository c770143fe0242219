//! DNS messages (RFC 1035), answers with name compression.

use crate::rng::Rng;
use std::net::{IpAddr, Ipv4Addr};

pub(crate) const A: u16 = 1;
pub(crate) const TXT: u16 = 16;
pub(crate) const MX: u16 = 15;
pub(crate) const AAAA: u16 = 28;

const RESPONSE: u16 = 0x8180;
const NAME_ERROR: u16 = 0x8183;

/// A recursive query for `name`.
pub(crate) fn query(id: u16, name: &str, kind: u16) -> Vec<u8> {
    let mut out = header(id, 0x0100, 0);
    question(&mut out, name, kind);
    out
}

/// The answer with these records of the question's type.
pub(crate) fn answer(id: u16, name: &str, kind: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = header(id, RESPONSE, records.len() as u16);
    question(&mut out, name, kind);
    for record in records {
        out.extend_from_slice(&[0xC0, 12]); // the name is the question's
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&[0, 1, 0, 0, 1, 44]); // class IN, 300 s to live
        out.extend_from_slice(&(record.len() as u16).to_be_bytes());
        out.extend_from_slice(record);
    }
    out
}

/// The answer that there is no such name.
pub(crate) fn no_such_name(id: u16, name: &str, kind: u16) -> Vec<u8> {
    let mut out = header(id, NAME_ERROR, 0);
    question(&mut out, name, kind);
    out
}

/// Record data of an address.
pub(crate) fn address(ip: impl Into<IpAddr>) -> Vec<u8> {
    match ip.into() {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    }
}

/// Between one and four addresses, the first of them `first`.
pub(crate) fn addresses(rng: &mut Rng, first: Ipv4Addr) -> Vec<Vec<u8>> {
    let [a, b, c, d] = first.octets();
    (0..rng.between(1, 4) as u8)
        .map(|i| vec![a, b, c, d.wrapping_add(i)])
        .collect()
}

/// Record data of a text of at most 255 bytes.
pub(crate) fn text(text: &[u8]) -> Vec<u8> {
    let text = &text[..text.len().min(255)];
    let mut out = vec![text.len() as u8];
    out.extend_from_slice(text);
    out
}

/// Record data of a mail exchanger.
pub(crate) fn exchanger(name: &str) -> Vec<u8> {
    let mut out = vec![0, 10];
    push_name(&mut out, name);
    out
}

fn header(id: u16, flags: u16, answers: u16) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    for field in [id, flags, 1, answers, 0, 0] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    out
}

fn question(out: &mut Vec<u8>, name: &str, kind: u16) {
    push_name(out, name);
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 1]);
}

fn push_name(out: &mut Vec<u8>, name: &str) {
    for label in name.split('.') {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
}
