//! The account of a run: what was read, and what became of it.

use std::collections::BTreeMap;

use nettraffic_capture::{CaptureCounters, CaptureError, DecodeCounters, Skip};
use nettraffic_experiment::Account;
use nettraffic_features::WindowCounters;
use nettraffic_flow::{FlowCounters, FlowEnd, NotAFlow, TidyCounters};
use nettraffic_viz::Fact;
use serde::Serialize;

use crate::describe::grouped;

/// Errors that are kept in full; further ones are counted.
const MOST_ERRORS: usize = 1_000;

/// What was read, and what became of it. Printed as JSON it is the summary that scripts rely on:
/// `packets_read` = `packets_decoded` + all of `skipped`, and `packets_in_flows` =
/// `packets_decoded` − copies that were dropped − all of `not_a_flow`; `flows` = `flows_opened` + continuations.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    packets_read: u64,
    wire_bytes: u64,
    /// What is odd about the captures: time that goes back or jumps, captures that had to wait for
    /// others, bytes passed over.
    capture_notes: BTreeMap<&'static str, u64>,
    packets_decoded: u64,
    /// Decoded packets by protocol, the innermost one.
    protocols: BTreeMap<String, u64>,
    /// What is worth knowing about the decoded: cut, through tunnels, fragments, checksums.
    decode_notes: BTreeMap<&'static str, u64>,
    skipped: BTreeMap<&'static str, u64>,
    /// Packets of link types that are not read, by the type's number.
    unread_link_types: BTreeMap<u16, u64>,
    /// What tidying did, where it was asked for.
    tidied: BTreeMap<&'static str, u64>,
    packets_in_flows: u64,
    not_a_flow: BTreeMap<&'static str, u64>,
    flows_opened: u64,
    /// Final records: one for each flow opened, and one for each continuation.
    flows: u64,
    flow_ends: BTreeMap<&'static str, u64>,
    /// What the limits and the order of the packets did, where they did anything.
    flow_notes: BTreeMap<&'static str, u64>,
    /// What the limits of the windows did, where columns of windows were asked for.
    window_notes: BTreeMap<&'static str, u64>,
    errors: Vec<InputError>,
    more_errors: u64,
}

/// Something in the input that is damaged.
#[derive(Clone, Debug, Serialize)]
struct InputError {
    file: String,
    offset: u64,
    message: String,
    /// All of it as one sentence, for people.
    #[serde(skip)]
    sentence: String,
}

