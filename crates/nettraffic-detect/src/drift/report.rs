//! What has moved, and by how much.

use std::fmt;

use serde::Serialize;

use crate::Rate;

/// How far a feature has moved, by the usual bounds of the population stability index: below 0.1
/// it is stable, from 0.25 on a model should be trained anew. Recent rows that are few spread
/// by chance alone; what chance explains is stable whatever the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DriftLevel {
    /// Below 0.1, or no more than chance.
    Stable,
    /// From 0.1 on: worth a look.
    Moderate,
    /// From 0.25 on: not what the detector learned from.
    Large,
}

impl DriftLevel {
    pub(crate) fn of(index: f64, by_chance: f64) -> Self {
        match index {
            _ if index <= by_chance => Self::Stable,
            _ if index >= 0.25 => Self::Large,
            _ if index >= 0.1 => Self::Moderate,
            _ => Self::Stable,
        }
    }

    /// `stable`, `moderate` or `large`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Moderate => "moderate",
            Self::Large => "large",
        }
    }
}

/// How far one feature has moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FeatureDrift {
    /// Its name.
    pub feature: String,
    /// Population stability index of the recent rows against the training rows.
    pub stability_index: f64,
    /// The index that chance stays below in 99 of 100 looks at all features, rows being independent.
    pub by_chance: f64,
    /// What that means.
    pub level: DriftLevel,
    /// The values whose share has moved most, in words.
    pub values: String,
    /// Their share of the training rows.
    pub expected_share: f64,
    /// Their share of the recent rows.
    pub found_share: f64,
}

impl fmt::Display for FeatureDrift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: index {:.3} ({}, chance {:.3}); {} in {:.1} % of recent rows, {:.1} % in training",
            self.feature,
            self.stability_index,
            self.level.name(),
            self.by_chance,
            self.values,
            self.found_share * 100.0,
            self.expected_share * 100.0,
        )
    }
}

/// Whether the scores have moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScoreDrift {
    /// How often the mean p-value moved since the monitor began.
    pub changes: u64,
    /// Mean p-value of the scores since it last moved: about one half in traffic like that of the
    /// training, lower in stranger traffic.
    pub mean_p_value: Option<f64>,
    /// Recent rows whose score is beyond the threshold.
    pub alarms: Rate,
    /// Share of benign rows beyond it in traffic like that of the training.
    pub expected_alarms: f64,
}

/// What a [`DriftMonitor`](crate::DriftMonitor) found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DriftReport {
    /// Recent rows that were compared.
    pub rows: u64,
    /// Training rows that they were compared with.
    pub training_rows: u64,
    /// All features, those that moved most first.
    pub features: Vec<FeatureDrift>,
    /// The scores.
    pub scores: ScoreDrift,
}

impl DriftReport {
    /// The features that moved at least so far.
    pub fn moved(&self, least: DriftLevel) -> impl Iterator<Item = &FeatureDrift> {
        self.features
            .iter()
            .filter(move |feature| feature.level >= least)
    }

    /// Whether a feature moved far or the scores moved: time to train anew.
    #[must_use]
    pub fn has_drifted(&self) -> bool {
        self.scores.changes > 0 || self.moved(DriftLevel::Large).next().is_some()
    }
}
