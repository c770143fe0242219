//! Decay rates, identity and number of streams.

/// Decay rates, what tells streams apart, and how many are kept.
///
/// ```
/// use nettraffic_features::PacketFeatureConfig;
///
/// let config = PacketFeatureConfig::default().with_decay_rates(&[1.0, 0.1])?;
/// assert_eq!(config.decay_rates(), [1.0, 0.1]);
/// assert!(config.with_decay_rates(&[1.0, -1.0]).is_err());
/// # Ok::<(), nettraffic_features::DecayRatesError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PacketFeatureConfig {
    decay_rates: Vec<f64>,
    /// Whether equal addresses in different tunnels are different hosts (yes).
    pub tunnel_in_key: bool,
    /// Whether equal addresses in different VLANs are different hosts (no).
    pub vlan_in_key: bool,
    /// Most hosts, most channels and most sockets that are kept (65,536 of each, at least 1); with the
    /// default rates that takes about 90 MB. Beyond it a stale one is forgotten.
    pub max_streams: u32,
}

/// The rates of the paper.
const DEFAULT_RATES: [f64; 5] = [5.0, 3.0, 1.0, 0.1, 0.01];

impl PacketFeatureConfig {
    /// Most decay rates that there may be.
    pub const MAX_RATES: usize = 8;

    /// Decay rates λ per second, in the order of the columns (5, 3, 1, 0.1 and 0.01): a packet's weight
    /// halves every 1/λ seconds.
    #[must_use]
    pub fn decay_rates(&self) -> &[f64] {
        &self.decay_rates
    }

    /// With other decay rates, per second.
    ///
    /// # Errors
    /// There is none or there are more than [`PacketFeatureConfig::MAX_RATES`], one is not finite or not above
    /// zero, or one is there twice.
    pub fn with_decay_rates(mut self, rates: &[f64]) -> Result<Self, DecayRatesError> {
        let count = rates.len();
        if count == 0 || count > Self::MAX_RATES {
            return Err(DecayRatesError::Count(count));
        }
        for (at, rate) in rates.iter().enumerate() {
            if !rate.is_finite() || *rate <= 0.0 {
                return Err(DecayRatesError::OutOfRange(*rate));
            }
            if rates.iter().take(at).any(|earlier| earlier == rate) {
                return Err(DecayRatesError::Twice(*rate));
            }
        }
        self.decay_rates = rates.to_vec();
        Ok(self)
    }

    /// With tunnels told apart, or not.
    #[must_use]
    pub fn with_tunnel_in_key(mut self, apart: bool) -> Self {
        self.tunnel_in_key = apart;
        self
    }

    /// With VLANs told apart, or not.
    #[must_use]
    pub fn with_vlan_in_key(mut self, apart: bool) -> Self {
        self.vlan_in_key = apart;
        self
    }

    /// With another limit of hosts, of channels, and of sockets.
    #[must_use]
    pub fn with_max_streams(mut self, streams: u32) -> Self {
        self.max_streams = streams;
        self
    }
}

impl Default for PacketFeatureConfig {
    fn default() -> Self {
        Self {
            decay_rates: DEFAULT_RATES.to_vec(),
            tunnel_in_key: true,
            vlan_in_key: false,
            max_streams: 1 << 16,
        }
    }
}

/// Why decay rates are refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecayRatesError {
    /// None or too many.
    #[error("{0} decay rates: there have to be 1 to {max}", max = PacketFeatureConfig::MAX_RATES)]
    Count(usize),
    /// One that is not finite, or not above zero.
    #[error("the decay rate {0} is no positive number")]
    OutOfRange(f64),
    /// One that is there twice.
    #[error("the decay rate {0} is there twice")]
    Twice(f64),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_that_make_no_sense_are_refused() {
        let with = |rates: &[f64]| {
            let config = PacketFeatureConfig::default().with_decay_rates(rates);
            config.map(|config| config.decay_rates)
        };
        assert_eq!(with(&[]), Err(DecayRatesError::Count(0)));
        assert_eq!(with(&[1.0; 9]), Err(DecayRatesError::Count(9)));
        assert_eq!(with(&[1.0, 2.0, 1.0]), Err(DecayRatesError::Twice(1.0)));
        for rate in [0.0, -1.0, f64::INFINITY] {
            assert_eq!(with(&[rate]), Err(DecayRatesError::OutOfRange(rate)));
        }
        assert!(with(&[f64::NAN]).is_err());
        let most = [1e-300, 1e300, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(with(&most), Ok(most.to_vec()));
    }
}
