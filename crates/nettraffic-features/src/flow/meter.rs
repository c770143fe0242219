//! A source of packets as a source of flow records with their rows.

use nettraffic_capture::{CaptureError, DecodeConfig, Decoder, PacketSource};
use nettraffic_flow::{Flow, FlowConfig, FlowCounters, PacketBatches};

use super::custom::CustomFeatures;
use crate::{ExtractionCounters, Extractor, FeatureSet};

/// Reads, decodes, meters and extracts in one: packets in, flow records with their rows out.
pub struct FeatureMeter<S, C: CustomFeatures = ()> {
    packets: PacketBatches<S>,
    extractor: Extractor<C>,
    ended: bool,
}

impl<S: PacketSource> FeatureMeter<S> {
    /// A meter over `source`, which decodes as is usual, and as the features need; see
    /// [`FeatureSet::decode_config`].
    #[must_use]
    pub fn new(source: S, features: FeatureSet, config: FlowConfig) -> Self {
        let decoder = Decoder::new(features.decode_config(DecodeConfig::default()));
        let packets = PacketBatches::with_decoder(source, decoder);
        Self::of(packets, Extractor::new(features, config))
    }
}

impl<S: PacketSource, C: CustomFeatures> FeatureMeter<S, C> {
    /// A meter over packets that are decoded, and tidied, as the caller chose.
    #[must_use]
    pub fn of(packets: PacketBatches<S>, extractor: Extractor<C>) -> Self {
        Self {
            packets,
            extractor,
            ended: false,
        }
    }

    /// The next flow record, with its features appended to `row`; `None` when the input has ended
    /// and every flow was given out.
    ///
    /// # Errors
    /// The source's error; `row` is then as it was. The flows are kept, and the next call goes on.
    pub fn next_flow(&mut self, row: &mut Vec<f64>) -> Result<Option<Flow>, CaptureError> {
        loop {
            if let Some(flow) = self.extractor.pop(row) {
                return Ok(Some(flow));
            }
            if self.ended {
                return Ok(None);
            }
            match self.packets.next_batch()? {
                Some(packets) => self.extractor.push_all(packets),
                None => {
                    self.ended = true;
                    self.extractor.finish();
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
        self.extractor.counters()
    }

    /// The same, with what the windows remember where a feature needs them.
    pub fn all_counters(&self) -> ExtractionCounters {
        self.extractor.all_counters()
    }
}
