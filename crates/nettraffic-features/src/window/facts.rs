//! What windows tell about a record.

use std::time::Duration;

/// What the hosts, the service and the channel of a record did lately, the record itself included
/// where it counts; see [`HostWindows`](crate::HostWindows).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WindowFacts {
    /// The initiator, as an initiator.
    pub source: PerWindow<HostFacts>,
    /// The responder, as a responder.
    pub destination: PerWindow<HostFacts>,
    /// The service, at whatever host, in the last 2 seconds.
    pub service_two_seconds: ServiceFacts,
    /// The service, at whatever host, in the last 60 seconds.
    pub service_minute: ServiceFacts,
    /// Connections from the initiator to this service at the responder, in the last 60 seconds.
    pub channel_minute: u32,
    /// Different services of the responder that the initiator asked for in the last 60 seconds.
    pub pair_services_minute: u32,
    /// When and how much the initiator and this service at the responder talk.
    pub rhythm: Rhythm,
}

/// The same over each window of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PerWindow<T> {
    /// The last 2 seconds.
    pub two_seconds: T,
    /// The last 60 seconds.
    pub minute: T,
    /// The last 100 connections of the host, as far as they are remembered.
    pub last_hundred: T,
    /// Since the oldest of those ended.
    pub hundred_age: Duration,
}

/// Connections by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// All.
    pub connections: u32,
    /// Nobody answered: Zeek's S0, RSTOS0 and SH, and a responder that sent nothing, unless it is a
    /// group or was sent an ICMP message that is no query.
    pub unanswered: u32,
    /// The responder refused (Zeek's REJ and RSTRH, and RSTR where there was neither SYN nor payload), or
    /// an ICMP error was the only answer.
    pub rejected: u32,
    /// The responder sent SYN-ACK, the initiator no ACK.
    pub half_open: u32,
}

/// What a host did, or what was done to it, in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostFacts {
    /// Its connections.
    pub tally: Tally,
    /// Different hosts at the other end.
    pub peers: u32,
    /// Different services (protocol and port of the responder).
    pub services: u32,
    /// Connections with the host that is at the other end of this record.
    pub with_peer: u32,
    /// Connections to the service of this record.
    pub with_service: u32,
    /// Bytes of IP packets that the initiators of these connections sent, up to 1 TiB for each; in
    /// the windows of time, those of continuations too.
    pub bytes: u64,
}

/// What was done with a service in one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceFacts {
    /// Connections to it.
    pub tally: Tally,
    /// Different initiators.
    pub sources: u32,
    /// Different responders.
    pub destinations: u32,
    /// Connections to it at the responder of this record.
    pub with_destination: u32,
}

/// How regularly a channel is used: over its latest connections, at most
/// [`Rhythm::CONNECTIONS`]. Shares and variations need four connections.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Rhythm {
    /// Connections since the channel is remembered, all of them.
    pub connections: u64,
    /// Median time between the starts of connections, seconds.
    pub gap_median: Option<f64>,
    /// Standard deviation of the gaps over their mean; undefined when all are 0.
    pub gap_variation: Option<f64>,
    /// Share of gaps within a tenth of the median; undefined when that is 0.
    pub regular_share: Option<f64>,
    /// Standard deviation over mean of the bytes that the initiator sent.
    pub sent_variation: Option<f64>,
    /// Standard deviation over mean of the bytes that the responder sent; 0 when it sent none.
    pub received_variation: Option<f64>,
}

impl Rhythm {
    /// How many of a channel's latest connections are looked at.
    pub const CONNECTIONS: usize = 16;
}

impl Tally {
    /// Unanswered or rejected.
    #[must_use]
    pub const fn failed(&self) -> u32 {
        self.unanswered + self.rejected
    }
}
