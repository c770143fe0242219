//! `[[sink]]`: where alerts go.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nettraffic_features::FlowFormat;
use serde::Deserialize;

use super::SettingsError;
use super::time::optional;
use crate::{
    Facility, FileConfig, FileSink, FlowLog, FlowLogConfig, Form, Period, Rotation, Sink,
    SinkError, Syslog, SyslogConfig, SyslogTarget, Terminal, Wants, Webhook, WebhookConfig,
};

/// One `[[sink]]`; its `type` says which.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum SinkSettings {
    /// `eve`: a line of JSON an alert, in the form of Suricata's EVE.
    Eve(FileSettings),
    /// `ecs`: a line of JSON an alert, in the Elastic Common Schema.
    Ecs(FileSettings),
    /// `flows`: every flow with its score, as Zeek's conn.log.
    Flows(FlowSettings),
    /// `syslog`: RFC 5424.
    Syslog(SyslogSettings),
    /// `webhook`: JSON by HTTP POST.
    Webhook(WebhookSettings),
    /// `terminal`: a line for people an alert.
    Terminal,
}

/// A file of alerts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FileSettings {
    /// The file; its folder must be there.
    pub path: PathBuf,
    /// Whether flows are written too (no).
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
    /// A file whose first line is the secret that requests are signed with.
    pub secret_file: Option<PathBuf>,
    /// `eve` or `ecs` (eve).
    pub form: Option<String>,
    /// How long an answer may take (10s).
    #[serde(default, deserialize_with = "optional")]
    pub timeout: Option<Duration>,
    /// Alerts in one request at most (1).
    pub batch: Option<usize>,
}

impl SinkSettings {
    /// Alerts as Suricata tells them, in a file that is never moved away.
    #[must_use]
    pub fn eve(path: impl Into<PathBuf>) -> Self {
        Self::Eve(FileSettings {
            path: path.into(),
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
            Self::Syslog(_) | Self::Webhook(_) | Self::Terminal => None,
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
                let mut config = SyslogConfig::new(target(&syslog.to).map_err(SinkError::lasting)?);
                if let Some(facility) = &syslog.facility {
                    let facility = named_facility(facility).map_err(SinkError::lasting)?;
                    config = config.with_facility(facility);
                }
                Box::new(Syslog::new(&config))
            }
            Self::Webhook(webhook) => Box::new(Webhook::new(&webhook.config()?)?),
            Self::Terminal => Box::new(Terminal::stdout()),
        })
    }

    pub(super) fn check(&self) -> Result<(), SettingsError> {
        match self {
            Self::Syslog(SyslogSettings { to, facility }) => target(to).and_then(|_| {
                let facility = facility.as_deref().map(named_facility);
                facility.transpose().map(drop)
            }),
            Self::Webhook(WebhookSettings { url, .. })
                if url.starts_with("https://") && !cfg!(feature = "https") =>
            {
                Err(format!("{url} needs a build with the feature https"))
            }
            Self::Webhook(WebhookSettings { form, .. }) => named_form(form.as_deref()).map(drop),
            Self::Eve(FileSettings {
                rotate_mib, kept, ..
            })
            | Self::Ecs(FileSettings {
                rotate_mib, kept, ..
            })
            | Self::Flows(FlowSettings {
                rotate_mib, kept, ..
            }) if *rotate_mib == Some(0) || *kept == Some(0) => {
                Err("rotate_mib and kept are above 0: what was written would be gone".to_owned())
            }
            _ => Ok(()),
        }
        .map_err(|what| SettingsError::Contradiction(format!("sink: {what}")))
    }
}

impl FileSettings {
    fn config(&self, form: Form) -> FileConfig {
        let rotation = rotation(self.rotate_mib, self.rotate_every, self.kept);
        let config = FileConfig::new(&self.path)
            .with_form(form)
            .with_rotation(rotation);
        match self.flows {
            true => config.with_events(Wants::Both),
            false => config,
        }
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
    fn config(&self) -> Result<WebhookConfig, SinkError> {
        let form = named_form(self.form.as_deref()).map_err(SinkError::lasting)?;
        let mut config = WebhookConfig::new(&self.url).with_form(form);
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
