//! The same facts from all records, kept and counted anew for each.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use nettraffic_capture::IpProtocol;
use nettraffic_features::{HostFacts, PerWindow, Rhythm, ServiceFacts, Tally, WindowFacts};
use nettraffic_flow::{Flow, FlowEnd};

use crate::records::Fate;

type Service = (u8, u16);

#[derive(Clone, Debug)]
struct Kept {
    ended: i64,
    first: i64,
    hosts: [IpAddr; 2],
    service: Service,
    /// None for a continuation.
    fate: Option<Fate>,
    sent: u64,
    received: u64,
}

pub(crate) struct Naive {
    records: Vec<Kept>,
    /// What windows may see of them.
    limit: usize,
    latest: Option<i64>,
}

impl Naive {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            records: Vec::new(),
            limit,
            latest: None,
        }
    }

    pub(crate) fn observe(&mut self, flow: &Flow, fate: Fate) -> WindowFacts {
        let now = flow.ended.as_nanos();
        if self.latest.is_some_and(|latest| now < latest) {
            self.records.clear();
        }
        self.latest = Some(now);
        let port = match flow.key.protocol {
            IpProtocol::TCP | IpProtocol::UDP => flow.key.responder_port,
            _ => 0,
        };
        let this = Kept {
            ended: now,
            first: flow.first.as_nanos(),
            hosts: [flow.key.initiator, flow.key.responder],
            service: (flow.key.protocol.0, port),
            fate: (flow.continuation == 0).then_some(fate),
            sent: flow.forward.ip_bytes,
            received: flow.backward.ip_bytes,
        };
        if flow.end != FlowEnd::Early {
            self.records.push(this.clone());
        }
        let from = self.records.len().saturating_sub(self.limit);
        let visible = &self.records[from..];
        let within = |seconds: i64| -> Vec<&Kept> {
            let is_within = |kept: &&Kept| now - kept.ended < seconds * 1_000_000_000;
            visible.iter().filter(is_within).collect()
        };
        let (two_seconds, minute) = (within(2), within(60));
        let side = |side: usize| {
            let connections = |kept: &&Kept| kept.fate.is_some();
            let of = |kept: &&Kept| kept.hosts[side] == this.hosts[side];
            let mut last: Vec<&Kept> = visible.iter().filter(of).filter(connections).collect();
            last.drain(..last.len().saturating_sub(100));
            let mut facts = PerWindow::<HostFacts>::default();
            facts.two_seconds = host_facts(&this, side, &two_seconds);
            facts.minute = host_facts(&this, side, &minute);
            facts.last_hundred = host_facts(&this, side, &last);
            let age = last.first().map_or(0, |oldest| now - oldest.ended);
            facts.hundred_age = Duration::from_nanos(age as u64);
            facts
        };
        let in_channel = |kept: &&&Kept| kept.hosts == this.hosts && kept.service == this.service;
        let counts = |kept: &&Kept| kept.fate.is_some();
        let mut facts = WindowFacts::default();
        facts.source = side(0);
        facts.destination = side(1);
        facts.service_two_seconds = service_facts(&this, &two_seconds);
        facts.service_minute = service_facts(&this, &minute);
        facts.channel_minute = minute
            .iter()
            .filter(in_channel)
            .filter(|kept| counts(kept))
            .count() as u32;
        let in_pair = minute
            .iter()
            .filter(|kept| kept.hosts == this.hosts && counts(kept));
        facts.pair_services_minute = different(in_pair.map(|kept| kept.service));
        facts.rhythm = rhythm(
            self.records
                .iter()
                .filter(|kept| in_channel(&kept) && counts(kept)),
        );
        facts
    }
}

fn host_facts(this: &Kept, side: usize, window: &[&Kept]) -> HostFacts {
    let mine: Vec<&&Kept> = window
        .iter()
        .filter(|kept| kept.hosts[side] == this.hosts[side])
        .collect();
    let connections = || mine.iter().filter(|kept| kept.fate.is_some());
    let peer = 1 - side;
    let mut facts = HostFacts::default();
    facts.tally = tally(connections().copied());
    facts.peers = different(connections().map(|kept| kept.hosts[peer]));
    facts.services = different(connections().map(|kept| kept.service));
    facts.with_peer = connections()
        .filter(|kept| kept.hosts[peer] == this.hosts[peer])
        .count() as u32;
    facts.with_service = connections()
        .filter(|kept| kept.service == this.service)
        .count() as u32;
    facts.bytes = mine.iter().map(|kept| kept.sent).sum();
    facts
}

