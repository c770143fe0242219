//! Bidirectional flows from packets.
//!
//! A [`FlowTable`] takes packets in the order of reading and gives out one [`Flow`] record
//! per conversation: who opened it, what each side sent, how far it came, and why it ended.
//! Time is packet time, memory is bounded, and the same packets give the same records in the
//! same order, however they are fed.
//!
//! ```
//! use nettraffic_capture::{IpProtocol, PacketMeta, Timestamp, Transport, UdpHeader};
//! use nettraffic_flow::{FlowConfig, FlowTable};
//!
//! let (client, server) = ([192, 0, 2, 1].into(), [192, 0, 2, 53].into());
//! let mut query = PacketMeta::new(Timestamp::from_seconds(1, 0), client, server, IpProtocol::UDP);
//! query.transport = Transport::Udp(UdpHeader { source_port: 40000, destination_port: 53 });
//! query.payload_len = 30;
//! let mut answer = PacketMeta::new(Timestamp::from_seconds(1, 20_000_000), server, client, IpProtocol::UDP);
//! answer.transport = Transport::Udp(UdpHeader { source_port: 53, destination_port: 40000 });
//! answer.payload_len = 200;
//!
//! let mut table = FlowTable::<()>::new(FlowConfig::default());
//! for packet in [query, answer] {
//!     table.push(&packet);
//!     while let Some(flow) = table.pop() {
//!         println!("{} ended by {}", flow.uid(), flow.end);
//!     }
//! }
//! table.finish();
//! let flow = table.pop().ok_or("one conversation")?;
//! assert_eq!(flow.key.initiator, client);
//! assert_eq!((flow.forward.payload_bytes, flow.backward.payload_bytes), (30, 200));
//! assert_eq!(flow.duration().as_millis(), 20);
//! assert_eq!(flow.conn_state().name(), "SF");
//! # Ok::<(), &str>(())
//! ```

mod accumulate;
mod accumulators;
mod chunks;
mod config;
mod conn_state;
mod conversation;
mod counters;
mod end;
mod flow;
mod hash;
mod history;
mod key;
mod meter;
mod packets;
mod queues;
mod service;
mod slab;
mod table;
mod tcp;
mod tidy;
mod uid;

pub use accumulate::Accumulate;
pub use accumulators::{
    ActiveIdle, BulkTransfers, Bulks, BurstCounts, Bursts, DataPackets, Delays, EntropyRange,
    FirstPacket, FirstPackets, FlagCounts, GapShape, GapShapes, Gaps, InitialWindows,
    InterArrivals, LengthShape, LengthShapes, LogHistogram, Moments, PacketLengths, PayloadEntropy,
    PerSide, PowerSums, RoundTrips, SegmentKinds, SequenceCounts, SideQuality, SmallMoments,
    Subflows, SynOffer, SynOptions, TcpFlagCounts, TcpQuality, TcpSequence, TimeToLive,
    TransportHeaders, TtlRange,
};
pub use config::{EarlyReports, FlowConfig, IdleTimeouts};
pub use conn_state::{ConnState, SideState};
pub use counters::{FlowCounters, NotAFlow};
pub use end::FlowEnd;
pub use flow::{Flow, IcmpErrors, Side};
pub use history::History;
pub use key::{Direction, FlowKey, InitiatorEvidence};
pub use meter::FlowMeter;
pub use packets::PacketBatches;
pub use table::{Batch, Dealer, FlowTable, TablePart};
pub use tidy::{Tidy, TidyConfig, TidyCounters};
pub use uid::FlowUid;
