//! The detection of a sensor: packets in; flows, alerts and how it fares out.

mod alerts;
mod condition;
mod detection;
mod due;
mod handle;
mod learning;
mod observer;
mod packets;
mod recent;
mod record;
mod reply;
mod stage;
mod status;
mod task;
mod troubles;
mod upkeep;

pub(crate) use alerts::Alerts;
pub(crate) use condition::Conditions;
pub use condition::{Condition, ConditionKind};
pub(crate) use detection::{Parts, Watch};
pub(crate) use handle::{Command, MOST_COMMANDS};
pub use handle::{Handle, NotTold, TookOver};
pub use learning::Learning;
pub use observer::{Observer, Second};
pub(crate) use packets::PacketWriter;
pub use packets::PacketsWritten;
pub(crate) use record::Recorder;
pub(crate) use reply::Answer;
#[cfg(test)]
pub(crate) use reply::reply;
pub use reply::{NotDone, Reply};
pub use stage::Phase;
pub(crate) use stage::{Output, Stage};
pub use status::{SourceStatus, Status};
pub(crate) use troubles::Troubles;
pub(crate) use upkeep::{Finding, Upkeep};
pub use upkeep::{Renewal, Renewed};
