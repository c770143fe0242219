//! Bidirectional flows from packets.

mod accumulate;
mod config;
mod flow;

pub use accumulate::Accumulate;
pub use config::FlowConfig;
pub use flow::{Direction, Flow, FlowEnd, FlowKey, FlowUid, InitiatorEvidence, Side};
