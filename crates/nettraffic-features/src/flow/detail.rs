//! What the features of the set `rich` are computed from beside the usual.

use nettraffic_capture::PacketMeta;
use nettraffic_flow::{
    Accumulate, Bursts, Direction, FirstPackets, Flow, GapShapes, LengthShapes, PayloadEntropy,
    RoundTrips, SegmentKinds, SynOptions, TcpQuality,
};

/// Shapes of lengths and gaps, bursts, first packets, the quality of TCP and the entropy of
/// payloads.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DetailStatistics {
    /// How payload lengths are spread.
    pub lengths: LengthShapes,
    /// How gaps are spread.
    pub gaps: GapShapes,
    /// Runs of packets of one side.
    pub bursts: Bursts,
    /// The packets with which the flow began.
    pub first: FirstPackets,
    /// Kinds of TCP segments.
    pub segments: SegmentKinds,
    /// What the SYNs offered.
    pub syn: SynOptions,
    /// How well the TCP connection ran.
    pub quality: TcpQuality,
    /// How long the hosts of the TCP connection took to answer.
    pub round_trips: RoundTrips,
    /// Entropy of payloads, where decoding computes it.
    pub entropy: PayloadEntropy,
}

impl Accumulate for DetailStatistics {
    #[inline]
    fn update(&mut self, packet: &PacketMeta, direction: Direction, flow: &Flow) {
        self.lengths.update(packet, direction, flow);
        self.gaps.update(packet, direction, flow);
        self.bursts.update(packet, direction, flow);
        self.first.update(packet, direction, flow);
        self.segments.update(packet, direction, flow);
        self.syn.update(packet, direction, flow);
        self.quality.update(packet, direction, flow);
        self.round_trips.update(packet, direction, flow);
        self.entropy.update(packet, direction, flow);
    }
}
