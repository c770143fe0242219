//! Hosts, services and what ties them, with what each did in every window.

use std::net::IpAddr;

use super::connection::{Count, Outcome};
use super::directory::Directory;
use super::facts::Tally;
use super::key::{ChannelKey, KeyHasher, ServiceKey};

/// A span that connections enter and leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    TwoSeconds,
    Minute,
    LastHundred,
}

/// Which end of a connection a host is. The same host has two lives, one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Source,
    Destination,
}

impl Role {
    pub(super) const BOTH: [Self; 2] = [Self::Source, Self::Destination];
}

/// Whether a connection comes into a window or goes out of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Enter,
    Leave,
}

/// Everything that a remembered connection has part in. All of it is found by a channel's slot, and
/// is forgotten with the last connection that needs it.
#[derive(Clone, Debug)]
pub(super) struct Ties {
    pub(super) hosts: [Directory<Host>; 2],
    pub(super) services: Directory<Service>,
    pub(super) pairs: Directory<Pair>,
    /// What a host has to do with a service, as source and as destination.
    pub(super) host_services: [Directory<HostService>; 2],
    pub(super) channels: Directory<Channel>,
}

/// Slots of all that a connection has part in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) hosts: [u32; 2],
    pub(super) service: u32,
    pub(super) pair: u32,
    pub(super) host_services: [u32; 2],
}

