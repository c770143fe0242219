//! How an event is told in JSON.

mod ecs;
mod eve;
mod incident;
mod own;
mod parts;
mod time;
mod words;

use serde::Serialize;

pub(super) use self::incident::{IncidentWords, only};
pub(super) use self::parts::Parts;
pub(super) use self::time::zulu;
pub(super) use self::words::{Words, cut, plain};
use super::record::About;
use super::{Event, SinkError};

/// How an event is told as a JSON object. The same event gives the same bytes.
///
/// ```
/// use nettraffic_sensor::{Event, Form};
/// # use nettraffic_capture::{IpProtocol, Timestamp};
/// # use nettraffic_detect::Verdict;
/// # use nettraffic_flow::{Flow, FlowKey};
///
/// # let key = FlowKey::new([10, 0, 0, 1].into(), 40_000, [10, 0, 0, 2].into(), 443, IpProtocol::TCP);
/// # let flow = Flow::new(key, Timestamp::from_seconds(1_700_000_000, 0), ());
/// # let event = Event::flow(Verdict::new(flow, 0.5, 1.0), "eth0");
/// let json = Form::Eve.json(&event)?;
/// assert!(json.starts_with(r#"{"timestamp":"2023-11-14T22:13:20.000000+0000","flow_id":"#));
/// # Ok::<(), nettraffic_sensor::SinkError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// As Suricata writes its events (EVE), with what it does not know in an object `nettraffic`.
    ///
    /// An alert is `allowed`, its signature's number is 1,000,000 for what is merely unusual and one from 1,000,001
    /// to 1,999,999 for a class (the range for local use; a hash of the class), and its severity is 1 for critical,
    /// 2 high, 3 medium and 4 low. Bytes are those of IP packets. What happens to an incident has the `event_type`
    /// `incident`, which Suricata has not.
    #[default]
    Eve,
    /// Fields of the Elastic Common Schema, with what it does not know in an object `nettraffic`.
    ///
    /// `event.severity` is 21 for low, 47 medium, 73 high and 99 critical, as detection rules of Elastic have it.
    /// There are no fields `threat.*`: a class is whatever the training's labels called it. What happens to an incident
    /// is of the kind `event`, as who counts the kind `alert` counts alerts.
    Ecs,
}

impl Form {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Eve, Self::Ecs];

    /// The name used in settings: `eve`, `ecs`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eve => "eve",
            Self::Ecs => "ecs",
        }
    }

    /// An event as a JSON object on one line, without a line end.
    ///
    /// # Errors
    /// Never for events of this crate.
    pub fn json(self, event: &Event) -> Result<String, SinkError> {
        match (self, event.about()) {
            (Self::Eve, About::Flow(record)) => json(&eve::Line::of(&record)),
            (Self::Eve, About::Incident(told)) => json(&incident::eve::Line::of(told)),
            (Self::Ecs, About::Flow(record)) => json(&ecs::Line::of(&record)),
            (Self::Ecs, About::Incident(told)) => json(&incident::ecs::Line::of(told)),
        }
    }
}

fn json(line: &impl Serialize) -> Result<String, SinkError> {
    serde_json::to_string(line).map_err(|error| SinkError::lasting(error.to_string()))
}
