//! Real-time monitoring: packets of interfaces or replayed captures in, explained alerts out, for as
//! long as it is left running.

mod alert;
mod clock;
mod error;
mod gate;
mod incidents;
mod input;
mod memory;
mod privileges;
mod ring;
mod sensor;
mod settings;
mod severity;
mod sink;
mod state;
mod watch;

pub use alert::{IncidentId, SensorAlert};
pub use error::SensorError;
pub use gate::{
    AlertRate, Fate, Gate, GateConfig, GateCounters, GateState, Limit, LimitSummary, Why,
};
pub use incidents::{
    Closing, EventId, IncidentConfig, IncidentCounters, IncidentEvent, OpenIncident, OpenIncidents,
    Turn,
};
#[cfg(feature = "live")]
pub use input::Live;
pub use input::{Gap, Input, Replay, Speed};
#[cfg(target_os = "linux")]
pub use privileges::{
    PrivilegeError, PrivilegeOptions, PrivilegeReport, Privileges, drop_privileges, rights_advice,
};
pub use ring::{Extracted, Keep, PacketRing, PacketRingConfig, PacketRingCounters, Wanted, Who};
pub use sensor::{Running, Sensor};
pub use settings::{
    AlertSettings, DashboardSettings, DetectorSettings, InputSettings, LearnSettings,
    LimitSettings, PacketSettings, PrivilegeSettings, RenewSettings, Settings, SettingsError,
    SinkSettings, StateSettings,
};
pub use severity::Severity;
pub use sink::{
    Colour, Dealt, Event, EventKind, Facility, FileConfig, FileSink, FlowLog, FlowLogConfig, Form,
    Outlet, OutletConfig, OutletCounters, OutletStatus, Outlets, Period, Rotation, Sink, SinkError,
    Syslog, SyslogConfig, SyslogTarget, Terminal, Trouble, Wants, Webhook, WebhookConfig,
};
pub use state::{
    Before, Heartbeat, LearnedRows, Loaded, MarkAs, MarkError, Marked, Marks, Part, Resumed,
    RowRules, SavingStatus, StateError, StateFolder, Unmarked,
};
pub use watch::{
    Condition, ConditionKind, Handle, Learning, NotDone, NotTold, Observer, PacketsWritten, Phase,
    Renewal, Renewed, Reply, Second, SourceStatus, Status, TookOver,
};
