//! Ground truth: which conversations are attacks, as rules and packet by packet.

use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;

/// Label of everything that is no attack.
pub const BENIGN: &str = "benign";

/// One row of the label rules: what it leaves open matches anything.
///
/// A rule holds for both directions of a conversation. A flow matches when its time span meets
/// `start_ns..=end_ns`; the first matching rule wins; what no rule matches is benign.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LabelRule {
    /// Time of the attack's first packet, in nanoseconds since 1970.
    pub start_ns: u64,
    /// Time of its last packet.
    pub end_ns: u64,
    /// The attacker.
    pub src: Option<IpAddr>,
    /// The victim, or whom the attacker talks to.
    pub dst: Option<IpAddr>,
    /// IP protocol number.
    pub proto: Option<u8>,
    /// Port of `src`.
    pub sport: Option<u16>,
    /// Port of `dst`.
    pub dport: Option<u16>,
    /// Name of the attack.
    pub label: &'static str,
}

impl LabelRule {
    /// Whether a packet or flow record matches: `first_ns..=last_ns` is its time span, the addresses
    /// and ports those of either direction (0 where the protocol has no ports).
    #[must_use]
    pub fn matches(
        &self,
        (first_ns, last_ns): (u64, u64),
        (src, sport): (IpAddr, u16),
        (dst, dport): (IpAddr, u16),
        proto: u8,
    ) -> bool {
        fn open_or<T: PartialEq + Copy>(wanted: Option<T>, found: T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        let pattern = |a: (IpAddr, u16), b: (IpAddr, u16)| {
            open_or(self.src, a.0)
                && open_or(self.sport, a.1)
                && open_or(self.dst, b.0)
                && open_or(self.dport, b.1)
        };
        first_ns <= self.end_ns
            && last_ns >= self.start_ns
            && open_or(self.proto, proto)
            && (pattern((src, sport), (dst, dport)) || pattern((dst, dport), (src, sport)))
    }
}

/// One CSV row, without the line end: `start,end,src,dst,proto,sport,dport,label`.
impl fmt::Display for LabelRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn cell<T: fmt::Display>(f: &mut fmt::Formatter<'_>, value: Option<T>) -> fmt::Result {
            match value {
                Some(value) => write!(f, "{value},"),
                None => f.write_str(","),
            }
        }
        for time in [self.start_ns, self.end_ns] {
            write!(f, "{}.{:09},", time / 1_000_000_000, time % 1_000_000_000)?;
        }
        cell(f, self.src)?;
        cell(f, self.dst)?;
        cell(f, self.proto)?;
        cell(f, self.sport)?;
        cell(f, self.dport)?;
        f.write_str(self.label)
    }
}

/// Which conversations an attack consists of; its rules once the times are known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pattern {
    pub(crate) src: Option<IpAddr>,
    pub(crate) dst: Option<IpAddr>,
    pub(crate) proto: Option<u8>,
    pub(crate) sport: Option<u16>,
    pub(crate) dport: Option<u16>,
}

impl Pattern {
    /// Everything that `src` does: for attackers who do nothing else.
    pub(crate) fn all_of(src: impl Into<IpAddr>) -> Self {
        Self {
            src: Some(src.into()),
            ..Self::default()
        }
    }

    pub(crate) fn rule(self, (start_ns, end_ns): (u64, u64), label: &'static str) -> LabelRule {
        let Self {
            src,
            dst,
            proto,
            sport,
            dport,
        } = self;
        LabelRule {
            start_ns,
            end_ns,
            src,
            dst,
            proto,
            sport,
            dport,
            label,
        }
    }
}

/// The ground truth of a capture.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Truth {
    /// Packets written.
    pub packets: usize,
    /// Rules that match the attack conversations and nothing else.
    pub rules: Vec<LabelRule>,
    /// For every packet the position of its label in `label_names`.
    pub packet_labels: Vec<u16>,
    /// The labels that may occur; the first is [`BENIGN`].
    pub label_names: Vec<&'static str>,
}

impl Truth {
    /// Writes the rules as CSV with a header.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_rules(&self, mut writer: impl Write) -> io::Result<()> {
        writeln!(writer, "start,end,src,dst,proto,sport,dport,label")?;
        self.rules
            .iter()
            .try_for_each(|rule| writeln!(writer, "{rule}"))
    }

    /// The rules as CSV text.
    #[must_use]
    pub fn rules_csv(&self) -> String {
        let rows: String = self.rules.iter().map(|rule| format!("{rule}\n")).collect();
        format!("start,end,src,dst,proto,sport,dport,label\n{rows}")
    }

    /// Writes the label of every packet as CSV: `index,label`, counted from 0.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_packet_labels(&self, mut writer: impl Write) -> io::Result<()> {
        writeln!(writer, "index,label")?;
        for index in 0..self.packets {
            writeln!(
                writer,
                "{index},{}",
                self.packet_label(index).unwrap_or(BENIGN)
            )?;
        }
        Ok(())
    }

    /// The label of the packet number `index`, counted from 0.
    #[must_use]
    pub fn packet_label(&self, index: usize) -> Option<&'static str> {
        let label = usize::from(*self.packet_labels.get(index)?);
        self.label_names.get(label).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> LabelRule {
        let pattern = Pattern {
            dport: Some(22),
            ..Pattern::all_of([203, 0, 113, 1])
        };
        pattern.rule((5_000_000_001, 9_000_000_000), "bruteforce_ssh")
    }

    #[test]
    fn a_rule_is_written_as_the_corpus_writes_it() {
        assert_eq!(
            rule().to_string(),
            "5.000000001,9.000000000,203.0.113.1,,,,22,bruteforce_ssh"
        );
    }

    #[test]
    fn a_rule_holds_for_both_directions_within_its_time() {
        let (attacker, victim) = (([203, 0, 113, 1].into(), 4000), ([10, 20, 0, 7].into(), 22));
        let (during, before, across) = (
            (6_000_000_000, 6_000_000_000),
            (0, 5_000_000_000),
            (0, 5_000_000_001),
        );
        for (span, a, b, expected) in [
            (during, attacker, victim, true),
            (during, victim, attacker, true),
            (across, attacker, victim, true),
            (before, attacker, victim, false),
            (during, (attacker.0, 22), (victim.0, 4000), false),
            (during, (victim.0, 1), victim, false),
        ] {
            assert_eq!(
                rule().matches(span, a, b, 6),
                expected,
                "{span:?} {a:?} {b:?}"
            );
        }
    }
}
