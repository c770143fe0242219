//! Captures as rows of flows.

use nettraffic_capture::{CaptureError, Decoder, PacketSource};
use nettraffic_detect::FlowRows;
use nettraffic_features::{FeatureSet, FlowStatistics};
use nettraffic_flow::{FlowConfig, FlowMeter};

/// Errors of one capture that are kept; a hostile one can hold an error per block.
const MOST_ERRORS: usize = 1_000;

/// All flow records of a source, cut with the default timeouts, and what is damaged in it: the
/// first 1,000 errors.
#[must_use]
pub fn read_flows(
    source: impl PacketSource,
    decoder: Decoder,
    features: &FeatureSet,
) -> (FlowRows, Vec<CaptureError>) {
    let mut meter =
        FlowMeter::<_, FlowStatistics>::with_decoder(source, decoder, FlowConfig::default());
    let mut rows = FlowRows::new(features.clone());
    let mut errors = Vec::new();
    loop {
        match meter.next_flow() {
            Ok(Some(flow)) => rows.push(flow),
            Ok(None) => return (rows, errors),
            Err(error) if errors.len() < MOST_ERRORS => errors.push(error),
            Err(_) => {}
        }
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
        let (rows, errors) = read_flows(
            open(&path).unwrap(),
            Decoder::default(),
            &FeatureSet::default(),
        );
        assert!(!rows.is_empty());
        assert_eq!(errors.len(), 1);
        assert!(errors[0].to_string().contains("cut.pcap"), "{}", errors[0]);
    }
}
