//! How rows are parted, as a plan states it.

use super::number;
use serde::Deserialize;

/// How the rows of a study are parted into those to train and those to test on. Flows of one conversation are
/// always on the same side.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SplitRule {
    /// The same share of attacks and of benign rows, drawn at random.
    Stratified(StratifiedSplit),
    /// The earlier rows to train, the later ones to test.
    Time(TimeSplit),
    /// Whole groups, drawn at random.
    Group(GroupSplit),
    /// Every row is tested on once.
    Folds(FoldsSplit),
    /// Every capture is tested on once, by models that saw the others.
    EachCapture(EachCapture),
    /// Every kind of attack is tested on once, by models that did not see it.
    UnseenAttack(UnseenAttackSplit),
}

/// See [`SplitRule::Stratified`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StratifiedSplit {
    /// Share of the rows to train on.
    #[serde(deserialize_with = "number::part")]
    pub train: f64,
    /// What the draw depends on; the same for every model.
    #[serde(default = "default_seed")]
    pub seed: u64,
}

/// See [`SplitRule::Time`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TimeSplit {
    /// Share of the rows to train on.
    #[serde(deserialize_with = "number::part")]
    pub train: f64,
}

/// See [`SplitRule::Group`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GroupSplit {
    /// What stays together.
    pub by: GroupKind,
    /// Share of the rows to train on.
    #[serde(deserialize_with = "number::part")]
    pub train: f64,
    /// What the draw depends on.
    #[serde(default = "default_seed")]
    pub seed: u64,
}

/// What rows can have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum GroupKind {
    /// The host that began the flow.
    Host,
    /// Both ends and the protocol.
    Conversation,
    /// The file.
    Capture,
}

/// See [`SplitRule::Folds`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FoldsSplit {
    /// Number of parts, at least two.
    #[serde(deserialize_with = "number::folds")]
    pub folds: usize,
    /// What the draw depends on.
    #[serde(default = "default_seed")]
    pub seed: u64,
}

/// See [`SplitRule::EachCapture`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EachCapture {}

/// See [`SplitRule::UnseenAttack`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct UnseenAttackSplit {
    /// Share of the benign rows to train on.
    #[serde(deserialize_with = "number::part")]
    pub train: f64,
    /// What the draw depends on.
    #[serde(default = "default_seed")]
    pub seed: u64,
}

impl SplitRule {
    /// The share of rows to train on, where it states one.
    pub(crate) fn share(&self) -> Option<f64> {
        match self {
            Self::Stratified(split) => Some(split.train),
            Self::Time(split) => Some(split.train),
            Self::Group(split) => Some(split.train),
            Self::UnseenAttack(split) => Some(split.train),
            Self::Folds(_) | Self::EachCapture(_) => None,
        }
    }

    /// A sentence for people.
    pub(crate) fn describe(&self) -> String {
        let percent = |share: f64| format!("{} %", (share * 1e6).round() / 1e4);
        match self {
            Self::Stratified(split) => format!(
                "{} of the benign rows and of the attacks to train, drawn at random with the seed {}.",
                percent(split.train),
                split.seed
            ),
            Self::Time(split) => {
                format!(
                    "The earliest {} of the rows to train, the later ones to test.",
                    percent(split.train)
                )
            }
            Self::Group(split) => format!(
                "About {} of the rows to train, by whole {}, drawn at random with the seed {}.",
                percent(split.train),
                match split.by {
                    GroupKind::Host => "hosts",
                    GroupKind::Conversation => "conversations",
                    GroupKind::Capture => "captures",
                },
                split.seed
            ),
            Self::Folds(split) => format!(
                "{} folds, each with about the same share of every class, drawn with the seed {}.",
                split.folds, split.seed
            ),
            Self::EachCapture(_) => {
                "Every capture is tested on once, after training on the others.".to_owned()
            }
            Self::UnseenAttack(split) => format!(
                "Every kind of attack is tested on once, after training without it; {} of the benign rows to \
                 train, drawn with the seed {}.",
                percent(split.train),
                split.seed
            ),
        }
    }
}

fn default_seed() -> u64 {
    42
}
