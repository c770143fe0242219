//! Accumulators ready for use: exact integers, constant size, one branch-free step per packet.
//!
//! Each keeps integers only, so that two of them over parts of a flow merge without loss.

mod active_idle;
mod bulk_transfers;
mod bursts;
mod data_packets;
mod first_packets;
mod gap_shapes;
mod initial_windows;
mod inter_arrivals;
mod length_shapes;
mod log_histogram;
mod moments;
mod packet_lengths;
mod payload_entropy;
mod per_side;
mod power_sums;
mod round_trips;
mod segment_kinds;
mod small_moments;
mod subflows;
mod syn_options;
mod tcp_flag_counts;
mod tcp_quality;
mod tcp_sequence;
mod time_to_live;
mod transport_headers;

pub use active_idle::ActiveIdle;
pub use bulk_transfers::{BulkTransfers, Bulks};
pub use bursts::{BurstCounts, Bursts};
pub use data_packets::DataPackets;
pub use first_packets::{FirstPacket, FirstPackets};
pub use gap_shapes::{GapShape, GapShapes};
pub use initial_windows::InitialWindows;
pub use inter_arrivals::{Gaps, InterArrivals};
pub use length_shapes::{LengthShape, LengthShapes};
pub use log_histogram::LogHistogram;
pub use moments::Moments;
pub use packet_lengths::PacketLengths;
pub use payload_entropy::{EntropyRange, PayloadEntropy};
pub use per_side::PerSide;
pub use power_sums::PowerSums;
pub use round_trips::{Delays, RoundTrips};
pub use segment_kinds::SegmentKinds;
pub use small_moments::SmallMoments;
pub use subflows::Subflows;
pub use syn_options::{SynOffer, SynOptions};
pub use tcp_flag_counts::{FlagCounts, TcpFlagCounts};
pub use tcp_quality::{SideQuality, TcpQuality};
pub use tcp_sequence::{SequenceCounts, TcpSequence};
pub use time_to_live::{TimeToLive, TtlRange};
pub use transport_headers::TransportHeaders;

#[cfg(test)]
mod testing;
