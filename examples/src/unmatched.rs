//! The option `--unmatched`.

use clap::ValueEnum;
use nettraffic_eval::Unmatched;

/// What flows are that no label rule matches.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum UnmatchedArgument {
    /// No attack
    Benign,
    /// Nobody knows: left out of scoring
    Unknown,
}

impl From<UnmatchedArgument> for Unmatched {
    fn from(argument: UnmatchedArgument) -> Self {
        match argument {
            UnmatchedArgument::Benign => Self::Benign,
            UnmatchedArgument::Unknown => Self::Unknown,
        }
    }
}
