//! The latest connections, in windows.

use std::time::Duration;

use nettraffic_capture::Timestamp;

use super::connection::Count;
use super::facts::{HostFacts, PerWindow, ServiceFacts, WindowFacts};
use super::key::{ChannelKey, KeyHasher};
use super::ties::{Found, Role, Step, Ties, Window};

/// Connections of a host in its last window.
const HUNDRED: u32 = 100;
/// The windows of time, and how long they are. A record that is exactly as old has left.
const SPANS: [(Window, i64); 2] = [
    (Window::TwoSeconds, 2_000_000_000),
    (Window::Minute, 60_000_000_000),
];
/// So that no sum of bytes overflows.
const MOST_BYTES: u64 = 1 << 40;
const MOST_CONNECTIONS: u32 = 1 << 24;

/// A log of the latest records, of a fixed length. What they did is counted when they enter a
/// window and taken back when they leave it, so that every count is exact at every moment.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    ties: Ties,
    /// A ring: the record of number n lies at n modulo the limit.
    log: Vec<Logged>,
    limit: u64,
    /// Number of the oldest record.
    begin: u64,
    /// Number of the oldest record in each window of time.
    from: [u64; 2],
    /// Number of the next record.
    end: u64,
    shortened: u64,
}

#[derive(Clone, Copy, Debug)]
struct Logged {
    time: Timestamp,
    /// What the initiator sent.
    bytes: u64,
    channel: u32,
    /// The next connection of the source and of the destination, where there is one.
    next: [u32; 2],
    count: Count,
}

impl Recent {
    pub(super) fn new(max_connections: u32) -> Self {
        Self {
            ties: Ties::new(),
            log: Vec::new(),
            limit: u64::from(max_connections.clamp(1, MOST_CONNECTIONS)),
            begin: 0,
            from: [0; 2],
            end: 0,
            shortened: 0,
        }
    }

    /// Lets what is too old at `now` leave the windows of time.
    pub(super) fn advance(&mut self, now: Timestamp) {
        for (window, span) in SPANS {
            let Some(left) = now.as_nanos().checked_sub(span) else {
                continue;
            };
            let at = window as usize;
            while self.from[at] < self.end {
                let place = self.place(self.from[at]);
                if self.log[place].time.as_nanos() > left {
                    break;
                }
                self.shift(window, Step::Leave, place);
                self.from[at] += 1;
            }
        }
    }

    /// Adds a record at `now`, which is not before any other.
    pub(super) fn add(
        &mut self,
        hasher: &KeyHasher,
        (key, hash): (&ChannelKey, u32),
        (time, count, bytes): (Timestamp, Count, u64),
    ) -> Found {
        if self.end - self.begin == self.limit {
            self.forget_oldest();
        }
        let logged = Logged {
            time,
            bytes: bytes.min(MOST_BYTES),
            channel: self.ties.open(hasher, key, hash),
            next: [0; 2],
            count,
        };
        let place = self.place(self.end);
        if place == self.log.len() {
            self.log.push(logged);
        } else {
            self.log[place] = logged;
        }
        self.end += 1;
        for (window, _) in SPANS {
            self.shift(window, Step::Enter, place);
        }
        if let Count::Connection(_) = count {
            for role in Role::BOTH {
                self.enter_last(role, place);
            }
        }
        self.ties.found(logged.channel)
    }

    pub(super) fn find(&self, hasher: &KeyHasher, key: &ChannelKey, hash: u32) -> Found {
        self.ties.find(hasher, key, hash)
    }

    /// What the windows hold about a record, without its rhythm.
    pub(super) fn facts(&self, found: &Found, now: Timestamp) -> WindowFacts {
        let mut facts = WindowFacts {
            source: self.host_facts(Role::Source, found, now),
            destination: self.host_facts(Role::Destination, found, now),
            ..WindowFacts::default()
        };
        if let Some(service) = found.service {
            let service_facts = |window: Window| {
                let seen = &self.ties.services[service].seen[window as usize];
                let destination = found.host_services[Role::Destination as usize];
                ServiceFacts {
                    tally: seen.tally,
                    sources: seen.hosts[Role::Source as usize],
                    destinations: seen.hosts[Role::Destination as usize],
                    with_destination: destination.map_or(0, |slot| {
                        self.ties.host_services[1][slot].connections[window as usize]
                    }),
                }
            };
            facts.service_two_seconds = service_facts(Window::TwoSeconds);
            facts.service_minute = service_facts(Window::Minute);
        }
        if let Some(pair) = found.pair {
            facts.pair_services_minute = self.ties.pairs[pair].services_minute;
        }
        if let Some(channel) = found.channel {
            facts.channel_minute = self.ties.channels[channel].minute;
        }
        facts
    }

