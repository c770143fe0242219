//! A TLS 1.3 handshake as seen from outside (RFC 8446), then application data.

use crate::rng::Rng;
use crate::talk::{CLIENT, SERVER, Side, Step};
use crate::wire::Message;

/// The handshake that opens a connection to `name`.
pub(crate) fn handshake(rng: &mut Rng, name: &str) -> Vec<Step> {
    let session = random(rng);
    // A resumed session needs no certificate.
    let resumed = rng.chance(0.5);
    let certificate = if resumed {
        rng.size(130, 330)
    } else {
        rng.size(1_800, 4_600)
    };
    let mut server = server_hello(rng, &session);
    server.extend_from_slice(&CHANGE_CIPHER_SPEC);
    vec![
        Step::Say(CLIENT, Message::literal(client_hello(rng, name, &session))),
        Step::Say(SERVER, Message::tls(server, certificate)),
        Step::Say(CLIENT, Message::tls(CHANGE_CIPHER_SPEC, 74)),
    ]
}

/// `len` bytes of application data.
pub(crate) fn data(side: Side, len: usize) -> Step {
    Step::Say(side, Message::tls(*b"", len))
}

/// The closing alert.
pub(crate) fn goodbye(side: Side) -> Step {
    Step::Say(side, Message::tls(*b"", 24))
}

const CHANGE_CIPHER_SPEC: [u8; 6] = [0x14, 3, 3, 0, 1, 1];
/// Browsers pad their hello to this.
const CLIENT_HELLO: usize = 512;

fn random(rng: &mut Rng) -> [u8; 32] {
    let mut out = [0; 32];
    for chunk in out.chunks_exact_mut(8) {
        chunk.copy_from_slice(&rng.bits().to_le_bytes());
    }
    out
}

fn client_hello(rng: &mut Rng, name: &str, session: &[u8; 32]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend_from_slice(&random(rng));
    body.push(32);
    body.extend_from_slice(session);
    body.extend_from_slice(&[0, 8, 0x13, 1, 0x13, 2, 0x13, 3, 0xC0, 0x2F, 1, 0]);
    let mut extensions = Vec::new();
    let host = [
        &[0, 0, name.len() as u8 + 3, 0, 0, name.len() as u8],
        name.as_bytes(),
    ]
    .concat();
    extension(&mut extensions, 0x00, &host[1..]);
    extension(&mut extensions, 0x0A, &[0, 4, 0, 29, 0, 23]);
    extension(&mut extensions, 0x0D, &[0, 4, 4, 3, 8, 4]);
    extension(&mut extensions, 0x2B, &[2, 3, 4]);
    extension(
        &mut extensions,
        0x33,
        &[&[0, 36, 0, 29, 0, 32], &random(rng)[..]].concat(),
    );
    let missing = CLIENT_HELLO.saturating_sub(body.len() + 2 + extensions.len() + 4 + 4);
    extension(&mut extensions, 0x15, &vec![0; missing]);
    body.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
    body.extend_from_slice(&extensions);
    record(1, 1, &body)
}

fn server_hello(rng: &mut Rng, session: &[u8; 32]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend_from_slice(&random(rng));
    body.push(32);
    body.extend_from_slice(session);
    body.extend_from_slice(&[0x13, 1, 0]);
    let mut extensions = Vec::new();
    extension(&mut extensions, 0x2B, &[3, 4]);
    extension(
        &mut extensions,
        0x33,
        &[&[0, 29, 0, 32], &random(rng)[..]].concat(),
    );
    body.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
    body.extend_from_slice(&extensions);
    record(3, 2, &body)
}

fn extension(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.extend_from_slice(&[0, kind]);
    out.extend_from_slice(&(body.len() as u16).to_be_bytes());
    out.extend_from_slice(body);
}

/// A handshake message in its record.
fn record(minor: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let len = body.len() as u16;
    let [high, low] = (len + 4).to_be_bytes();
    let [body_high, body_low] = len.to_be_bytes();
    let mut out = vec![0x16, 3, minor, high, low, kind, 0, body_high, body_low];
    out.extend_from_slice(body);
    out
}
