//! What is known about a row.

use serde::{Deserialize, Serialize};

/// What a row really is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever scores must treat each of the three"
)]
pub enum Truth<'a> {
    /// Known to be harmless.
    Benign,
    /// Not known: left out of scoring.
    Unknown,
    /// An attack of this class.
    Attack(&'a str),
}

impl<'a> Truth<'a> {
    /// By a label's name: `benign`, `unknown`, anything else is an attack class.
    #[must_use]
    pub fn named(label: &'a str) -> Self {
        match label {
            "benign" => Self::Benign,
            "unknown" => Self::Unknown,
            attack => Self::Attack(attack),
        }
    }

    /// The label's name.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::Benign => "benign",
            Self::Unknown => "unknown",
            Self::Attack(class) => class,
        }
    }

    /// Whether it is an attack; `None` when that is not known.
    #[must_use]
    pub fn is_attack(self) -> Option<bool> {
        match self {
            Self::Benign => Some(false),
            Self::Unknown => None,
            Self::Attack(_) => Some(true),
        }
    }
}

/// What a flow is that no rule matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Unmatched {
    /// The rules name every attack.
    #[default]
    Benign,
    /// The rules may have missed some.
    Unknown,
}
