//! Whether a sensor keeps up.

use serde::Serialize;

/// Counters since the start, and what is wrong now. Everything that was received is told of:
/// decoded, skipped, or dropped at a named place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// How long the sensor has been at work, by the clock on the wall, in nanoseconds.
    pub uptime_ns: Option<u64>,
    /// Packets that reached the sensor.
    pub received: u64,
    /// Packets whose headers were understood.
    pub decoded: u64,
    /// Packets that were not, by reason.
    pub skipped: Vec<Skipped>,
    /// Packets that the kernel dropped before the sensor could read them; `None` where it does not tell.
    pub kernel_drops: Option<u64>,
    /// Packets that the interface dropped; `None` where it does not tell.
    pub interface_drops: Option<u64>,
    /// Packets that the sensor itself dropped, at its queue.
    pub queue_drops: u64,
    /// What waits where.
    pub queues: Vec<Queue>,
    /// Flows that are open.
    pub open_flows: u64,
    /// Flows that may be open at once.
    pub flow_limit: u64,
    /// Flows that were ended early to stay within the limit.
    pub evicted_flows: u64,
    /// Alerts that were raised: those written and those suppressed.
    pub alerts_raised: u64,
    /// Alerts that were handed to the sinks.
    pub alerts_written: u64,
    /// Alerts that were raised but held back.
    pub alerts_suppressed: u64,
    /// Where alerts go.
    pub sinks: Vec<Sink>,
    /// Times in which nothing was seen although it should have been, oldest first.
    pub gaps: Vec<Gap>,
    /// What is wrong now, each in one sentence; empty when all is well.
    pub problems: Vec<String>,
}

impl Health {
    /// Packets that were lost on the way, wherever that is known.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        [
            self.kernel_drops,
            self.interface_drops,
            Some(self.queue_drops),
        ]
        .into_iter()
        .flatten()
        .fold(0, u64::saturating_add)
    }
}

/// Packets that were not decoded for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The reason, such as `not IP`.
    pub reason: String,
    /// Packets.
    pub packets: u64,
}

/// A bounded queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// What waits in it, such as `packets`.
    pub name: String,
    /// How many wait now.
    pub depth: u64,
    /// How many may wait.
    pub capacity: u64,
    /// How many found it full.
    pub dropped: u64,
}

/// A place that alerts are written to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sink {
    /// Its name, such as `eve.json`.
    pub name: String,
    /// Records that were written.
    pub written: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Records that were given up.
    pub dropped: u64,
    /// What went wrong last; `None` while it works.
    pub error: Option<String>,
}

/// A time in which a source gave nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The source, such as an interface.
    pub source: String,
    /// When it began: nanoseconds since the Unix epoch.
    pub from_ns: i64,
    /// When it was over; `None` while it lasts.
    pub to_ns: Option<i64>,
    /// What happened, such as `interface down`.
    pub reason: String,
}
