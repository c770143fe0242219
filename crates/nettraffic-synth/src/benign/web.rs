//! Web: pages from outside, programs that poll, and the office's own site.

use super::chatter::resolve;
use crate::rng::Rng;
use crate::script::{http, tls};
use crate::source::Env;
use crate::talk::{CLIENT, Ending, Opening, SERVER, Step};
use crate::time::{MILLI, SECOND, seconds};
use crate::world::Host;
use std::sync::Arc;

/// A page: its site, and some hosts that serve its pictures and scripts.
pub(super) fn browse(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let mut at = at;
    let connections = 1 + rng.exponential(1.9).min(7.0) as usize;
    for number in 0..connections {
        let site = rng.pick_popular(&world.sites);
        if rng.chance(0.6) {
            at = resolve(env, rng, at, client, site) + rng.between(0, 3 * MILLI);
        }
        let requests = 1 + rng.exponential(1.5) as usize;
        connect(env, rng, at, client, site, requests);
        let pause = if number == 0 {
            rng.log_normal(0.25, 0.6)
        } else {
            rng.exponential(0.12)
        };
        at += seconds(pause);
    }
}

/// A program's regular question to its server: small, over TLS, as regular as a beacon.
pub(super) fn poll(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let site = &world.sites[(client.number * 7 + 3) % world.sites.len()];
    let at = if rng.chance(0.15) {
        resolve(env, rng, at, client, site)
    } else {
        at
    };
    let ends = client.with(env.port(client), site, 443, false);
    let mut steps = tls::handshake(rng, &site.name);
    steps.push(tls::data(CLIENT, rng.size(220, 700)));
    steps.push(Step::Wait(rng.between(5, 60) * MILLI));
    steps.push(tls::data(SERVER, rng.pareto(160.0, 1.2, 40_000.0) as usize));
    steps.push(tls::goodbye(CLIENT));
    steps.push(Step::Close(Ending::Finish(CLIENT)));
    env.tcp(at, [client, site], ends, Opening::Accepted, rng, steps);
}

/// Somebody outside looks at the office's pages.
pub(super) fn visit_us(env: &mut Env, rng: &mut Rng, at: u64, _: &Host) {
    let world = Arc::clone(&env.world);
    let visitor = rng.pick_popular(&world.visitors);
    for number in 0..1 + rng.exponential(1.2).min(5.0) as u64 {
        let at = at + number * rng.between(3, 400) * MILLI;
        let requests = 1 + rng.exponential(1.5) as usize;
        connect(env, rng, at, visitor, &world.web_server, requests);
    }
}

/// One connection with this many requests, or an attempt at one.
fn connect(env: &mut Env, rng: &mut Rng, at: u64, client: &Host, server: &Host, requests: usize) {
    let secure = rng.chance(0.82);
    let ends = client.with(
        env.port(client),
        server,
        if secure { 443 } else { 80 },
        rng.chance(0.8),
    );
    let opening = match rng.unit() {
        u if u < 0.02 => Opening::Refused,
        u if u < 0.04 => Opening::Silent(3),
        _ => Opening::Accepted,
    };
    let mut steps = if secure {
        tls::handshake(rng, &server.name)
    } else {
        Vec::new()
    };
    for number in 0..requests.min(40) {
        if number > 0 {
            steps.push(Step::Wait(seconds(rng.log_normal(0.35, 1.6).min(30.0))));
        }
        let size = object_size(rng);
        let upload = if rng.chance(0.08) {
            rng.pareto(800.0, 1.1, 400_000.0) as usize
        } else {
            0
        };
        let cookie = rng.size(12, 900);
        steps.push(if secure {
            tls::data(CLIENT, 180 + cookie + upload)
        } else {
            http::request(rng, &server.name, cookie)
        });
        steps.push(Step::Wait(seconds(rng.log_normal(0.02, 1.1).min(8.0))));
        steps.push(if secure {
            tls::data(SERVER, 220 + size)
        } else {
            http::response(rng, size)
        });
    }
    ending(rng, &mut steps, secure);
    env.tcp(at, [client, server], ends, opening, rng, steps);
}

/// Most objects are a few kilobytes, some are megabytes.
fn object_size(rng: &mut Rng) -> usize {
    if rng.chance(0.011) {
        rng.pareto(30_000.0, 1.05, 1_200_000.0) as usize
    } else {
        rng.log_normal(1_800.0, 1.3).clamp(60.0, 200_000.0) as usize
    }
}

fn ending(rng: &mut Rng, steps: &mut Vec<Step>, secure: bool) {
    let idle = match rng.unit() {
        u if u < 0.45 => rng.between(2 * MILLI, 80 * MILLI),
        u if u < 0.8 => rng.between(4 * SECOND, 16 * SECOND),
        _ => rng.between(20 * SECOND, 75 * SECOND),
    };
    steps.push(Step::Wait(idle));
    let side = if rng.chance(0.65) { CLIENT } else { SERVER };
    let ending = match rng.unit() {
        u if u < 0.78 => Ending::Finish(side),
        u if u < 0.90 => Ending::Reset(side),
        u if u < 0.96 => Ending::FinishReset(side),
        _ => return, // falls silent: a laptop is closed, a mapping expires
    };
    if secure && !matches!(ending, Ending::Reset(_)) {
        steps.push(tls::goodbye(side));
    }
    steps.push(Step::Close(ending));
}
