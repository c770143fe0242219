//! Alerts that are like one that was written before.

use std::net::IpAddr;
use std::time::Duration;

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_detect::AlertId;
use serde::{Deserialize, Serialize};

use super::bounded::BoundedMap;
use crate::{SensorAlert, Severity};

/// Alerts of an earlier run that are remembered.
const MOST_RECALLED: usize = 10_000;

#[derive(Debug)]
pub(super) struct Repeats {
    after: Duration,
    written: BoundedMap<Subject, Written>,
    recalled: BoundedMap<AlertId, ()>,
    forgotten: u64,
}

/// What alerts have in common that repeat each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Subject {
    model: String,
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    /// 0 where the protocol has no ports that name a service.
    port: u16,
}

/// The last alert of a subject that was written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Written {
    id: u64,
    at: i64,
    severity: Severity,
    has_class: bool,
    /// Alerts since then that were not.
    left_out: u64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct State(Vec<(Subject, Written)>);

impl Subject {
    pub(super) fn of(alert: &SensorAlert) -> Self {
        let key = &alert.verdict().flow.key;
        let has_ports = matches!(
            key.protocol,
            IpProtocol::TCP | IpProtocol::UDP | IpProtocol::SCTP
        );
        Self {
            model: alert.model().to_owned(),
            source: key.initiator,
            destination: key.responder,
            protocol: key.protocol.0,
            port: if has_ports { key.responder_port } else { 0 },
        }
    }
}

impl Written {
    /// Whether there is more to an alert than to this one.
    fn is_less_than(&self, alert: &SensorAlert) -> bool {
        alert.severity > self.severity || (alert.alert().class.is_some() && !self.has_class)
    }

    /// Whether `now` is that near, on either side: the clock may have stepped back.
    fn is_within(&self, after: Duration, now: Timestamp) -> bool {
        let at = Timestamp::from_nanos(self.at);
        now.saturating_since(at).max(at.saturating_since(now)) < after
    }
}

impl Repeats {
    pub(super) fn new(after: Duration, most: usize) -> Self {
        Self {
            after,
            written: BoundedMap::new(most),
            recalled: BoundedMap::new(MOST_RECALLED),
            forgotten: 0,
        }
    }

    /// The alert that this one repeats.
    pub(super) fn repeated(&self, subject: &Subject, alert: &SensorAlert) -> Option<AlertId> {
        let id = alert.alert().id;
        if self.recalled.get(&id).is_some() {
            return Some(id);
        }
        let written = self.written.get(subject)?;
        let is_same = written.id == id.0;
        let is_repeat = is_same || written.is_within(self.after, alert.time());
        (is_repeat && !written.is_less_than(alert)).then_some(AlertId(written.id))
    }

    /// Counts an alert that is not written, for the next one to tell.
    pub(super) fn leave_out(&mut self, subject: &Subject) {
        if let Some(written) = self.written.get_mut(subject) {
            written.left_out += 1;
        }
    }

    /// Remembers an alert that is written; how many were left out since the one before it.
    pub(super) fn write(&mut self, subject: Subject, alert: &SensorAlert) -> u64 {
        let before = self.written.get(&subject).copied();
        let mut written = Written {
            id: alert.alert().id.0,
            at: alert.time().as_nanos(),
            severity: alert.severity,
            has_class: alert.alert().class.is_some(),
            left_out: 0,
        };
        // Alerts that are each more than the other in one respect must not take turns.
        if let Some(before) = before.filter(|before| before.is_within(self.after, alert.time())) {
            written.severity = written.severity.max(before.severity);
            written.has_class |= before.has_class;
        }
        if let Some((_, oldest)) = self.written.put(subject, written) {
            let is_early = oldest.left_out > 0 || oldest.is_within(self.after, alert.time());
            self.forgotten += u64::from(is_early);
        }
        before.map_or(0, |before| before.left_out)
    }

    pub(super) fn recall(&mut self, id: AlertId) {
        self.recalled.put(id, ());
    }

    pub(super) fn len(&self) -> usize {
        self.written.len()
    }

    /// Alerts that were forgotten although others could still have repeated them.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(super) fn state(&self) -> State {
        let written = self.written.iter();
        State(
            written
                .map(|(subject, written)| (subject.clone(), *written))
                .collect(),
        )
    }

    pub(super) fn restore(&mut self, state: State) {
        for (subject, written) in state.0 {
            self.written.put(subject, written);
        }
    }
}
