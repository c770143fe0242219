//! SSH: people at work on the shell server, and scripts that run one command.

use crate::rng::Rng;
use crate::script::ssh;
use crate::source::Env;
use crate::talk::{CLIENT, Ending, Opening, Step};
use crate::time::{SECOND, seconds};
use crate::world::Host;
use std::sync::Arc;

pub(super) fn work(env: &mut Env, rng: &mut Rng, at: u64, client: &Host) {
    let world = Arc::clone(&env.world);
    let server = &world.shell_server;
    let ends = client.with(env.port(client), server, 22, rng.chance(0.5));
    let mut steps = ssh::key_exchange("OpenSSH_9.3");
    if rng.chance(0.2) {
        steps.push(Step::Wait(rng.between(2, 6) * SECOND));
        steps.extend(ssh::password(rng, false)); // mistyped
    }
    steps.push(Step::Wait(seconds(rng.log_normal(2.5, 0.5))));
    steps.extend(ssh::password(rng, true));
    let commands = if rng.chance(0.3) { 1 } else { rng.size(3, 45) };
    let session = ssh::session(rng, commands);
    let leave = [
        ssh::encrypted(CLIENT, 36),
        Step::Close(Ending::Finish(CLIENT)),
    ];
    let steps = steps.into_iter().chain(session).chain(leave);
    env.tcp(at, [client, server], ends, Opening::Accepted, rng, steps);
}
