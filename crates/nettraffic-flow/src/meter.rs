//! A source of packets as a source of flow records.

use nettraffic_capture::{CaptureError, PacketSource};

use crate::{Accumulate, Flow, FlowConfig, FlowCounters, FlowTable, PacketBatches};

/// Reads, decodes and meters in one: packets in, flow records out.
///
/// For callers who want the records alone; whoever needs the packets too gives the batches of
/// [`PacketBatches`] to a [`FlowTable`], which is all that this does.
pub struct FlowMeter<S, A: Accumulate = ()> {
    packets: PacketBatches<S>,
    table: FlowTable<A>,
    ended: bool,
}

impl<S: PacketSource, A: Accumulate> FlowMeter<S, A> {
    /// A meter over `source`, which decodes as is usual.
    #[must_use]
    pub fn new(source: S, config: FlowConfig) -> Self {
        Self::of(PacketBatches::new(source), config)
    }

    /// A meter over packets that are decoded, and tidied, as the caller chose.
    #[must_use]
    pub fn of(packets: PacketBatches<S>, config: FlowConfig) -> Self {
        Self {
            packets,
            table: FlowTable::new(config),
            ended: false,
        }
    }

    /// The next flow record; `None` when the input has ended and every flow was given out.
    ///
    /// # Errors
    /// The source's error. The flows are kept, and the next call goes on.
    pub fn next_flow(&mut self) -> Result<Option<Flow<A>>, CaptureError> {
        loop {
            if let Some(flow) = self.table.pop() {
                return Ok(Some(flow));
            }
            if self.ended {
                return Ok(None);
            }
            match self.packets.next_batch()? {
                Some(packets) => self.table.push_all(packets),
                None => {
                    self.ended = true;
                    self.table.finish();
                }
            }
        }
    }

    /// The packets, and what became of them before they reached the flows.
    pub fn packets(&self) -> &PacketBatches<S> {
        &self.packets
    }

    /// What became of the packets that were decoded, or left by tidying.
    pub fn flow_counters(&self) -> FlowCounters {
        self.table.counters()
    }
}
