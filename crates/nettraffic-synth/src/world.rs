//! The hosts of a scenario: an office network, and the world outside as its mirror port sees it.

use crate::rng::Rng;
use crate::time::{MICRO, MILLI};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// One end of a conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    pub(crate) mac: [u8; 6],
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) ttl: u8,
}

/// How an operating system's TCP looks on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    /// Time stamps in every segment, ACKs delayed by 40 ms.
    Linux,
    /// No time stamps, ACKs delayed by up to 200 ms, a refused connection is tried again.
    Windows,
}

/// A machine with its addresses and its distance from the capture point.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) name: Arc<str>,
    pub(crate) mac: [u8; 6],
    pub(crate) v4: Ipv4Addr,
    pub(crate) v6: Option<Ipv6Addr>,
    pub(crate) stack: Stack,
    pub(crate) ttl: u8,
    /// Time from the capture point to the host and back.
    pub(crate) distance: u64,
    /// Serialisation time at the host's slowest link.
    pub(crate) ns_per_byte: f64,
    pub(crate) number: usize,
}

impl Host {
    pub(crate) fn at(&self, port: u16) -> Endpoint {
        Endpoint {
            mac: self.mac,
            ip: self.v4.into(),
            port,
            ttl: self.ttl,
        }
    }

    /// Endpoints of a conversation with `other`, over IPv6 where both have it and `six` is wished.
    pub(crate) fn with(
        &self,
        port: u16,
        other: &Host,
        other_port: u16,
        six: bool,
    ) -> [Endpoint; 2] {
        let mut ends = [self.at(port), other.at(other_port)];
        if let (true, Some(a), Some(b)) = (six, self.v6, other.v6) {
            ends[0].ip = a.into();
            ends[1].ip = b.into();
        }
        ends
    }
}

/// Everybody who takes part.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clients: Vec<Host>,
    pub(crate) web_server: Host,
    pub(crate) mail_server: Host,
    pub(crate) file_server: Host,
    pub(crate) shell_server: Host,
    pub(crate) router: Host,
    pub(crate) resolver: Host,
    pub(crate) time_server: Host,
    pub(crate) backup: Host,
    pub(crate) sites: Vec<Host>,
    pub(crate) visitors: Vec<Host>,
    pub(crate) mail_peers: Vec<Host>,
    seed: u64,
}

const ROUTER_MAC: [u8; 6] = [0x00, 0x1B, 0x21, 0x0A, 0x0B, 0x01];
const SITES: usize = 240;
const VISITORS: usize = 160;
const MAIL_PEERS: usize = 24;

impl World {
    pub(crate) fn new(seed: u64, clients: usize) -> Self {
        let mut rng = Rng::stream(seed, 1);
        let rng = &mut rng;
        let server = |rng: &mut Rng, last: u8, name: &str| {
            let v4 = Ipv4Addr::new(10, 20, 0, last);
            inside(
                rng,
                v4,
                name,
                Stack::Linux,
                Some(0x20 + u16::from(last)),
                usize::from(last),
            )
        };
        Self {
            router: server(rng, 1, "router"),
            web_server: server(rng, 4, "www.example.org"),
            mail_server: server(rng, 5, "mail.example.org"),
            file_server: server(rng, 6, "files.example.org"),
            shell_server: server(rng, 7, "shell.example.org"),
            clients: (0..clients).map(|i| client(rng, i)).collect(),
            resolver: outside(rng, Ipv4Addr::new(198, 18, 255, 53), "resolver", 53),
            time_server: outside(rng, Ipv4Addr::new(198, 18, 255, 123), "time", 123),
            backup: outside(
                rng,
                Ipv4Addr::new(198, 18, 254, 10),
                "backup.example.net",
                10,
            ),
            sites: (0..SITES).map(|i| site(rng, i)).collect(),
            visitors: (0..VISITORS)
                .map(|i| {
                    outside(
                        rng,
                        Ipv4Addr::new(198, 19, octet(i / 200), octet(1 + i % 200)),
                        "visitor",
                        i,
                    )
                })
                .collect(),
            mail_peers: (0..MAIL_PEERS)
                .map(|i| {
                    outside(
                        rng,
                        Ipv4Addr::new(198, 18, 253, octet(1 + i)),
                        "mx.example.com",
                        i,
                    )
                })
                .collect(),
            seed,
        }
    }

