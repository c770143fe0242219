//! The table of all features of packets.

use super::statistics::Statistics;
use crate::{Column, Missing, Unit};

/// One feature of a packet, defined once: schema, documents and rows are made from it. It has a
/// column for each decay rate.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PacketFeature {
    /// Unique; a column has the decay rate after it: `source_size_mean_0_01`.
    pub name: &'static str,
    /// Unit of its values.
    pub unit: Unit,
    /// What stands in the row when it is undefined.
    pub missing: Missing,
    /// The name that the published program of Kitsune gives it, with λ for the decay rate.
    pub source: &'static str,
    /// How it is computed, in words.
    pub formula: &'static str,
}

impl PacketFeature {
    /// Its column at `rate` per second.
    #[must_use]
    pub fn column(&self, rate: f64) -> Column {
        let rate = rate.to_string().replace('.', "_");
        Column::number(format!("{}_{rate}", self.name), self.unit).with_missing(self.missing)
    }
}

/// A feature, and where its values at all rates are found.
pub(super) struct Entry<const N: usize> {
    pub(super) feature: PacketFeature,
    pub(super) values: fn(&Statistics<N>) -> &[f64; N],
}

impl<const N: usize> Entry<N> {
    const fn new(
        name: &'static str,
        unit: Unit,
        missing: Missing,
        source: &'static str,
        formula: &'static str,
        values: fn(&Statistics<N>) -> &[f64; N],
    ) -> Self {
        let feature = PacketFeature {
            name,
            unit,
            missing,
            source,
            formula,
        };
        Self { feature, values }
    }

    /// All features, in the order of their columns.
    pub(super) const ALL: [Self; 20] = {
        use Missing::{Never, Zero};
        use Unit::{Bytes, Count, None, Ratio, Seconds};
        [
            Self::new(
                "source_weight",
                Count,
                Never,
                "MI_dir_λ_weight",
                "damped number of the sender's packets, this one included: Σ 2^(−λ·age)",
                |of| &of.source.weight,
            ),
            Self::new(
                "source_size_mean",
                Bytes,
                Never,
                "MI_dir_λ_mean",
                "damped mean of their bytes on the wire: Σ 2^(−λ·age)·size / weight",
                |of| &of.source.mean,
            ),
            Self::new(
                "source_size_std",
                Bytes,
                Never,
                "MI_dir_λ_std, which is the variance",
                "square root of the damped mean of squared distances from that mean",
                |of| &of.source.deviation,
            ),
            Self::new(
                "channel_weight",
                Count,
                Never,
                "HH_λ_weight_0",
                "damped number of packets from the source address to the destination address",
                |of| &of.channel.own.weight,
            ),
            Self::new(
                "channel_size_mean",
                Bytes,
                Never,
                "HH_λ_mean_0",
                "damped mean of their bytes on the wire",
                |of| &of.channel.own.mean,
            ),
            Self::new(
                "channel_size_std",
                Bytes,
                Never,
                "HH_λ_std_0, which is the variance",
                "damped standard deviation of their bytes on the wire",
                |of| &of.channel.own.deviation,
            ),
            Self::new(
                "channel_magnitude",
                Bytes,
                Never,
                "HH_λ_magnitude_0_1",
                "√(μ₁² + μ₂²) of the mean sizes of both ways; a way without packets counts 0",
                |of| &of.channel.magnitude,
            ),
            Self::new(
                "channel_radius",
                None,
                Never,
                "HH_λ_radius_0_1",
                "√(σ₁⁴ + σ₂⁴) of the standard deviations of both ways, in square bytes",
                |of| &of.channel.radius,
            ),
            Self::new(
                "channel_covariance",
                None,
                Never,
                "HH_λ_covariance_0_1",
                "damped mean, over the packets of both ways, of (size − mean) · (last size − mean of the opposite way)·2^(−λ·age), in square bytes",
                |of| &of.channel.covariance,
            ),
            Self::new(
                "channel_correlation",
                Ratio,
                Zero,
                "HH_λ_pcc_0_1",
                "covariance / (σ₁·σ₂), held between −1 and 1; undefined where one of them is below 10⁻⁶ bytes",
                |of| &of.channel.correlation,
            ),
            Self::new(
                "channel_gap_weight",
                Count,
                Never,
                "HH_jit_λ_weight, which counts the first packet too",
                "damped number of gaps between packets of the channel",
                |of| &of.gap.weight,
            ),
            Self::new(
                "channel_gap_mean",
                Seconds,
                Zero,
                "HH_jit_λ_mean",
                "damped mean of these gaps; undefined at the first packet",
                |of| &of.gap.mean,
            ),
            Self::new(
                "channel_gap_std",
                Seconds,
                Zero,
                "HH_jit_λ_std, which is the variance",
                "damped standard deviation of these gaps; undefined at the first packet",
                |of| &of.gap.deviation,
            ),
            Self::new(
                "socket_weight",
                Count,
                Never,
                "HpHp_λ_weight_0",
                "damped number of packets of that protocol from the source address and port to the destination address and port",
                |of| &of.socket.own.weight,
            ),
            Self::new(
                "socket_size_mean",
                Bytes,
                Never,
                "HpHp_λ_mean_0",
                "damped mean of their bytes on the wire",
                |of| &of.socket.own.mean,
            ),
            Self::new(
                "socket_size_std",
                Bytes,
                Never,
                "HpHp_λ_std_0, which is the variance",
                "damped standard deviation of their bytes on the wire",
                |of| &of.socket.own.deviation,
            ),
            Self::new(
                "socket_magnitude",
                Bytes,
                Never,
                "HpHp_λ_magnitude_0_1",
                "√(μ₁² + μ₂²) of the mean sizes of both ways; a way without packets counts 0",
                |of| &of.socket.magnitude,
            ),
            Self::new(
                "socket_radius",
                None,
                Never,
                "HpHp_λ_radius_0_1",
                "√(σ₁⁴ + σ₂⁴) of the standard deviations of both ways, in square bytes",
                |of| &of.socket.radius,
            ),
            Self::new(
                "socket_covariance",
                None,
                Never,
                "HpHp_λ_covariance_0_1",
                "damped mean, over the packets of both ways, of (size − mean) · (last size − mean of the opposite way)·2^(−λ·age), in square bytes",
                |of| &of.socket.covariance,
            ),
            Self::new(
                "socket_correlation",
                Ratio,
                Zero,
                "HpHp_λ_pcc_0_1",
                "covariance / (σ₁·σ₂), held between −1 and 1; undefined where one of them is below 10⁻⁶ bytes",
                |of| &of.socket.correlation,
            ),
        ]
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_by_feature_and_rate() {
        let features = Entry::<1>::ALL.map(|entry| entry.feature);
        let names: std::collections::BTreeSet<_> = features.iter().map(|f| f.name).collect();
        assert_eq!(names.len(), features.len());
        for (rate, expected) in [
            (5.0, "source_weight_5"),
            (0.01, "source_weight_0_01"),
            (2.5e-7, "source_weight_0_00000025"),
        ] {
            let [first, ..] = features;
            assert_eq!(first.column(rate).name, expected);
        }
    }
}
