//! Who talks most.

use serde::Serialize;

/// An address with what it sent, received and is suspected of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Talker {
    /// The address.
    pub address: String,
    /// Flows that it opened or was asked by.
    pub flows: u64,
    /// Addresses that it had flows with; with `many_peers`, at least so many.
    pub peers: u64,
    /// Whether it had more peers than were counted.
    pub many_peers: bool,
    /// Bytes that it sent.
    pub bytes_sent: u64,
    /// Bytes that it received.
    pub bytes_received: u64,
    /// Alerts on flows that it opened.
    pub alerts: u64,
}

impl Talker {
    /// Bytes of both directions.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes_sent.saturating_add(self.bytes_received)
    }
}
