//! Parts of an entry as they are written in TOML.

use std::fmt;
use std::marker::PhantomData;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use nettraffic_capture::{IpProtocol, Timestamp};
use serde::de::{Error, IntoDeserializer, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ModelKind;

/// Ports from the first to the last, both included: `443` or `"8000-8100"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct PortRange {
    /// The first.
    pub first: u16,
    /// The last; not below the first.
    pub last: u16,
}

impl PortRange {
    /// One port.
    #[must_use]
    pub const fn single(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// Whether a port is among them.
    #[must_use]
    pub const fn contains(&self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    fn read(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (number(first)?, number(last)?);
        (first <= last).then_some(Self { first, last })
    }
}

impl Serialize for PortRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.first == self.last {
            true => serializer.serialize_u16(self.first),
            false => serializer.collect_str(&format_args!("{}-{}", self.first, self.last)),
        }
    }
}

impl<'de> Deserialize<'de> for PortRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = word_or_number(deserializer)?;
        Self::read(&text).ok_or_else(|| {
            let form = "a number from 0 to 65535, or a range like \"8000-8100\"";
            D::Error::custom(format_args!("`{text}` is no port: write {form}"))
        })
    }
}

/// A transport protocol by name or number; ICMP is that of both versions of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Protocol(u8);

const PROTOCOLS: [(&str, IpProtocol); 5] = [
    ("tcp", IpProtocol::TCP),
    ("udp", IpProtocol::UDP),
    ("icmp", IpProtocol::ICMP),
    ("sctp", IpProtocol::SCTP),
    ("gre", IpProtocol::GRE),
];

impl From<IpProtocol> for Protocol {
    fn from(protocol: IpProtocol) -> Self {
        match protocol {
            IpProtocol::ICMPV6 => Self(IpProtocol::ICMP.0),
            other => Self(other.0),
        }
    }
}

impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match PROTOCOLS.iter().find(|(_, protocol)| protocol.0 == self.0) {
            Some((name, _)) => serializer.serialize_str(name),
            None => serializer.serialize_u8(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Protocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = word_or_number(deserializer)?;
        let named = PROTOCOLS.iter().find(|(name, _)| *name == text);
        let protocol = match named {
            Some((_, protocol)) => Some(*protocol),
            None => number(&text)
                .and_then(|number| u8::try_from(number).ok())
                .map(IpProtocol),
        };
        protocol.map(Self::from).ok_or_else(|| {
            let allowed = "tcp, udp, icmp, sctp, gre or a number from 0 to 255";
            D::Error::custom(format_args!("`{text}` is no protocol: {allowed} is"))
        })
    }
}

/// The name of a model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub(super) struct ModelName(pub(super) String);

impl<'de> Deserialize<'de> for ModelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if ModelKind::named(&name).is_none() {
            let models = ModelKind::ALL.map(ModelKind::name).join(", ");
            let problem = format_args!("`{name}` is no model: {models} are");
            return Err(D::Error::custom(problem));
        }
        Ok(Self(name))
    }
}

/// The moment from which an entry counts no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Expiry(pub(super) Timestamp);

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = jiff::Timestamp::from_nanosecond(self.0.as_nanos().into());
        serializer.collect_str(&time.map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::Datetime(time) => time.to_string(),
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        moment(&text).map(Self).ok_or_else(|| {
            let forms = "2030-01-31 (to the end of that day, UTC) or 2030-01-31T12:00:00Z";
            D::Error::custom(format_args!("`{text}` is no time: write it like {forms}"))
        })
    }
}

/// A moment of RFC 3339; a date alone means its end.
fn moment(text: &str) -> Option<Timestamp> {
    let time = match text.len() {
        10 => {
            let next = text.parse::<Date>().ok()?.tomorrow().ok()?;
            let midnight = next.to_datetime(Time::midnight());
            midnight.to_zoned(TimeZone::UTC).ok()?.timestamp()
        }
        _ => text.parse::<jiff::Timestamp>().ok()?,
    };
    Some(Timestamp::from_nanos(
        i64::try_from(time.as_nanosecond()).ok()?,
    ))
}

fn number(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// A string, or an integer as it would be written.
fn word_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct WordOrNumber;
    impl Visitor<'_> for WordOrNumber {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a number")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
            Ok(number.to_string())
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }
    deserializer.deserialize_any(WordOrNumber)
}

/// A list, or one member of it without brackets.
pub(super) fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct OneOrMany<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value or a list of them")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<T>, E> {
            Ok(vec![T::deserialize(text.into_deserializer())?])
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Vec<T>, E> {
            Ok(vec![T::deserialize(number.into_deserializer())?])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Vec<T>, A::Error> {
            let mut all = Vec::new();
            while let Some(member) = members.next_element()? {
                all.push(member);
            }
            // An empty list would mean "any", where somebody meant "none".
            if all.is_empty() {
                return Err(A::Error::custom(
                    "an empty list matches nothing: leave the key out for any",
                ));
            }
            Ok(all)
        }
    }
    deserializer.deserialize_any(OneOrMany(PhantomData))
}
