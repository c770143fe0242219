//! How tools read captures: the arguments that they share.

use nettraffic_capture::{CaptureSet, DecodeConfig, Decoder, Filter, ReadLimits, ReadOptions};

use crate::Captures;

/// Which packets are read, and how far a capture is trusted.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Reading {
    /// Only the packets that this expression wants, in libpcap's language: 'tcp and not port 22'
    #[arg(long, value_name = "EXPRESSION")]
    filter: Option<Filter>,
    /// Behind damage, search for the next plausible packet, and say how many bytes were passed over
    #[arg(long)]
    recover: bool,
    /// Largest window that a compressed capture may need to be unpacked
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    max_window: u64,
    /// How many times its size a compressed capture may unpack to, beyond its first 64 MiB
    #[arg(long, value_name = "FACTOR", default_value_t = 200)]
    max_expansion: u64,
}

impl Reading {
    /// The captures as one stream in the order of time.
    #[must_use]
    pub fn source(&self, captures: &Captures) -> CaptureSet {
        let defaults = ReadLimits::default();
        let limits = defaults
            .with_window_len(self.max_window.saturating_mul(1 << 20))
            .with_expansion(self.max_expansion, defaults.expansion_grace);
        let options = ReadOptions::new()
            .with_limits(limits)
            .with_recovery(self.recover);
        CaptureSet::new(captures.files()).with_options(options)
    }

    /// A decoder that lets through what is wanted.
    #[must_use]
    pub fn decoder(&self, config: DecodeConfig) -> Decoder {
        let decoder = Decoder::new(config);
        match &self.filter {
            Some(filter) => decoder.with_filter(filter.clone()),
            None => decoder,
        }
    }
}
