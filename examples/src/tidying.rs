//! How tools mend captures before they cut flows: the arguments that they share.

use nettraffic_capture::{Decoder, PacketSource};
use nettraffic_detect::Detector;
use nettraffic_flow::{PacketBatches, TidyConfig};

use crate::arguments::Millis;

/// What is done to packets that lie twice or in disorder.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Tidying {
    /// Drop copies of packets, as two mirror ports make them; with a number, those that come up to so
    /// many milliseconds after the packet [default: 3]
    #[arg(long, value_name = "MS", num_args = 0..=1, require_equals = true, default_missing_value = "3")]
    drop_copies: Option<Millis>,
    /// Put in order packets that come up to this many milliseconds late
    #[arg(long, value_name = "MS")]
    sort: Option<Millis>,
}

impl Tidying {
    /// The decoded packets of `source`, mended as was asked for.
    #[must_use]
    pub fn batches<S: PacketSource>(&self, source: S, decoder: Decoder) -> PacketBatches<S> {
        let packets = PacketBatches::with_decoder(source, decoder);
        match self.config() {
            Some(config) => packets.with_tidy(config),
            None => packets,
        }
    }

    /// Whether anything is to be mended.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        self.config().is_some()
    }

    /// What was asked for, or else what was done to the packets that `detector` learned from.
    #[must_use]
    pub fn or_of(&self, detector: &Detector) -> Self {
        if self.is_asked_for() {
            return self.clone();
        }
        let learned = detector.tidy_config();
        Self {
            drop_copies: learned.copy_window.map(Millis),
            sort: learned.sorting_window.map(Millis),
        }
    }

    /// What to know where a detector judges packets that are mended in another way than was asked for, or than those
    /// that it learned from; `None` where all is as expected.
    #[must_use]
    pub fn note(&self, detector: &Detector) -> Option<String> {
        let learned = detector.tidy_config();
        let asked = self.config().unwrap_or_default();
        if asked == learned {
            return None;
        }
        let how = describe(&learned);
        Some(match self.is_asked_for() {
            false => format!("as in the detector's training, {how}"),
            true => format!(
                "warning: in the detector's training {how}, here {}: what is usual to it may not come, and what comes may not \
                 be usual",
                describe(&asked)
            ),
        })
    }

    /// What was asked for, to be stated in training.
    #[must_use]
    pub fn asked(&self) -> TidyConfig {
        self.config().unwrap_or_default()
    }

    fn config(&self) -> Option<TidyConfig> {
        let mut config = TidyConfig::default();
        if let Some(Millis(window)) = self.drop_copies {
            config = config.with_copy_window(window);
        }
        if let Some(Millis(window)) = self.sort {
            config = config.with_sorting_window(window);
        }
        (self.drop_copies.is_some() || self.sort.is_some()).then_some(config)
    }
}

/// What is done to packets, in words.
pub(crate) fn describe(config: &TidyConfig) -> String {
    let millis = |window: std::time::Duration| window.as_secs_f64() * 1e3;
    let copies = (config.copy_window)
        .map(|window| format!("copies within {} ms are dropped", millis(window)));
    let sorting = (config.sorting_window)
        .map(|window| format!("packets up to {} ms late are put in order", millis(window)));
    match (copies, sorting) {
        (None, None) => "packets are taken as they come".to_owned(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(copies), Some(sorting)) => format!("{copies} and {sorting}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Tool {
        #[command(flatten)]
        tidying: Tidying,
    }

    fn parsed(arguments: &[&str]) -> Result<Tidying, clap::Error> {
        let all = ["tool"].into_iter().chain(arguments.iter().copied());
        Ok(Tool::try_parse_from(all)?.tidying)
    }

    #[test]
    fn nothing_is_mended_unasked() -> Result<(), clap::Error> {
        assert_eq!(parsed(&[])?.config(), None);
        Ok(())
    }

    #[test]
    fn copies_are_dropped_within_a_window() -> Result<(), clap::Error> {
        for (arguments, expected) in [
            (&["--drop-copies"][..], Some(3)),
            (&["--drop-copies=20"], Some(20)),
            (&["--sort", "50"], None),
        ] {
            let config = parsed(arguments)?.config().unwrap_or_default();
            assert_eq!(config.copy_window, expected.map(Duration::from_millis));
        }
        Ok(())
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for arguments in [["--sort", "NaN"], ["--sort", "-1"], ["--sort", "soon"]] {
            assert!(parsed(&arguments).is_err(), "{arguments:?}");
        }
    }
}