    /// How many records are remembered.
    pub(super) fn len(&self) -> u64 {
        self.end - self.begin
    }

    /// How many were forgotten within the longest window of time.
    pub(super) fn shortened(&self) -> u64 {
        self.shortened
    }

    fn host_facts(&self, role: Role, found: &Found, now: Timestamp) -> PerWindow<HostFacts> {
        let side = role as usize;
        let Some(host) = found.hosts[side] else {
            return PerWindow::default();
        };
        let host = &self.ties.hosts[side][host];
        let of = |window: Window| {
            let at = window as usize;
            let seen = &host.seen[at];
            HostFacts {
                tally: seen.tally,
                peers: seen.peers,
                services: seen.services,
                with_peer: found
                    .pair
                    .map_or(0, |pair| self.ties.pairs[pair].connections[side][at]),
                with_service: found.host_services[side].map_or(0, |slot| {
                    self.ties.host_services[side][slot].connections[at]
                }),
                bytes: seen.bytes,
            }
        };
        let last_hundred = of(Window::LastHundred);
        PerWindow {
            two_seconds: of(Window::TwoSeconds),
            minute: of(Window::Minute),
            last_hundred,
            hundred_age: if last_hundred.tally.connections == 0 {
                Duration::ZERO
            } else {
                now.saturating_since(self.log[host.oldest as usize].time)
            },
        }
    }

    fn place(&self, number: u64) -> usize {
        (number % self.limit) as usize
    }

    fn shift(&mut self, window: Window, step: Step, place: usize) {
        let Logged {
            bytes,
            channel,
            count,
            ..
        } = self.log[place];
        let places = self.ties.channels[channel].places;
        for role in Role::BOTH {
            self.ties
                .shift_host(role, window, step, &places, (count, bytes));
        }
        if let Count::Connection(outcome) = count {
            self.ties.shift_service(window, step, channel, outcome);
        }
    }

    /// A new connection becomes the last one of a host.
    fn enter_last(&mut self, role: Role, place: usize) {
        let side = role as usize;
        let logged = self.log[place];
        let places = self.ties.channels[logged.channel].places;
        let host = &mut self.ties.hosts[side][places.hosts[side]];
        let slot = place as u32;
        let before = host.seen[Window::LastHundred as usize].tally.connections;
        if before == 0 {
            host.oldest = slot;
        } else {
            self.log[host.newest as usize].next[side] = slot;
        }
        host.newest = slot;
        let is_full = before == HUNDRED;
        let oldest = host.oldest;
        let of = (logged.count, logged.bytes);
        self.ties
            .shift_host(role, Window::LastHundred, Step::Enter, &places, of);
        if is_full {
            self.leave_last(role, oldest);
        }
    }

    /// The oldest of a host's last connections is one no longer.
    fn leave_last(&mut self, role: Role, oldest: u32) {
        let side = role as usize;
        let logged = self.log[oldest as usize];
        let places = self.ties.channels[logged.channel].places;
        self.ties.hosts[side][places.hosts[side]].oldest = logged.next[side];
        let of = (logged.count, logged.bytes);
        self.ties
            .shift_host(role, Window::LastHundred, Step::Leave, &places, of);
    }

    fn forget_oldest(&mut self) {
        let place = self.place(self.begin);
        self.shortened += u64::from(self.from[Window::Minute as usize] == self.begin);
        for (window, _) in SPANS {
            let from = &mut self.from[window as usize];
            if *from == self.begin {
                *from += 1;
                self.shift(window, Step::Leave, place);
            }
        }
        let logged = self.log[place];
        let places = self.ties.channels[logged.channel].places;
        for role in Role::BOTH {
            let side = role as usize;
            let host = &self.ties.hosts[side][places.hosts[side]];
            let is_last = host.seen[Window::LastHundred as usize].tally.connections > 0
                && host.oldest as usize == place;
            if is_last {
                self.leave_last(role, place as u32);
            }
        }
        self.ties.release(logged.channel);
        self.begin += 1;
    }
}
