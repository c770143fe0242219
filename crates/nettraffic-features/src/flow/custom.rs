//! Columns of an embedder's own.

use nettraffic_flow::{Accumulate, Flow};

use crate::Column;

/// Features that somebody declares beside the sets of this crate: their columns, what a flow
/// remembers for them, and how they are computed.
///
/// ```
/// use nettraffic_capture::PacketMeta;
/// use nettraffic_features::{Column, CustomFeatures, Extractor, FeatureSet, Unit};
/// use nettraffic_flow::{Accumulate, Direction, Flow, FlowConfig};
///
/// /// How many packets are as long as the network allows.
/// #[derive(Clone, Debug, Default)]
/// struct FullPackets(u64);
///
/// impl Accumulate for FullPackets {
///     fn update(&mut self, packet: &PacketMeta, _: Direction, _: &Flow) {
///         self.0 += u64::from(packet.ip_len() >= 1500);
///     }
/// }
///
/// impl CustomFeatures for FullPackets {
///     fn columns() -> Vec<Column> {
///         vec![Column::number("full_packets", Unit::Count)]
///     }
///
///     fn extract(&self, _: &Flow, row: &mut Vec<f64>) {
///         row.push(self.0 as f64);
///     }
/// }
///
/// let features = FeatureSet::named("basic")?;
/// let extractor = Extractor::<FullPackets>::with_custom(features, FlowConfig::default(), 0)?;
/// assert_eq!(extractor.schema().columns().last().map(|c| &*c.name), Some("full_packets"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait CustomFeatures: Accumulate + std::fmt::Debug {
    /// What [`CustomFeatures::extract`] appends.
    fn columns() -> Vec<Column>;

    /// Appends the values of the columns, all finite, for a flow with these base counters.
    fn extract(&self, flow: &Flow, row: &mut Vec<f64>);
}

/// None.
impl CustomFeatures for () {
    fn columns() -> Vec<Column> {
        Vec::new()
    }

    fn extract(&self, _: &Flow, _: &mut Vec<f64>) {}
}
