//! What is allowed.

use serde::Serialize;

/// An entry of the allow-list, and how often it was of use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// What it is called; where it has no name, where it stands.
    pub name: String,
    /// Why these alerts are not wanted.
    pub reason: String,
    /// Which ones they are, such as `source 10.0.0.12, ports 873`.
    pub criteria: String,
    /// Alerts that it suppressed.
    pub hits: u64,
    /// When the last one was: nanoseconds since the Unix epoch.
    pub last_ns: Option<i64>,
    /// When it ends to count: nanoseconds since the Unix epoch.
    pub expires_ns: Option<i64>,
    /// Whether it counts no more.
    pub has_expired: bool,
    /// Alerts that it would have suppressed had it not expired.
    pub after_expiry: u64,
    /// The alert whose marking made it, where one did: so it can be taken back.
    pub alert: Option<String>,
}
