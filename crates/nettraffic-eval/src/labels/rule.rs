//! One rule, and what it is asked about.

use std::net::IpAddr;

use super::Network;

/// Prefix of labels that speak of a whole capture.
const CAPTURE: &str = "contains:";

/// What a rule needs to know of a flow: when, between whom, by which protocol.
///
/// Which side is `a` and which `b` does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Time of the first packet, nanoseconds since the Unix epoch.
    pub first_ns: i64,
    /// Time of the last packet, nanoseconds since the Unix epoch.
    pub last_ns: i64,
    /// One side.
    pub a: IpAddr,
    /// Its port.
    pub a_port: u16,
    /// The other side.
    pub b: IpAddr,
    /// Its port.
    pub b_port: u16,
    /// IP protocol number: 6 is TCP, 17 UDP.
    pub proto: u8,
}

/// A label and the conversations that it holds for. What is `None` matches anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelRule {
    /// Earliest time, nanoseconds since the Unix epoch.
    pub start_ns: Option<i64>,
    /// Latest time, nanoseconds since the Unix epoch, included.
    pub end_ns: Option<i64>,
    /// The attacker or initiator.
    pub src: Option<Network>,
    /// The victim or responder.
    pub dst: Option<Network>,
    /// IP protocol number.
    pub proto: Option<u8>,
    /// Port on the side of `src`.
    pub sport: Option<u16>,
    /// Port on the side of `dst`.
    pub dport: Option<u16>,
    /// What to call what matches.
    pub label: String,
}

impl LabelRule {
    /// Whether the conversation's time meets the rule's, and addresses, ports and protocol agree
    /// in either direction.
    #[must_use]
    pub fn matches(&self, conversation: &Conversation) -> bool {
        let c = conversation;
        self.proto.is_none_or(|proto| proto == c.proto)
            && self.start_ns.is_none_or(|start| c.last_ns >= start)
            && self.end_ns.is_none_or(|end| c.first_ns <= end)
            && (self.joins((c.a, c.a_port), (c.b, c.b_port))
                || self.joins((c.b, c.b_port), (c.a, c.a_port)))
    }

    /// The attack, when the label says only that the capture holds it somewhere (`contains:…`).
    /// Such a rule labels no flow.
    #[must_use]
    pub fn capture_label(&self) -> Option<&str> {
        self.label.strip_prefix(CAPTURE)
    }

    fn joins(&self, src: (IpAddr, u16), dst: (IpAddr, u16)) -> bool {
        let address = |own: Option<Network>, other| own.is_none_or(|net| net.contains(other));
        let port = |own: Option<u16>, other| own.is_none_or(|port| port == other);
        address(self.src, src.0)
            && address(self.dst, dst.0)
            && port(self.sport, src.1)
            && port(self.dport, dst.1)
    }
}
