//! Tunnels: packets inside packets.

use std::fmt;
use std::str::FromStr;

/// The tunnel that a packet came through.
///
/// It tells apart what looks the same inside of different tunnels. The outer addresses are no part
/// of it, because both ways of a conversation may pass different end points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Tunnel {
    /// The innermost tunnel.
    pub kind: TunnelKind,
    /// How many tunnels the packet came through: 1 to 4.
    pub depth: u8,
    /// The identifier of the innermost tunnel that has one which both ways share: the VNI of VXLAN
    /// and Geneve, the key of GRE, the session of ERSPAN; else 0.
    ///
    /// A TEID of GTP-U and the call of PPTP belong to one way only, so they are none.
    pub id: u32,
}

impl Tunnel {
    /// A packet that came through one tunnel.
    #[must_use]
    pub const fn new(kind: TunnelKind, id: u32) -> Self {
        Self { kind, depth: 1, id }
    }
}

impl fmt::Display for Tunnel {
    /// `vxlan:42`, `gre`, `gtpu/2` for the second of two.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if self.id > 0 {
            write!(f, ":{}", self.id)?;
        }
        if self.depth > 1 {
            write!(f, "/{}", self.depth)?;
        }
        Ok(())
    }
}

/// How a packet is wrapped into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TunnelKind {
    /// IPv4 in IPv4 or IPv6 (protocol 4), IPv6 in IPv6 (protocol 41).
    IpInIp,
    /// IPv6 in IPv4 (protocol 41), 6to4 and ISATAP included.
    SixInFour,
    /// GRE (RFC 2784, 2890), and with PPP inside (PPTP, RFC 2637).
    Gre,
    /// ERSPAN, the remote port mirror of switches: GRE with a session.
    Erspan,
    /// VXLAN (RFC 7348).
    Vxlan,
    /// Geneve (RFC 8926).
    Geneve,
    /// GTP-U, the user plane of mobile networks (3GPP TS 29.281).
    GtpU,
    /// Teredo (RFC 4380).
    Teredo,
}

impl TunnelKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::IpInIp,
        Self::SixInFour,
        Self::Gre,
        Self::Erspan,
        Self::Vxlan,
        Self::Geneve,
        Self::GtpU,
        Self::Teredo,
    ];

    /// The name used in options and summaries: `ipip`, `6in4`, `gre`, `erspan`, `vxlan`, `geneve`,
    /// `gtpu`, `teredo`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IpInIp => "ipip",
            Self::SixInFour => "6in4",
            Self::Gre => "gre",
            Self::Erspan => "erspan",
            Self::Vxlan => "vxlan",
            Self::Geneve => "geneve",
            Self::GtpU => "gtpu",
            Self::Teredo => "teredo",
        }
    }
}

impl fmt::Display for TunnelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of kinds of tunnels: those that decoding opens.
///
/// ```
/// use nettraffic_capture::{TunnelKind, Tunnels};
///
/// let tunnels: Tunnels = "gre,vxlan".parse()?;
/// assert!(tunnels.contains(TunnelKind::Vxlan) && !tunnels.contains(TunnelKind::Teredo));
/// assert_eq!("none".parse(), Ok(Tunnels::NONE));
/// # Ok::<(), nettraffic_capture::UnknownTunnel>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tunnels(u8);

impl Tunnels {
    /// All kinds.
    pub const ALL: Self = Self(u8::MAX);
    /// No kind: packets stay wrapped.
    pub const NONE: Self = Self(0);

    /// With this kind.
    #[must_use]
    pub const fn with(self, kind: TunnelKind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Without this kind.
    #[must_use]
    pub const fn without(self, kind: TunnelKind) -> Self {
        Self(self.0 & !(1 << kind as u8))
    }

    /// Whether this kind is among them.
    #[must_use]
    pub const fn contains(self, kind: TunnelKind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    /// Whether it is no kind at all.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Default for Tunnels {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for Tunnels {
    /// What [`Tunnels::from_str`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => return f.write_str("all"),
            Self::NONE => return f.write_str("none"),
            _ => {}
        }
        let kinds = TunnelKind::ALL
            .into_iter()
            .filter(|kind| self.contains(*kind));
        for (position, kind) in kinds.enumerate() {
            let comma = if position > 0 { "," } else { "" };
            write!(f, "{comma}{kind}")?;
        }
        Ok(())
    }
}

impl FromStr for Tunnels {
    type Err = UnknownTunnel;

    /// `all`, `none`, or names of [`TunnelKind::name`] separated by commas.
    fn from_str(text: &str) -> Result<Self, UnknownTunnel> {
        match text {
            "all" => return Ok(Self::ALL),
            "none" => return Ok(Self::NONE),
            _ => {}
        }
        text.split(',').try_fold(Self::NONE, |tunnels, name| {
            let kind = TunnelKind::ALL
                .into_iter()
                .find(|kind| kind.name() == name.trim());
            kind.map(|kind| tunnels.with(kind))
                .ok_or_else(|| UnknownTunnel(name.trim().to_owned()))
        })
    }
}

/// A name that is no kind of tunnel.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown tunnel `{0}`: all, none, or some of ipip, 6in4, gre, erspan, vxlan, geneve, gtpu, teredo"
)]
pub struct UnknownTunnel(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_as_it_is_shown() {
        for tunnels in [
            Tunnels::ALL,
            Tunnels::NONE,
            Tunnels::ALL.without(TunnelKind::Teredo),
            Tunnels::NONE
                .with(TunnelKind::IpInIp)
                .with(TunnelKind::SixInFour),
        ] {
            assert_eq!(tunnels.to_string().parse(), Ok(tunnels));
        }
        let error = "gre,vlan".parse::<Tunnels>().err().map(|e| e.to_string());
        assert!(error.is_some_and(|text| text.starts_with("unknown tunnel `vlan`")));
    }

    #[test]
    fn a_tunnel_is_shown_with_what_it_has() {
        let shown = |kind, depth, id| Tunnel { kind, depth, id }.to_string();
        assert_eq!(shown(TunnelKind::Vxlan, 1, 42), "vxlan:42");
        assert_eq!(shown(TunnelKind::Gre, 1, 0), "gre");
        assert_eq!(shown(TunnelKind::GtpU, 2, 0), "gtpu/2");
    }
}
