//! Mail: read at the desks, delivered between servers.

use crate::rng::Rng;
use crate::script::mail;
use crate::source::Env;
use crate::talk::Opening;
use crate::world::Host;
use std::sync::Arc;

pub(super) fn read(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let server = &world.mail_server;
    let ends = client.with(env.port(client), server, 993, true);
    let steps = mail::reading(rng, &server.name);
    env.tcp(at, [client, server], ends, Opening::Accepted, rng, steps);
}

pub(super) fn deliver(env: &mut Env, rng: &mut Rng, at: u64, ours: &Host) {
    let world = Arc::clone(&env.world);
    let peer = rng.pick_popular(&world.mail_peers);
    let (from, to) = if rng.chance(0.6) {
        (peer, ours)
    } else {
        (ours, peer)
    };
    let ends = from.with(env.port(from), to, 25, false);
    let len = rng.pareto(1_800.0, 0.9, 3_000_000.0) as usize;
    let steps = mail::delivery(rng, &from.name, len);
    let opening = if rng.chance(0.03) {
        Opening::Silent(4)
    } else {
        Opening::Accepted
    };
    env.tcp(at, [from, to], ends, opening, rng, steps);
}
