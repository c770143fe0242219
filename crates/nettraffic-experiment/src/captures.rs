//! Captures as rows of flows.

use nettraffic_capture::{CaptureCounters, CaptureError, DecodeCounters, PacketSource};
use nettraffic_detect::FlowRows;
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::{FlowConfig, FlowCounters, PacketBatches, TidyCounters};

/// Errors of one capture that are kept; a hostile one can hold an error per block.
const MOST_ERRORS: usize = 1_000;

/// The flows of a source, and how they came about.
#[derive(Debug)]
#[non_exhaustive]
pub struct SourceFlows {
    /// The flows with their rows of features.
    pub flows: FlowRows,
    /// What is damaged in the source: the first 1,000 errors.
    pub errors: Vec<CaptureError>,
    /// What became of its packets.
    pub account: Account,
}

/// What became of the packets of a source.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Account {
    /// What was read.
    pub read: CaptureCounters,
    /// What became of the packets that were read.
    pub decoded: DecodeCounters,
    /// What tidying did, where it was asked for.
    pub tidied: Option<TidyCounters>,
    /// What became of the packets that were decoded.
    pub metered: FlowCounters,
}

/// All flow records of some packets, cut as `config` says.
#[must_use]
pub fn read_flows<S: PacketSource>(
    mut packets: PacketBatches<S>,
    features: &FeatureSet,
    config: &FlowConfig,
) -> SourceFlows {
    let mut extractor = Extractor::new(features.clone(), config.clone());
    let mut flows = FlowRows::new(features.clone());
    let mut errors = Vec::new();
    loop {
        match packets.next_batch() {
            Ok(Some(batch)) => extractor.push_all(batch),
            Ok(None) => break,
            Err(error) if errors.len() < MOST_ERRORS => errors.push(error),
            Err(_) => {}
        }
        while flows.take_from(&mut extractor) {}
    }
    extractor.finish();
    while flows.take_from(&mut extractor) {}
    SourceFlows {
        flows,
        errors,
        account: Account {
            read: packets.source().counters(),
            decoded: packets.decode_counters(),
            tidied: packets.tidy_counters(),
            metered: extractor.counters(),
        },
    }
}

#[cfg(test)]
mod tests {
    use nettraffic_capture::open;

    use super::*;

    #[test]
    fn a_damaged_capture_gives_its_flows_and_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut.pcap");
        let whole = nettraffic_synth::Scenario::new(1).packets(500).pcap_bytes();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let read = read_flows(
            PacketBatches::new(open(&path).unwrap()),
            &FeatureSet::default(),
            &FlowConfig::default(),
        );
        let account = &read.account;
        assert_eq!(account.read.packets, account.decoded.total());
        assert_eq!(account.metered.records(), read.flows.len() as u64);
        let errors: Vec<String> = read.errors.iter().map(ToString::to_string).collect();
        assert!(
            matches!(&errors[..], [error] if error.contains("cut.pcap")),
            "{errors:?}"
        );
    }
}
