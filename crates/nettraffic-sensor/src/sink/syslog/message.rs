//! An event as a message of RFC 5424.

use std::fmt::{Display, Write as _};

use nettraffic_features::community_id;

use super::super::Event;
use super::super::form::{IncidentWords, Parts, Words, cut, only, plain, zulu};
use super::super::record::{About, Record};
use super::SyslogConfig;
use crate::{Closing, IncidentEvent, SensorAlert, Severity, Turn};

/// Bytes of a text from outside in a parameter, before it is escaped. What is longer is cut.
const LONGEST_VALUE: usize = 64;

/// All parameters of an event fit into so many bytes, whatever it says.
pub(super) const LEAST_LEN: usize = 2_048;

/// The mark before text in UTF-8 (RFC 5424, 6.4).
const BOM: &str = "\u{feff}";

/// The message of an event, without framing; never longer than the configuration says.
pub(super) fn message(event: &Event, config: &SyslogConfig) -> String {
    let (severity, words) = match event {
        Event::Alert(alert) => (severity(alert.severity), Words(alert).sentence()),
        Event::Incident(told) => (
            severity(told.incident.severity),
            IncidentWords(told).sentence(),
        ),
        Event::Flow { .. } => (6, String::new()),
    };
    let mut message = format!(
        "<{}>1 {} {} {} - {} ",
        config.facility.priority(severity),
        zulu(event.time()),
        field(config.host_name.as_deref(), 255),
        field(Some(&config.app_name), 48),
        event.kind(),
    );
    let mut element = Element::new(&config.element);
    match event.about() {
        About::Flow(record) => of_flow(&record, &mut element),
        About::Incident(told) => of_incident(told, &mut element),
    }
    element.add("interface", event.source());
    message += &element.0;
    message.push(']');
    if !words.is_empty() {
        let words = plain(&words);
        let mark = if words.is_ascii() { "" } else { BOM };
        let room = config
            .max_len
            .max(LEAST_LEN)
            .saturating_sub(message.len() + 1 + mark.len());
        message.push(' ');
        message += mark;
        message += cut(&words, room);
    }
    message
}

/// From 0, an emergency, to 7.
const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Critical => 2,
        Severity::High => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
    }
}

/// A part of the header: visible ASCII, of bounded length, and never empty.
fn field(text: Option<&str>, longest: usize) -> String {
    let visible = |letter: char| {
        if letter.is_ascii_graphic() {
            letter
        } else {
            '_'
        }
    };
    let text: String = text
        .unwrap_or_default()
        .chars()
        .take(longest)
        .map(visible)
        .collect();
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

fn of_flow(record: &Record<'_>, element: &mut Element) {
    let verdict = record.verdict;
    let flow = &verdict.flow;
    if let Some(alert) = record.alert {
        of_alert(alert, element);
    }
    element.add("uid", flow.uid());
    element.add("src_ip", flow.key.initiator);
    element.add("dest_ip", flow.key.responder);
    if let Some((source, destination)) = Parts(flow).ports() {
        element.add("src_port", source);
        element.add("dest_port", destination);
    }
    element.add("proto", flow.key.protocol);
    if let Some(id) = community_id(flow) {
        element.add("community_id", id);
    }
    element.add("score", verdict.score);
    element.add("threshold", verdict.threshold);
}

fn of_alert(alert: &SensorAlert, element: &mut Element) {
    element.add("id", alert.alert().id);
    element.add("incident", alert.incident);
    element.add("severity", alert.severity);
    element.add("evidence", alert.alert().evidence.name());
    if let Some(class) = &alert.alert().class {
        element.add("class", &class.name);
        element.add("probability", class.probability);
    }
    element.add("detector", &alert.detector);
    element.add("left_out", alert.left_out);
}

/// Ends, port and protocol where there is one alone, and how many there are.
fn of_incident(told: &IncidentEvent, element: &mut Element) {
    let incident = &told.incident;
    let facts = &incident.facts;
    element.add("id", told.id());
    element.add("incident", incident.id);
    element.add("turn", told.turn.name());
    element.add("state", told.turn.state());
    if let Some(cause) = told.cause() {
        element.add("cause", cause);
    }
    if let Turn::Closed(Closing::Merged(into)) = told.turn {
        element.add("part_of", into);
    }
    element.add("severity", incident.severity);
    if let Some(class) = &facts.class {
        element.add("class", class);
    }
    element.add("detector", &incident.worst.detector);
    element.add("first", zulu(facts.first));
    element.add("last", zulu(facts.last));
    element.add("sources", facts.sources.len());
    element.add("targets", facts.targets.len());
    element.add("ports", facts.ports.len());
    element.add("truncated", facts.truncated);
    if let Some(source) = only(&facts.sources) {
        element.add("src_ip", source);
    }
    if let Some(target) = only(&facts.targets) {
        element.add("dest_ip", target);
    }
    if let Some(port) = only(&facts.ports) {
        element.add("dest_port", port);
    }
    if let Some(protocol) = only(&facts.protocols) {
        element.add("proto", protocol);
    }
    element.add("alerts", facts.alerts);
    element.add("flows", incident.flows);
    element.add("written", incident.written);
    element.add("repeated", incident.repeated);
    element.add("limited", incident.limited);
    element.add("score", facts.score);
}

/// Structured data that is being written: one element, not closed yet.
struct Element(String);

impl Element {
    fn new(id: &str) -> Self {
        // A space, an equals sign, a bracket or a quote would end the name (RFC 5424, 6.3.2).
        let forbidden = ['=', ']', '"'];
        Self(format!("[{}", field(Some(&id.replace(forbidden, "_")), 32)))
    }

    fn add(&mut self, name: &str, value: impl Display) {
        let value = value.to_string();
        // Writing to memory does not fail.
        let _ = write!(self.0, " {name}=\"");
        for letter in plain(cut(&value, LONGEST_VALUE)).chars() {
            if matches!(letter, '"' | '\\' | ']') {
                self.0.push('\\');
            }
            self.0.push(letter);
        }
        self.0.push('"');
    }
}
