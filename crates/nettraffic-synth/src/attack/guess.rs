//! Guessing passwords.

use super::{Plot, Stage};
use crate::label::Pattern;
use crate::script::{ftp, ssh};
use crate::source::{Act, Pace};
use crate::talk::{CLIENT, Ending, Opening, SERVER, Step};
use crate::time::MILLI;
use std::sync::Arc;

pub(super) fn ssh(stage: &mut Stage<'_>) -> Plot {
    let attacker = stage.stranger(0);
    let patterns = vec![Pattern::all_of(attacker.v4)];
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let server = &world.shell_server;
        let ends = attacker.with(env.port(&attacker), server, 22, false);
        let mut steps = ssh::key_exchange("libssh2_1.11.0");
        for _ in 0..rng.between(1, 6) {
            steps.push(Step::Wait(rng.between(1, 40) * MILLI));
            steps.extend(ssh::password(rng, false));
        }
        steps.push(Step::Close(Ending::Finish(if rng.chance(0.5) {
            CLIENT
        } else {
            SERVER
        })));
        env.tcp(at, [&attacker, server], ends, Opening::Accepted, rng, steps);
    });
    (
        patterns,
        Pace::Clock {
            gap: stage.gap,
            jitter: 0.7,
        },
        act,
    )
}

pub(super) fn ftp(stage: &mut Stage<'_>) -> Plot {
    let attacker = stage.stranger(0);
    let patterns = vec![Pattern::all_of(attacker.v4)];
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let server = &world.file_server;
        let ends = attacker.with(env.port(&attacker), server, 21, false);
        let attempts = rng.size(1, 3);
        let steps = ftp::failed_logins(rng, attempts);
        env.tcp(at, [&attacker, server], ends, Opening::Accepted, rng, steps);
    });
    (
        patterns,
        Pace::Clock {
            gap: stage.gap,
            jitter: 0.7,
        },
        act,
    )
}
