//! What analysts say of alerts.

use serde::{Deserialize, Serialize};

/// What an analyst said of an alert: it is false, or that it is not so after all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marking {
    /// Identifier of the alert.
    pub alert: String,
    /// What the alert becomes; `None` takes back what was said of it.
    pub becomes: Option<MarkUse>,
    /// Why it is false in the analyst's words, 1 to 300 characters; empty where that is taken back. Not to be trusted.
    pub note: String,
}

/// What a false alert becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MarkUse {
    /// An entry of the allow-list.
    #[default]
    AllowList,
    /// A row for the next training.
    Training,
    /// Both.
    Both,
}
