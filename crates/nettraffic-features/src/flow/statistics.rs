//! What a flow must remember for its features.

use nettraffic_capture::PacketMeta;
use nettraffic_flow::{
    Accumulate, ActiveIdle, DataPackets, Direction, Flow, HeaderBytes, InitialWindows,
    InterArrivals, PacketLengths, TcpFlagCounts, TcpSequence, TimeToLive,
};

/// The state that the features of every set are computed from: what a flow table is built with.
///
/// Exact integers throughout, of constant size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowStatistics {
    /// Payload lengths.
    pub lengths: PacketLengths,
    /// Gaps between packets.
    pub gaps: InterArrivals,
    /// Busy periods and silences.
    pub periods: ActiveIdle,
    /// Packets that carried payload.
    pub data_packets: DataPackets,
    /// Bytes of headers.
    pub header_bytes: HeaderBytes,
    /// TCP flags.
    pub flags: TcpFlagCounts,
    /// First TCP windows.
    pub windows: InitialWindows,
    /// TCP segments out of sequence.
    pub tcp_sequence: TcpSequence,
    /// Times to live.
    pub ttl: TimeToLive,
}

impl Accumulate for FlowStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow<()>) {
        self.lengths.update(packet, direction, flow);
        self.gaps.update(packet, direction, flow);
        self.periods.update(packet, direction, flow);
        self.data_packets.update(packet, direction, flow);
        self.header_bytes.update(packet, direction, flow);
        self.flags.update(packet, direction, flow);
        self.windows.update(packet, direction, flow);
        self.tcp_sequence.update(packet, direction, flow);
        self.ttl.update(packet, direction, flow);
    }
}
