//! How much traffic there was.

use serde::Serialize;

/// What was seen since the sample before, normally within one second of packet time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TrafficSample {
    /// Its end: nanoseconds of packet time since the Unix epoch.
    pub time_ns: i64,
    /// How long it lasted, nanoseconds; rates are counts by this time.
    pub length_ns: u64,
    /// Packets.
    pub packets: u64,
    /// Bytes on the wire.
    pub bytes: u64,
    /// Flows that were opened.
    pub flows: u64,
}
