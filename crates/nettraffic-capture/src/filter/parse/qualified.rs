//! `tcp dst port 443`: qualifiers, and the values to which they apply.

use super::number::number;
use super::{Parser, begins_with_digit};
use crate::IpProtocol;
use crate::filter::error::{Fault, FilterErrorKind};
use crate::filter::lex::TokenKind;
use crate::filter::network::Network;
use crate::filter::primitive::{Direction, Family, Primitive, Transports};
use crate::filter::words::{PROTOCOL_NAMES, PROTOCOL_WORDS, SERVICES};

const MAX_PORT: u32 = 0xffff;

/// Qualifiers: what the values after them mean.
#[derive(Clone, Copy, Debug)]
pub(super) enum Head {
    Host(Option<Family>, Direction),
    Net(Option<Family>, Direction),
    Port(Transports, Direction),
    PortRange(Transports, Direction),
    Protocol(Option<Family>),
}

impl Parser<'_> {
    /// The qualifiers that are next: an optional protocol, an optional direction, a type; `None`
    /// where at most a protocol stands, which is a primitive by itself.
    pub(super) fn qualifiers(&mut self) -> Result<Option<Head>, Fault> {
        let begin = self.next;
        let protocol = self.protocol();
        let direction = self.direction();
        let type_word = match self.peek() {
            Some(TokenKind::Word(word @ ("host" | "net" | "port" | "portrange" | "proto"))) => {
                Some(word)
            }
            _ => None,
        };
        if direction.is_none() && type_word.is_none() {
            self.next = begin;
            return Ok(None);
        }
        let way = direction.unwrap_or(Direction::Either);
        let head = match type_word {
            None | Some("host") => family_of(protocol).map(|family| Head::Host(family, way)),
            Some("net") => family_of(protocol).map(|family| Head::Net(family, way)),
            Some("port") => transports_of(protocol).map(|transports| Head::Port(transports, way)),
            Some("portrange") => {
                transports_of(protocol).map(|transports| Head::PortRange(transports, way))
            }
            Some(_) if direction.is_some() => {
                return Err(self.misplaced("`host`, `net`, `port` or `portrange`"));
            }
            Some(_) => family_of(protocol)
                .filter(|family| *family != Some(Family::Arp))
                .map(Head::Protocol),
        };
        let Some(head) = head else {
            let protocol = protocol.unwrap_or("");
            return Err(self.fault(FilterErrorKind::Qualifier { protocol }));
        };
        self.next += usize::from(type_word.is_some());
        Ok(Some(head))
    }

    fn protocol(&mut self) -> Option<&'static str> {
        let Some(TokenKind::Word(word)) = self.peek() else {
            return None;
        };
        let words = PROTOCOL_WORDS.iter().map(|(name, ..)| *name);
        let protocol = ["ip", "ip6", "arp"]
            .into_iter()
            .chain(words)
            .find(|name| *name == word)?;
        self.next += 1;
        Some(protocol)
    }

    /// `src`, `dst`, and both joined by `or` or `and`.
    fn direction(&mut self) -> Option<Direction> {
        let (one, other) = match self.peek()? {
            TokenKind::Word("src") => (Direction::Source, "dst"),
            TokenKind::Word("dst") => (Direction::Destination, "src"),
            _ => return None,
        };
        let joined = if self.peek_at(2) == Some(TokenKind::Word(other)) {
            self.peek_at(1)
        } else {
            None
        };
        let (direction, tokens) = match joined {
            Some(TokenKind::Or) => (Direction::Either, 3),
            Some(TokenKind::And) => (Direction::Both, 3),
            _ => (one, 1),
        };
        self.next += tokens;
        Some(direction)
    }

    /// What the last qualifiers apply to.
    pub(super) fn value(&mut self) -> Result<Primitive, Fault> {
        let Some(head) = self.head else {
            return Err(self.misplaced("a word such as `host`, `net` or `port`"));
        };
        let word = self.word(head.expected())?;
        let primitive = match head {
            Head::Host(family, direction) => {
                let network = self.address(word, Network::host(word))?;
                self.in_family(family, direction, network)
            }
            Head::Net(family, direction) => {
                let network = self.network(word)?;
                self.in_family(family, direction, network)
            }
            Head::Port(transports, direction) => self.port(word, transports, direction),
            Head::PortRange(transports, direction) => self.port_range(word, transports, direction),
            Head::Protocol(family) => self
                .protocol_number(word)
                .map(|number| Primitive::Protocol { family, number }),
        }?;
        self.next += 1;
        Ok(primitive)
    }

    /// `read`, or why `word` is no address: what looks like a name gets another answer.
    fn address(
        &self,
        word: &str,
        read: Result<Network, FilterErrorKind>,
    ) -> Result<Network, Fault> {
        let looks_like_address = word.contains(':') || begins_with_digit(word);
        read.map_err(|kind| {
            if looks_like_address && !has_name_letters(word) {
                return self.fault(kind);
            }
            let fault = self.wrong_word(word, "an address");
            match fault.kind {
                FilterErrorKind::UnknownWord { suggestion: None } => {
                    self.fault(FilterErrorKind::HostName)
                }
                _ => fault,
            }
        })
    }

    /// A network, which may take three words: `10.1.0.0 mask 255.255.0.0`.
    fn network(&mut self, word: &str) -> Result<Network, Fault> {
        if self.peek_at(1) != Some(TokenKind::Word("mask")) {
            return self.address(word, Network::net(word));
        }
        // The mask is the last word; `value` passes over it.
        let begin = self.span().start;
        self.next += 2;
        let mask = self.word("a mask such as 255.255.0.0")?;
        Network::masked(word, mask).map_err(|kind| Fault::new(kind, begin..self.span().end))
    }

    fn in_family(
        &self,
        family: Option<Family>,
        direction: Direction,
        network: Network,
    ) -> Result<Primitive, Fault> {
        let family = match family {
            // An IPv6 address says as much by itself.
            Some(Family::V6) if !network.is_v4() => None,
            Some(Family::V4 | Family::Arp) if !network.is_v4() => return Err(self.foreign(family)),
            Some(Family::V6) => return Err(self.foreign(family)),
            other => other,
        };
        Ok(Primitive::Address {
            family,
            direction,
            network,
        })
    }

    /// An address of the other IP version than its qualifier asks for.
    fn foreign(&self, family: Option<Family>) -> Fault {
        let protocol = family.map_or("", Family::word);
        self.fault(FilterErrorKind::Qualifier { protocol })
    }

    fn port(
        &self,
        word: &str,
        transports: Transports,
        direction: Direction,
    ) -> Result<Primitive, Fault> {
        const EXPECTED: &str = "a port";
        if let Some(port) = number(word, MAX_PORT).map_err(|kind| self.fault(kind))? {
            return Ok(Primitive::Port {
                transports,
                direction,
                first: port as u16,
                last: port as u16,
            });
        }
        let service = SERVICES.iter().find(|(name, ..)| *name == word);
        let Some((_, port, registered)) = service else {
            return Err(self.wrong_word(word, EXPECTED));
        };
        let transports = match (transports, *registered) {
            (asked, Transports::Any) => asked,
            (Transports::Any, registered) => registered,
            (asked, registered) if asked == registered => asked,
            (asked, _) => {
                let protocol = asked.word();
                return Err(self.fault(FilterErrorKind::Qualifier { protocol }));
            }
        };
        Ok(Primitive::Port {
            transports,
            direction,
            first: *port,
            last: *port,
        })
    }

    /// `1-1024`, or one port. As in libpcap, the ends may come in either order.
    fn port_range(
        &self,
        word: &str,
        transports: Transports,
        direction: Direction,
    ) -> Result<Primitive, Fault> {
        let read = |digits| number(digits, MAX_PORT).map_err(|kind| self.fault(kind));
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (Some(first), Some(last)) = (read(first)?, read(last)?) else {
            return Err(self.fault(FilterErrorKind::Malformed {
                expected: "a range of ports such as 1-1024",
            }));
        };
        Ok(Primitive::Port {
            transports,
            direction,
            first: first.min(last) as u16,
            last: first.max(last) as u16,
        })
    }

    /// A number or a name; a backslash before the name, which libpcap asks for, is passed over.
    fn protocol_number(&self, word: &str) -> Result<IpProtocol, Fault> {
        const EXPECTED: &str = "a protocol's number or name";
        const MAX_NUMBER: u32 = 0xff;
        if let Some(number) = number(word, MAX_NUMBER).map_err(|kind| self.fault(kind))? {
            return Ok(IpProtocol(number as u8));
        }
        let name = word.strip_prefix('\\').unwrap_or(word);
        let known = PROTOCOL_NAMES.iter().find(|(known, _)| *known == name);
        match known {
            Some((_, number)) => Ok(IpProtocol(*number)),
            None => Err(self.wrong_word(word, EXPECTED)),
        }
    }
}

