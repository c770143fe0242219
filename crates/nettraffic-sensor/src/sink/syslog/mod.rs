//! Events to a syslog receiver.

mod connection;
mod facility;
mod message;

use std::fmt;
use std::path::PathBuf;

use self::connection::Connection;
pub use self::facility::Facility;
use super::{Dealt, Event, Sink, SinkError, Wants};

/// Where a syslog receiver is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyslogTarget {
    /// UDP to `host:port` (RFC 5426): a message is lost without a word when nobody listens.
    Udp(String),
    /// TCP to `host:port`, each message behind its length (RFC 6587, octet counting).
    Tcp(String),
    /// A socket of this machine, for datagrams or a stream, such as `/dev/log`.
    Unix(PathBuf),
}

impl fmt::Display for SyslogTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(address) => write!(f, "udp {address}"),
            Self::Tcp(address) => write!(f, "tcp {address}"),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

/// Where messages go, and what stands in them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyslogConfig {
    /// The receiver.
    pub target: SyslogTarget,
    /// Which events (alerts).
    pub wants: Wants,
    /// The part of the system that messages are said to come from (`local0`).
    pub facility: Facility,
    /// This machine's name, if it is to be told.
    pub host_name: Option<String>,
    /// What the sender is called (`nettraffic`).
    pub app_name: String,
    /// Name of the structured data (`nettraffic@32473`, with the number that is reserved for examples).
    pub element: String,
    /// Bytes of a message at most (8,192), 2,048 at least: as much as every receiver should take (RFC 5424, 6.1).
    /// What is longer loses the end of its text.
    pub max_len: usize,
}

impl SyslogConfig {
    /// Alerts to that receiver.
    #[must_use]
    pub fn new(target: SyslogTarget) -> Self {
        Self {
            max_len: match target {
                SyslogTarget::Udp(_) => 2_048,
                _ => 8_192,
            },
            target,
            wants: Wants::ALERTS,
            facility: Facility::default(),
            host_name: None,
            app_name: "nettraffic".to_owned(),
            element: "nettraffic@32473".to_owned(),
        }
    }

    /// With other events.
    #[must_use]
    pub const fn with_events(mut self, wants: Wants) -> Self {
        self.wants = wants;
        self
    }

    /// From another part of the system.
    #[must_use]
    pub const fn with_facility(mut self, facility: Facility) -> Self {
        self.facility = facility;
        self
    }

    /// With this machine's name.
    #[must_use]
    pub fn with_host_name(mut self, name: impl Into<String>) -> Self {
        self.host_name = Some(name.into());
        self
    }

    /// With another name of the sender.
    #[must_use]
    pub fn with_app_name(mut self, name: impl Into<String>) -> Self {
        self.app_name = name.into();
        self
    }

    /// With another name of the structured data: `name@number`, by the site's enterprise number.
    #[must_use]
    pub fn with_element(mut self, name: impl Into<String>) -> Self {
        self.element = name.into();
        self
    }

    /// With another bound of a message's bytes.
    #[must_use]
    pub const fn with_max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }
}

/// Sends events as messages of RFC 5424: what is known of them as structured data, then a sentence for people.
///
/// The severity of alerts and incidents is 2 (critical) for critical, 3 high, 4 medium and 5 low; a flow's is 6. Of an
/// incident's many ends their number is told. It connects when there
/// is something to send, and again after an error. A message counts as written when the system has it: what is on the
/// way when a connection breaks is lost.
pub struct Syslog {
    name: String,
    config: SyslogConfig,
    connection: Option<Connection>,
}

impl Syslog {
    /// Sends nothing yet.
    #[must_use]
    pub fn new(config: &SyslogConfig) -> Self {
        Self {
            name: format!("syslog {}", config.target),
            config: config.clone(),
            connection: None,
        }
    }

    /// An event as a message, as it is sent, without framing.
    #[must_use]
    pub fn message(&self, event: &Event) -> String {
        message::message(event, &self.config)
    }
}

impl Sink for Syslog {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants(&self) -> Wants {
        self.config.wants
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        let Some(event) = events.first() else {
            return Ok(Dealt::default());
        };
        let message = self.message(event);
        let connection = match self.connection.take() {
            Some(connection) => Ok(connection),
            None => Connection::open(&self.config.target),
        };
        let sent = connection.and_then(|mut connection| {
            connection.send(&message)?;
            Ok(connection)
        });
        // After an error the next attempt connects anew.
        self.connection = Some(sent.map_err(|error| SinkError::passing(&self.name, error))?);
        Ok(Dealt::written(1))
    }

    fn reopen(&mut self) -> Result<(), SinkError> {
        self.connection = None;
        Ok(())
    }
}
