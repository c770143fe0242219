//! One kind of alert that is not wanted.

use std::hash::{Hash, Hasher};
use std::time::Duration;

use nettraffic_capture::{IpProtocol, Timestamp};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;

use super::network::Network;
use super::parts::{Expiry, ModelName, PortRange, Protocol, one_or_many};
use crate::Verdict;

/// How long an entry counts that was made of an alert.
const MARKED_FOR: Duration = Duration::from_secs(30 * 86_400);

/// The keys of criteria, in the order to tell them in.
const CRITERIA: [&str; 8] = [
    "source",
    "destination",
    "either",
    "ports",
    "protocols",
    "models",
    "classes",
    "features",
];

/// Which alerts are not wanted, why not, and until when. Every criterion that is stated must hold; of a
/// criterion with several members, one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Expiry>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    source: Vec<Network>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    destination: Vec<Network>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    either: Vec<Network>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    ports: Vec<PortRange>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    protocols: Vec<Protocol>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    models: Vec<ModelName>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    classes: Vec<String>,
    #[serde(
        default,
        deserialize_with = "one_or_many",
        skip_serializing_if = "Vec::is_empty"
    )]
    features: Vec<String>,
}

impl AllowEntry {
    /// The narrowest entry for an alert that was found to be false: its source, destination, service and
    /// model, for 30 days from `at`. `None` for a verdict without an alert.
    #[must_use]
    pub fn of_false_alarm(
        verdict: &Verdict,
        model: &str,
        reason: impl Into<String>,
        at: Timestamp,
    ) -> Option<Self> {
        let alert = verdict.alert.as_ref()?;
        let key = &verdict.flow.key;
        let has_ports = has_ports(key.protocol);
        Some(Self {
            name: Some(format!("alert {}", alert.id)),
            reason: reason.into(),
            expires: Some(Expiry(at.saturating_add(MARKED_FOR))),
            source: vec![Network::host(key.initiator)],
            destination: vec![Network::host(key.responder)],
            either: Vec::new(),
            ports: has_ports
                .then(|| PortRange::single(key.responder_port))
                .into_iter()
                .collect(),
            protocols: vec![key.protocol.into()],
            models: vec![ModelName(model.to_owned())],
            classes: Vec::new(),
            features: Vec::new(),
        })
    }

    /// The same, until another moment.
    #[must_use]
    pub fn with_expiry(mut self, expires: Timestamp) -> Self {
        self.expires = Some(Expiry(expires));
        self
    }

    /// Its name, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Why these alerts are not wanted.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What it speaks of, as its file has it: `source 10.0.0.12, ports 22 or 8000-8100`.
    #[must_use]
    pub fn criteria(&self) -> String {
        // It was read from TOML or is written as such, so it can be told so.
        let table = toml::Table::try_from(self).unwrap_or_default();
        let told = |name: &&str| {
            let members = table.get(*name)?.as_array()?.iter();
            let members = members.map(|member| {
                member
                    .as_str()
                    .map_or_else(|| member.to_string(), str::to_owned)
            });
            Some(format!(
                "{name} {}",
                members.collect::<Vec<_>>().join(" or ")
            ))
        };
        CRITERIA
            .iter()
            .filter_map(told)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The moment from which it counts no more.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires.map(|expiry| expiry.0)
    }

    /// Whether it counts no more.
    #[must_use]
    pub fn is_expired(&self, at: Timestamp) -> bool {
        self.expires().is_some_and(|expires| at >= expires)
    }

    /// A keyless hash of all that it says: the same for the same entry in every run.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = SipHasher24::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// Whether it speaks of this alert, expired or not.
    #[must_use]
    pub fn speaks_of(&self, verdict: &Verdict, model: &str) -> bool {
        let Some(alert) = &verdict.alert else {
            return false;
        };
        let key = &verdict.flow.key;
        let holds = |networks: &[Network], address| {
            networks.iter().any(|network| network.contains(address))
        };
        let class = alert.class.as_ref().map(|class| class.name.as_str());
        let driver = alert.reasons.first().map(|reason| reason.feature.as_str());
        any(&self.source, |networks| holds(networks, key.initiator))
            && any(&self.destination, |networks| holds(networks, key.responder))
            && any(&self.either, |networks| {
                holds(networks, key.initiator) || holds(networks, key.responder)
            })
            && any(&self.ports, |ports| {
                has_ports(key.protocol)
                    && ports.iter().any(|range| range.contains(key.responder_port))
            })
            && any(&self.protocols, |protocols| {
                protocols.contains(&key.protocol.into())
            })
            && any(&self.models, |models| {
                models.iter().any(|name| name.0 == model)
            })
            && any(&self.classes, |names| {
                names.iter().any(|name| class == Some(name))
            })
            && any(&self.features, |names| {
                names.iter().any(|name| driver == Some(name))
            })
    }

    /// What is wrong with it as a whole.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let has_criteria = !(self.source.is_empty()
            && self.destination.is_empty()
            && self.either.is_empty()
            && self.ports.is_empty()
            && self.protocols.is_empty()
            && self.models.is_empty()
            && self.classes.is_empty()
            && self.features.is_empty());
        if self.reason.trim().is_empty() {
            return Err("the reason is empty: say why these alerts are not wanted");
        }
        if !has_criteria {
            return Err(
                "this entry would allow everything: state source, destination, either, ports, \
                 protocols, models, classes or features",
            );
        }
        Ok(())
    }
}

/// Whether a criterion holds, or is not stated.
fn any<T>(members: &[T], holds: impl FnOnce(&[T]) -> bool) -> bool {
    members.is_empty() || holds(members)
}

/// Whether a responder's port names the service; of ICMP it does not.
fn has_ports(protocol: IpProtocol) -> bool {
    matches!(
        protocol,
        IpProtocol::TCP | IpProtocol::UDP | IpProtocol::SCTP
    )
}
