//! How the packets of the training were tidied: part of what a model learned, so part of its bundle.

use std::time::Duration;

use nettraffic_flow::TidyConfig;
use serde::{Deserialize, Serialize};

/// Windows in nanoseconds. A bundle without this part was trained on packets as they came, or by a program that did not keep it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TidyRules {
    copies: Option<u64>,
    sorting: Option<u64>,
}

impl TidyRules {
    pub(crate) fn of(config: &TidyConfig) -> Self {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self {
            copies: config.copy_window.map(nanos),
            sorting: config.sorting_window.map(nanos),
        }
    }

    pub(crate) fn config(self) -> TidyConfig {
        let mut config = TidyConfig::default();
        config.copy_window = self.copies.map(Duration::from_nanos);
        config.sorting_window = self.sorting.map(Duration::from_nanos);
        config
    }

    /// Whether there is nothing to tell: then the bundle has no such part, as those of older versions.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
