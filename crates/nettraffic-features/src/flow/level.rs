//! How much a flow remembers: one compiled level for each kind of need.

use nettraffic_capture::PacketMeta;
use nettraffic_flow::{
    Accumulate, ActiveIdle, BulkTransfers, DataPackets, Direction, Flow, InitialWindows,
    InterArrivals, PacketLengths, Subflows, TcpFlagCounts, TcpSequence, TimeToLive,
    TransportHeaders,
};

use super::detail::DetailStatistics;
use super::record::{Parts, Record};

/// State of a flow from which features can be computed.
pub trait Statistics: Accumulate {
    /// The flow with what was accumulated.
    fn record<'a>(&'a self, flow: &'a Flow) -> Record<'a>;
}

/// What a feature needs beyond the counters of every flow; needs add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs(u8);

impl Needs {
    /// Nothing: base counters alone.
    pub(crate) const NOTHING: Self = Self(0);
    /// [`TrafficStatistics`].
    pub(crate) const TRAFFIC: Self = Self(1);
    /// [`StandardStatistics`]: those, and what TCP and the way of packets tell.
    pub(crate) const STANDARD: Self = Self(1 | 2);
    /// [`CicStatistics`]: traffic, and how it was transferred.
    pub(crate) const CIC: Self = Self(1 | 4);
    /// [`CommonStatistics`]: both.
    pub(crate) const COMMON: Self = Self(1 | 2 | 4);
    /// [`DetailStatistics`] beside the standard.
    pub(crate) const DETAIL: Self = Self(1 | 2 | 8);
    /// Those, and the entropy of payloads, which decoding has to compute.
    pub(crate) const ENTROPY: Self = Self(1 | 2 | 8 | 16);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn include(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Statistics for () {
    fn record<'a>(&'a self, flow: &'a Flow) -> Record<'a> {
        Record::new(flow, Parts::empty())
    }
}

/// Sizes, gaps, periods and flags: what most features are computed from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TrafficStatistics {
    /// Payload lengths.
    pub lengths: PacketLengths,
    /// Gaps between packets.
    pub gaps: InterArrivals,
    /// TCP flags.
    pub flags: TcpFlagCounts,
    /// Packets that carried payload.
    pub data_packets: DataPackets,
    /// First TCP windows.
    pub windows: InitialWindows,
    /// Busy periods and silences.
    pub periods: ActiveIdle,
}

impl TrafficStatistics {
    fn parts(&self) -> Parts<'_> {
        Parts {
            lengths: &self.lengths,
            gaps: &self.gaps,
            periods: &self.periods,
            data_packets: &self.data_packets,
            flags: &self.flags,
            windows: &self.windows,
            ..Parts::empty()
        }
    }
}

impl Accumulate for TrafficStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow) {
        self.lengths.update(packet, direction, flow);
        self.gaps.update(packet, direction, flow);
        self.flags.update(packet, direction, flow);
        self.data_packets.update(packet, direction, flow);
        self.windows.update(packet, direction, flow);
        self.periods.update(packet, direction, flow);
    }
}

impl Statistics for TrafficStatistics {
    fn record<'a>(&'a self, flow: &'a Flow) -> Record<'a> {
        Record::new(flow, self.parts())
    }
}

/// Bulks, pauses and transport headers: what CICFlowMeter computes beside the usual.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TransferStatistics {
    /// Transfers in bulk.
    pub bulks: BulkTransfers,
    /// Parts between pauses.
    pub subflows: Subflows,
    /// Lengths of transport headers.
    pub headers: TransportHeaders,
}

impl Accumulate for TransferStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow) {
        self.bulks.update(packet, direction, flow);
        self.subflows.update(packet, direction, flow);
        self.headers.update(packet, direction, flow);
    }
}

/// What the features of the set `cic` are computed from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CicStatistics {
    /// Sizes, gaps, periods and flags.
    pub traffic: TrafficStatistics,
    /// Bulks, pauses and transport headers.
    pub transfers: TransferStatistics,
}

impl Accumulate for CicStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow) {
        self.traffic.update(packet, direction, flow);
        self.transfers.update(packet, direction, flow);
    }
}

impl Statistics for CicStatistics {
    fn record<'a>(&'a self, flow: &'a Flow) -> Record<'a> {
        let parts = Parts {
            transfers: &self.transfers,
            ..self.traffic.parts()
        };
        Record::new(flow, parts)
    }
}

/// What the features of the sets `basic`, `length`, `timing`, `tcp` and `path` are computed from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StandardStatistics {
    /// Sizes, gaps, periods and flags.
    pub traffic: TrafficStatistics,
    /// TCP segments out of sequence.
    pub tcp_sequence: TcpSequence,
    /// Times to live.
    pub ttl: TimeToLive,
}

impl StandardStatistics {
    fn parts(&self) -> Parts<'_> {
        Parts {
            tcp_sequence: &self.tcp_sequence,
            ttl: &self.ttl,
            ..self.traffic.parts()
        }
    }
}

impl Accumulate for StandardStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow) {
        self.traffic.update(packet, direction, flow);
        self.tcp_sequence.update(packet, direction, flow);
        self.ttl.update(packet, direction, flow);
    }
}

impl Statistics for StandardStatistics {
    fn record<'a>(&'a self, flow: &'a Flow) -> Record<'a> {
        Record::new(flow, self.parts())
    }
}

/// What the features of all sets but `rich` are computed from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CommonStatistics {
    /// Sizes, gaps, periods, flags, TCP and the way of packets.
    pub standard: StandardStatistics,
    /// Bulks, pauses and transport headers.
    pub transfers: TransferStatistics,
}

impl Accumulate for CommonStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow) {
        self.standard.update(packet, direction, flow);
        self.transfers.update(packet, direction, flow);
    }
}

impl Statistics for CommonStatistics {
    fn record<'a>(&'a self, flow: &'a Flow) -> Record<'a> {
        let parts = Parts {
            transfers: &self.transfers,
            ..self.standard.parts()
        };
        Record::new(flow, parts)
    }
}

/// All that any feature is computed from.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FullStatistics {
    /// Sizes, gaps, periods, flags, TCP and the way of packets.
    pub standard: StandardStatistics,
    /// Bulks, pauses and transport headers.
    pub transfers: TransferStatistics,
    /// Shapes, bursts, first packets, the quality of TCP.
    pub detail: DetailStatistics,
}

impl FullStatistics {
    /// Built from its own parts alone: others take what they lack from here.
    pub(super) fn parts(&self) -> Parts<'_> {
        let StandardStatistics {
            traffic,
            tcp_sequence,
            ttl,
        } = &self.standard;
        Parts {
            lengths: &traffic.lengths,
            gaps: &traffic.gaps,
            periods: &traffic.periods,
            data_packets: &traffic.data_packets,
            flags: &traffic.flags,
            windows: &traffic.windows,
            tcp_sequence,
            ttl,
            transfers: &self.transfers,
            detail: &self.detail,
        }
    }
}

impl Accumulate for FullStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow) {
        self.standard.update(packet, direction, flow);
        self.transfers.update(packet, direction, flow);
        self.detail.update(packet, direction, flow);
    }
}

impl Statistics for FullStatistics {
    fn record<'a>(&'a self, flow: &'a Flow) -> Record<'a> {
        Record::new(flow, self.parts())
    }
}
