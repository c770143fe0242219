//! Who talks most, in bounded memory.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use nettraffic_flow::Flow;
use nettraffic_viz::Talker;

/// Hosts that are told apart; the flows of further ones are counted.
const MOST_HOSTS: usize = 50_000;
/// Peers of one host that are told apart.
const MOST_PEERS: usize = 100;
/// Hosts that the report lists.
const MOST_LISTED: usize = 50;

/// Counts what hosts send and receive.
#[derive(Default)]
pub(crate) struct Talkers {
    hosts: BTreeMap<IpAddr, Host>,
    left_out: u64,
}

#[derive(Default)]
struct Host {
    flows: u64,
    sent: u64,
    received: u64,
    alerts: u64,
    peers: BTreeSet<IpAddr>,
    many_peers: bool,
}

impl Talkers {
    pub(crate) fn flow(&mut self, flow: &Flow) {
        let (one, other) = (flow.key.initiator, flow.key.responder);
        let (sent, received) = (flow.forward.ip_bytes, flow.backward.ip_bytes);
        self.count(one, other, sent, received);
        if one != other {
            self.count(other, one, received, sent);
        }
    }

    /// Counts an alert on a flow that `source` opened.
    pub(crate) fn alert(&mut self, source: IpAddr) {
        if let Some(host) = self.hosts.get_mut(&source) {
            host.alerts += 1;
        }
    }

    /// Ends of flows that belong to hosts for which there was no room.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The hosts with most bytes.
    pub(crate) fn listed(&self) -> Vec<Talker> {
        let mut talkers: Vec<Talker> = (self.hosts.iter())
            .map(|(address, host)| Talker {
                address: address.to_string(),
                flows: host.flows,
                peers: host.peers.len() as u64,
                many_peers: host.many_peers,
                bytes_sent: host.sent,
                bytes_received: host.received,
                alerts: host.alerts,
            })
            .collect();
        // Equal ones stay in the order of their addresses: the sort is stable.
        talkers.sort_by_key(|talker| std::cmp::Reverse(talker.bytes()));
        talkers.truncate(MOST_LISTED);
        talkers
    }

    fn count(&mut self, address: IpAddr, peer: IpAddr, sent: u64, received: u64) {
        if self.hosts.len() >= MOST_HOSTS && !self.hosts.contains_key(&address) {
            self.left_out += 1;
            return;
        }
        let host = self.hosts.entry(address).or_default();
        host.flows += 1;
        host.sent += sent;
        host.received += received;
        if host.peers.len() < MOST_PEERS {
            host.peers.insert(peer);
        } else {
            host.many_peers |= !host.peers.contains(&peer);
        }
    }
}
