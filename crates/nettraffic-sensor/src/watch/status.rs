//! How a sensor fares.

use std::sync::Arc;
use std::time::Duration;

use nettraffic_capture::{DecodeCounters, Timestamp};
use nettraffic_detect::{DriftReport, Listed};
use nettraffic_flow::FlowCounters;

use super::{Condition, Phase, Renewed};
use crate::{Gap, GateCounters, IncidentCounters, OutletStatus, SavingStatus};

/// How a sensor fares. Of the packets, those received = those processed + those that wait + those shed, and
/// what the kernel dropped before.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Packet time: nothing earlier follows.
    pub now: Timestamp,
    /// The time of the first packet; `None` before it.
    pub begin: Option<Timestamp>,
    /// When it was set to work, by the clock on the wall.
    pub started: Timestamp,
    /// How long it has been at work, by the clock on the wall. In a replay packet time passes faster or slower.
    pub uptime: Duration,
    /// What it is doing.
    pub phase: Phase,
    /// The interfaces and captures.
    pub sources: Vec<SourceStatus>,
    /// Packets that were decoded or skipped.
    pub processed: u64,
    /// Their bytes on the wire.
    pub wire_bytes: u64,
    /// What became of them.
    pub decoded: DecodeCounters,
    /// What became of those that were decoded.
    pub flows: FlowCounters,
    /// Flows in the table.
    pub open_flows: u64,
    /// Flows that may be.
    pub most_flows: u64,
    /// Flow records that were learned from.
    pub learned: u64,
    /// Flow records that were judged.
    pub judged: u64,
    /// Flows that were open when it was told to end, and not judged for want of time.
    pub unjudged: u64,
    /// What became of the alerts.
    pub alerts: GateCounters,
    /// The entries of the allow-list, in their order, with how often each was of use; those of marks are among them.
    pub allowed: Vec<Listed>,
    /// The incidents that they belong to.
    pub incidents: IncidentCounters,
    /// The sinks.
    pub sinks: Vec<OutletStatus>,
    /// How far the traffic has moved from that of the training, at the last look.
    pub drift: Option<Arc<DriftReport>>,
    /// How the last successor fared.
    pub renewed: Option<Arc<Renewed>>,
    /// Times in which an interface could not be watched, the latest ones.
    pub gaps: Vec<Gap>,
    /// All such times.
    pub gap_count: u64,
    /// What an operator should know though nothing went wrong, the latest of it.
    pub notes: Vec<String>,
    /// How much of it there was.
    pub note_count: u64,
    /// How often something in the input was damaged, or could not be read.
    pub damaged: u64,
    /// What went wrong, the latest of it.
    pub troubles: Vec<String>,
    /// How often something did.
    pub trouble_count: u64,
    /// What is wrong for as long as it lasts, in the order in which it began.
    pub conditions: Vec<Condition>,
    /// How the writing of what outlives a run fares; `None` when nothing is to.
    pub saving: Option<SavingStatus>,
}

/// How a source fares.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SourceStatus {
    /// The interface or capture.
    pub name: Arc<str>,
    /// Packets that it gave.
    pub received: u64,
    /// Packets that were shed since the detection did not keep up.
    pub shed: u64,
    /// Batches of packets that wait for the detection.
    pub waiting: u64,
    /// Batches that may wait.
    pub capacity: u64,
    /// Packets that the kernel dropped since they were not fetched in time; `None` for a capture.
    pub kernel_drops: Option<u64>,
    /// Packets that the interface dropped; `None` where nobody tells.
    pub interface_drops: Option<u64>,
    /// Why nothing can be received at the moment.
    pub waits: Option<String>,
    /// Whether it has ended.
    pub has_ended: bool,
}

impl Status {
    /// How much packet time has passed since the first packet.
    #[must_use]
    pub fn packet_time(&self) -> Duration {
        self.begin
            .map_or(Duration::ZERO, |begin| self.now.saturating_since(begin))
    }

    /// Packets that sources gave.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.sources.iter().map(|source| source.received).sum()
    }

    /// Packets that were shed.
    #[must_use]
    pub fn shed(&self) -> u64 {
        self.sources.iter().map(|source| source.shed).sum()
    }

    /// Packets that kernels and interfaces dropped, as far as they tell.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let drops = |source: &SourceStatus| {
            source.kernel_drops.unwrap_or(0) + source.interface_drops.unwrap_or(0)
        };
        self.sources.iter().map(drops).sum()
    }
}