impl Summary {
    /// The account of flows that were read for training or comparing.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        let mut summary = Self::default();
        summary.count(&account.read, &account.decoded, &account.metered);
        if let Some(tidied) = &account.tidied {
            summary.count_tidied(tidied);
        }
        summary
    }

    /// Notes an error of the input.
    pub fn error(&mut self, error: &CaptureError) {
        if self.errors.len() == MOST_ERRORS {
            self.more_errors += 1;
            return;
        }
        self.errors.push(InputError {
            file: error.path().display().to_string(),
            offset: error.offset(),
            message: error.message(),
            sentence: error.to_string(),
        });
    }

    /// Takes over the counters of everything that the packets went through.
    pub fn count(
        &mut self,
        capture: &CaptureCounters,
        decode: &DecodeCounters,
        flow: &FlowCounters,
    ) {
        self.packets_read = capture.packets;
        self.wire_bytes = capture.wire_bytes;
        self.capture_notes = non_zero(capture.notes());
        self.packets_decoded = decode.decoded();
        self.protocols = protocols(decode);
        self.decode_notes = non_zero(decode.notes());
        self.skipped = non_zero(decode.skips());
        self.unread_link_types = (decode.unread_link_types())
            .map(|(link_type, count)| (link_type.0, count))
            .collect();
        self.packets_in_flows = flow.packets_in_flows;
        self.not_a_flow = non_zero(NotAFlow::ALL.map(|why| (why.name(), flow.not_a_flow(why))));
        self.flows = flow.records() - flow.records_by(FlowEnd::Early);
        self.flows_opened = flow.opened;
        self.flow_notes = non_zero(flow.notes());
        self.flow_ends = non_zero(FlowEnd::ALL.map(|end| (end.name(), flow.records_by(end))));
    }

    /// Takes over the counters of tidying.
    pub fn count_tidied(&mut self, tidied: &TidyCounters) {
        self.tidied = non_zero(tidied.notes());
    }

    /// Takes over the counters of windows.
    pub fn count_windows(&mut self, windows: &WindowCounters) {
        self.window_notes = non_zero(windows.notes());
    }

    /// Whether nothing in the input was damaged.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.errors.is_empty()
    }

    /// Packets read.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets_read
    }

    /// The damage of the input in words.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.errors.iter().map(|e| e.sentence.clone()).collect();
        if self.more_errors > 0 {
            lines.push(format!("and {} further errors", grouped(self.more_errors)));
        }
        lines
    }

    /// What a reader of the account should not overlook.
    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.unread_link_types.is_empty() {
            warnings.push(format!(
                "link types that are not read (number and packets): {}",
                listed(&self.unread_link_types)
            ));
        }
        if self.packets_read > 0 && self.packets_decoded == 0 {
            let filtered = self.skipped.get(Skip::Filtered.name());
            warnings.push(match filtered {
                Some(_) => "the filter wants none of the packets: it sees them behind tags and inside of tunnels",
                None => "none of the packets could be decoded",
            }.to_owned());
        }
        warnings
    }

    /// Packets that nothing more is said of, and flows that were cut short, by reason.
    #[must_use]
    pub fn passed_over(&self) -> Vec<(String, u64)> {
        let counts = |what: &str, counts: &BTreeMap<&'static str, u64>| -> Vec<(String, u64)> {
            let named = counts.iter();
            named
                .map(|(name, count)| (format!("{what}: {}", name.replace('_', " ")), *count))
                .collect()
        };
        let mut all = counts("Packets skipped", &self.skipped);
        let link_types = self.unread_link_types.iter();
        all.extend(link_types.map(|(number, count)| {
            (
                format!("Among them, of link type {number}, which is not read"),
                *count,
            )
        }));
        all.extend(counts(
            "Packets decoded that belong to no flow",
            &self.not_a_flow,
        ));
        let evicted = self.flow_notes.get("put_out").copied().unwrap_or(0);
        all.push((
            "Flows put out for want of room, before their end".to_owned(),
            evicted,
        ));
        all.extend(counts("Windows over hosts", &self.window_notes));
        let damaged = self.errors.len() as u64 + self.more_errors;
        all.push(("Places of the input that are damaged".to_owned(), damaged));
        all
    }

    /// The account, for a report.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        vec![
            Fact::new("Packets read", grouped(self.packets_read)),
            Fact::new("Bytes on the wire", grouped(self.wire_bytes)),
            Fact::new("Odd in the captures", listed(&self.capture_notes)),
            Fact::new("Decoded", grouped(self.packets_decoded)),
            Fact::new("By protocol", listed(&self.protocols)),
            Fact::new("Among the decoded", listed(&self.decode_notes)),
            Fact::new("Skipped", listed(&self.skipped)),
            Fact::new("Tidied", listed(&self.tidied)),
            Fact::new("Packets in flows", grouped(self.packets_in_flows)),
            Fact::new("Decoded, in no flow", listed(&self.not_a_flow)),
            Fact::new("Flow records", grouped(self.flows)),
            Fact::new("Ended by", listed(&self.flow_ends)),
            Fact::new(
                "Continuations, evictions, packets out of time",
                listed(&self.flow_notes),
            ),
            Fact::new("Windows", listed(&self.window_notes)),
        ]
    }

    /// The account in a few lines.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut text = format!(
            "{} packets read ({} bytes on the wire{}), {} decoded{}{}{}\n\
             {} packets in flows{}, {} flow records{}",
            grouped(self.packets_read),
            grouped(self.wire_bytes),
            parts("; ", &self.capture_notes),
            grouped(self.packets_decoded),
            parts("; among them ", &self.decode_notes),
            parts("; skipped: ", &self.skipped),
            parts("; tidied: ", &self.tidied),
            grouped(self.packets_in_flows),
            parts(", in none: ", &self.not_a_flow),
            grouped(self.flows),
            parts(", ended by: ", &self.flow_ends),
        );
        text.push_str(&parts("; among them ", &self.flow_notes));
        text.push_str(&parts("; windows: ", &self.window_notes));
        for warning in self.warnings() {
            text.push('\n');
            text.push_str(&warning);
        }
        for error in self.errors() {
            text.push('\n');
            text.push_str(&error);
        }
        text
    }
}

fn non_zero(counts: impl IntoIterator<Item = (&'static str, u64)>) -> BTreeMap<&'static str, u64> {
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn protocols(decode: &DecodeCounters) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    // Both versions of ICMP bear one name.
    for (protocol, count) in decode.protocols() {
        *counts.entry(protocol.to_string()).or_default() += count;
    }
    if decode.arp() > 0 {
        counts.insert("arp".to_owned(), decode.arp());
    }
    counts
}

fn parts(what: &str, counts: &BTreeMap<&'static str, u64>) -> String {
    if counts.is_empty() {
        return String::new();
    }
    format!("{what}{}", listed(counts))
}

fn listed(counts: &BTreeMap<impl std::fmt::Display, u64>) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    let parts: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} {}", grouped(*count)))
        .collect();
    parts.join(", ")
}
