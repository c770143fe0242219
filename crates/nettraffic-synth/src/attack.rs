//! Attacks: what they are called, how strong they are, what they send.

mod c2;
mod dos;
mod guess;
mod scan;

use crate::label::Pattern;
use crate::rng::Rng;
use crate::source::{Act, Pace, Source};
use crate::time::{SECOND, nanoseconds};
use crate::world::World;
use std::time::Duration;

/// The kinds of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttackKind {
    /// SYN to port after port, reset on an answer.
    SynScan,
    /// Full connections to port after port, closed at once.
    ConnectScan,
    /// Datagrams to port after port; closed ones answer with ICMP.
    UdpScan,
    /// SYNs without end to one service.
    SynFlood,
    /// Datagrams without end to one host.
    UdpFlood,
    /// Many HTTP requests that never end, kept alive by a header line now and then.
    Slowloris,
    /// Password after password over SSH.
    SshBruteForce,
    /// Password after password over FTP.
    FtpBruteForce,
    /// Data in the names of DNS queries, through the same resolver as everybody's look-ups.
    DnsTunnel,
    /// A client that reports to its master at regular intervals.
    Beacon,
    /// A client that uploads a lot to a place it never talked to before.
    Exfiltration,
}

/// What is fixed for a kind of attack: one table for labels, defaults and documentation.
struct Profile {
    kind: AttackKind,
    scenario: &'static str,
    label: &'static str,
    seconds: u64,
    rate: f64,
    event: &'static str,
}

const PROFILES: [Profile; 11] = [
    profile(
        AttackKind::SynScan,
        "syn-scan",
        "scan_syn",
        40,
        25.0,
        "probe",
    ),
    profile(
        AttackKind::ConnectScan,
        "connect-scan",
        "scan_connect",
        40,
        15.0,
        "probe",
    ),
    profile(
        AttackKind::UdpScan,
        "udp-scan",
        "scan_udp",
        60,
        8.0,
        "probe",
    ),
    profile(
        AttackKind::SynFlood,
        "syn-flood",
        "dos_synflood",
        20,
        200.0,
        "SYN",
    ),
    profile(
        AttackKind::UdpFlood,
        "udp-flood",
        "dos_udpflood",
        20,
        300.0,
        "datagram",
    ),
    profile(
        AttackKind::Slowloris,
        "slowloris",
        "dos_slowloris",
        150,
        1.2,
        "connection",
    ),
    profile(
        AttackKind::SshBruteForce,
        "ssh-bruteforce",
        "bruteforce_ssh",
        180,
        0.5,
        "connection",
    ),
    profile(
        AttackKind::FtpBruteForce,
        "ftp-bruteforce",
        "bruteforce_ftp",
        120,
        0.5,
        "connection",
    ),
    profile(
        AttackKind::DnsTunnel,
        "dns-tunnel",
        "tunnel_dns",
        180,
        8.0,
        "query",
    ),
    profile(
        AttackKind::Beacon,
        "beacon",
        "c2_beacon",
        1_200,
        1.0 / 15.0,
        "report",
    ),
    profile(
        AttackKind::Exfiltration,
        "exfiltration",
        "exfiltration",
        120,
        36_000.0,
        "byte",
    ),
];

const fn profile(
    kind: AttackKind,
    scenario: &'static str,
    label: &'static str,
    seconds: u64,
    rate: f64,
    event: &'static str,
) -> Profile {
    Profile {
        kind,
        scenario,
        label,
        seconds,
        rate,
        event,
    }
}

impl AttackKind {
    /// All kinds.
    pub const ALL: [Self; PROFILES.len()] = {
        let mut all = [Self::SynScan; PROFILES.len()];
        let mut i = 0;
        while i < all.len() {
            all[i] = PROFILES[i].kind;
            i += 1;
        }
        all
    };

    /// Its name in labels, such as `scan_syn`.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.profile().label
    }

    /// What its rate counts, such as `probe`.
    #[must_use]
    pub fn event(self) -> &'static str {
        self.profile().event
    }

    /// The name of the scenario that shows this attack alone, such as `syn-scan`.
    #[must_use]
    pub fn scenario_name(self) -> &'static str {
        self.profile().scenario
    }

    fn profile(self) -> &'static Profile {
        PROFILES
            .iter()
            .find(|profile| profile.kind == self)
            .unwrap_or(&PROFILES[0])
    }
}

