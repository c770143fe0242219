//! Accumulators ready for use: exact integers, constant size, one branch-free step per packet.
//!
//! Each keeps integers only, so that two of them over parts of a flow merge without loss.

mod active_idle;
mod data_packets;
mod initial_windows;
mod inter_arrivals;
mod moments;
mod packet_lengths;
mod per_side;
mod round_trips;
mod tcp_flag_counts;
mod tcp_quality;
mod tcp_sequence;
mod time_to_live;

pub use active_idle::ActiveIdle;
pub use data_packets::DataPackets;
pub use initial_windows::InitialWindows;
pub use inter_arrivals::{Gaps, InterArrivals};
pub use moments::Moments;
pub use packet_lengths::PacketLengths;
pub use per_side::PerSide;
pub use round_trips::{Delays, RoundTrips};
pub use tcp_flag_counts::{FlagCounts, TcpFlagCounts};
pub use tcp_quality::{SideQuality, TcpQuality};
pub use tcp_sequence::{SequenceCounts, TcpSequence};
pub use time_to_live::{TimeToLive, TtlRange};

#[cfg(test)]
mod testing;
