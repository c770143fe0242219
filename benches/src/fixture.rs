//! Synthetic traffic at every stage of its way.

use std::net::IpAddr;

use nettraffic_capture::{
    IpProtocol, PacketMeta, PacketSource, TcpFlags, TcpHeader, Timestamp, Transport, decode,
    from_reader,
};
use nettraffic_features::{Extractor, FeatureMatrix, FeatureSet, FullStatistics};
use nettraffic_flow::{Flow, FlowConfig, FlowTable};
use nettraffic_synth::{Scenario, Truth};

const SEED: u64 = 3;

/// A synthetic capture in memory.
pub struct Traffic {
    /// The capture, a pcap file.
    pub pcap: Vec<u8>,
    /// What its packets really are.
    pub truth: Truth,
}

impl Traffic {
    /// The first packets of a named scenario.
    ///
    /// # Panics
    /// There is no scenario of that name.
    #[must_use]
    pub fn of(scenario: &str, packets: u64) -> Self {
        let scenario = Scenario::named(scenario, SEED).expect("the scenario is there");
        let capture = scenario.packets(packets).synthesize();
        Self {
            pcap: capture.pcap,
            truth: capture.truth,
        }
    }

    /// A source that reads the capture.
    #[must_use]
    pub fn source(&self) -> Box<dyn PacketSource + Send + '_> {
        open(&self.pcap)
    }

    /// Its packets, decoded.
    ///
    /// # Panics
    /// The capture is damaged.
    #[must_use]
    pub fn packets(&self) -> Vec<PacketMeta> {
        let mut source = self.source();
        let mut packets = Vec::new();
        while let Some(packet) = source.next_packet().expect("the capture is sound") {
            packets.extend(decode(&packet));
        }
        packets
    }

    /// Its flow records, with all that features are computed from.
    #[must_use]
    pub fn flows(&self) -> Vec<(Flow, FullStatistics)> {
        let mut table = FlowTable::new(FlowConfig::default());
        table.push_all(&self.packets());
        table.finish();
        std::iter::from_fn(|| table.pop())
            .map(Flow::into_parts)
            .collect()
    }

    /// The rows of its flow records.
    ///
    /// # Panics
    /// A feature is not finite.
    #[must_use]
    pub fn matrix(&self, features: &FeatureSet) -> FeatureMatrix {
        let mut extractor = Extractor::new(features.clone(), FlowConfig::default());
        extractor.push_all(&self.packets());
        extractor.finish();
        let mut rows = Vec::new();
        while extractor.pop(&mut rows).is_some() {}
        FeatureMatrix::from_rows(features.schema(), rows).expect("features are finite")
    }
}

/// One packet of each of `flows` TCP connections, in an order that memory cannot foresee.
#[must_use]
pub fn busy_packets(flows: u32) -> Vec<PacketMeta> {
    // A prime: it visits every flow once, and never the neighbour of the one before.
    const STRIDE: u32 = 7919;
    (0..flows)
        .map(|at| segment(at.wrapping_mul(STRIDE) % flows))
        .collect()
}

/// A source that reads a capture in memory.
fn open(capture: &[u8]) -> Box<dyn PacketSource + Send + '_> {
    from_reader("memory", capture).expect("it is a capture")
}

/// A packet in the middle of connection number `flow`.
fn segment(flow: u32) -> PacketMeta {
    let client = IpAddr::from((0x0a00_0000 + flow / 1000).to_be_bytes());
    let server = IpAddr::from([192, 0, 2, 1]);
    let mut packet = PacketMeta::new(Timestamp::default(), client, server, IpProtocol::TCP);
    packet.transport = Transport::Tcp(TcpHeader {
        source_port: 40_000 + (flow % 1000) as u16,
        destination_port: 443,
        flags: TcpFlags::ACK,
        ..TcpHeader::default()
    });
    (packet.header_len, packet.payload_len) = (40, 100);
    packet
}
