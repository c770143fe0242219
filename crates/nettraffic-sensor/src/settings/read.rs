//! Reading settings, and what is wrong with them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nettraffic_capture::Filter;
use serde::Deserialize as _;
use toml::{Spanned, Table, Value};

use super::{Settings, SinkSettings, environment};

/// Why settings are no settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// What it says is wrong.
    #[error("{path}, line {line}: {what}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, and what is allowed.
        what: String,
    },
    /// What the environment says is wrong.
    #[error("{variable}: {what}")]
    Environment {
        /// The variable.
        variable: String,
        /// What is wrong, and what is allowed.
        what: String,
    },
    /// Settings that contradict each other.
    #[error("{0}")]
    Contradiction(String),
}

impl Settings {
    /// Reads a file, if one is given, and what the environment says instead: `NETTRAFFIC_` and the name of
    /// table and key, as in `NETTRAFFIC_DASHBOARD_LISTEN=127.0.0.1:9000`. Values are as in TOML; text needs no quotes, and
    /// a list may be of words separated by commas.
    ///
    /// # Errors
    /// The file cannot be read; a key that is unknown or a value that is wrong, with its line or variable.
    pub fn read(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut table = Table::new();
        if let Some(path) = file {
            let text = fs::read_to_string(path).map_err(|error| SettingsError::Read {
                path: path.to_owned(),
                error,
            })?;
            let wrong = |error: toml::de::Error| {
                let at = error.span().map_or(0, |span| span.start);
                SettingsError::wrong(path, &text, at, error.message())
            };
            if let Some((at, what)) = wrong_sink(&text) {
                return Err(SettingsError::wrong(path, &text, at, &what));
            }
            // Read as settings first: from a table an error would not know its line.
            let _: Self = toml::from_str(&text).map_err(wrong)?;
            table = toml::from_str(&text).map_err(wrong)?;
        }
        for (variable, text) in variables {
            let place =
                environment::place(&variable).map_err(|what| SettingsError::Environment {
                    variable: variable.clone(),
                    what,
                })?;
            if let Some(place) = place {
                table = changed(&table, &place, &text)
                    .map_err(|what| SettingsError::Environment { variable, what })?;
            }
        }
        let settings = Self::deserialize(table)
            .map_err(|error| SettingsError::Contradiction(error.message().to_owned()))?;
        settings.check()?;
        Ok(settings)
    }

    /// Holds settings against each other.
    ///
    /// # Errors
    /// Two that do not go together, or a value out of its range.
    pub fn check(&self) -> Result<(), SettingsError> {
        let wrong = |what: &str| Err(SettingsError::Contradiction(what.to_owned()));
        let (input, learn) = (&self.input, &self.learn);
        if !input.interfaces.is_empty() && !input.replay.is_empty() {
            return wrong(
                "input: interfaces and replay do not go together: a replay is not of this moment",
            );
        }
        if input
            .speed
            .is_some_and(|speed| !(speed > 0.0 && speed.is_finite()))
        {
            return wrong("input.speed is above 0, in seconds of packet time in a second");
        }
        if learn.false_alarm_rate.is_some() && learn.alerts_per_day.is_some() {
            return wrong("learn: either false_alarm_rate or alerts_per_day");
        }
        if learn
            .false_alarm_rate
            .is_some_and(|rate| !(rate > 0.0 && rate < 1.0))
        {
            return wrong("learn.false_alarm_rate lies between 0 and 1");
        }
        if learn
            .alerts_per_day
            .is_some_and(|alerts| !(alerts > 0.0 && alerts.is_finite()))
        {
            return wrong("learn.alerts_per_day is above 0");
        }
        if self.detector.model.is_some() && self.detector.folder.is_some() {
            return wrong("detector: either model or folder");
        }
        if self.packets.folder.is_some() && self.packets.memory_mib == 0 {
            return wrong(
                "packets.folder needs packets.memory_mib: no packets are kept without it",
            );
        }
        let dashboard = &self.dashboard;
        if let Some(address) = dashboard.listen
            && !address.ip().is_loopback()
            && !(dashboard.reachable && dashboard.token_file.is_some())
        {
            return wrong(
                "dashboard.listen is an address that others can reach: that needs reachable = true and a token_file",
            );
        }
        if let (Some(filter), true) = (&input.filter, input.interfaces.is_empty())
            && let Err(error) = filter.parse::<Filter>()
        {
            return wrong(&format!("input.filter: {error}"));
        }
        if self.limits.flows == 0 || learn.flows == 0 || self.renew.flows == 0 {
            return wrong("limits.flows, learn.flows and renew.flows are above 0");
        }
        let rates = [self.alerts.per_source, self.alerts.overall];
        if rates
            .iter()
            .any(|rate| rate.burst == 0 || rate.per_minute == 0)
        {
            return wrong("alerts.per_source and alerts.overall: burst and per_minute are above 0");
        }
        let mut files = BTreeSet::new();
        for file in self.sinks.iter().filter_map(SinkSettings::path) {
            if !files.insert(file) {
                return wrong(&format!("sink: two of them write {}", file.display()));
            }
        }
        self.sinks.iter().try_for_each(|sink| sink.check())
    }
}

