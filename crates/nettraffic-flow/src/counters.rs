//! The account of a flow table.

use std::fmt;

use crate::FlowEnd;

/// Why a decoded packet belongs to no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NotAFlow {
    /// A fragment other than the first, which is not known: it tells no ports.
    LaterFragment,
    /// A later fragment of a packet that holds another packet, whose flow has counted all of it.
    TunnelFragment,
    /// The captured bytes end inside the transport header.
    TransportCut,
    /// An ARP message.
    Arp,
}

impl NotAFlow {
    /// Every reason, in the order in which they are printed.
    pub const ALL: [Self; 4] = [
        Self::LaterFragment,
        Self::TunnelFragment,
        Self::TransportCut,
        Self::Arp,
    ];

    /// The name used in summaries: `later_fragment`, `transport_cut`, ….
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LaterFragment => "later_fragment",
            Self::TunnelFragment => "tunnel_fragment",
            Self::TransportCut => "transport_cut",
            Self::Arp => "arp",
        }
    }
}

impl fmt::Display for NotAFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a flow table has seen and given out.
///
/// The account closes: [`packets`](Self::packets) are those in flows plus those of
/// [`not_a_flow`](Self::not_a_flow); once the table has finished, [`records`](Self::records)
/// are those opened plus those continued.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowCounters {
    /// Packets that became part of a flow.
    pub packets_in_flows: u64,
    /// Packets whose time lay before the table's clock, by a day at most; they are counted in
    /// their flows too.
    pub late_packets: u64,
    /// Packets whose time lay more than a day before or after the table's clock, and was not
    /// borne out by the packets that followed: it is taken to be wrong, and the clock's stands
    /// for it.
    pub outlying_packets: u64,
    /// How often the clock stepped back by more than a day, since the packets that followed
    /// showed that it was wrong; each time ended what was open.
    pub clock_resets: u64,
    /// Flows opened.
    pub opened: u64,
    /// Further records of flows that outlived the active timeout, each with a packet at least.
    pub continuations: u64,
    /// Flows put out for want of room, closed ones included.
    pub evicted: u64,
    /// TCP resets whose number their receiver does not accept: they ended nothing.
    pub refused_resets: u64,
    not_a_flow: [u64; NotAFlow::ALL.len()],
    records: [u64; FlowEnd::ALL.len()],
}

impl FlowCounters {
    /// With what another part of the same table counted.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        let counts = [
            (&mut self.packets_in_flows, other.packets_in_flows),
            (&mut self.late_packets, other.late_packets),
            (&mut self.outlying_packets, other.outlying_packets),
            (&mut self.clock_resets, other.clock_resets),
            (&mut self.opened, other.opened),
            (&mut self.continuations, other.continuations),
            (&mut self.evicted, other.evicted),
            (&mut self.refused_resets, other.refused_resets),
        ];
        for (count, more) in counts {
            *count += more;
        }
        for (count, more) in self.not_a_flow.iter_mut().zip(other.not_a_flow) {
            *count += more;
        }
        for (count, more) in self.records.iter_mut().zip(other.records) {
            *count += more;
        }
        self
    }

    /// Packets pushed.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets_in_flows + self.not_a_flow.iter().sum::<u64>()
    }

    /// Packets that belong to no flow for this reason.
    #[must_use]
    pub const fn not_a_flow(&self, reason: NotAFlow) -> u64 {
        self.not_a_flow[reason as usize]
    }

    /// Records given out.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records.iter().sum()
    }

    /// Records given out for this reason.
    #[must_use]
    pub const fn records_by(&self, end: FlowEnd) -> u64 {
        self.records[end as usize]
    }

    /// Name and count of what limits and wrong clocks did.
    pub fn notes(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        [
            ("continuations", self.continuations),
            ("put_out", self.evicted),
            ("refused_resets", self.refused_resets),
            ("late_packets", self.late_packets),
            ("outlying_packets", self.outlying_packets),
            ("clock_resets", self.clock_resets),
        ]
        .into_iter()
    }

    pub(crate) fn count_not_a_flow(&mut self, reason: NotAFlow) {
        self.not_a_flow[reason as usize] += 1;
    }

    pub(crate) fn count_record(&mut self, end: FlowEnd) {
        self.records[end as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_place() {
        let mut counters = FlowCounters::default();
        for reason in NotAFlow::ALL {
            counters.count_not_a_flow(reason);
            assert_eq!(counters.not_a_flow(reason), 1, "{reason}");
        }
        for end in FlowEnd::ALL {
            counters.count_record(end);
            assert_eq!(counters.records_by(end), 1, "{end}");
        }
        assert_eq!(counters.packets(), NotAFlow::ALL.len() as u64);
        assert_eq!(counters.records(), FlowEnd::ALL.len() as u64);
    }
}
