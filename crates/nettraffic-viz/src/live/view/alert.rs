//! Alerts and incidents of a running sensor.

use serde::{Deserialize, Serialize};

use crate::{Alert, Incident};

/// How much an alert matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// To be looked at when there is time.
    #[default]
    Low,
    /// To be looked at today.
    Medium,
    /// To be looked at now.
    High,
    /// To be acted on now.
    Critical,
}

/// An alert as it was raised, with what joins it to other records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveAlert {
    /// The alert with its reasons; its `id` is what everything else refers to.
    pub alert: Alert,
    /// When it was raised: nanoseconds of packet time since the Unix epoch.
    pub raised_ns: i64,
    /// How much it matters.
    pub severity: Severity,
    /// Why it matters so much, in words.
    pub severity_reason: String,
    /// What raised it, in words: its score, or that it looks like a known attack.
    pub raised_by: String,
    /// The score above which a flow is an alert.
    pub threshold: Option<f64>,
    /// How seldom benign traffic scores as high, 0 to 1.
    pub p_value: Option<f64>,
    /// The detector that raised it.
    pub model: String,
    /// Identifier of the flow in the flow log.
    pub uid: String,
    /// Community ID of the flow.
    pub community_id: Option<String>,
    /// Identifier of the incident that it belongs to.
    pub incident: Option<String>,
    /// Why it was not written, where it was not.
    pub suppressed: Option<Suppressed>,
    /// Which alerts would be allowed were it marked as false, and for how long, in words.
    pub mark_scope: Option<String>,
}

/// Why an alert was raised but not written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// What held it back, such as `allow-list`, `duplicate` or `rate limit`.
    pub by: String,
    /// The rule in words, such as `backup server, until 1 March`.
    pub reason: String,
}

/// Alerts that belong together, as far as they are known by now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveIncident {
    /// Identifier; told again with the same one, an incident replaces what was known of it.
    pub id: String,
    /// The incident.
    pub incident: Incident,
    /// How much it matters.
    pub severity: Severity,
    /// Why it matters so much, in words.
    pub severity_reason: String,
    /// Whether more may still join it.
    pub open: bool,
}
