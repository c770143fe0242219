//! What hosts did lately: windows over the records that a flow table gives out.

mod beacon;
mod config;
mod connection;
mod directory;
mod facts;
mod host_windows;
mod key;
mod recent;
mod rhythms;
mod ties;

pub use config::{WindowConfig, WindowCounters};
pub use facts::{HostFacts, PerWindow, Rhythm, ServiceFacts, Tally, WindowFacts};
pub use host_windows::HostWindows;
