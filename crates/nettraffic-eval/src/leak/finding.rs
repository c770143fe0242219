//! What was found, in a sentence.

use std::fmt;

use serde::Serialize;

use crate::words::grouped;

/// A reason not to trust a comparison yet. Its [`Display`](fmt::Display) is a sentence for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Leak {
    /// At least 1 % of the test rows have the very values of a training row.
    DuplicateRows {
        /// Test rows that repeat a training row.
        repeated: u64,
        /// Test rows in all.
        tested: u64,
    },
    /// A feature that alone tells attacks from benign rows: an area of at least 0.99.
    Shortcut {
        /// The feature.
        feature: String,
        /// Area under the ROC curve of the feature alone.
        area: f64,
        /// What about it tells.
        direction: Direction,
    },
    /// A feature whose name says that it is the label, or made from it.
    LabelAmongFeatures {
        /// The feature.
        feature: String,
    },
    /// A feature that says which row it is, not what it is like.
    Identifier {
        /// The feature.
        feature: String,
        /// How that shows.
        sign: IdentifierSign,
    },
    /// What must not be parted was: test rows share it with training rows.
    SharedGroup {
        /// What they share, such as `conversation`.
        group: String,
        /// Test rows that share it.
        shared: u64,
        /// Test rows in all.
        tested: u64,
    },
    /// Test rows that are as old as training rows: the model knows their future.
    TimeOverlap {
        /// Test rows not later than the last training row.
        overlapping: u64,
        /// Test rows in all.
        tested: u64,
        /// The last training row, nanoseconds.
        last_trained_ns: i64,
        /// The first test row, nanoseconds.
        first_tested_ns: i64,
    },
    /// The file that a row is from tells whether it is an attack in at least 99 % of both kinds.
    LabelByFile {
        /// Files with rows enough to tell.
        files: u64,
        /// Mean of the shares of attacks and of benign rows that their file gives away.
        told: f64,
    },
}

/// What about a feature tells attacks from benign rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Direction {
    /// Attacks have the higher values.
    AttacksHigher,
    /// Attacks have the lower values.
    AttacksLower,
    /// Values that attacks have in training, attacks have in the test, whatever their order.
    ByValue,
}

/// How an identifier shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdentifierSign {
    /// By its name: an address, a number of the flow, a point in time.
    Name,
    /// It grows (or falls) from row to row.
    Counter,
    /// Whole numbers, nearly all different and spread evenly over their range.
    NearlyUnique,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateRows { repeated, tested } => write!(
                f,
                "{} repeat a training row value by value: a model that remembers rows looks better \
                 than it is",
                part(*repeated, *tested)
            ),
            Self::Shortcut {
                feature,
                area,
                direction,
            } => {
                let how = match direction {
                    Direction::AttacksHigher => "attacks have the higher values",
                    Direction::AttacksLower => "attacks have the lower values",
                    Direction::ByValue => "certain values are attacks",
                };
                write!(
                    f,
                    "{feature:?} alone tells attacks from benign rows ({how}, area {area:.4}): a model \
                     may learn how the data were made, not what attacks are like"
                )
            }
            Self::LabelAmongFeatures { feature } => write!(
                f,
                "{feature:?} is among the features, and by its name it is the label or made from it"
            ),
            Self::Identifier { feature, sign } => {
                let why = match sign {
                    IdentifierSign::Name => "by its name",
                    IdentifierSign::Counter => "it grows or falls from row to row",
                    IdentifierSign::NearlyUnique => "nearly every row has another whole number",
                };
                write!(
                    f,
                    "{feature:?} says which row, host or moment it is ({why}), not what its traffic is \
                     like: on another day it means nothing"
                )
            }
            Self::SharedGroup {
                group,
                shared,
                tested,
            } => write!(
                f,
                "{} share their {group} with training rows, so the model has seen part of them",
                part(*shared, *tested)
            ),
            Self::TimeOverlap {
                overlapping,
                tested,
                ..
            } => write!(
                f,
                "{} are as old as training rows or older: the model knows what came after them",
                part(*overlapping, *tested)
            ),
            Self::LabelByFile { files, told } => write!(
                f,
                "the file a row comes from tells attacks from benign rows ({:.1} % of {} files' rows): a \
                 model may learn the network of a file instead of the attack",
                told * 100.0,
                grouped(*files)
            ),
        }
    }
}

/// `3 of 40 test rows (7.5 %)`.
fn part(some: u64, all: u64) -> String {
    let share = some as f64 / all.max(1) as f64 * 100.0;
    let (some, all) = (grouped(some), grouped(all));
    format!("{some} of {all} test rows ({share:.1} %)")
}
