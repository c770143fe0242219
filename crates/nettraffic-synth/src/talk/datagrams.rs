//! Exchanges without connections: UDP datagrams, ICMP echoes and ICMP errors.

use super::{Conversation, Side};
use crate::wire::{Frame, ICMP, ICMP6, Message, UDP};
use crate::world::Endpoint;

/// What one datagram is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Udp,
    /// Echo request (from the client) or reply; the message follows the eight header bytes.
    Echo {
        id: u16,
        sequence: u16,
    },
    /// ICMP "port unreachable", quoting the packet written before it.
    PortUnreachable,
}

/// One datagram, due at `at`.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) at: u64,
    pub(crate) from: Side,
    pub(crate) kind: Kind,
    pub(crate) message: Message,
}

impl Datagram {
    pub(crate) fn udp(at: u64, from: Side, message: Message) -> Self {
        Self {
            at,
            from,
            kind: Kind::Udp,
            message,
        }
    }

    pub(crate) fn refusal(at: u64, from: Side) -> Self {
        Self {
            at,
            from,
            kind: Kind::PortUnreachable,
            message: Message::default(),
        }
    }
}

/// A conversation of datagrams, drawn one by one from an iterator in time order.
pub(crate) struct Datagrams {
    ends: [Endpoint; 2],
    rest: Box<dyn Iterator<Item = Datagram> + Send>,
    next: Option<Datagram>,
    quote: Vec<u8>,
    id: u16,
}

impl Datagrams {
    pub(crate) fn new(
        ends: [Endpoint; 2],
        datagrams: impl Iterator<Item = Datagram> + Send + 'static,
    ) -> Self {
        let mut rest = Box::new(datagrams);
        let next = rest.next();
        let id = next.as_ref().map_or(0, |d| (d.at / 1_000) as u16);
        Self {
            ends,
            rest,
            next,
            quote: Vec::new(),
            id,
        }
    }
}

impl Conversation for Datagrams {
    fn next_time(&mut self) -> Option<u64> {
        self.next.as_ref().map(|d| d.at)
    }

    fn write_next(&mut self, frame: &mut Frame) {
        let Some(datagram) = self.next.take() else {
            return;
        };
        let (from, to) = (&self.ends[datagram.from], &self.ends[1 - datagram.from]);
        let message = &datagram.message;
        self.id = self.id.wrapping_add(1);
        let six = from.ip.is_ipv6();
        let icmp = if six { ICMP6 } else { ICMP };
        match datagram.kind {
            Kind::Udp => {
                frame.begin(from, to, UDP, self.id);
                frame.put(&from.port.to_be_bytes());
                frame.put(&to.port.to_be_bytes());
                frame.put(&[0; 4]);
                frame.put_message(message, 0, message.len());
                self.quote.clear();
                self.quote.extend_from_slice(frame.quote());
            }
            Kind::Echo { id, sequence } => {
                frame.begin(from, to, icmp, self.id);
                let request = datagram.from == super::CLIENT;
                let kind = match (six, request) {
                    (false, true) => 8,
                    (false, false) => 0,
                    (true, true) => 128,
                    (true, false) => 129,
                };
                frame.put(&[kind, 0, 0, 0]);
                frame.put(&id.to_be_bytes());
                frame.put(&sequence.to_be_bytes());
                frame.put_message(message, 0, message.len());
            }
            Kind::PortUnreachable => {
                frame.begin(from, to, icmp, self.id);
                frame.put(if six { &[1, 4] } else { &[3, 3] });
                frame.put(&[0; 6]);
                frame.put(&self.quote);
            }
        }
        frame.seal();
        self.next = self.rest.next();
    }
}
