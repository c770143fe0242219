//! The normal form of a question: the words that ask it.

use std::fmt;

use super::primitive::{Comparison, Direction, Family, Field, Primitive};
use super::words::{FIELDS, PROTOCOL_WORDS};

impl fmt::Display for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Family(family) => f.write_str(family.word()),
            Self::Protocol { family, number } => {
                let word = PROTOCOL_WORDS
                    .iter()
                    .find(|(_, of, protocol)| (*of, *protocol) == (family, number));
                match word {
                    Some((word, ..)) => f.write_str(word),
                    None => {
                        qualifier(f, family.map_or("", Family::word))?;
                        write!(f, "proto {}", number.0)
                    }
                }
            }
            Self::Address {
                family,
                direction,
                network,
            } => {
                qualifier(f, family.map_or("", Family::word))?;
                qualifier(f, direction_words(direction))?;
                write!(f, "{network}")
            }
            Self::Port {
                transports,
                direction,
                first,
                last,
            } => {
                qualifier(f, transports.word())?;
                qualifier(f, direction_words(direction))?;
                if first == last {
                    write!(f, "port {first}")
                } else {
                    write!(f, "portrange {first}-{last}")
                }
            }
            Self::Multicast(family) => write!(f, "{} multicast", family.word()),
            Self::Vlan(None) => f.write_str("vlan"),
            Self::Vlan(Some(id)) => write!(f, "vlan {id}"),
            Self::Tunnel(None) => f.write_str("tunnel"),
            Self::Tunnel(Some((kind, None))) => write!(f, "tunnel {kind}"),
            Self::Tunnel(Some((kind, Some(id)))) => write!(f, "tunnel {kind} {id}"),
            Self::Relation {
                field,
                mask,
                comparison,
                value,
            } => {
                let sign = sign(comparison);
                match mask {
                    u32::MAX => write!(f, "{field} {sign} {value}"),
                    _ => write!(f, "{field} & {mask:#x} {sign} {value:#x}"),
                }
            }
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match FIELDS.iter().find(|(.., field)| field == self) {
            None => f.write_str("len"),
            Some((protocol, at, "", _)) => write!(f, "{protocol}[{at}]"),
            Some((protocol, _, name, _)) => write!(f, "{protocol}[{name}]"),
        }
    }
}

/// Words, if there are any, and the blank behind them.
fn qualifier(f: &mut fmt::Formatter<'_>, words: &str) -> fmt::Result {
    match words {
        "" => Ok(()),
        _ => write!(f, "{words} "),
    }
}

fn direction_words(direction: Direction) -> &'static str {
    match direction {
        Direction::Either => "",
        Direction::Source => "src",
        Direction::Destination => "dst",
        Direction::Both => "src and dst",
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}
