//! Writing rules.

use std::io::{self, Write};

use super::LabelRule;
use super::parse::{COLUMNS, NANOS_PER_SECOND, PROTOCOLS};

pub(super) fn rules(rules: &[LabelRule], writer: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(writer);
    writer.write_record(COLUMNS)?;
    for rule in rules {
        writer.write_record([
            text(rule.start_ns.map(seconds)),
            text(rule.end_ns.map(seconds)),
            text(rule.src),
            text(rule.dst),
            text(rule.proto.map(protocol)),
            text(rule.sport),
            text(rule.dport),
            rule.label.clone(),
        ])?;
    }
    writer.flush()
}

fn text(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn seconds(nanos: i64) -> String {
    let magnitude = nanos.unsigned_abs();
    let second = NANOS_PER_SECOND.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    format!("{sign}{}.{:09}", magnitude / second, magnitude % second)
}

fn protocol(number: u8) -> String {
    let named = PROTOCOLS.iter().find(|(_, n)| *n == number);
    named.map_or_else(|| number.to_string(), |(name, _)| (*name).to_owned())
}
