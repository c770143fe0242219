//! Sources: what starts conversations, and when.

use crate::rng::Rng;
use crate::talk::{Conversation, Datagram, Datagrams, Opening, Step, Tcp};
use crate::time::HOUR;
use crate::world::{Endpoint, Host, Stack, World};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// What a source finds when it acts: the hosts, their ports, and where to put what it starts.
pub(crate) struct Env {
    pub(crate) world: Arc<World>,
    pub(crate) loss: f64,
    started: Vec<Box<dyn Conversation>>,
    ports: BTreeMap<Ipv4Addr, u16>,
}

impl Env {
    pub(crate) fn new(world: Arc<World>, loss: f64) -> Self {
        Self {
            world,
            loss,
            started: Vec::new(),
            ports: BTreeMap::new(),
        }
    }

    /// The next free port of a host for a benign connection: always an even one, as Linux prefers,
    /// which leaves the odd ones to attacks from the same host.
    pub(crate) fn port(&mut self, host: &Host) -> u16 {
        let (low, span) = if host.stack == Stack::Windows {
            (49_152, 16_384)
        } else {
            (32_768, 28_232)
        };
        let first = (u32::from(host.v4).wrapping_mul(0x9E37_79B1) >> 18) as u16 % span;
        let next = self.ports.entry(host.v4).or_insert(first & !1);
        *next = (*next + 2) % span;
        low + *next
    }

    /// Starts a TCP conversation with the scenario's share of losses.
    pub(crate) fn tcp(
        &mut self,
        at: u64,
        hosts: [&Host; 2],
        ends: [Endpoint; 2],
        opening: Opening,
        rng: &mut Rng,
        steps: impl IntoIterator<Item = Step, IntoIter: Send + 'static>,
    ) {
        let tcp =
            Tcp::new(at, hosts, ends, opening, rng.child(), steps.into_iter()).losing(self.loss);
        self.start(tcp);
    }

    /// Starts a conversation of datagrams, which must come in time order.
    pub(crate) fn datagrams(
        &mut self,
        ends: [Endpoint; 2],
        datagrams: impl IntoIterator<Item = Datagram, IntoIter: Send + 'static>,
    ) {
        self.start(Datagrams::new(ends, datagrams.into_iter()));
    }

    pub(crate) fn start(&mut self, conversation: impl Conversation + 'static) {
        self.started.push(Box::new(conversation));
    }

    /// Hands over what was started since the last call.
    pub(crate) fn take_started(&mut self) -> impl Iterator<Item = Box<dyn Conversation>> + '_ {
        self.started.drain(..)
    }
}

/// How a source paces what it does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// Poisson arrivals, this many nanoseconds apart on average; busier and quieter by day time and mood.
    Human { mean: f64, phase: u64 },
    /// Poisson arrivals at an even rate.
    Poisson { mean: f64 },
    /// A clock with this gap, give or take a share of it.
    Clock { gap: f64, jitter: f64 },
}

impl Pace {
    fn gap(self, rng: &mut Rng, at: u64) -> u64 {
        let gap = match self {
            Self::Human { mean, phase } => rng.exponential(mean) / activity(at.wrapping_add(phase)),
            Self::Poisson { mean } => rng.exponential(mean),
            Self::Clock { gap, jitter } => gap * (1.0 + jitter * (2.0 * rng.unit() - 1.0)),
        };
        (gap as u64).max(1)
    }
}

/// How busy people are at a time, around 1: a slow wave over the day and spells of some 23 minutes.
fn activity(at: u64) -> f64 {
    let wave = |period: u64| {
        let position = (at % period) as f64 / period as f64;
        1.0 - (4.0 * position - 2.0).abs() // from -1 up to 1 and down again
    };
    1.0 + 0.25 * wave(24 * HOUR) + 0.5 * wave(HOUR * 23 / 60)
}

/// What a source does at each of its moments.
pub(crate) type Act = Box<dyn FnMut(&mut Env, &mut Rng, u64) + Send>;

/// Acts again and again at its own pace until its end.
pub(crate) struct Source {
    next: u64,
    end: u64,
    pace: Pace,
    rng: Rng,
    act: Act,
}

impl Source {
    /// A source between `start` and `end`; clocks strike first at `start`, people come when they come.
    pub(crate) fn new(start: u64, end: u64, pace: Pace, mut rng: Rng, act: Act) -> Self {
        let next = match pace {
            Pace::Clock { .. } => start,
            Pace::Human { .. } | Pace::Poisson { .. } => start + pace.gap(&mut rng, start),
        };
        Self {
            next,
            end,
            pace,
            rng,
            act,
        }
    }

    /// When it acts next.
    pub(crate) fn next_time(&self) -> Option<u64> {
        (self.next < self.end).then_some(self.next)
    }

    /// Does what is due.
    pub(crate) fn act(&mut self, env: &mut Env) {
        (self.act)(env, &mut self.rng, self.next);
        let gap = self.pace.gap(&mut self.rng, self.next);
        self.next = self.next.saturating_add(gap);
    }
}
