//! When flows end, when they are reported, what tells them apart, and how many may be open.

use std::time::Duration;

use nettraffic_capture::IpProtocol;

/// Timeouts, identity and limits of a flow table. Times are packet time.
///
/// ```
/// use nettraffic_capture::IpProtocol;
/// use nettraffic_flow::FlowConfig;
/// use std::time::Duration;
///
/// let config = FlowConfig::default()
///     .with_idle_timeout(Duration::from_secs(60))
///     .with_idle_timeout_of(IpProtocol::TCP, Duration::from_secs(300));
/// assert_eq!(config.idle_timeout(IpProtocol::TCP).as_secs(), 300);
/// assert_eq!(config.idle_timeout(IpProtocol::UDP).as_secs(), 60);
/// assert_eq!(config.active_timeout, Duration::from_secs(1800));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowConfig {
    /// Silence after which a flow ends, by protocol (120 s each); a packet after exactly this
    /// silence still joins.
    pub idle_timeouts: IdleTimeouts,
    /// Age at which a long flow is reported and goes on as a numbered continuation (1800 s).
    pub active_timeout: Duration,
    /// How long a closed TCP connection stays, so that stragglers join it (5 s).
    pub tcp_linger: Duration,
    /// When a flow that has not ended is reported early (never).
    pub early: EarlyReports,
    /// Whether the same ends in different tunnels are different flows (yes).
    pub tunnel_in_key: bool,
    /// Whether the same ends in different VLANs are different flows (no).
    pub vlan_in_key: bool,
    /// Most flows that may be open (1 million, at least 1); beyond it one is evicted.
    ///
    /// A table of 4,096 flows or more is cut into 64 parts of equal size, among which conversations are
    /// spread by a hash. A part evicts when it is full itself, so the first eviction may come before the
    /// table holds this many flows.
    pub max_flows: usize,
    /// Most bytes that open flows may take (no limit); what each takes depends on what is
    /// accumulated: [`FlowTable::FLOW_BYTES`](crate::FlowTable::FLOW_BYTES).
    pub max_bytes: Option<usize>,
}

/// Idle timeouts by protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdleTimeouts {
    /// TCP connections that have not closed.
    pub tcp: Duration,
    /// UDP.
    pub udp: Duration,
    /// ICMP for IPv4 and IPv6.
    pub icmp: Duration,
    /// All other protocols.
    pub other: Duration,
}

impl IdleTimeouts {
    /// That of a protocol.
    #[must_use]
    pub const fn of(&self, protocol: IpProtocol) -> Duration {
        match protocol {
            IpProtocol::TCP => self.tcp,
            IpProtocol::UDP => self.udp,
            IpProtocol::ICMP | IpProtocol::ICMPV6 => self.icmp,
            _ => self.other,
        }
    }

    /// The longest of them.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.tcp.max(self.udp).max(self.icmp).max(self.other)
    }
}

/// When a flow that has not ended is reported early: so that detection need not wait for the end.
///
/// The early record holds what was counted so far and changes nothing in the flow, whose final
/// record counts it all again. A flow is reported early once at most, in its first record, by
/// what comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EarlyReports {
    /// With its packet of this number.
    pub packets: Option<u64>,
    /// This long after its first packet.
    pub after: Option<Duration>,
}

impl EarlyReports {
    /// With the packet of this number.
    #[must_use]
    pub const fn at_packet(mut self, number: u64) -> Self {
        self.packets = Some(number);
        self
    }

    /// This long after the first packet.
    #[must_use]
    pub const fn after(mut self, time: Duration) -> Self {
        self.after = Some(time);
        self
    }
}

impl FlowConfig {
    /// The idle timeout of a protocol.
    #[must_use]
    pub const fn idle_timeout(&self, protocol: IpProtocol) -> Duration {
        self.idle_timeouts.of(protocol)
    }

    /// With another idle timeout of all protocols.
    #[must_use]
    pub fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeouts = IdleTimeouts {
            tcp: timeout,
            udp: timeout,
            icmp: timeout,
            other: timeout,
        };
        self
    }

    /// With another idle timeout of one protocol; of all that are neither TCP, UDP nor ICMP, when
    /// it is none of these.
    #[must_use]
    pub fn with_idle_timeout_of(mut self, protocol: IpProtocol, timeout: Duration) -> Self {
        *match protocol {
            IpProtocol::TCP => &mut self.idle_timeouts.tcp,
            IpProtocol::UDP => &mut self.idle_timeouts.udp,
            IpProtocol::ICMP | IpProtocol::ICMPV6 => &mut self.idle_timeouts.icmp,
            _ => &mut self.idle_timeouts.other,
        } = timeout;
        self
    }

    /// With another active timeout.
    #[must_use]
    pub fn with_active_timeout(mut self, timeout: Duration) -> Self {
        self.active_timeout = timeout;
        self
    }

    /// With another linger time of closed TCP connections.
    #[must_use]
    pub fn with_tcp_linger(mut self, linger: Duration) -> Self {
        self.tcp_linger = linger;
        self
    }

    /// With early reports.
    #[must_use]
    pub fn with_early_reports(mut self, early: EarlyReports) -> Self {
        self.early = early;
        self
    }

    /// With tunnels told apart, or not.
    #[must_use]
    pub fn with_tunnel_in_key(mut self, apart: bool) -> Self {
        self.tunnel_in_key = apart;
        self
    }

    /// With VLANs told apart, or not.
    #[must_use]
    pub fn with_vlan_in_key(mut self, apart: bool) -> Self {
        self.vlan_in_key = apart;
        self
    }

    /// With another limit of open flows.
    #[must_use]
    pub fn with_max_flows(mut self, flows: usize) -> Self {
        self.max_flows = flows;
        self
    }

    /// With a limit of the bytes that open flows take.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = Some(bytes);
        self
    }
}

impl Default for FlowConfig {
    fn default() -> Self {
        let idle = Duration::from_secs(120);
        Self {
            idle_timeouts: IdleTimeouts {
                tcp: idle,
                udp: idle,
                icmp: idle,
                other: idle,
            },
            active_timeout: Duration::from_secs(1800),
            tcp_linger: Duration::from_secs(5),
            early: EarlyReports::default(),
            tunnel_in_key: true,
            vlan_in_key: false,
            max_flows: 1_000_000,
            max_bytes: None,
        }
    }
}
