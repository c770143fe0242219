//! The tables of the file, a struct each. The field docs are what the file means.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::SinkSettings;
use super::time::{duration, optional};
use crate::AlertRate;

/// All settings. What is left out has the default that its field states.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Settings {
    /// What is watched.
    pub input: InputSettings,
    /// What judges.
    pub detector: DetectorSettings,
    /// How a detector is learned where there is none.
    pub learn: LearnSettings,
    /// How it is kept up to date.
    pub renew: RenewSettings,
    /// What becomes of alerts.
    pub alerts: AlertSettings,
    /// Packets around an alert.
    pub packets: PacketSettings,
    /// What outlives a run.
    pub state: StateSettings,
    /// Bounds.
    pub limits: LimitSettings,
    /// Where alerts, incidents and flows go.
    #[serde(rename = "sink")]
    pub sinks: Vec<SinkSettings>,
    /// The live page.
    pub dashboard: DashboardSettings,
    /// What the process may do.
    pub privileges: PrivilegeSettings,
}

impl Settings {
    /// Names of the tables in which other settings differ, those that a running sensor can take up left out: which
    /// detector, which allow-list.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<&'static str> {
        let alerts = AlertSettings {
            allow: self.alerts.allow.clone(),
            ..other.alerts.clone()
        };
        let tables = [
            ("input", self.input == other.input),
            ("learn", self.learn == other.learn),
            ("renew", self.renew == other.renew),
            ("alerts", self.alerts == alerts),
            ("packets", self.packets == other.packets),
            ("state", self.state == other.state),
            ("limits", self.limits == other.limits),
            ("sink", self.sinks == other.sinks),
            ("dashboard", self.dashboard == other.dashboard),
            ("privileges", self.privileges == other.privileges),
        ];
        let differing = tables.into_iter().filter(|(_, is_same)| !is_same);
        differing.map(|(name, _)| name).collect()
    }
}

/// `[input]`: what is watched.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct InputSettings {
    /// Interfaces, by name.
    pub interfaces: Vec<String>,
    /// Whether an Ethernet interface that is not there yet is waited for (no: it is an error); one that is down always is.
    pub wait: bool,
    /// Captures to replay: files, folders, patterns.
    pub replay: Vec<PathBuf>,
    /// Seconds of packet time in a second of a replay; without it as fast as it goes.
    pub speed: Option<f64>,
    /// Which packets are looked at, in libpcap's language; of interfaces in the kernel.
    pub filter: Option<String>,
    /// Bytes of each packet that are fetched from an interface (256).
    pub snaplen: u32,
    /// Whether the interface is to take in what is not addressed to it (no; a mirror port needs it).
    pub promiscuous: bool,
    /// Memory for packets that wait in the kernel, in MiB, for each interface (64).
    pub buffer_mib: usize,
    /// A file for every packet that is processed, as pcapng, for tests: it grows with the traffic, and holds what was
    /// fetched of each packet.
    pub record: Option<PathBuf>,
}

impl Default for InputSettings {
    fn default() -> Self {
        Self {
            interfaces: Vec::new(),
            wait: false,
            replay: Vec::new(),
            speed: None,
            filter: None,
            snaplen: 256,
            promiscuous: false,
            buffer_mib: 64,
            record: None,
        }
    }
}

/// `[detector]`: what judges. Without either, the sensor learns.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DetectorSettings {
    /// A detector's bundle.
    pub model: Option<PathBuf>,
    /// A folder of detectors: the serving one judges, and what is learned or renewed is put there.
    pub folder: Option<PathBuf>,
}

/// `[learn]`: how a detector is learned where there is none.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct LearnSettings {
    /// How long, in packet time (24h).
    #[serde(deserialize_with = "duration")]
    pub period: Duration,
    /// Flows that are needed at least (1000).
    pub flows: usize,
    /// Share of benign flows that may alert; not along with `alerts_per_day`.
    pub false_alarm_rate: Option<f64>,
    /// False alarms in a day (10).
    pub alerts_per_day: Option<f64>,
    /// The seed of all randomness (42).
    pub seed: u64,
}

impl Default for LearnSettings {
    fn default() -> Self {
        Self {
            period: Duration::from_secs(24 * 60 * 60),
            flows: 1_000,
            false_alarm_rate: None,
            alerts_per_day: None,
            seed: 42,
        }
    }
}

/// `[renew]`: how the detector is kept up to date.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RenewSettings {
    /// How often a successor is trained and tried, in packet time; never without it.
    #[serde(deserialize_with = "optional")]
    pub every: Option<Duration>,
    /// The traffic that it learns from (24h).
    #[serde(deserialize_with = "duration")]
    pub window: Duration,
    /// Flows of it that are kept (20000).
    pub flows: usize,
    /// How often recent traffic is compared with that of the training (10m).
    #[serde(deserialize_with = "duration")]
    pub drift_every: Duration,
}

