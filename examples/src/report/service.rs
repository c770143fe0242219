//! What flows and packets are about, by their ports.

use nettraffic_capture::{IpProtocol, PacketMeta};
use nettraffic_flow::Flow;

/// Protocol and well-known port, such as `tcp/443`; ports that anybody may take are put together.
pub(super) fn service(flow: &Flow) -> String {
    let key = &flow.key;
    match key.protocol {
        IpProtocol::TCP | IpProtocol::UDP if key.responder_port < 1024 => {
            format!("{}/{}", key.protocol, key.responder_port)
        }
        IpProtocol::TCP | IpProtocol::UDP => format!("{}/1024 and above", key.protocol),
        other => other.to_string(),
    }
}

/// What a packet is about, in few kinds; `None` for what is neither TCP nor UDP. Either port may be that
/// of the service: a single packet does not tell who asked.
pub(super) fn kind(packet: &PacketMeta) -> Option<&'static str> {
    let (source, destination) = packet.ports()?;
    let named = |port: u16| match port {
        80 | 443 | 8000 | 8080 | 8443 => Some("web"),
        53 | 853 | 5353 | 5355 => Some("name lookup"),
        22 | 23 | 3389 | 5900 => Some("remote login"),
        25 | 110 | 143 | 465 | 587 | 993 | 995 => Some("mail"),
        20 | 21 | 111 | 137..=139 | 445 | 2049 => Some("files"),
        _ => None,
    };
    // The lower port is the more likely one to listen.
    let (low, high) = (source.min(destination), source.max(destination));
    named(low)
        .or_else(|| named(high))
        .or(match packet.protocol {
            IpProtocol::TCP => Some("other TCP"),
            IpProtocol::UDP => Some("other UDP"),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::{Timestamp, Transport, UdpHeader};

    #[test]
    fn packets_of_both_directions_are_of_one_kind() -> Result<(), std::net::AddrParseError> {
        for (source, destination, expected) in [
            (50_000, 443, "web"),
            (443, 50_000, "web"),
            (50_000, 8080, "web"),
            (53, 53, "name lookup"),
            (50_000, 22, "remote login"),
            (50_000, 9_999, "other UDP"),
        ] {
            let (from, to) = ("10.0.0.1".parse()?, "10.0.0.2".parse()?);
            let mut packet = PacketMeta::new(Timestamp::default(), from, to, IpProtocol::UDP);
            assert_eq!(kind(&packet), None);
            packet.transport = Transport::Udp(UdpHeader {
                source_port: source,
                destination_port: destination,
            });
            assert_eq!(kind(&packet), Some(expected), "{source} {destination}");
        }
        Ok(())
    }
}
