//! Tunnels: which packets hold others, and where those begin.

mod gre;
mod udp;

use super::cursor::Cursor;
use super::internet::Internet;
use super::link::{Network, Next};
use super::observe::Observe;
use crate::{IpProtocol, Skip, Transport, Tunnel, TunnelKind, Tunnels, UdpHeader};

/// Tunnels that are opened at most, one inside of another.
pub(super) const MAX_DEPTH: u8 = 4;

/// The header at the cursor is that of a wrapped packet.
pub(super) struct Opened {
    pub(super) kind: TunnelKind,
    /// An identifier that both ways share.
    pub(super) id: Option<u32>,
    pub(super) next: Next,
}

impl Opened {
    fn new(kind: TunnelKind, id: Option<u32>, next: Next) -> Self {
        Self { kind, id, next }
    }

    /// What the packet inside came through, when the one around it came through `outer`.
    pub(super) fn inside(&self, outer: Option<Tunnel>) -> Tunnel {
        let outer_id = outer.map(|outer| outer.id);
        Tunnel {
            kind: self.kind,
            depth: outer.map_or(0, |outer| outer.depth) + 1,
            id: self.id.or(outer_id).unwrap_or(0),
        }
    }
}

/// What a packet that may hold another says about it.
#[derive(Clone, Copy)]
pub(super) enum Carrier {
    Udp(UdpHeader),
    Ip { protocol: IpProtocol, is_v4: bool },
}

impl Carrier {
    /// A quick look, which nearly every packet fails.
    #[inline]
    pub(super) fn of(ip: &Internet, transport: &Transport) -> Option<Self> {
        match transport {
            Transport::Udp(udp)
                if udp::is_port(udp.destination_port) || udp::is_port(udp.source_port) =>
            {
                Some(Self::Udp(*udp))
            }
            Transport::Other
                if matches!(
                    ip.protocol,
                    IP_IN_IP | IPV6_IN_IP | IpProtocol::GRE | MPLS_IN_IP
                ) =>
            {
                Some(Self::Ip {
                    protocol: ip.protocol,
                    is_v4: ip.source.is_ipv4(),
                })
            }
            _ => None,
        }
    }
}

/// Passes over the tunnel's own headers, which follow the transport header or are it.
/// `None` when it holds no packet after all.
pub(super) fn open(
    carrier: Carrier,
    cursor: &mut Cursor<'_>,
    tunnels: Tunnels,
    observer: &mut impl Observe,
) -> Result<Option<Opened>, Skip> {
    let bare = |kind, network| Some(Opened::new(kind, None, Next::Network(network)));
    let opened = match carrier {
        Carrier::Udp(udp) => udp::open(udp, cursor, tunnels, observer)?,
        Carrier::Ip { protocol, is_v4 } => match protocol {
            IP_IN_IP => bare(TunnelKind::IpInIp, Network::V4),
            IPV6_IN_IP if is_v4 => bare(TunnelKind::SixInFour, Network::V6),
            IPV6_IN_IP => bare(TunnelKind::IpInIp, Network::V6),
            IpProtocol::GRE => gre::open(cursor, tunnels, observer)?,
            MPLS_IN_IP => Some(Opened::new(TunnelKind::IpInIp, None, Next::Mpls)),
            _ => None,
        },
    };
    Ok(opened.filter(|opened| tunnels.contains(opened.kind)))
}

const IP_IN_IP: IpProtocol = IpProtocol(4);
const IPV6_IN_IP: IpProtocol = IpProtocol(41);
const MPLS_IN_IP: IpProtocol = IpProtocol(137);
