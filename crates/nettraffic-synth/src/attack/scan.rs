//! Port scans of the office from outside.

use super::{Plot, Stage};
use crate::label::Pattern;
use crate::rng::Rng;
use crate::source::{Act, Env, Pace};
use crate::talk::{CLIENT, Datagram, Ending, Opening, SERVER, Step};
use crate::time::MICRO;
use crate::wire::Message;
use crate::world::{Host, World};
use std::sync::Arc;

/// Ports that scanners try first; then they go on in order.
const FAVOURITES: [u16; 24] = [
    80, 443, 22, 21, 23, 25, 53, 110, 111, 135, 139, 143, 445, 587, 993, 995, 1433, 1723, 3306,
    3389, 5432, 5900, 8080, 8443,
];

/// What a scanner finds at one port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Open,
    Closed,
    Nothing,
}

/// The sequence of probes: all hosts for one port after another, in an order that looks shuffled.
struct Targets {
    hosts: Vec<Host>,
    ports: Vec<u16>,
    next: usize,
}

impl Targets {
    fn new(world: &World) -> Self {
        let mut hosts = vec![
            world.web_server.clone(),
            world.mail_server.clone(),
            world.file_server.clone(),
            world.shell_server.clone(),
        ];
        hosts.extend(world.clients.iter().take(6).cloned());
        hosts.extend((0..3).map(|number| world.dark(number)));
        let others = (1..=u16::MAX).filter(|port| !FAVOURITES.contains(port));
        let ports = FAVOURITES.into_iter().chain(others).collect();
        Self {
            hosts,
            ports,
            next: 0,
        }
    }

    fn next(&mut self) -> (&Host, u16) {
        let hosts = self.hosts.len();
        let (round, position) = (self.next / hosts, (self.next * 5) % hosts);
        self.next += 1;
        let port = self.ports[round % self.ports.len()];
        (&self.hosts[position], port)
    }
}

fn find(world: &World, host: &Host, port: u16, rng: &mut Rng) -> Found {
    let open: &[u16] = match host.v4 {
        ip if ip.octets()[2] == 200 => return Found::Nothing,
        ip if ip == world.web_server.v4 => &[80, 443, 8080, 8443],
        ip if ip == world.mail_server.v4 => &[25, 143, 587, 993],
        ip if ip == world.file_server.v4 => &[21, 111, 445, 2049],
        ip if ip == world.shell_server.v4 => &[22],
        _ => &[135, 445],
    };
    // Desktops drop most of what they do not expect.
    let desktop = !host.name.contains('.');
    match open.contains(&port) {
        true => Found::Open,
        false if rng.chance(if desktop { 0.6 } else { 0.04 }) => Found::Nothing,
        false => Found::Closed,
    }
}

pub(super) fn syn(stage: &mut Stage<'_>) -> Plot {
    let mut targets = Targets::new(stage.world);
    let scanner = stage.stranger(0);
    let source_port = stage.rng.between(33_000, 60_000) as u16;
    let patterns = vec![Pattern::all_of(scanner.v4)];
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let (host, port) = targets.next();
        let opening = match find(&world, host, port, rng) {
            Found::Open => Opening::HalfOpen,
            Found::Closed => Opening::RefusedOnce,
            Found::Nothing => Opening::Silent(2),
        };
        // Scanners send all their probes from one or two ports.
        let ends = scanner.with(source_port + u16::from(rng.chance(0.1)), host, port, false);
        env.tcp(at, [&scanner, host], ends, opening, rng, []);
    });
    (
        patterns,
        Pace::Clock {
            gap: stage.gap,
            jitter: 0.6,
        },
        act,
    )
}

pub(super) fn connect(stage: &mut Stage<'_>) -> Plot {
    let mut targets = Targets::new(stage.world);
    let scanner = stage.stranger(0);
    let patterns = vec![Pattern::all_of(scanner.v4)];
    let act: Act = Box::new(move |env, rng, at| {
        let world = Arc::clone(&env.world);
        let (host, port) = targets.next();
        let ends = scanner.with(env.port(&scanner), host, port, false);
        let opening = match find(&world, host, port, rng) {
            Found::Open => Opening::Accepted,
            Found::Closed => Opening::RefusedOnce,
            Found::Nothing => Opening::Silent(2),
        };
        let mut steps = Vec::new();
        if rng.chance(0.3) && matches!(port, 21 | 22 | 25) {
            steps.push(Step::Say(SERVER, Message::literal(*b"220 ready\r\n")));
        }
        steps.push(Step::Close(if rng.chance(0.7) {
            Ending::Reset(CLIENT)
        } else {
            Ending::Finish(CLIENT)
        }));
        env.tcp(at, [&scanner, host], ends, opening, rng, steps);
    });
    (
        patterns,
        Pace::Clock {
            gap: stage.gap,
            jitter: 0.5,
        },
        act,
    )
}

pub(super) fn udp(stage: &mut Stage<'_>) -> Plot {
    let mut targets = Targets::new(stage.world);
    let scanner = stage.stranger(0);
    let source_port = stage.rng.between(33_000, 60_000) as u16;
    let patterns = vec![Pattern::all_of(scanner.v4)];
    let mut quiet_until = 0;
    let act: Act = Box::new(move |env: &mut Env, rng, at| {
        let world = Arc::clone(&env.world);
        let (host, port) = targets.next();
        let ends = scanner.with(source_port, host, port, false);
        let probe = || match port {
            53 => Message::literal(*b"\0\0\x10\0\0\0\0\0\0\0\0\0"),
            111 | 135 => Message::noise(*b"", 40),
            _ => Message::default(),
        };
        let mut exchange = vec![Datagram::udp(at, CLIENT, probe())];
        let found = find(&world, host, port, rng);
        // Systems limit how many ICMP errors they send: about one in 40 ms here.
        if found == Found::Closed && at >= quiet_until {
            quiet_until = at + 40_000 * MICRO;
            exchange.push(Datagram::refusal(
                at + rng.around(host.distance, 0.1),
                SERVER,
            ));
        } else {
            exchange.push(Datagram::udp(
                at + rng.between(900_000, 1_100_000) * MICRO,
                CLIENT,
                probe(),
            ));
        }
        env.datagrams(ends, exchange);
    });
    (
        patterns,
        Pace::Clock {
            gap: stage.gap,
            jitter: 0.4,
        },
        act,
    )
}