impl Head {
    fn expected(self) -> &'static str {
        match self {
            Self::Host(..) => "an address",
            Self::Net(..) => "a network",
            Self::Port(..) => "a port",
            Self::PortRange(..) => "a range of ports",
            Self::Protocol(_) => "a protocol's number or name",
        }
    }
}

/// The family of this word.
pub(super) fn family(word: &str) -> Option<Family> {
    [Family::V4, Family::V6, Family::Arp]
        .into_iter()
        .find(|family| family.word() == word)
}

/// The addresses that a protocol before `host` or `net` selects; `None` when it cannot stand there.
fn family_of(protocol: Option<&str>) -> Option<Option<Family>> {
    match protocol {
        None => Some(None),
        Some(word) => family(word).map(Some),
    }
}

/// The transports that a protocol before `port` selects; `None` when it cannot stand there.
fn transports_of(protocol: Option<&str>) -> Option<Transports> {
    let Some(word) = protocol else {
        return Some(Transports::Any);
    };
    [Transports::Tcp, Transports::Udp, Transports::Sctp]
        .into_iter()
        .find(|transports| transports.word() == word)
}

/// Whether it has a letter that is no hexadecimal digit, which no address has.
fn has_name_letters(word: &str) -> bool {
    word.chars()
        .any(|c| c.is_alphabetic() && !c.is_ascii_hexdigit())
}
