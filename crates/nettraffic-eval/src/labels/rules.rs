//! An ordered list of rules.

use std::io::{self, Read, Write};

use super::index::Index;
use super::{Conversation, LabelError, LabelRule, Truth, Unmatched, parse, write};

/// Label rules in order: the first that matches gives the label.
///
/// ```
/// use nettraffic_eval::{Conversation, LabelRules, Truth, Unmatched};
///
/// let csv = "\
/// start,end,src,dst,proto,sport,dport,label
/// 1704067200.5,1704067260,10.0.0.7,,tcp,,22,bruteforce_ssh
/// ,,10.0.0.0/8,10.0.0.53,udp,,53,benign
/// ";
/// let rules = LabelRules::parse(csv.as_bytes())?;
/// let reply_seen_first = Conversation {
///     first_ns: 1_704_067_200_400_000_000,
///     last_ns: 1_704_067_200_500_000_000,
///     a: [192, 168, 1, 2].into(),
///     a_port: 22,
///     b: [10, 0, 0, 7].into(),
///     b_port: 50_000,
///     proto: 6,
/// };
/// assert_eq!(rules.label(&reply_seen_first), Some("bruteforce_ssh"));
/// assert_eq!(rules.truth(&reply_seen_first, Unmatched::Benign), Truth::Attack("bruteforce_ssh"));
/// # Ok::<(), nettraffic_eval::LabelError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct LabelRules {
    rules: Vec<LabelRule>,
    index: Index,
}

impl LabelRules {
    /// Reads CSV with a header that names at least the columns
    /// `start,end,src,dst,proto,sport,dport,label`, in any order; further columns are ignored.
    ///
    /// Blank means any. Times are seconds since the Unix epoch with up to nine decimals, read
    /// exactly; `src` and `dst` addresses or prefixes (`10.0.0.0/8`); `proto` is `tcp`, `udp`,
    /// `icmp`, `icmpv6`, `sctp` or a number. Only the label is required.
    ///
    /// # Errors
    /// The reader fails, a column is missing, or a field cannot be understood: with its line.
    pub fn parse(reader: impl Read) -> Result<Self, LabelError> {
        parse::rules(reader).map(Self::from)
    }

    /// Writes what [`LabelRules::parse`] reads; reading it again gives equal rules.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write(&self, writer: impl Write) -> io::Result<()> {
        write::rules(&self.rules, writer)
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[LabelRule] {
        &self.rules
    }

    /// Label of the first rule that matches; `None` when none does. Labels of captures
    /// (`contains:…`) match no flow.
    #[must_use]
    pub fn label(&self, conversation: &Conversation) -> Option<&str> {
        let first = self
            .matching(conversation)
            .find(|rule| rule.capture_label().is_none());
        Some(&first?.label)
    }

    /// What the conversation is. When no rule matches it is what `unmatched` says, except that
    /// under a capture's label (`contains:…`) it is unknown: it may be that attack.
    #[must_use]
    pub fn truth(&self, conversation: &Conversation, unmatched: Unmatched) -> Truth<'_> {
        if let Some(label) = self.label(conversation) {
            return Truth::named(label);
        }
        if unmatched == Unmatched::Unknown || self.matching(conversation).next().is_some() {
            return Truth::Unknown;
        }
        Truth::Benign
    }

    /// Attacks that the capture holds somewhere (labels `contains:…`), in order.
    pub fn capture_labels(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter_map(LabelRule::capture_label)
    }

    pub(super) fn matching(&self, conversation: &Conversation) -> impl Iterator<Item = &LabelRule> {
        self.index
            .candidates(conversation)
            .filter_map(|position| self.rules.get(position))
            .filter(move |rule| rule.matches(conversation))
    }
}

impl From<Vec<LabelRule>> for LabelRules {
    fn from(rules: Vec<LabelRule>) -> Self {
        Self {
            index: Index::new(&rules),
            rules,
        }
    }
}

impl FromIterator<LabelRule> for LabelRules {
    fn from_iter<I: IntoIterator<Item = LabelRule>>(rules: I) -> Self {
        Self::from(rules.into_iter().collect::<Vec<_>>())
    }
}

