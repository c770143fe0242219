//! Real-time monitoring: packets of interfaces or replayed captures in, explained alerts out, for as
//! long as it is left running.

mod alert;
mod privileges;
mod severity;
mod sink;

pub use alert::{IncidentId, SensorAlert};
pub use severity::Severity;
pub use sink::{
    Dealt, Event, Outlet, OutletConfig, OutletCounters, OutletStatus, Outlets, Sink, SinkError, Trouble,
};
