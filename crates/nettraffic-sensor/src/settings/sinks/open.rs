//! From the settings of a sink to the sink.

use std::fs;

use nettraffic_features::FlowFormat;

use super::{
    FileSettings, FlowLogFormat, FlowSettings, RotationPeriod, SinkSettings, SyslogSettings,
    TerminalSettings, WebhookSettings,
};
use crate::{
    EventKind, Facility, FileConfig, FileSink, FlowLog, FlowLogConfig, Form, Period, Rotation,
    SettingsError, Sink, SinkError, Syslog, SyslogConfig, SyslogTarget, Terminal, Wants, Webhook,
    WebhookConfig,
};

impl SinkSettings {
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

    pub(in crate::settings) fn check(&self) -> Result<(), SettingsError> {
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
