//! Features of packets: by hand, against plain sums over all packets, for any packets, and on real captures.
#![cfg(feature = "flow")]

mod by_hand;
mod corpus;
mod naive;
mod properties;

use nettraffic_capture::PacketMeta;
use nettraffic_features::{PacketFeatureConfig, PacketFeatures};

/// The rows of all packets, end to end.
fn rows(config: &PacketFeatureConfig, packets: &[PacketMeta]) -> Vec<f64> {
    let mut features = PacketFeatures::new(config.clone());
    let mut rows = Vec::new();
    for packet in packets {
        features.push(packet, &mut rows);
    }
    assert_eq!(rows.len(), packets.len() * features.schema().len());
    rows
}
