//! IP protocol numbers.

use std::fmt;

/// An IP protocol number, as IANA assigns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpProtocol(pub u8);

impl IpProtocol {
    /// ICMP for IPv4.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// GRE.
    pub const GRE: Self = Self(47);
    /// ICMP for IPv6.
    pub const ICMPV6: Self = Self(58);
    /// SCTP.
    pub const SCTP: Self = Self(132);
    /// None: what an ARP message has (IANA keeps the number reserved).
    pub const NONE: Self = Self(255);
}

impl fmt::Display for IpProtocol {
    /// The name that Zeek's records use (`tcp`, `udp`, and `icmp` for both versions), the name of
    /// a few other protocols, else the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::ICMP | Self::ICMPV6 => "icmp",
            Self::TCP => "tcp",
            Self::UDP => "udp",
            Self(2) => "igmp",
            Self::GRE => "gre",
            Self(50) => "esp",
            Self(51) => "ah",
            Self(89) => "ospf",
            Self(103) => "pim",
            Self(112) => "vrrp",
            Self::SCTP => "sctp",
            Self::NONE => "none",
            Self(other) => return write!(f, "{other}"),
        })
    }
}
