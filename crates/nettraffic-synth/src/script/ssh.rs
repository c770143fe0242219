//! SSH: the readable opening (RFC 4253), then packets of noise.

use crate::rng::Rng;
use crate::talk::{CLIENT, SERVER, Side, Step};
use crate::time::{MILLI, seconds};
use crate::wire::Message;

/// Version and key exchange up to the first encrypted packet.
pub(crate) fn key_exchange(client: &str) -> Vec<Step> {
    let say = |side, bytes: Vec<u8>| Step::Say(side, Message::literal(bytes));
    let key = [string(b"ssh-ed25519"), string(&[7; 32])].concat();
    let signature = [string(b"ssh-ed25519"), string(&[5; 64])].concat();
    let reply = [string(&key), string(&[9; 32]), string(&signature)].concat();
    vec![
        say(CLIENT, format!("SSH-2.0-{client}\r\n").into_bytes()),
        say(SERVER, b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        say(CLIENT, packet(20, &algorithms(CLIENT))),
        say(SERVER, packet(20, &algorithms(SERVER))),
        say(CLIENT, packet(30, &string(&[3; 32]))),
        say(SERVER, [packet(31, &reply), packet(21, &[])].concat()),
        say(CLIENT, packet(21, &[])),
        // The service request and its answer are the first encrypted packets.
        encrypted(CLIENT, 44),
        encrypted(SERVER, 44),
    ]
}

/// One attempt to log in, refused or accepted after the server's deliberate delay.
pub(crate) fn password(rng: &mut Rng, accepted: bool) -> [Step; 3] {
    let delay = if accepted {
        rng.between(20, 90)
    } else {
        rng.between(1_400, 2_600)
    };
    [
        encrypted(CLIENT, 8 * rng.size(10, 19)),
        Step::Wait(delay * MILLI),
        encrypted(SERVER, if accepted { 28 } else { 52 }),
    ]
}

/// Somebody at work: commands typed key by key with their echo, output, pauses to read and think.
pub(crate) fn session(rng: &mut Rng, commands: usize) -> impl Iterator<Item = Step> + Send + use<> {
    let mut rng = rng.child();
    let mut left = commands;
    let mut keys = 0;
    let mut output = false;
    std::iter::from_fn(move || {
        if output {
            output = false;
            let len = rng.pareto(60.0, 0.9, 30_000.0) as usize;
            return Some(vec![encrypted(SERVER, 8 * (len / 8) + 36)]);
        }
        if keys == 0 {
            left = left.checked_sub(1)?;
            keys = rng.size(2, 24);
            let pause = seconds(rng.log_normal(4.0, 1.1).min(90.0));
            return Some(vec![Step::Wait(pause)]);
        }
        keys -= 1;
        output = keys == 0;
        let pause = seconds(rng.log_normal(0.16, 0.5).min(2.0));
        Some(vec![
            Step::Wait(pause),
            encrypted(CLIENT, 36),
            encrypted(SERVER, 36),
        ])
    })
    .flatten()
}

/// An encrypted packet of `len` bytes.
pub(crate) fn encrypted(side: Side, len: usize) -> Step {
    Step::Say(side, Message::noise(*b"", len))
}

/// A packet before encryption: length, padding length, code, payload, padding to eight bytes.
fn packet(code: u8, payload: &[u8]) -> Vec<u8> {
    let bare = 6 + payload.len();
    let padding = 4 + (8 - (bare + 4) % 8) % 8;
    let length = (2 + payload.len() + padding) as u32;
    let mut out = length.to_be_bytes().to_vec();
    out.extend_from_slice(&[padding as u8, code]);
    out.extend_from_slice(payload);
    out.resize(out.len() + padding, 0);
    out
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

fn algorithms(side: Side) -> Vec<u8> {
    const CIPHERS: &[u8] = b"chacha20-poly1305@openssh.com,aes128-ctr,aes256-gcm@openssh.com";
    const CODES: &[u8] = b"umac-64-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512";
    let exchanges: &[u8] = if side == CLIENT {
        b"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,diffie-hellman-group14-sha256"
    } else {
        b"curve25519-sha256,ecdh-sha2-nistp256"
    };
    let keys: &[u8] = b"ssh-ed25519,rsa-sha2-512,rsa-sha2-256";
    let compression: &[u8] = b"none,zlib@openssh.com";
    let lists = [
        exchanges,
        keys,
        CIPHERS,
        CIPHERS,
        CODES,
        CODES,
        compression,
        compression,
        b"",
        b"",
    ];
    let mut out = vec![0x5A; 16]; // the cookie
    for list in lists {
        out.extend_from_slice(&string(list));
    }
    out.extend_from_slice(&[0; 5]);
    out
}
