//! Some of the packets, as a capture.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::IpAddr;

use nettraffic_capture::{Decoder, IcmpAbout, PacketMeta, PcapNgWriter, Timestamp, Transport};
use nettraffic_flow::FlowKey;

use super::PacketRing;

/// Which packets are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// Whose.
    pub who: Who,
    /// From when on.
    pub from: Timestamp,
    /// Until when, inclusive.
    pub to: Timestamp,
}

/// Whose packets are wanted: those of the innermost packet where tunnels are opened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who {
    /// All, also those that cannot be decoded.
    Everyone,
    /// Those that one of these hosts sent or was sent.
    Hosts(BTreeSet<IpAddr>),
    /// Those of both directions of a conversation, through whatever tunnel or VLAN, and ICMP errors about it.
    Conversation(FlowKey),
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extracted {
    /// Packets that were written.
    pub packets: u64,
    /// Packets that are wanted but cannot be written: of a time before 1970.
    pub not_written: u64,
    /// Whether nothing of the wanted time had gone from the ring already.
    pub is_complete: bool,
}

impl Wanted {
    /// Those of any time.
    #[must_use]
    pub fn new(who: Who) -> Self {
        Self {
            who,
            from: Timestamp::MIN,
            to: Timestamp::MAX,
        }
    }

    /// Those of this time, both ends included.
    #[must_use]
    pub fn between(mut self, from: Timestamp, to: Timestamp) -> Self {
        (self.from, self.to) = (from, to);
        self
    }
}

impl PacketRing {
    /// Writes packets as pcapng, in the order in which they came. Every packet of the wanted time is decoded for it.
    ///
    /// # Errors
    /// The output fails.
    pub fn extract(&self, wanted: &Wanted, output: impl Write) -> io::Result<Extracted> {
        let mut writer = PcapNgWriter::new(output)?;
        let mut decoder = Decoder::new(self.config.decode);
        let mut extracted = Extracted {
            is_complete: self.gone_until.is_none_or(|gone| gone < wanted.from),
            ..Extracted::default()
        };
        for packet in self.packets() {
            if packet.timestamp < wanted.from || packet.timestamp > wanted.to {
                continue;
            }
            let meta = decoder.decode(&packet).ok();
            if !wanted.who.is_meant(meta.as_ref()) {
                continue;
            }
            match writer.write(&packet) {
                Ok(()) => extracted.packets += 1,
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    extracted.not_written += 1;
                }
                Err(error) => return Err(error),
            }
        }
        writer.finish()?;
        Ok(extracted)
    }
}

impl Who {
    fn is_meant(&self, packet: Option<&PacketMeta>) -> bool {
        match (self, packet) {
            (Self::Everyone, _) => true,
            (_, None) => false,
            (Self::Hosts(hosts), Some(packet)) => {
                hosts.contains(&packet.source) || hosts.contains(&packet.destination)
            }
            (Self::Conversation(key), Some(packet)) => is_of(key, packet),
        }
    }
}

fn is_of(key: &FlowKey, packet: &PacketMeta) -> bool {
    if let Transport::Icmp(icmp) = &packet.transport
        && let IcmpAbout::Quoted(quoted) = &icmp.about
    {
        let ports = (quoted.source_port, quoted.destination_port);
        // A quote may be too short for ports.
        let ports = (ports != (0, 0)).then_some(ports);
        return quoted.protocol == key.protocol
            && joins(key, quoted.source, quoted.destination, ports);
    }
    packet.protocol == key.protocol && joins(key, packet.source, packet.destination, packet.ports())
}

/// Whether these are the ends of a conversation, either way. Where there are no ports, hosts decide.
fn joins(key: &FlowKey, source: IpAddr, destination: IpAddr, ports: Option<(u16, u16)>) -> bool {
    let ends = (key.initiator, key.responder);
    let is_forward = ends == (source, destination);
    let is_backward = ends == (destination, source);
    let Some((from, to)) = ports else {
        return is_forward || is_backward;
    };
    let own = (key.initiator_port, key.responder_port);
    (is_forward && own == (from, to)) || (is_backward && own == (to, from))
}