impl SettingsError {
    fn wrong(path: &Path, text: &str, at: usize, what: &str) -> Self {
        let before = text.get(..at).unwrap_or_default();
        Self::Wrong {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            what: what.to_owned(),
        }
    }
}

/// The first sink that is none: where it begins, and what is wrong with it. Read along with the others it would be told
/// with the place of the first of all.
fn wrong_sink(text: &str) -> Option<(usize, String)> {
    #[derive(serde::Deserialize)]
    struct Sinks {
        #[serde(default)]
        sink: Vec<Spanned<Table>>,
    }
    let sinks = toml::from_str::<Sinks>(text).ok()?.sink;
    sinks.into_iter().find_map(|sink| {
        let (at, keys) = (sink.span().start, sink.into_inner());
        let error = SinkSettings::deserialize(keys).err()?;
        Some((at, error.message().to_owned()))
    })
}

/// The table with what a variable says, in the first of the ways to read it that fits.
fn changed(table: &Table, (section, key): &(String, String), text: &str) -> Result<Table, String> {
    let mut first = None;
    for value in environment::values(text) {
        let mut table = table.clone();
        let section = table.entry(section).or_insert(Value::Table(Table::new()));
        if let Some(section) = section.as_table_mut() {
            section.insert(key.clone(), value);
        }
        match Settings::deserialize(table.clone()) {
            Ok(_) => return Ok(table),
            Err(error) => drop(first.get_or_insert(error.message().to_owned())),
        }
    }
    Err(first.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
        let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        fs::write(file.path(), text).map_err(|error| error.to_string())?;
        let variables = variables
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Settings::read(Some(file.path()), variables).map_err(|error| {
            error
                .to_string()
                .replace(&file.path().display().to_string(), "FILE")
        })
    }

    #[test]
    fn the_environment_goes_before_the_file_and_the_file_before_defaults() {
        let file = "[input]\ninterfaces = [\"eth0\"]\nsnaplen = 128\n[learn]\nperiod = \"2h\"\n";
        let settings = read(
            file,
            &[
                ("NETTRAFFIC_INPUT_SNAPLEN", "512"),
                ("NETTRAFFIC_INPUT_INTERFACES", "eth1,eth2"),
                ("NETTRAFFIC_DASHBOARD_LISTEN", "127.0.0.1:9000"),
                ("NETTRAFFIC_DETECTOR_MODEL", "office.ntm"),
                ("NETTRAFFIC_CORPUS", "/somewhere"),
                ("PATH", "/bin"),
            ],
        );
        let settings = settings.unwrap();
        assert_eq!(settings.input.snaplen, 512);
        assert_eq!(settings.input.interfaces, ["eth1", "eth2"]);
        assert_eq!(settings.learn.period, Duration::from_secs(7_200));
        assert_eq!(settings.learn.flows, 1_000);
        assert!(
            settings
                .dashboard
                .listen
                .is_some_and(|address| address.port() == 9_000)
        );
        assert_eq!(settings.detector.model, Some("office.ntm".into()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (file, variables, expected) in [
            (
                "[input]\n\ninterface = []\n",
                &[][..],
                "FILE, line 3: unknown field `interface`",
            ),
            (
                "[learn]\nperiod = \"soon\"\n",
                &[],
                "FILE, line 2: `soon` is no time",
            ),
            (
                "[input]\nsnaplen = -1\n",
                &[],
                "FILE, line 2: invalid value",
            ),
            ("[input\n", &[], "FILE, line 1: "),
            (
                "[[sink]]\ntype = \"terminal\"\n\n[[sink]]\ntype = \"eve\"\npath = \"a\"\nsize = 1\n",
                &[],
                "FILE, line 4: unknown field `size`",
            ),
            (
                "[[sink]]\ntype = \"terminal\"\npath = \"a\"\n",
                &[],
                "FILE, line 1: unknown field `path`",
            ),
            (
                "[alerts]\n[alert]\n",
                &[],
                "FILE, line 2: unknown field `alert`",
            ),
            (
                "",
                &[("NETTRAFFIC_INPUT_SNAPLEM", "5")],
                "NETTRAFFIC_INPUT_SNAPLEM: unknown field",
            ),
            (
                "",
                &[("NETTRAFFIC_INPUTS_SNAPLEN", "5")],
                "NETTRAFFIC_INPUTS_SNAPLEN: ",
            ),
            (
                "",
                &[("NETTRAFFIC_LEARN_FLOWS", "many")],
                "NETTRAFFIC_LEARN_FLOWS: invalid type",
            ),
            (
                "[[sink]]\ntype = \"syslog\"\nto = \"udp://a:1\"\n\n[[sink]]\ntype = \"terminal\"\nevents = [\"all\"]\n",
                &[],
                "FILE, line 5: unknown variant `all`",
            ),
        ] {
            let error = read(file, variables).unwrap_err();
            assert!(error.starts_with(expected), "{file}: {error}");
        }
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        // What is wrong, what is said of it, and the nearest thing that is not wrong.
        for (wrong, expected, sound) in [
            (
                "[input]\ninterfaces = [\"eth0\"]\nreplay = [\"a\"]",
                "input: interfaces and replay",
                "[input]\ninterfaces = []\nreplay = [\"a\"]",
            ),
            (
                "[input]\nspeed = 0.0",
                "input.speed is above 0",
                "[input]\nspeed = 0.1",
            ),
            (
                "[input]\nspeed = inf",
                "input.speed is above 0",
                "[input]\nspeed = 1e9",
            ),
            (
                "[input]\nfilter = \"port\"",
                "input.filter: ",
                "[input]\nfilter = \"port 22\"",
            ),
            (
                "[learn]\nfalse_alarm_rate = 0.1\nalerts_per_day = 5.0",
                "learn: either",
                "[learn]\nfalse_alarm_rate = 0.1",
            ),
            (
                "[learn]\nfalse_alarm_rate = 1.0",
                "learn.false_alarm_rate lies between",
                "[learn]\nfalse_alarm_rate = 0.99",
            ),
            (
                "[learn]\nfalse_alarm_rate = 0.0",
                "learn.false_alarm_rate lies between",
                "[learn]\nfalse_alarm_rate = 1e-9",
            ),
            (
                "[learn]\nalerts_per_day = 0.0",
                "learn.alerts_per_day is above 0",
                "[learn]\nalerts_per_day = 0.1",
            ),
            (
                "[detector]\nmodel = \"a\"\nfolder = \"b\"",
                "detector: either",
                "[detector]\nfolder = \"b\"",
            ),
            (
                "[packets]\nfolder = \"a\"",
                "packets.folder needs packets.memory_mib",
                "[packets]\nfolder = \"a\"\nmemory_mib = 1",
            ),
            (
                "[dashboard]\nlisten = \"0.0.0.0:80\"\nreachable = true",
                "dashboard.listen is an address",
                "[dashboard]\nlisten = \"0.0.0.0:80\"\nreachable = true\ntoken_file = \"a\"",
            ),
            (
                "[dashboard]\nlisten = \"0.0.0.0:80\"\ntoken_file = \"a\"",
                "dashboard.listen is an address",
                "[dashboard]\nlisten = \"[::1]:80\"",
            ),
            (
                "[limits]\nflows = 0",
                "limits.flows, learn.flows",
                "[limits]\nflows = 1",
            ),
            (
                "[learn]\nflows = 0",
                "limits.flows, learn.flows",
                "[learn]\nflows = 1",
            ),
            (
                "[renew]\nflows = 0",
                "limits.flows, learn.flows",
                "[renew]\nflows = 1",
            ),
            (
                "[alerts]\nper_source = { burst = 0, per_minute = 6 }",
                "alerts.per_source and alerts.overall",
                "[alerts]\nper_source = { burst = 1, per_minute = 6 }",
            ),
            (
                "[alerts]\noverall = { burst = 6, per_minute = 0 }",
                "alerts.per_source and alerts.overall",
                "[alerts]\noverall = { burst = 6, per_minute = 1 }",
            ),
            (
                "[[sink]]\ntype = \"eve\"\npath = \"a\"\n[[sink]]\ntype = \"flows\"\npath = \"a\"",
                "sink: two of them write a",
                "[[sink]]\ntype = \"eve\"\npath = \"a\"\n[[sink]]\ntype = \"flows\"\npath = \"b\"",
            ),
            (
                "[[sink]]\ntype = \"terminal\"\n[[sink]]\ntype = \"eve\"\npath = \"a\"\nevents = []",
                "sink: events: ",
                "[[sink]]\ntype = \"terminal\"\n[[sink]]\ntype = \"eve\"\npath = \"a\"",
            ),
        ] {
            let error = read(wrong, &[]).err();
            let is_told = error
                .as_ref()
                .is_some_and(|error| error.starts_with(expected));
            assert!(is_told, "{wrong}: {error:?}");
            let sound_one = read(sound, &[]);
            assert!(sound_one.is_ok(), "{sound}: {sound_one:?}");
        }
    }

    #[test]
    fn the_environment_is_held_against_the_file() {
        let file = "[detector]\nmodel = \"a\"\n";
        let error = read(file, &[("NETTRAFFIC_DETECTOR_FOLDER", "b")]).err();
        assert!(error.is_some_and(|error| error.starts_with("detector: either")));
    }
}