    /// A machine outside that takes part in nothing benign: an attacker, or whom an attack reports to.
    pub(crate) fn stranger(&self, number: usize) -> Host {
        let mut rng = Rng::stream(self.seed, 1_000 + number as u64);
        outside(
            &mut rng,
            Ipv4Addr::new(203, 0, octet(113 + number / 250), octet(1 + number % 250)),
            "stranger",
            number,
        )
    }

    /// A machine with an address from anywhere: the supposed sender of a spoofed packet.
    pub(crate) fn anybody(&self, rng: &mut Rng) -> Host {
        const ORDINARY: [(u64, u64); 4] = [(11, 99), (101, 126), (128, 168), (205, 223)];
        let (low, high) = *rng.pick(&ORDINARY);
        let bits = rng.bits();
        let v4 = Ipv4Addr::new(
            rng.between(low, high) as u8,
            bits as u8,
            (bits >> 8) as u8,
            (bits >> 16) as u8,
        );
        Host {
            ttl: rng.between(40, 240) as u8,
            ..outside(rng, v4, "anybody", 0)
        }
    }

    /// An inside address that no machine has.
    pub(crate) fn dark(&self, number: usize) -> Host {
        let v4 = Ipv4Addr::new(10, 20, 200, octet(1 + number % 250));
        Host {
            v4,
            v6: None,
            mac: self.router.mac,
            name: "nobody".into(),
            ..self.router.clone()
        }
    }
}

fn octet(number: usize) -> u8 {
    (number % 256) as u8
}

fn inside(
    rng: &mut Rng,
    v4: Ipv4Addr,
    name: &str,
    stack: Stack,
    six: Option<u16>,
    number: usize,
) -> Host {
    let [_, _, c, d] = v4.octets();
    Host {
        name: name.into(),
        mac: [0x00, 0x50, 0x56, rng.bits() as u8, c, d],
        v4,
        v6: six.map(|last| Ipv6Addr::new(0x2001, 0xDB8, 0x20, 0, 0, 0, 0, last)),
        stack,
        ttl: if stack == Stack::Linux { 64 } else { 128 },
        distance: rng.between(60 * MICRO, 350 * MICRO),
        ns_per_byte: 8.0,
        number,
    }
}

fn client(rng: &mut Rng, i: usize) -> Host {
    let v4 = Ipv4Addr::new(10, 20, octet(1 + i / 250), octet(1 + i % 250));
    let stack = if rng.chance(0.6) {
        Stack::Windows
    } else {
        Stack::Linux
    };
    let six = rng.chance(0.5).then_some(0x100 + i as u16);
    inside(rng, v4, "client", stack, six, i)
}

fn outside(rng: &mut Rng, v4: Ipv4Addr, name: &str, number: usize) -> Host {
    let stack = if rng.chance(0.7) {
        Stack::Linux
    } else {
        Stack::Windows
    };
    let hops = rng.between(6, 22) as u8;
    let round_trip = rng.log_normal(28.0, 0.8).clamp(3.0, 320.0);
    Host {
        name: name.into(),
        mac: ROUTER_MAC,
        v4,
        v6: None,
        stack,
        ttl: if stack == Stack::Linux {
            64 - hops
        } else {
            128 - hops
        },
        distance: (round_trip * MILLI as f64) as u64,
        ns_per_byte: rng.log_normal(120.0, 0.7).clamp(20.0, 1_500.0),
        number,
    }
}

fn site(rng: &mut Rng, i: usize) -> Host {
    const FIRST: [&str; 20] = [
        "blue", "north", "quick", "green", "open", "river", "city", "prime", "cloud", "daily",
        "union", "bright", "alpha", "global", "silver", "home", "metro", "delta", "nova", "urban",
    ];
    const SECOND: [&str; 14] = [
        "shop", "news", "mail", "media", "bank", "data", "maps", "cdn", "games", "travel", "books",
        "labs", "static", "video",
    ];
    let name = format!("www.{}{}.example", rng.pick(&FIRST), rng.pick(&SECOND));
    let mut host = outside(
        rng,
        Ipv4Addr::new(198, 18, octet(i / 250), octet(1 + i % 250)),
        &name,
        i,
    );
    if rng.chance(0.35) {
        host.v6 = Some(Ipv6Addr::new(
            0x2001,
            0xDB8,
            0xFFFF,
            0,
            0,
            0,
            0,
            1 + i as u16,
        ));
    }
    host
}
