//! What a taken-over client does: tunnel, report, carry data away. Its benign traffic goes on beside it.

use super::{Plot, Stage};
use crate::label::Pattern;
use crate::rng::Rng;
use crate::script::{dns, tls};
use crate::source::{Act, Pace};
use crate::talk::{CLIENT, Datagram, Ending, Opening, SERVER, Step, Tcp};
use crate::time::{MILLI, SECOND, seconds};
use crate::wire::{Message, UDP};
use crate::world::Host;

/// The client that was taken over.
fn victim(stage: &Stage<'_>) -> Host {
    let clients = &stage.world.clients;
    clients
        .get((3 + stage.number * 2) % clients.len().max(1))
        .cloned()
        .unwrap_or_else(|| stage.stranger(7))
}

/// An odd port, which benign traffic never uses.
fn odd_port(rng: &mut Rng) -> u16 {
    50_001 + 2 * rng.between(0, 5_000) as u16
}

/// Queries with data in their names and answers with data in texts. The tunnel keeps one socket open.
pub(super) fn dns_tunnel(stage: &mut Stage<'_>) -> Plot {
    let client = victim(stage);
    let resolver = stage.world.resolver.clone();
    let port = odd_port(stage.rng);
    let patterns = vec![Pattern {
        src: Some(client.v4.into()),
        dst: Some(resolver.v4.into()),
        proto: Some(UDP),
        sport: Some(port),
        dport: Some(53),
    }];
    let act: Act = Box::new(move |env, rng, at| {
        let id = rng.bits() as u16;
        let name = tunnel_name(rng);
        let answered =
            at + rng.around(resolver.distance, 0.1) + seconds(rng.log_normal(0.035, 0.4).min(1.5));
        let reply: Vec<u8> = (0..rng.size(60, 240)).map(|_| encoded(rng)).collect();
        let answer = dns::answer(id, &name, dns::TXT, &[dns::text(&reply)]);
        let exchange = [
            Datagram::udp(
                at,
                CLIENT,
                Message::literal(dns::query(id, &name, dns::TXT)),
            ),
            Datagram::udp(answered, SERVER, Message::literal(answer)),
        ];
        env.datagrams(client.with(port, &resolver, 53, false), exchange);
    });
    (patterns, Pace::Poisson { mean: stage.gap }, act)
}

/// Three long labels of data under a short domain.
fn tunnel_name(rng: &mut Rng) -> String {
    let mut name = String::with_capacity(220);
    for _ in 0..3 {
        for _ in 0..rng.size(40, 60) {
            name.push(char::from(encoded(rng)));
        }
        name.push('.');
    }
    name + "t.sync-cache.example"
}

fn encoded(rng: &mut Rng) -> u8 {
    *rng.pick(b"abcdefghijklmnopqrstuvwxyz012345")
}

/// A short connection at regular intervals; now and then the master has something to say.
pub(super) fn beacon(stage: &mut Stage<'_>) -> Plot {
    let client = victim(stage);
    let master = stage.stranger(0);
    let mut port = odd_port(stage.rng);
    let patterns = vec![Pattern {
        dst: Some(master.v4.into()),
        ..Pattern::all_of(client.v4)
    }];
    let act: Act = Box::new(move |env, rng, at| {
        port = 50_001 + (port - 50_001 + 2) % 15_000;
        let ends = client.with(port, &master, 443, false);
        let mut steps = tls::handshake(rng, "cdn.update-check.example");
        steps.push(tls::data(CLIENT, rng.size(180, 260)));
        steps.push(Step::Wait(rng.between(2, 20) * MILLI));
        steps.push(tls::data(
            SERVER,
            if rng.chance(0.04) {
                rng.size(900, 6_000)
            } else {
                rng.size(90, 130)
            },
        ));
        steps.push(Step::Close(Ending::Finish(CLIENT)));
        env.tcp(at, [&client, &master], ends, Opening::Accepted, rng, steps);
    });
    (
        patterns,
        Pace::Clock {
            gap: stage.gap,
            jitter: 0.08,
        },
        act,
    )
}

/// One connection that uploads at the given rate until the end.
pub(super) fn exfiltration(stage: &mut Stage<'_>) -> Plot {
    let client = victim(stage);
    let drop = stage.stranger(0);
    let patterns = vec![Pattern {
        dst: Some(drop.v4.into()),
        ..Pattern::all_of(client.v4)
    }];
    let (end, rate) = (stage.end, stage.rate);
    let act: Act = Box::new(move |env, rng, at| {
        const PIECE: f64 = 96.0 * 1024.0;
        let ends = client.with(odd_port(rng), &drop, 443, false);
        let total = rate * (end.saturating_sub(at)) as f64 / SECOND as f64;
        let pieces = (total / PIECE).ceil().max(1.0);
        let mut steps = tls::handshake(rng, "files.quick-share.example");
        for _ in 0..pieces as usize {
            steps.push(tls::data(CLIENT, (total / pieces) as usize));
            steps.push(tls::data(SERVER, rng.size(60, 120)));
        }
        steps.push(Step::Close(Ending::Finish(CLIENT)));
        let tcp = Tcp::new(
            at,
            [&client, &drop],
            ends,
            Opening::Accepted,
            rng.child(),
            steps.into_iter(),
        );
        env.start(tcp.losing(env.loss).at_most(rate));
    });
    // It acts once, at its start: the next moment lies beyond any end.
    (
        patterns,
        Pace::Clock {
            gap: 1e18,
            jitter: 0.0,
        },
        act,
    )
}
