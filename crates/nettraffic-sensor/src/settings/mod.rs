//! How a sensor is to work, from a TOML file and the environment.

mod environment;
mod read;
mod sinks;
mod tables;
mod time;

pub use read::SettingsError;
pub use sinks::SinkSettings;
pub use tables::{
    AlertSettings, DashboardSettings, DetectorSettings, InputSettings, LearnSettings,
    LimitSettings, PacketSettings, PrivilegeSettings, RenewSettings, Settings, StateSettings,
};
