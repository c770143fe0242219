//! What the features of a flow are computed from.

use std::ops::Deref;
use std::sync::LazyLock;

use nettraffic_flow::{
    ActiveIdle, DataPackets, Flow, InitialWindows, InterArrivals, PacketLengths, TcpFlagCounts,
    TcpSequence, TimeToLive,
};

use super::detail::DetailStatistics;
use super::level::{FullStatistics, TransferStatistics};

/// A flow record with all that was accumulated over its packets; what was not is empty.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    flow: &'a Flow,
    pub(crate) state: Parts<'a>,
}

/// The parts that levels are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts<'a> {
    pub(crate) lengths: &'a PacketLengths,
    pub(crate) gaps: &'a InterArrivals,
    pub(crate) periods: &'a ActiveIdle,
    pub(crate) data_packets: &'a DataPackets,
    pub(crate) flags: &'a TcpFlagCounts,
    pub(crate) windows: &'a InitialWindows,
    pub(crate) tcp_sequence: &'a TcpSequence,
    pub(crate) ttl: &'a TimeToLive,
    pub(crate) transfers: &'a TransferStatistics,
    pub(crate) detail: &'a DetailStatistics,
}

impl<'a> Record<'a> {
    pub(crate) fn new(flow: &'a Flow, state: Parts<'a>) -> Self {
        Self { flow, state }
    }
}

impl Deref for Record<'_> {
    type Target = Flow;

    fn deref(&self) -> &Flow {
        self.flow
    }
}

/// Every part of a flow that accumulated nothing.
static EMPTY: LazyLock<FullStatistics> = LazyLock::new(FullStatistics::default);

impl Parts<'static> {
    pub(crate) fn empty() -> Self {
        EMPTY.parts()
    }
}