/// An attack with its time and strength.
#[derive(Clone, Debug)]
pub struct Attack {
    kind: AttackKind,
    start: Duration,
    duration: Duration,
    rate: f64,
    spoofed: bool,
}

impl Attack {
    /// An attack of the usual length and strength that begins with the capture.
    #[must_use]
    pub fn new(kind: AttackKind) -> Self {
        let profile = kind.profile();
        let duration = Duration::from_secs(profile.seconds);
        Self {
            kind,
            start: Duration::ZERO,
            duration,
            rate: profile.rate,
            spoofed: false,
        }
    }

    /// Sets when it begins, counted from the start of the capture.
    #[must_use]
    pub fn at(mut self, start: Duration) -> Self {
        self.start = start;
        self
    }

    /// Sets how long it begins new events; answers and closes may follow later.
    #[must_use]
    pub fn lasting(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// Sets its strength in events per second, from one in three hours to a billion ([`AttackKind::event`] says which events).
    #[must_use]
    pub fn rate(mut self, per_second: f64) -> Self {
        let known = if per_second.is_nan() { 0.0 } else { per_second };
        self.rate = known.clamp(1e-4, 1e9);
        self
    }

    /// Lets a SYN flood come from invented addresses instead of a few bots; others stay as they are.
    #[must_use]
    pub fn spoofed(mut self) -> Self {
        self.spoofed = true;
        self
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> AttackKind {
        self.kind
    }

    /// Its strength in events per second.
    #[must_use]
    pub fn events_per_second(&self) -> f64 {
        self.rate
    }

    /// How long it begins new events.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// When it begins, counted from the start of the capture.
    #[must_use]
    pub fn start(&self) -> Duration {
        self.start
    }

    /// The attack's sources and the conversations it consists of; `number` keeps apart the attackers of a scenario.
    pub(crate) fn stage(
        &self,
        world: &World,
        seed: u64,
        number: usize,
        origin: u64,
    ) -> (Vec<Pattern>, Vec<Source>) {
        let start = origin.saturating_add(nanoseconds(self.start));
        let end = start.saturating_add(nanoseconds(self.duration));
        let mut rng = Rng::stream(seed, 5_000 + number as u64);
        let mut stage = Stage {
            world,
            number,
            end,
            gap: SECOND as f64 / self.rate,
            rate: self.rate,
            rng: &mut rng,
        };
        let (patterns, pace, act) = match self.kind {
            AttackKind::SynScan => scan::syn(&mut stage),
            AttackKind::ConnectScan => scan::connect(&mut stage),
            AttackKind::UdpScan => scan::udp(&mut stage),
            AttackKind::SynFlood if self.spoofed => dos::spoofed_syn_flood(&mut stage),
            AttackKind::SynFlood => dos::syn_flood(&mut stage),
            AttackKind::UdpFlood => dos::udp_flood(&mut stage),
            AttackKind::Slowloris => dos::slowloris(&mut stage),
            AttackKind::SshBruteForce => guess::ssh(&mut stage),
            AttackKind::FtpBruteForce => guess::ftp(&mut stage),
            AttackKind::DnsTunnel => c2::dns_tunnel(&mut stage),
            AttackKind::Beacon => c2::beacon(&mut stage),
            AttackKind::Exfiltration => c2::exfiltration(&mut stage),
        };
        (patterns, vec![Source::new(start, end, pace, rng, act)])
    }
}

/// What a kind of attack is built from.
struct Stage<'a> {
    world: &'a World,
    number: usize,
    /// When it starts nothing new any more.
    end: u64,
    /// Nanoseconds between two events.
    gap: f64,
    /// Events per second.
    rate: f64,
    rng: &'a mut Rng,
}

/// The conversations of an attack, its pace, and what it does each time.
type Plot = (Vec<Pattern>, Pace, Act);

/// Outside machines that one attack may use.
const STRANGERS: usize = 8;

impl Stage<'_> {
    /// An outside machine that belongs to this attack alone.
    fn stranger(&self, which: usize) -> crate::world::Host {
        self.world.stranger(self.number * STRANGERS + which)
    }
}
