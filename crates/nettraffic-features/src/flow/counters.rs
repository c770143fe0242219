//! What became of all that an extraction has read.

use nettraffic_flow::FlowCounters;

use crate::WindowCounters;

/// What became of the packets and the records of an [`Extractor`](crate::Extractor) or a
/// [`ParallelExtractor`](crate::ParallelExtractor).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtractionCounters {
    /// Of the flow table.
    pub flows: FlowCounters,
    /// What the windows remember and had to forget, where a feature needs them.
    pub windows: Option<WindowCounters>,
}
