//! Small exchanges without connections: names, time, echoes, calls.

use crate::rng::Rng;
use crate::script::dns;
use crate::source::Env;
use crate::talk::{CLIENT, Datagram, Kind, SERVER};
use crate::time::{MICRO, MILLI, SECOND, seconds};
use crate::wire::Message;
use crate::world::Host;
use std::sync::Arc;

/// Looks up a site's addresses before connecting; returns when they are known.
pub(super) fn resolve(env: &mut Env, rng: &mut Rng, at: u64, client: &Host, site: &Host) -> u64 {
    let records = dns::addresses(rng, site.v4);
    let known = ask(env, rng, at, client, &site.name, dns::A, &records);
    if client.v6.is_some() {
        let records: Vec<_> = site.v6.into_iter().map(dns::address).collect();
        ask(
            env,
            rng,
            at + 40 * MICRO,
            client,
            &site.name,
            dns::AAAA,
            &records,
        );
    }
    known
}

/// Looks up something and leaves it at that: prefetches, searches, mistyped names.
pub(super) fn look_up(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let site = rng.pick_popular(&world.sites);
    match rng.unit() {
        u if u < 0.75 => {
            resolve(env, rng, at, client, site);
        }
        u if u < 0.83 => {
            let record = dns::text(format!("v=spf1 include:_spf.{} ~all", site.name).as_bytes());
            ask(env, rng, at, client, &site.name, dns::TXT, &[record]);
        }
        u if u < 0.88 => {
            ask(
                env,
                rng,
                at,
                client,
                "example.com",
                dns::MX,
                &[dns::exchanger("mx.example.com")],
            );
        }
        _ => {
            let name = format!("{:x}.cdn.{}", rng.bits() >> 40, site.name);
            ask(env, rng, at, client, &name, dns::A, &[]);
        }
    }
}

/// One question to the resolver; no records mean that there is no such name. Now and then the answer
/// never comes and the question is repeated.
fn ask(
    env: &mut Env,
    rng: &mut Rng,
    at: u64,
    client: &Host,
    name: &str,
    kind: u16,
    records: &[Vec<u8>],
) -> u64 {
    let world = Arc::clone(&env.world);
    let ends = client.with(env.port(client), &world.resolver, 53, false);
    let id = rng.bits() as u16;
    let question = || Message::literal(dns::query(id, name, kind));
    let mut exchange = vec![Datagram::udp(at, CLIENT, question())];
    let mut sent = at;
    if rng.chance(0.01) {
        sent += 5 * SECOND;
        exchange.push(Datagram::udp(sent, CLIENT, question()));
    }
    // From the cache, or asked around first.
    let lookup = if rng.chance(0.7) {
        rng.between(0, MILLI)
    } else {
        seconds(rng.log_normal(0.03, 0.8).min(2.0))
    };
    let answered = sent + rng.around(world.resolver.distance, 0.1) + lookup;
    let answer = match records {
        [] if kind != dns::AAAA => dns::no_such_name(id, name, kind),
        records => dns::answer(id, name, kind, records),
    };
    exchange.push(Datagram::udp(answered, SERVER, Message::literal(answer)));
    env.datagrams(ends, exchange);
    answered
}

/// An NTP exchange (RFC 5905), client mode 3 and server mode 4.
pub(super) fn ask_time(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let port = if rng.chance(0.5) {
        123
    } else {
        env.port(client)
    };
    let ends = client.with(port, &world.time_server, 123, false);
    let packet = |mode: u8, stratum: u8, at: u64| {
        let mut bytes = vec![0b0010_0000 | mode, stratum, 6, 0xE9];
        bytes.resize(40, 0);
        let since_1900 = at / SECOND + 2_208_988_800;
        bytes.extend_from_slice(&(since_1900 as u32).to_be_bytes());
        bytes.extend_from_slice(&((at % SECOND) as u32).wrapping_mul(4).to_be_bytes());
        Message::literal(bytes)
    };
    let answered = at + rng.around(world.time_server.distance, 0.1);
    let mut exchange = vec![Datagram::udp(at, CLIENT, packet(3, 0, at))];
    if rng.chance(0.97) {
        exchange.push(Datagram::udp(answered, SERVER, packet(4, 2, answered)));
    }
    env.datagrams(ends, exchange);
}

/// A few echo requests, one a second; some stay without reply.
pub(super) fn ping(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let target = if rng.chance(0.5) {
        &world.router
    } else {
        rng.pick_popular(&world.sites)
    };
    let ends = client.with(0, target, 0, rng.chance(0.3));
    let (id, len) = (rng.bits() as u16, if rng.chance(0.5) { 32 } else { 56 });
    let mut exchange = Vec::new();
    for sequence in 1..=rng.between(1, 8) as u16 {
        let sent = at + u64::from(sequence - 1) * SECOND + rng.between(0, 400 * MICRO);
        let kind = Kind::Echo { id, sequence };
        let echo = |at, from| Datagram {
            at,
            from,
            kind,
            message: Message::text(*b"", len),
        };
        exchange.push(echo(sent, CLIENT));
        if rng.chance(0.98) {
            exchange.push(echo(
                sent + rng.around(target.distance, 0.15).min(900 * MILLI),
                SERVER,
            ));
        }
    }
    env.datagrams(ends, exchange);
}

/// A call: 50 packets a second each way, silences suppressed.
pub(super) fn call(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    const FRAME: u64 = 20 * MILLI;
    let world = Arc::clone(&env.world);
    let peer = rng.pick(&world.visitors);
    let port = 16_384 + 2 * rng.between(0, 4_000) as u16;
    let ends = client.with(env.port(client), peer, port, false);
    let end = at + seconds(rng.log_normal(25.0, 0.8).min(240.0));
    let mut rng = rng.child();
    let mut due = [at, at + 7 * MILLI];
    let mut sequence = [0u16; 2];
    env.datagrams(
        ends,
        std::iter::from_fn(move || {
            let from = usize::from(due[1] < due[0]);
            let now = due[from];
            if now > end {
                return None;
            }
            let silence = if rng.chance(0.004) {
                rng.between(10, 150)
            } else {
                0
            };
            due[from] += FRAME * (1 + silence) + rng.between(0, 900 * MICRO) - 450 * MICRO;
            sequence[from] = sequence[from].wrapping_add(1);
            let mut head = vec![0x80, 0];
            head.extend_from_slice(&sequence[from].to_be_bytes());
            head.extend_from_slice(&(u32::from(sequence[from]) * 160).to_be_bytes());
            head.extend_from_slice(&[1, 2, 3, from as u8]);
            Some(Datagram::udp(now, from, Message::noise(head, 160)))
        }),
    );
}