/// Rules are equal when they are the same in the same order.
impl PartialEq for LabelRules {
    fn eq(&self, other: &Self) -> bool {
        self.rules == other.rules
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::*;

    fn parse(rows: &str) -> LabelRules {
        let csv = format!("start,end,src,dst,proto,sport,dport,label\n{rows}");
        LabelRules::parse(csv.as_bytes()).unwrap()
    }

    /// `first..last a:port > b:port proto`, IPv4, times in nanoseconds.
    fn conversation(text: &str) -> Conversation {
        let parts: Vec<&str> = text
            .split([' ', '>'])
            .filter(|part| !part.is_empty())
            .collect();
        let (first, last) = parts[0].split_once("..").unwrap();
        let side = |text: &str| -> (IpAddr, u16) {
            let (address, port) = text.split_once(':').unwrap();
            (address.parse().unwrap(), port.parse().unwrap())
        };
        let ((a, a_port), (b, b_port)) = (side(parts[1]), side(parts[2]));
        let (first_ns, last_ns) = (first.parse().unwrap(), last.parse().unwrap());
        let proto = parts[3].parse().unwrap();
        Conversation {
            first_ns,
            last_ns,
            a,
            a_port,
            b,
            b_port,
            proto,
        }
    }

    #[test]
    fn matches_when_time_addresses_ports_and_protocol_agree() {
        let rules = "0.000000010,0.00000002,10.0.0.1,10.0.0.2,tcp,1000,80,hit\n";
        for (flow, expected) in [
            ("12..15 10.0.0.1:1000 > 10.0.0.2:80 6", true),
            ("12..15 10.0.0.2:80 > 10.0.0.1:1000 6", true),
            // A span that only touches an end, or covers the rule's.
            ("5..10 10.0.0.1:1000 > 10.0.0.2:80 6", true),
            ("20..30 10.0.0.1:1000 > 10.0.0.2:80 6", true),
            ("0..99 10.0.0.1:1000 > 10.0.0.2:80 6", true),
            ("5..9 10.0.0.1:1000 > 10.0.0.2:80 6", false),
            ("21..30 10.0.0.1:1000 > 10.0.0.2:80 6", false),
            // Ports go with their side.
            ("12..15 10.0.0.2:1000 > 10.0.0.1:80 6", false),
            ("12..15 10.0.0.1:80 > 10.0.0.2:1000 6", false),
            ("12..15 10.0.0.1:1001 > 10.0.0.2:80 6", false),
            ("12..15 10.0.0.1:1000 > 10.0.0.3:80 6", false),
            ("12..15 10.0.0.1:1000 > 10.0.0.2:80 17", false),
        ] {
            let found = parse(rules).label(&conversation(flow)) == Some("hit");
            assert_eq!(found, expected, "{flow}");
        }
    }

    #[test]
    fn blank_matches_anything() {
        let rules = parse(",,,10.9.9.9,,,,dst\n,,,,1,,,icmp\n,,,,,,53,dns\n");
        for (flow, expected) in [
            ("0..1 10.9.9.9:1 > 10.0.0.2:2 6", Some("dst")),
            ("0..1 10.0.0.2:2 > 10.9.9.9:1 6", Some("dst")),
            ("0..1 10.0.0.2:8 > 10.0.0.1:0 1", Some("icmp")),
            ("0..1 10.0.0.2:53 > 10.0.0.1:4000 17", Some("dns")),
            ("0..1 10.0.0.2:1 > 10.0.0.1:2 6", None),
        ] {
            assert_eq!(rules.label(&conversation(flow)), expected, "{flow}");
        }
    }

    #[test]
    fn the_first_matching_row_wins() {
        let flow = conversation("0..1 10.0.0.1:1 > 10.0.0.2:2 6");
        for (rows, expected) in [
            (",,10.0.0.1,10.0.0.2,,,,exact\n,,,,,,,wide\n", "exact"),
            (",,,,,,,wide\n,,10.0.0.1,10.0.0.2,,,,exact\n", "wide"),
            (
                ",,10.0.0.0/8,,,,,net\n,,10.0.0.2,10.0.0.1,,,,exact\n",
                "net",
            ),
            (
                ",,10.0.0.2,10.0.0.1,udp,,,no\n,,10.0.0.2,10.0.0.1,,,,swapped\n",
                "swapped",
            ),
        ] {
            assert_eq!(parse(rows).label(&flow), Some(expected), "{rows}");
        }
    }

    #[test]
    fn truth_tells_benign_unknown_and_attack_apart() {
        let flow = conversation("0..1 10.0.0.1:1 > 10.0.0.2:2 6");
        for (rows, if_benign, if_unknown) in [
            (
                ",,,,tcp,,,scan\n",
                Truth::Attack("scan"),
                Truth::Attack("scan"),
            ),
            (",,,,udp,,,scan\n", Truth::Benign, Truth::Unknown),
            (",,,,,,,benign\n", Truth::Benign, Truth::Benign),
            (
                ",,,,,,,unknown\n,,,,,,,scan\n",
                Truth::Unknown,
                Truth::Unknown,
            ),
            (",,,,,,,contains:worm\n", Truth::Unknown, Truth::Unknown),
            (
                ",,,,,,,contains:worm\n,,,,,,,scan\n",
                Truth::Attack("scan"),
                Truth::Attack("scan"),
            ),
        ] {
            let rules = parse(rows);
            assert_eq!(rules.truth(&flow, Unmatched::Benign), if_benign, "{rows}");
            assert_eq!(rules.truth(&flow, Unmatched::Unknown), if_unknown, "{rows}");
        }
        let captures = parse(",,,,,,,contains:worm\n,,,,,,,scan\n");
        assert_eq!(captures.capture_labels().collect::<Vec<_>>(), ["worm"]);
    }

    fn any_rule() -> impl Strategy<Value = LabelRule> {
        let side = prop::option::of((0_u32..4, 30_u8..=32));
        let port = || prop::option::of(0_u16..3);
        let time = || prop::option::of(-5_i64..50);
        (
            time(),
            time(),
            side.clone(),
            side,
            prop::option::of(0_u8..20),
            port(),
            port(),
            "[a-z,\" é\n]{0,6}x",
        )
            .prop_map(|(start_ns, end_ns, src, dst, proto, sport, dport, label)| {
                let network = |(low, prefix)| {
                    super::super::Network::new(std::net::Ipv4Addr::from_bits(low).into(), prefix)
                };
                LabelRule {
                    start_ns,
                    end_ns: end_ns.map(|end| end.max(start_ns.unwrap_or(end))),
                    src: src.and_then(network),
                    dst: dst.and_then(network),
                    proto,
                    sport,
                    dport,
                    label: label.trim().to_owned(),
                }
            })
    }

    proptest! {
        #[test]
        fn the_index_finds_what_trying_every_rule_finds(
            rules in prop::collection::vec(any_rule(), 0..12),
            (a, b, a_port, b_port) in (0_u32..5, 0_u32..5, 0_u16..3, 0_u16..3),
            (first_ns, length, proto) in (-5_i64..50, 0_i64..10, 0_u8..20),
        ) {
            let (a, b) = (std::net::Ipv4Addr::from_bits(a).into(), std::net::Ipv4Addr::from_bits(b).into());
            let flow = Conversation { first_ns, last_ns: first_ns + length, a, a_port, b, b_port, proto };
            let expected = rules.iter().find(|rule| rule.matches(&flow)).map(|rule| rule.label.clone());
            let found = LabelRules::from(rules);
            prop_assert_eq!(found.label(&flow).map(str::to_owned), expected);
        }

        #[test]
        fn what_is_written_reads_back_equal(rules in prop::collection::vec(any_rule(), 0..12)) {
            let rules = LabelRules::from(rules);
            let mut csv = Vec::new();
            rules.write(&mut csv).unwrap();
            prop_assert_eq!(LabelRules::parse(csv.as_slice()).unwrap(), rules);
        }
    }
}
