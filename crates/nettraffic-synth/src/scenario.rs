//! A scenario: hosts, time, benign mix, attacks.

use crate::attack::Attack;
use crate::benign::Benign;
use crate::generator::Generator;
use crate::label::Truth;
use crate::source::Env;
use crate::time::{DEFAULT_START, SECOND, nanoseconds};
use crate::world::World;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

/// What to generate. The same scenario with the same seed gives the same bytes everywhere.
///
/// Each benign source and each attack draws from a random stream of its own: adding an attack leaves
/// the benign packets as they are, byte for byte.
#[derive(Clone, Debug)]
pub struct Scenario {
    seed: u64,
    start_ns: u64,
    duration: Duration,
    hosts: usize,
    packets: u64,
    benign: Benign,
    attacks: Vec<Attack>,
}

const LATEST_START: u64 = 4_000_000_000 * SECOND;
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl Scenario {
    /// Ten minutes of the default benign mix of twelve clients, without attacks.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            start_ns: DEFAULT_START,
            duration: Duration::from_secs(600),
            hosts: 12,
            packets: u64::MAX,
            benign: Benign::default_mix(),
            attacks: Vec::new(),
        }
    }

    /// Sets when the capture begins, in nanoseconds since 1970; 2024-01-01T00:00:00Z unless set,
    /// and not after 2096, because the file format counts seconds up to 2106.
    #[must_use]
    pub fn start_ns(mut self, start_ns: u64) -> Self {
        self.start_ns = start_ns.min(LATEST_START);
        self
    }

    /// Sets how long the capture lasts, up to a year: no packet lies behind its end.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = duration.min(LONGEST);
        self
    }

    /// Sets the number of client machines in the office, from 1 to 10,000.
    #[must_use]
    pub fn hosts(mut self, clients: usize) -> Self {
        self.hosts = clients.clamp(1, 10_000);
        self
    }

    /// Ends the capture after this many packets, if it has not ended before.
    #[must_use]
    pub fn packets(mut self, limit: u64) -> Self {
        self.packets = limit;
        self
    }

    /// Sets the benign mix.
    #[must_use]
    pub fn benign(mut self, benign: Benign) -> Self {
        self.benign = benign;
        self
    }

    /// Adds an attack.
    #[must_use]
    pub fn attack(mut self, attack: Attack) -> Self {
        self.attacks.push(attack);
        self
    }

    /// The attacks in it.
    #[must_use]
    pub fn attacks(&self) -> &[Attack] {
        &self.attacks
    }

    /// Begins to generate.
    #[must_use]
    pub fn generate(&self) -> Generator {
        let world = Arc::new(World::new(self.seed, self.hosts));
        let end = self.start_ns.saturating_add(nanoseconds(self.duration));
        let mut generator = Generator::new(
            Env::new(Arc::clone(&world), self.benign.loss()),
            self.packets,
            end,
        );
        for source in self.benign.sources(&world, self.seed, self.start_ns, end) {
            generator.add_benign(source);
        }
        for (number, attack) in self.attacks.iter().enumerate() {
            let (patterns, sources) = attack.stage(&world, self.seed, number, self.start_ns);
            generator.add_attack(attack.kind().label(), patterns, sources);
        }
        generator
    }

    /// Writes the capture as pcap with nanosecond time stamps and returns the ground truth.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_pcap(&self, writer: impl Write) -> io::Result<Truth> {
        self.generate().write_pcap(writer)
    }

    /// The whole capture in memory with its ground truth.
    #[must_use]
    pub fn synthesize(&self) -> Synthetic {
        let mut pcap = Vec::new();
        let written = self.write_pcap(&mut pcap);
        let truth = written.unwrap_or_else(|_| unreachable!("writing to memory does not fail"));
        Synthetic { pcap, truth }
    }

    /// The capture alone, in memory.
    #[must_use]
    pub fn pcap_bytes(&self) -> Vec<u8> {
        self.synthesize().pcap
    }
}

/// A capture in memory and the truth about it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Synthetic {
    /// A classic pcap file: nanosecond time stamps, Ethernet.
    pub pcap: Vec<u8>,
    /// Rules and labels.
    pub truth: Truth,
}
