//! Large transfers: files inside, backups and downloads outside.

use crate::rng::Rng;
use crate::script::{http, tls};
use crate::source::Env;
use crate::talk::{CLIENT, Ending, Opening, SERVER, Side, Step, Tcp};
use crate::time::{MILLI, seconds};
use crate::wire::Message;
use crate::world::Host;
use std::sync::Arc;

/// Files from or to the file server: short questions, blocks of data.
pub(super) fn copy_files(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let server = &world.file_server;
    let ends = client.with(env.port(client), server, 2049, false);
    let mut rng = rng.child();
    let files = rng.size(1, 12);
    let mut own = rng.child();
    let steps = (0..files).flat_map(move |_| {
        let size = own.pareto(4_000.0, 0.9, 600_000.0) as usize;
        let store = own.chance(0.4);
        let question = rpc(CLIENT, own.size(120, 220), if store { size } else { 0 });
        let reply = rpc(SERVER, own.size(90, 160), if store { 0 } else { size });
        [
            Step::Wait(seconds(own.log_normal(0.3, 1.5).min(40.0))),
            question,
            Step::Wait(own.between(0, 4 * MILLI)),
            reply,
        ]
    });
    env.tcp(
        at,
        [client, server],
        ends,
        Opening::Accepted,
        &mut rng,
        steps.chain([Step::Close(Ending::Finish(CLIENT))]),
    );
}

/// A large upload to the backup store, in pieces that it confirms.
pub(super) fn back_up(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let store = &world.backup;
    let ends = client.with(env.port(client), store, 443, false);
    let total = rng.pareto(250_000.0, 1.1, 3_000_000.0) as usize;
    let mut steps = tls::handshake(rng, &store.name);
    let piece = rng.size(64, 512) * 1024;
    for _ in 0..total.div_ceil(piece) {
        steps.push(tls::data(CLIENT, piece.min(total)));
        steps.push(Step::Wait(rng.between(5, 120) * MILLI));
        steps.push(tls::data(SERVER, rng.size(180, 420)));
    }
    steps.push(Step::Close(Ending::Finish(CLIENT)));
    let speed = rng.log_normal(1_500_000.0, 0.7);
    let tcp = Tcp::new(
        at,
        [client, store],
        ends,
        Opening::Accepted,
        rng.child(),
        steps.into_iter(),
    );
    env.start(tcp.losing(env.loss).at_most(speed));
}

/// A large object from a site.
pub(super) fn download(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let site = rng.pick_popular(&world.sites);
    let secure = rng.chance(0.7);
    let ends = client.with(env.port(client), site, if secure { 443 } else { 80 }, true);
    let size = rng.pareto(250_000.0, 1.1, 3_000_000.0) as usize;
    let mut steps = if secure {
        tls::handshake(rng, &site.name)
    } else {
        Vec::new()
    };
    steps.push(if secure {
        tls::data(CLIENT, 420)
    } else {
        http::request(rng, &site.name, 40)
    });
    steps.push(Step::Wait(seconds(rng.log_normal(0.05, 0.9))));
    steps.push(if secure {
        tls::data(SERVER, size)
    } else {
        http::response(rng, size)
    });
    steps.push(Step::Close(if rng.chance(0.9) {
        Ending::Finish(CLIENT)
    } else {
        Ending::Reset(CLIENT)
    }));
    env.tcp(at, [client, site], ends, Opening::Accepted, rng, steps);
}

/// A remote procedure call over TCP (record mark of RFC 5531), arguments as noise.
fn rpc(side: Side, head: usize, data: usize) -> Step {
    let len = head + data;
    let mark = (len as u32) | 0x8000_0000;
    Step::Say(side, Message::noise(mark.to_be_bytes(), len))
}
