//! Parts of an event that several forms tell.

use std::borrow::Cow;
use std::net::IpAddr;

use nettraffic_capture::IpProtocol;
use nettraffic_detect::Alert;
use nettraffic_flow::{Flow, InitiatorEvidence};
use siphasher::sip::SipHasher24;

/// What a flow is known by.
pub(in crate::sink) struct Parts<'a>(pub(in crate::sink) &'a Flow);

/// The range of Suricata's signatures for local use begins here.
const LOCAL_SIGNATURES: u64 = 1_000_000;

impl Parts<'_> {
    /// Ports of initiator and responder, if the protocol has any.
    pub(in crate::sink) fn ports(&self) -> Option<(u16, u16)> {
        let key = &self.0.key;
        let has_ports = matches!(
            key.protocol,
            IpProtocol::TCP | IpProtocol::UDP | IpProtocol::SCTP
        );
        has_ports.then_some((key.initiator_port, key.responder_port))
    }

    /// Type and code of an ICMP message, unless it is a query, of which they are not kept.
    pub(super) fn icmp(&self) -> Option<(u16, u16)> {
        let known = self.is_icmp() && self.0.evidence != InitiatorEvidence::Query;
        known.then_some((self.0.key.initiator_port, self.0.key.responder_port))
    }

    fn is_icmp(&self) -> bool {
        matches!(self.0.key.protocol, IpProtocol::ICMP | IpProtocol::ICMPV6)
    }

    /// 4 or 6.
    pub(super) fn ip_version(&self) -> u8 {
        match self.0.key.initiator {
            IpAddr::V4(_) => 4,
            IpAddr::V6(_) => 6,
        }
    }
}

/// `TCP`, `IPv6-ICMP`, or a number of three digits.
pub(super) fn protocol_of_suricata(protocol: IpProtocol) -> Cow<'static, str> {
    match protocol {
        IpProtocol::TCP => "TCP".into(),
        IpProtocol::UDP => "UDP".into(),
        IpProtocol::ICMPV6 => "IPv6-ICMP".into(),
        other => match other.to_string() {
            number if number.starts_with(|c: char| c.is_ascii_digit()) => {
                format!("{:03}", other.0).into()
            }
            name => name.to_uppercase().into(),
        },
    }
}

/// `tcp`, `ipv6-icmp`, or a number.
pub(super) fn protocol_of_iana(protocol: IpProtocol) -> Cow<'static, str> {
    match protocol {
        IpProtocol::TCP => "tcp".into(),
        IpProtocol::UDP => "udp".into(),
        IpProtocol::ICMPV6 => "ipv6-icmp".into(),
        other => other.to_string().into(),
    }
}

/// What an alert would be called if it were a rule's.
pub(super) struct Rule {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) category: &'static str,
}

impl Rule {
    pub(super) fn of(alert: &Alert) -> Self {
        let Some(class) = &alert.class else {
            return Self {
                id: LOCAL_SIGNATURES,
                name: "nettraffic: unusual flow".to_owned(),
                category: "Unusual traffic",
            };
        };
        let hash = SipHasher24::new().hash(class.name.as_bytes());
        Self {
            id: LOCAL_SIGNATURES + 1 + hash % (LOCAL_SIGNATURES - 1),
            name: format!("nettraffic: looks like {}", class.name),
            category: "Traffic like a known attack",
        }
    }
}
