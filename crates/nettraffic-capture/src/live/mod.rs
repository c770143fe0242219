//! Packets of a network interface, as they come (Linux, through libpcap).
//!
//! The one part of this crate that asks the clock and the state of the machine: a wire that is silent
//! has no packet time, and an interface comes and goes.

mod batch;
mod counters;
mod drops;
mod error;
mod event;
mod filter;
mod interface;
mod options;
mod ring;
mod source;
mod watch;

pub use self::counters::LiveCounters;
pub use self::error::LiveError;
pub use self::event::{Gap, GapReason, LiveEvent, LiveState};
pub use self::interface::{Interface, InterfaceState, interfaces};
pub use self::options::LiveOptions;
pub use self::source::LiveSource;