fn service_facts(this: &Kept, window: &[&Kept]) -> ServiceFacts {
    let connections = || {
        window
            .iter()
            .filter(|kept| kept.service == this.service && kept.fate.is_some())
    };
    let mut facts = ServiceFacts::default();
    facts.tally = tally(connections());
    facts.sources = different(connections().map(|kept| kept.hosts[0]));
    facts.destinations = different(connections().map(|kept| kept.hosts[1]));
    facts.with_destination = connections()
        .filter(|kept| kept.hosts[1] == this.hosts[1])
        .count() as u32;
    facts
}

fn tally<'a>(connections: impl Iterator<Item = &'a &'a Kept>) -> Tally {
    let mut tally = Tally::default();
    for connection in connections {
        tally.connections += 1;
        match connection.fate {
            Some(Fate::Unanswered) => tally.unanswered += 1,
            Some(Fate::Rejected) => tally.rejected += 1,
            Some(Fate::HalfOpen) => tally.half_open += 1,
            Some(Fate::Answered) | None => {}
        }
    }
    tally
}

fn rhythm<'a>(connections: impl Iterator<Item = &'a Kept>) -> Rhythm {
    let mut connections: Vec<&Kept> = connections.collect();
    let mut rhythm = Rhythm::default();
    rhythm.connections = connections.len() as u64;
    // Stable: of equal starts, the later records are the later ones.
    connections.sort_by_key(|kept| kept.first);
    connections.drain(..connections.len().saturating_sub(Rhythm::CONNECTIONS));
    if connections.len() < 4 {
        return rhythm;
    }
    let mut gaps: Vec<f64> = connections
        .windows(2)
        .map(|pair| (pair[1].first - pair[0].first) as f64 / 1e9)
        .collect();
    gaps.sort_by(f64::total_cmp);
    let median = (gaps[(gaps.len() - 1) / 2] + gaps[gaps.len() / 2]) / 2.0;
    rhythm.gap_median = Some(median);
    rhythm.gap_variation = variation(&gaps);
    let near = gaps
        .iter()
        .filter(|gap| (0.9 * median..=1.1 * median).contains(*gap));
    rhythm.regular_share = (median > 0.0).then(|| near.count() as f64 / gaps.len() as f64);
    let sent: Vec<f64> = connections.iter().map(|kept| kept.sent as f64).collect();
    let received: Vec<f64> = connections
        .iter()
        .map(|kept| kept.received as f64)
        .collect();
    rhythm.sent_variation = Some(variation(&sent).unwrap_or(0.0));
    rhythm.received_variation = Some(variation(&received).unwrap_or(0.0));
    rhythm
}

fn variation(numbers: &[f64]) -> Option<f64> {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let squares = numbers.iter().map(|x| x * x).sum::<f64>() / n;
    (mean > 0.0).then(|| (squares - mean * mean).max(0.0).sqrt() / mean)
}

fn different<T: Eq + std::hash::Hash>(things: impl Iterator<Item = T>) -> u32 {
    things.collect::<HashSet<_>>().len() as u32
}

/// The same, with variations within rounding.
pub(crate) fn assert_alike(ours: &WindowFacts, naive: &WindowFacts) {
    let close = |ours: Option<f64>, naive: Option<f64>| match (ours, naive) {
        (Some(ours), Some(naive)) => (ours - naive).abs() <= 1e-6 * (1.0 + naive),
        (ours, naive) => ours == naive,
    };
    let (a, b) = (ours.rhythm, naive.rhythm);
    assert_eq!(a.connections, b.connections);
    for (ours, naive) in [
        (a.gap_median, b.gap_median),
        (a.gap_variation, b.gap_variation),
        (a.regular_share, b.regular_share),
        (a.sent_variation, b.sent_variation),
        (a.received_variation, b.received_variation),
    ] {
        assert!(close(ours, naive), "{a:?} and {b:?}");
    }
    let mut exact = *naive;
    exact.rhythm = ours.rhythm;
    assert_eq!(*ours, exact);
}
