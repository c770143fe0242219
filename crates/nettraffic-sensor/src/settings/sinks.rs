//! `[[sink]]`: where events go.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nettraffic_features::FlowFormat;
use serde::Deserialize;

use super::SettingsError;
use super::time::optional;
use crate::{
    EventKind, Facility, FileConfig, FileSink, FlowLog, FlowLogConfig, Form, Period, Rotation,
    Sink, SinkError, Syslog, SyslogConfig, SyslogTarget, Terminal, Wants, Webhook, WebhookConfig,
};

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

    /// The sink, with its file open.
    ///
    /// # Errors
    /// The file or the secret cannot be read; a URL that is none.
    pub fn open(&self) -> Result<Box<dyn Sink>, SinkError> {
        Ok(match self {
            Self::Eve(file) => Box::new(FileSink::open(&file.config(Form::Eve))?),
            Self::Ecs(file) => Box::new(FileSink::open(&file.config(Form::Ecs))?),
            Self::Flows(flows) => Box::new(FlowLog::open(&flows.config())?),
            Self::Syslog(syslog) => {
                let target = target(&syslog.to).map_err(SinkError::lasting)?;
                let mut config = SyslogConfig::new(target).with_events(wants(&syslog.events));
                if let Some(facility) = &syslog.facility {
                    let facility = named_facility(facility).map_err(SinkError::lasting)?;
                    config = config.with_facility(facility);
                }
                Box::new(Syslog::new(&config))
            }
            Self::Webhook(webhook) => Box::new(Webhook::new(&webhook.config()?)?),
            Self::Terminal(terminal) => {
                Box::new(Terminal::stdout().with_events(wants(&terminal.events)))
            }
        })
    }

    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let checked = self.check_events().and_then(|()| match self {
            Self::Eve(file) | Self::Ecs(file) => check_rotation(file.rotate_mib, file.kept),
            Self::Flows(flows) => check_rotation(flows.rotate_mib, flows.kept),
            Self::Syslog(syslog) => {
                let facility = syslog.facility.as_deref().map(named_facility);
                target(&syslog.to).and(facility.transpose()).map(drop)
            }
            Self::Webhook(webhook) => webhook.check(),
            Self::Terminal(_) => Ok(()),
        });
        checked.map_err(|what| SettingsError::Contradiction(format!("sink: {what}")))
    }

    /// The kinds of event that are named, if any are.
    fn events(&self) -> Option<&[EventKind]> {
        match self {
            Self::Eve(FileSettings { events, .. })
            | Self::Ecs(FileSettings { events, .. })
            | Self::Syslog(SyslogSettings { events, .. })
            | Self::Webhook(WebhookSettings { events, .. })
            | Self::Terminal(TerminalSettings { events }) => events.as_deref(),
            Self::Flows(_) => None,
        }
    }

    fn check_events(&self) -> Result<(), String> {
        match (self, self.events()) {
            (_, Some([])) => Err("events: a sink without any has nothing to write".to_owned()),
            (Self::Eve(file) | Self::Ecs(file), Some(_)) if file.flows => {
                Err("either events or flows: events = [\"alerts\", \"flows\"] is both".to_owned())
            }
            (Self::Terminal(_), Some(events)) if events.contains(&EventKind::Flow) => {
                Err("events: a terminal has no line for flows".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl FileSettings {
    fn config(&self, form: Form) -> FileConfig {
        let rotation = rotation(self.rotate_mib, self.rotate_every, self.kept);
        let config = FileConfig::new(&self.path)
            .with_form(form)
            .with_rotation(rotation);
        let wants = wants(&self.events);
        config.with_events(match self.flows {
            true => wants.and(Wants::FLOWS),
            false => wants,
        })
    }
}

impl FlowSettings {
    fn config(&self) -> FlowLogConfig {
        let format = match self.format {
            FlowLogFormat::Zeek => FlowFormat::ZeekTsv,
            FlowLogFormat::Ndjson => FlowFormat::Ndjson,
        };
        let rotation = rotation(self.rotate_mib, self.rotate_every, self.kept);
        FlowLogConfig::new(&self.path)
            .with_format(format)
            .with_rotation(rotation)
    }
}

impl WebhookSettings {
    fn check(&self) -> Result<(), String> {
        if self.url.starts_with("https://") && !cfg!(feature = "https") {
            return Err(format!("{} needs a build with the feature https", self.url));
        }
        named_form(self.form.as_deref()).map(drop)
    }

    fn config(&self) -> Result<WebhookConfig, SinkError> {
        let form = named_form(self.form.as_deref()).map_err(SinkError::lasting)?;
        let mut config = WebhookConfig::new(&self.url)
            .with_form(form)
            .with_events(wants(&self.events));
        if let Some(path) = &self.secret_file {
            let text = fs::read_to_string(path)
                .map_err(|error| SinkError::passing(path.display().to_string(), error))?;
            config = config.with_secret(text.lines().next().unwrap_or_default().trim());
        }
        if let Some(timeout) = self.timeout {
            config = config.with_timeout(timeout);
        }
        if let Some(batch) = self.batch {
            config = config.with_batch(batch);
        }
        Ok(config)
    }
}

/// The kinds of event that are named. Without a name alerts alone: whoever reads a sink that says nothing of it takes
/// every line or message for an alert.
fn wants(events: &Option<Vec<EventKind>>) -> Wants {
    let named = events
        .as_ref()
        .map(|events| events.iter().copied().collect());
    named.unwrap_or_default()
}

fn check_rotation(mib: Option<u64>, kept: Option<usize>) -> Result<(), String> {
    if mib == Some(0) || kept == Some(0) {
        return Err("rotate_mib and kept are above 0: what was written would be gone".to_owned());
    }
    Ok(())
}

fn rotation(mib: Option<u64>, every: Option<RotationPeriod>, kept: Option<usize>) -> Rotation {
    let mut rotation = Rotation::default();
    if let Some(mib) = mib {
        rotation = rotation.with_size(mib.saturating_mul(1 << 20));
    }
    if let Some(every) = every {
        rotation = rotation.with_period(match every {
            RotationPeriod::Hour => Period::Hour,
            RotationPeriod::Day => Period::Day,
        });
    }
    match kept {
        Some(kept) => rotation.with_kept(kept),
        None => rotation,
    }
}

fn target(to: &str) -> Result<SyslogTarget, String> {
    match to.split_once("://") {
        Some(("udp", address)) => Ok(SyslogTarget::Udp(address.to_owned())),
        Some(("tcp", address)) => Ok(SyslogTarget::Tcp(address.to_owned())),
        Some(("unix", path)) => Ok(SyslogTarget::Unix(path.into())),
        _ => Err(format!(
            "`{to}` is none of udp://HOST:PORT, tcp://HOST:PORT and unix://PATH"
        )),
    }
}

fn named_facility(name: &str) -> Result<Facility, String> {
    Facility::named(name).ok_or_else(|| {
        let names: Vec<&str> = Facility::names().collect();
        format!("`{name}` is no facility: {}", names.join(", "))
    })
}

fn named_form(name: Option<&str>) -> Result<Form, String> {
    let Some(name) = name else {
        return Ok(Form::default());
    };
    let form = Form::ALL.into_iter().find(|form| form.name() == name);
    form.ok_or_else(|| format!("the form `{name}` is neither eve nor ecs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads one sink as it stands in a file, and checks it.
    fn sink(text: &str) -> Result<SinkSettings, String> {
        let sink: SinkSettings = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        sink.check().map_err(|error| error.to_string())?;
        Ok(sink)
    }

    #[test]
    fn a_sink_takes_alerts_alone_unless_it_says_otherwise() -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = format!("path = {:?}", folder.path().join("log"));
        let both = Wants::ALERTS.and(Wants::INCIDENTS);
        for (kind, place) in [
            ("eve", &*path),
            ("ecs", &path),
            ("syslog", "to = \"udp://localhost:514\""),
            ("webhook", "url = \"http://localhost/hook\""),
            ("terminal", ""),
        ] {
            for (events, expected) in [
                ("", Wants::ALERTS),
                ("events = [\"alerts\"]", Wants::ALERTS),
                ("events = [\"incidents\"]", Wants::INCIDENTS),
                ("events = [\"incidents\", \"alerts\"]", both),
            ] {
                let text = format!("type = \"{kind}\"\n{place}\n{events}\n");
                let opened = sink(&text)?.open().map_err(|error| error.to_string())?;
                assert_eq!(opened.wants(), expected, "{text}");
            }
        }
        for (events, expected) in [
            ("flows = true", Wants::ALERTS.and(Wants::FLOWS)),
            ("flows = false", Wants::ALERTS),
            ("events = [\"flows\"]", Wants::FLOWS),
            (
                "events = [\"alerts\", \"incidents\", \"flows\"]",
                both.and(Wants::FLOWS),
            ),
        ] {
            let text = format!("type = \"eve\"\n{path}\n{events}\n");
            let opened = sink(&text)?.open().map_err(|error| error.to_string())?;
            assert_eq!(opened.wants(), expected, "{text}");
        }
        let flows = sink(&format!("type = \"flows\"\n{path}\n"))?;
        assert_eq!(
            flows.open().map_err(|error| error.to_string())?.wants(),
            Wants::FLOWS
        );
        assert_eq!(
            SinkSettings::eve("a"),
            sink("type = \"eve\"\npath = \"a\"")?
        );
        assert_eq!(SinkSettings::terminal(), sink("type = \"terminal\"")?);
        Ok(())
    }

    #[test]
    fn what_is_wrong_with_a_sink_is_told() {
        for (text, expected) in [
            (
                "type = \"eve\"\npath = \"a\"\nevents = []",
                "sink: events: a sink without any",
            ),
            (
                "type = \"ecs\"\npath = \"a\"\nevents = [\"alerts\"]\nflows = true",
                "sink: either events or flows",
            ),
            (
                "type = \"webhook\"\nurl = \"http://a\"\nevents = [\"incident\"]",
                "unknown variant `incident`, expected one of `alerts`, `incidents`, `flows`",
            ),
            (
                "type = \"terminal\"\nevents = [\"flows\"]",
                "sink: events: a terminal has no line",
            ),
            (
                "type = \"terminal\"\npath = \"a\"",
                "unknown field `path`, expected `events`",
            ),
            (
                "type = \"flows\"\npath = \"a\"\nevents = [\"flows\"]",
                "unknown field `events`",
            ),
            (
                "type = \"eve\"\npath = \"a\"\nrotate_mib = 0",
                "sink: rotate_mib and kept",
            ),
            (
                "type = \"ecs\"\npath = \"a\"\nkept = 0",
                "sink: rotate_mib and kept",
            ),
            (
                "type = \"flows\"\npath = \"a\"\nkept = 0",
                "sink: rotate_mib and kept",
            ),
            (
                "type = \"syslog\"\nto = \"localhost\"",
                "sink: `localhost` is none of udp://",
            ),
            (
                "type = \"syslog\"\nto = \"udp://a:1\"\nfacility = \"mine\"",
                "sink: `mine` is no facility",
            ),
            (
                "type = \"webhook\"\nurl = \"http://a\"\nform = \"xml\"",
                "sink: the form `xml` is neither",
            ),
        ] {
            let error = sink(text).err();
            let is_told = error
                .as_ref()
                .is_some_and(|error| error.starts_with(expected));
            assert!(is_told, "{text}: {error:?}");
        }
        let https = sink("type = \"webhook\"\nurl = \"https://a\"");
        assert_eq!(https.is_ok(), cfg!(feature = "https"));
    }
}
