//! Bidirectional flows from packets.

mod accumulate;
mod accumulators;
mod config;
mod flow;

pub use accumulate::Accumulate;
pub use accumulators::{
    ActiveIdle, DataPackets, FlagCounts, Gaps, HeaderBytes, InitialWindows, InterArrivals, Moments,
    PacketLengths, PerSide, SequenceCounts, TcpFlagCounts, TcpSequence, TimeToLive, TtlRange,
};
pub use config::FlowConfig;
pub use flow::{Direction, Flow, FlowEnd, FlowKey, FlowUid, InitiatorEvidence, Side};
