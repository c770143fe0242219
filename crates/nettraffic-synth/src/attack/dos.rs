//! Denial of service: floods and slow requests.

use super::{Plot, Stage};
use crate::label::Pattern;
use crate::script::http;
use crate::source::{Act, Pace};
use crate::talk::{CLIENT, Datagram, Ending, Opening, SERVER, Step};
use crate::time::{MICRO, SECOND, seconds};
use crate::wire::{Message, TCP};
use crate::world::Host;
use std::sync::Arc;

/// Bots that share a flood.
const BOTS: usize = 6;
/// Half-open connections that a server keeps; beyond them it answers some with a SYN cookie, once.
const BACKLOG: u64 = 128;
/// The service that a spoofed flood hits. Nobody benign uses it, so that rules can tell the flood.
const SPOOFED_PORT: u16 = 8443;

/// Flooding tools count their source ports up.
fn rising_port(sent: u64) -> u16 {
    (1_024 + sent % 64_000) as u16
}

/// SYNs from a few bots to the port that everybody visits.
pub(super) fn syn_flood(stage: &mut Stage<'_>) -> Plot {
    let bots: Vec<Host> = (0..BOTS).map(|bot| stage.stranger(bot)).collect();
    let patterns = bots.iter().map(|bot| Pattern::all_of(bot.v4)).collect();
    let mut sent = 0u64;
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let bot = rng.pick(&bots);
        sent += 1;
        // The bot's system resets what it did not ask for, unless it filters that, as here half do.
        let opening = match rng.unit() {
            u if sent > BACKLOG && u < 0.5 => Opening::Silent(1),
            u if u < 0.75 => Opening::HalfOpen,
            _ if sent > BACKLOG => Opening::Unfinished(0),
            _ => Opening::Unfinished(3),
        };
        let ends = bot.with(rising_port(sent), &world.web_server, 443, false);
        env.tcp(at, [bot, &world.web_server], ends, opening, rng, []);
    });
    (patterns, Pace::Poisson { mean: stage.gap }, act)
}

/// SYNs from invented addresses.
pub(super) fn spoofed_syn_flood(stage: &mut Stage<'_>) -> Plot {
    let pattern = Pattern {
        dst: Some(stage.world.web_server.v4.into()),
        proto: Some(TCP),
        dport: Some(SPOOFED_PORT),
        ..Pattern::default()
    };
    let mut sent = 0u64;
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let sender = world.anybody(rng);
        sent += 1;
        let opening = match sent {
            ..=BACKLOG => Opening::Unfinished(3),
            _ if rng.chance(0.5) => Opening::Unfinished(0),
            _ => Opening::Silent(1),
        };
        let ends = sender.with(rising_port(sent), &world.web_server, SPOOFED_PORT, false);
        env.tcp(at, [&sender, &world.web_server], ends, opening, rng, []);
    });
    (vec![pattern], Pace::Poisson { mean: stage.gap }, act)
}

/// Datagrams from a few bots to closed ports of one host, each from a handful of sockets.
pub(super) fn udp_flood(stage: &mut Stage<'_>) -> Plot {
    const SOCKETS: u64 = 16;
    let bots: Vec<Host> = (0..BOTS).map(|bot| stage.stranger(bot)).collect();
    let patterns = bots.iter().map(|bot| Pattern::all_of(bot.v4)).collect();
    let len = stage.rng.size(200, 700);
    let mut refused = 0;
    // One act is a volley: from one socket, eight datagrams at the flood's rate.
    const VOLLEY: u64 = 8;
    let gap = stage.gap;
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let bot = rng.pick(&bots);
        let port = 40_000 + (rng.between(0, SOCKETS - 1) * 31) as u16;
        let ends = bot.with(port, &world.web_server, 27_015 + (port % 3), false);
        let mut volley = Vec::with_capacity(VOLLEY as usize + 1);
        let mut due = at;
        for _ in 0..VOLLEY {
            volley.push(Datagram::udp(due, CLIENT, Message::noise(*b"", len)));
            due += (gap * rng.unit() * 2.0) as u64;
        }
        if at >= refused {
            refused = at + SECOND; // the limit of most systems
            let answered = volley[VOLLEY as usize - 1].at + rng.around(200 * MICRO, 0.3);
            volley.push(Datagram::refusal(answered, SERVER));
        }
        env.datagrams(ends, volley);
    });
    (
        patterns,
        Pace::Poisson {
            mean: gap * VOLLEY as f64,
        },
        act,
    )
}

/// Requests that never end, to the site that everybody visits.
pub(super) fn slowloris(stage: &mut Stage<'_>) -> Plot {
    let attacker = stage.stranger(0);
    let patterns = vec![Pattern::all_of(attacker.v4)];
    let end = stage.end;
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let server = &world.web_server;
        let ends = attacker.with(env.port(&attacker), server, 80, false);
        let mut steps = vec![http::unfinished_request(rng, &server.name)];
        let mut now = at;
        let patience = at + seconds(rng.log_normal(90.0, 0.4));
        while now < end.min(patience) {
            let pause = rng.around(12 * SECOND, 0.25);
            now += pause;
            steps.push(Step::Wait(pause));
            steps.push(http::another_header(rng));
        }
        // The server loses patience, or the attacker's tool is stopped.
        let ending = if now >= patience {
            Ending::Finish(SERVER)
        } else {
            Ending::Reset(CLIENT)
        };
        steps.push(Step::Close(ending));
        env.tcp(at, [&attacker, server], ends, Opening::Accepted, rng, steps);
    });
    (patterns, Pace::Poisson { mean: stage.gap }, act)
}