/// The same, as far as it is remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) hosts: [Option<u32>; 2],
    pub(super) service: Option<u32>,
    pub(super) pair: Option<u32>,
    pub(super) host_services: [Option<u32>; 2],
    pub(super) channel: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Host {
    address: IpAddr,
    pairs: u32,
    /// One for each window.
    pub(super) seen: [HostSeen; 3],
    /// The oldest and the newest of its last connections, in the log.
    pub(super) oldest: u32,
    pub(super) newest: u32,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HostSeen {
    pub(super) tally: Tally,
    pub(super) peers: u32,
    pub(super) services: u32,
    pub(super) bytes: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Service {
    key: ServiceKey,
    channels: u32,
    /// One for each window of time.
    pub(super) seen: [ServiceSeen; 2],
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ServiceSeen {
    pub(super) tally: Tally,
    /// Different hosts in each role.
    pub(super) hosts: [u32; 2],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    hosts: [u32; 2],
    channels: u32,
    /// For each role, as a part of the windows of the host in it.
    pub(super) connections: [[u32; 3]; 2],
    pub(super) services_minute: u32,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct HostService {
    host: u32,
    service: u32,
    channels: u32,
    pub(super) connections: [u32; 3],
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) places: Places,
    /// Records in the log.
    records: u32,
    pub(super) minute: u32,
}

impl Ties {
    pub(super) const fn new() -> Self {
        Self {
            hosts: [Directory::new(), Directory::new()],
            services: Directory::new(),
            pairs: Directory::new(),
            host_services: [Directory::new(), Directory::new()],
            channels: Directory::new(),
        }
    }

    /// The channel of a record that is to be remembered.
    pub(super) fn open(&mut self, hasher: &KeyHasher, key: &ChannelKey, hash: u32) -> u32 {
        let slot = self.channel(key, hash).unwrap_or_else(|| {
            let found = self.find_parts(hasher, key);
            let places = self.complete(hasher, key, &found);
            let channel = Channel {
                places,
                records: 0,
                minute: 0,
            };
            self.channels.insert(hash, channel)
        });
        self.channels[slot].records += 1;
        slot
    }

    /// A record of the channel was forgotten.
    pub(super) fn release(&mut self, slot: u32) {
        let channel = &mut self.channels[slot];
        channel.records -= 1;
        if channel.records > 0 {
            return;
        }
        let Places {
            hosts,
            service,
            pair,
            host_services,
        } = channel.places;
        self.channels.remove(slot);
        for role in Role::BOTH.map(|role| role as usize) {
            let directory = &mut self.host_services[role];
            let slot = host_services[role];
            directory[slot].channels -= 1;
            if directory[slot].channels == 0 {
                directory.remove(slot);
            }
        }
        self.services[service].channels -= 1;
        if self.services[service].channels == 0 {
            self.services.remove(service);
        }
        self.pairs[pair].channels -= 1;
        if self.pairs[pair].channels > 0 {
            return;
        }
        self.pairs.remove(pair);
        for (directory, host) in self.hosts.iter_mut().zip(hosts) {
            directory[host].pairs -= 1;
            if directory[host].pairs == 0 {
                directory.remove(host);
            }
        }
    }

    /// All that is remembered of a record's channel and its parts.
    pub(super) fn find(&self, hasher: &KeyHasher, key: &ChannelKey, hash: u32) -> Found {
        match self.channel(key, hash) {
            Some(channel) => self.found(channel),
            None => self.find_parts(hasher, key),
        }
    }

    /// All parts of a channel.
    pub(super) fn found(&self, channel: u32) -> Found {
        let places = self.channels[channel].places;
        Found {
            hosts: places.hosts.map(Some),
            service: Some(places.service),
            pair: Some(places.pair),
            host_services: places.host_services.map(Some),
            channel: Some(channel),
        }
    }

    /// A record enters a window of a host, or leaves it.
    pub(super) fn shift_host(
        &mut self,
        role: Role,
        window: Window,
        step: Step,
        places: &Places,
        (count, bytes): (Count, u64),
    ) {
        let (side, at) = (role as usize, window as usize);
        let seen = &mut self.hosts[side][places.hosts[side]].seen[at];
        match step {
            Step::Enter => seen.bytes += bytes,
            Step::Leave => seen.bytes -= bytes,
        }
        let Count::Connection(outcome) = count else {
            return;
        };
        step.tally(&mut seen.tally, outcome);
        if step.apply(&mut self.pairs[places.pair].connections[side][at]) {
            step.apply(&mut seen.peers);
        }
        let with_service = &mut self.host_services[side][places.host_services[side]];
        if step.apply(&mut with_service.connections[at]) {
            step.apply(&mut seen.services);
            if let Some(service) = self.services[places.service].seen.get_mut(at) {
                step.apply(&mut service.hosts[side]);
            }
        }
    }

    /// A connection enters a window of time, or leaves it: the part beyond its hosts.
    pub(super) fn shift_service(
        &mut self,
        window: Window,
        step: Step,
        channel: u32,
        outcome: Outcome,
    ) {
        let channel = &mut self.channels[channel];
        let places = channel.places;
        if let Some(seen) = self.services[places.service].seen.get_mut(window as usize) {
            step.tally(&mut seen.tally, outcome);
        }
        if window == Window::Minute && step.apply(&mut channel.minute) {
            step.apply(&mut self.pairs[places.pair].services_minute);
        }
    }

    fn channel(&self, key: &ChannelKey, hash: u32) -> Option<u32> {
        self.channels.find(hash, |channel| {
            let Places { hosts, service, .. } = channel.places;
            self.hosts[0][hosts[0]].address == key.hosts[0]
                && self.hosts[1][hosts[1]].address == key.hosts[1]
                && self.services[service].key == key.service
        })
    }

    fn find_parts(&self, hasher: &KeyHasher, key: &ChannelKey) -> Found {
        let host = |side: usize| {
            let address = key.hosts[side];
            self.hosts[side].find(hasher.address(address), |host| host.address == address)
        };
        let hosts = [host(0), host(1)];
        let service = self.services.find(hasher.service(key.service), |service| {
            service.key == key.service
        });
        let pair = hosts[0].zip(hosts[1]).and_then(|(source, destination)| {
            let hosts = [source, destination];
            self.pairs
                .find(hasher.slots(hosts), |pair| pair.hosts == hosts)
        });
        let with_service = |side: usize| {
            let (host, service) = hosts[side].zip(service)?;
            self.host_services[side].find(hasher.slots([host, service]), |one| {
                (one.host, one.service) == (host, service)
            })
        };
        Found {
            hosts,
            service,
            pair,
            host_services: [with_service(0), with_service(1)],
            channel: None,
        }
    }

    /// Adds what is missing for a new channel, which takes part in all of it.
    fn complete(&mut self, hasher: &KeyHasher, key: &ChannelKey, found: &Found) -> Places {
        let mut host = |side: usize| {
            found.hosts[side].unwrap_or_else(|| {
                let address = key.hosts[side];
                self.hosts[side].insert(hasher.address(address), Host::new(address))
            })
        };
        let hosts = [host(0), host(1)];
        let service = found.service.unwrap_or_else(|| {
            self.services
                .insert(hasher.service(key.service), Service::new(key.service))
        });
        let pair = found.pair.unwrap_or_else(|| {
            for (directory, host) in self.hosts.iter_mut().zip(hosts) {
                directory[host].pairs += 1;
            }
            self.pairs.insert(hasher.slots(hosts), Pair::new(hosts))
        });
        let mut with_service = |side: usize| {
            found.host_services[side].unwrap_or_else(|| {
                let (host, hash) = (hosts[side], hasher.slots([hosts[side], service]));
                self.host_services[side].insert(hash, HostService::new(host, service))
            })
        };
        let host_services = [with_service(0), with_service(1)];
        self.services[service].channels += 1;
        self.pairs[pair].channels += 1;
        for (directory, slot) in self.host_services.iter_mut().zip(host_services) {
            directory[slot].channels += 1;
        }
        Places {
            hosts,
            service,
            pair,
            host_services,
        }
    }
}

impl Step {
    /// Whether the count has left 0, or come back to it.
    fn apply(self, count: &mut u32) -> bool {
        match self {
            Self::Enter => {
                *count += 1;
                *count == 1
            }
            Self::Leave => {
                *count -= 1;
                *count == 0
            }
        }
    }

    fn tally(self, tally: &mut Tally, outcome: Outcome) {
        self.apply(&mut tally.connections);
        match outcome {
            Outcome::Answered => false,
            Outcome::HalfOpen => self.apply(&mut tally.half_open),
            Outcome::Unanswered => self.apply(&mut tally.unanswered),
            Outcome::Rejected => self.apply(&mut tally.rejected),
        };
    }
}

impl Host {
    fn new(address: IpAddr) -> Self {
        Self {
            address,
            pairs: 0,
            seen: Default::default(),
            oldest: 0,
            newest: 0,
        }
    }
}

impl Service {
    fn new(key: ServiceKey) -> Self {
        Self {
            key,
            channels: 0,
            seen: Default::default(),
        }
    }
}

impl Pair {
    fn new(hosts: [u32; 2]) -> Self {
        Self {
            hosts,
            channels: 0,
            connections: Default::default(),
            services_minute: 0,
        }
    }
}

impl HostService {
    fn new(host: u32, service: u32) -> Self {
        Self {
            host,
            service,
            channels: 0,
            connections: Default::default(),
        }
    }
}
