//! Where packets come from: raw packets on threads of their own, in bounded queues, woven into one stream.

mod batch;
mod gap;
#[cfg(feature = "live")]
mod live;
mod queue;
mod replay;
mod source;
mod weave;

pub(crate) use batch::Batch;
pub use gap::Gap;
#[cfg(feature = "live")]
pub use live::Live;
pub(crate) use queue::{Closed, Drain, Feed, Message, QueueCounters, WAITING, WhenFull, queue};
pub use replay::{Replay, Speed};
pub use source::Input;
pub(crate) use source::Watched;
pub(crate) use weave::Weave;
