//! `[[sink]]`: where events go.

mod open;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::time::optional;
use crate::EventKind;

/// One `[[sink]]`; its `type` says which.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SinkSettings {
    /// `eve`: a line of JSON an event, in the form of Suricata's EVE.
    Eve(FileSettings),
    /// `ecs`: a line of JSON an event, in the Elastic Common Schema.
    Ecs(FileSettings),
    /// `flows`: every flow with its score, as Zeek's conn.log.
    Flows(FlowSettings),
    /// `syslog`: RFC 5424.
    Syslog(SyslogSettings),
    /// `webhook`: JSON by HTTP POST.
    Webhook(WebhookSettings),
    /// `terminal`: a line for people an event.
    Terminal(TerminalSettings),
}

/// A file of events.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FileSettings {
    /// The file; its folder must be there.
    pub path: PathBuf,
    /// Which kinds of event (alerts alone): `["alerts", "incidents", "flows"]`.
    pub events: Option<Vec<EventKind>>,
    /// Whether flows are written beside alerts (no); not along with `events`, which says more.
    #[serde(default)]
    pub flows: bool,
    /// Size in MiB from which on a new file is begun.
    pub rotate_mib: Option<u64>,
    /// `hour` or `day`: a new file is begun with each.
    pub rotate_every: Option<RotationPeriod>,
    /// Files that are kept (7).
    pub kept: Option<usize>,
}

/// When a new file is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RotationPeriod {
    /// With each hour.
    Hour,
    /// With each day.
    Day,
}

/// A log of flows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FlowSettings {
    /// The file.
    pub path: PathBuf,
    /// `zeek` (tabs) or `ndjson`.
    #[serde(default)]
    pub format: FlowLogFormat,
    /// Size in MiB from which on a new file is begun.
    pub rotate_mib: Option<u64>,
    /// `hour` or `day`.
    pub rotate_every: Option<RotationPeriod>,
    /// Files that are kept (7).
    pub kept: Option<usize>,
}

/// A form of the log of flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FlowLogFormat {
    /// Values separated by tabs.
    #[default]
    Zeek,
    /// A line of JSON each.
    Ndjson,
}

/// A syslog server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SyslogSettings {
    /// `udp://host:514`, `tcp://host:601` or `unix:///dev/log`.
    pub to: String,
    /// Which kinds of event (alerts alone): `["incidents"]`.
    pub events: Option<Vec<EventKind>>,
    /// The facility, by its name in RFC 5424 (`local0`).
    pub facility: Option<String>,
}

/// A receiver of POST requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookSettings {
    /// Its URL.
    pub url: String,
    /// Which kinds of event (alerts alone): `["incidents"]`.
    pub events: Option<Vec<EventKind>>,
    /// A file whose first line is the secret that requests are signed with.
    pub secret_file: Option<PathBuf>,
    /// `eve` or `ecs` (eve).
    pub form: Option<String>,
    /// How long an answer may take (10s).
    #[serde(default, deserialize_with = "optional")]
    pub timeout: Option<Duration>,
    /// Events in one request at most (1).
    pub batch: Option<usize>,
}

/// A terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TerminalSettings {
    /// Which kinds of event (alerts alone): `["alerts", "incidents"]`; it has no line for flows.
    pub events: Option<Vec<EventKind>>,
}

impl SinkSettings {
    /// Alerts on standard output, a line each.
    #[must_use]
    pub fn terminal() -> Self {
        Self::Terminal(TerminalSettings::default())
    }

    /// Alerts as Suricata tells them, in a file that is never moved away.
    #[must_use]
    pub fn eve(path: impl Into<PathBuf>) -> Self {
        Self::Eve(FileSettings {
            path: path.into(),
            events: None,
            flows: false,
            rotate_mib: None,
            rotate_every: None,
            kept: None,
        })
    }

    /// The file that it writes, if it writes one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Eve(FileSettings { path, .. })
            | Self::Ecs(FileSettings { path, .. })
            | Self::Flows(FlowSettings { path, .. }) => Some(path),
            Self::Syslog(_) | Self::Webhook(_) | Self::Terminal(_) => None,
        }
    }
}