impl Default for RenewSettings {
    fn default() -> Self {
        Self {
            every: None,
            window: Duration::from_secs(24 * 60 * 60),
            flows: 20_000,
            drift_every: Duration::from_secs(600),
        }
    }
}

/// `[alerts]`: what becomes of alerts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AlertSettings {
    /// A file of what is allowed.
    pub allow: Option<PathBuf>,
    /// How long an alert of the same model, source, destination and service is a repetition (1h).
    #[serde(deserialize_with = "duration")]
    pub repeat: Duration,
    /// Alerts of one source that are written: `{ burst = 30, per_minute = 6 }` at once and in the long run.
    pub per_source: AlertRate,
    /// Alerts of all sources that are written: `{ burst = 300, per_minute = 60 }`.
    pub overall: AlertRate,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self {
            allow: None,
            repeat: Duration::from_secs(60 * 60),
            per_source: AlertRate::new(30, 6),
            overall: AlertRate::new(300, 60),
        }
    }
}

/// `[packets]`: packets around an alert, for those who look into it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PacketSettings {
    /// Memory for the latest packets, in MiB (0: none are kept).
    pub memory_mib: usize,
    /// Packets are kept for so long at most (10m).
    #[serde(deserialize_with = "duration")]
    pub time: Duration,
    /// Bytes of each packet; without it headers only.
    pub bytes: Option<u32>,
    /// Where the packets of incidents are written.
    pub folder: Option<PathBuf>,
}

impl Default for PacketSettings {
    fn default() -> Self {
        Self {
            memory_mib: 0,
            time: Duration::from_secs(600),
            bytes: None,
            folder: None,
        }
    }
}

/// `[state]`: what outlives a run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct StateSettings {
    /// A folder for this sensor alone; without it nothing outlives a run.
    pub folder: Option<PathBuf>,
}

/// `[limits]`: bounds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct LimitSettings {
    /// Flows that may be open (1000000).
    pub flows: usize,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { flows: 1_000_000 }
    }
}

/// `[dashboard]`: the live page.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct DashboardSettings {
    /// Where it listens, `127.0.0.1:8800`; without it there is no page.
    pub listen: Option<SocketAddr>,
    /// A file whose first line is the token that every request must show.
    pub token_file: Option<PathBuf>,
    /// Names by which it may be asked for, beside its address and localhost.
    pub names: Vec<String>,
    /// Whether it may listen where others can reach it (no); it then needs a token.
    pub reachable: bool,
}

/// `[privileges]`: what the process may do once it watches.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct PrivilegeSettings {
    /// Whether they are dropped (yes, where an interface is watched).
    pub drop: bool,
    /// The user to become when started as root (nobody).
    pub user: Option<String>,
    /// Whether files are closed off with Landlock too (yes).
    pub landlock: bool,
}

impl Default for PrivilegeSettings {
    fn default() -> Self {
        Self {
            drop: true,
            user: None,
            landlock: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_restart_is_named_and_nothing_else() -> Result<(), toml::de::Error> {
        let before = Settings::default();
        for (text, expected) in [
            ("", &[][..]),
            // What is taken up while it works.
            ("[detector]\nmodel = \"a\"\n[alerts]\nallow = \"a\"", &[]),
            ("[input]\nsnaplen = 100", &["input"]),
            ("[learn]\nseed = 1", &["learn"]),
            ("[renew]\nevery = \"7d\"", &["renew"]),
            ("[alerts]\nallow = \"a\"\nrepeat = \"2h\"", &["alerts"]),
            ("[packets]\nmemory_mib = 1", &["packets"]),
            ("[state]\nfolder = \"a\"", &["state"]),
            ("[limits]\nflows = 5", &["limits"]),
            ("[[sink]]\ntype = \"terminal\"", &["sink"]),
            ("[dashboard]\nlisten = \"127.0.0.1:80\"", &["dashboard"]),
            (
                "[privileges]\ndrop = false\n[limits]\nflows = 5",
                &["limits", "privileges"],
            ),
        ] {
            let after: Settings = toml::from_str(text)?;
            assert_eq!(before.differing(&after), expected, "{text}");
            assert_eq!(after.differing(&before), expected, "{text}");
        }
        let terminal = |events| format!("[[sink]]\ntype = \"terminal\"\nevents = [\"{events}\"]");
        let (one, other): (Settings, Settings) = (
            toml::from_str(&terminal("alerts"))?,
            toml::from_str(&terminal("incidents"))?,
        );
        assert_eq!(one.differing(&other), ["sink"]);
        Ok(())
    }
}
