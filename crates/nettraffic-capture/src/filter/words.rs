//! The words of the language.

use super::primitive::{Family, Field, Transports};
use crate::{IpProtocol, TcpFlags};

/// Words that stand for a protocol by themselves, as libpcap has them, and a few more.
///
/// A number has one word per family, which is also how it is printed.
pub(super) const PROTOCOL_WORDS: [(&str, Option<Family>, IpProtocol); 12] = [
    ("tcp", None, IpProtocol::TCP),
    ("udp", None, IpProtocol::UDP),
    ("sctp", None, IpProtocol(132)),
    ("icmp", Some(Family::V4), IpProtocol::ICMP),
    ("icmp6", Some(Family::V6), IpProtocol::ICMPV6),
    ("igmp", Some(Family::V4), IpProtocol(2)),
    ("gre", None, IpProtocol(47)),
    ("esp", None, IpProtocol(50)),
    ("ah", None, IpProtocol(51)),
    ("ospf", None, IpProtocol(89)),
    ("pim", None, IpProtocol(103)),
    ("vrrp", Some(Family::V4), IpProtocol(112)),
];

/// Names that `proto` takes in place of a number (IANA's, in the spelling of `/etc/protocols`).
pub(super) const PROTOCOL_NAMES: [(&str, u8); 24] = [
    ("icmp", 1),
    ("igmp", 2),
    ("ipip", 4),
    ("tcp", 6),
    ("egp", 8),
    ("udp", 17),
    ("dccp", 33),
    ("ipv6", 41),
    ("rsvp", 46),
    ("gre", 47),
    ("esp", 50),
    ("ah", 51),
    ("icmp6", 58),
    ("ipv6-icmp", 58),
    ("ipv6-nonxt", 59),
    ("eigrp", 88),
    ("ospf", 89),
    ("pim", 103),
    ("vrrp", 112),
    ("l2tp", 115),
    ("sctp", 132),
    ("hip", 139),
    ("udplite", 136),
    ("mpls-in-ip", 137),
];

/// Services by name: the port, and the transports on which it is registered. As in libpcap,
/// `port http` asks for TCP, because the name is registered for TCP only.
pub(super) const SERVICES: [(&str, u16, Transports); 60] = [
    ("echo", 7, Transports::Any),
    ("discard", 9, Transports::Any),
    ("daytime", 13, Transports::Any),
    ("chargen", 19, Transports::Any),
    ("ftp-data", 20, Transports::Tcp),
    ("ftp", 21, Transports::Tcp),
    ("ssh", 22, Transports::Tcp),
    ("telnet", 23, Transports::Tcp),
    ("smtp", 25, Transports::Tcp),
    ("time", 37, Transports::Any),
    ("whois", 43, Transports::Tcp),
    ("tacacs", 49, Transports::Any),
    ("domain", 53, Transports::Any),
    ("bootps", 67, Transports::Udp),
    ("bootpc", 68, Transports::Udp),
    ("tftp", 69, Transports::Udp),
    ("gopher", 70, Transports::Tcp),
    ("finger", 79, Transports::Tcp),
    ("http", 80, Transports::Tcp),
    ("kerberos", 88, Transports::Any),
    ("pop3", 110, Transports::Tcp),
    ("sunrpc", 111, Transports::Any),
    ("nntp", 119, Transports::Tcp),
    ("ntp", 123, Transports::Udp),
    ("epmap", 135, Transports::Tcp),
    ("netbios-ns", 137, Transports::Udp),
    ("netbios-dgm", 138, Transports::Udp),
    ("netbios-ssn", 139, Transports::Tcp),
    ("imap", 143, Transports::Tcp),
    ("imap2", 143, Transports::Tcp),
    ("snmp", 161, Transports::Any),
    ("snmp-trap", 162, Transports::Any),
    ("snmptrap", 162, Transports::Any),
    ("bgp", 179, Transports::Tcp),
    ("irc", 194, Transports::Any),
    ("ldap", 389, Transports::Any),
    ("https", 443, Transports::Any),
    ("microsoft-ds", 445, Transports::Any),
    ("isakmp", 500, Transports::Udp),
    ("syslog", 514, Transports::Udp),
    ("rtsp", 554, Transports::Any),
    ("submission", 587, Transports::Tcp),
    ("ipp", 631, Transports::Tcp),
    ("ldaps", 636, Transports::Any),
    ("domain-s", 853, Transports::Any),
    ("rsync", 873, Transports::Tcp),
    ("ftps", 990, Transports::Tcp),
    ("imaps", 993, Transports::Tcp),
    ("pop3s", 995, Transports::Tcp),
    ("socks", 1080, Transports::Tcp),
    ("openvpn", 1194, Transports::Any),
    ("ms-sql-s", 1433, Transports::Tcp),
    ("radius", 1812, Transports::Any),
    ("mqtt", 1883, Transports::Tcp),
    ("nfs", 2049, Transports::Any),
    ("mysql", 3306, Transports::Tcp),
    ("ms-wbt-server", 3389, Transports::Any),
    ("sip", 5060, Transports::Any),
    ("mdns", 5353, Transports::Udp),
    ("postgresql", 5432, Transports::Tcp),
];

/// Header bytes that can be compared: the protocol, the byte, its name, what it reads.
pub(super) const FIELDS: [(&str, u32, &str, Field); 7] = [
    ("tcp", 13, "tcpflags", Field::TcpFlags),
    ("icmp", 0, "icmptype", Field::IcmpType),
    ("icmp", 1, "icmpcode", Field::IcmpCode),
    ("icmp6", 0, "icmp6type", Field::Icmp6Type),
    ("icmp6", 1, "icmp6code", Field::Icmp6Code),
    ("ip", 8, "", Field::TimeToLive),
    ("ip6", 7, "", Field::HopLimit),
];

/// Names of values, for comparisons.
pub(super) const VALUES: [(&str, u8); 52] = [
    ("tcp-fin", TcpFlags::FIN.0),
    ("tcp-syn", TcpFlags::SYN.0),
    ("tcp-rst", TcpFlags::RST.0),
    ("tcp-push", TcpFlags::PSH.0),
    ("tcp-ack", TcpFlags::ACK.0),
    ("tcp-urg", TcpFlags::URG.0),
    ("tcp-ece", TcpFlags::ECE.0),
    ("tcp-cwr", TcpFlags::CWR.0),
    ("icmp-echoreply", 0),
    ("icmp-unreach", 3),
    ("icmp-sourcequench", 4),
    ("icmp-redirect", 5),
    ("icmp-echo", 8),
    ("icmp-routeradvert", 9),
    ("icmp-routersolicit", 10),
    ("icmp-timxceed", 11),
    ("icmp-paramprob", 12),
    ("icmp-tstamp", 13),
    ("icmp-tstampreply", 14),
    ("icmp-ireq", 15),
    ("icmp-ireqreply", 16),
    ("icmp-maskreq", 17),
    ("icmp-maskreply", 18),
    ("icmp6-destinationunreach", 1),
    ("icmp6-packettoobig", 2),
    ("icmp6-timeexceeded", 3),
    ("icmp6-parameterproblem", 4),
    ("icmp6-echo", 128),
    ("icmp6-echoreply", 129),
    ("icmp6-multicastlistenerquery", 130),
    ("icmp6-multicastlistenerreportv1", 131),
    ("icmp6-multicastlistenerdone", 132),
    ("icmp6-routersolicit", 133),
    ("icmp6-routeradvert", 134),
    ("icmp6-neighborsolicit", 135),
    ("icmp6-neighboradvert", 136),
    ("icmp6-redirect", 137),
    ("icmp6-routerrenum", 138),
    ("icmp6-nodeinformationquery", 139),
    ("icmp6-nodeinformationresponse", 140),
    ("icmp6-ineighbordiscoverysolicit", 141),
    ("icmp6-ineighbordiscoveryadvert", 142),
    ("icmp6-multicastlistenerreportv2", 143),
    ("icmp6-homeagentdiscoveryrequest", 144),
    ("icmp6-homeagentdiscoveryreply", 145),
    ("icmp6-mobileprefixsolicit", 146),
    ("icmp6-mobileprefixadvert", 147),
    ("icmp6-certpathsolicit", 148),
    ("icmp6-certpathadvert", 149),
    ("icmp6-multicastrouteradvert", 151),
    ("icmp6-multicastroutersolicit", 152),
    ("icmp6-multicastrouterterm", 153),
];

/// Words of libpcap's language that ask for what decoding does not keep.
const UNSUPPORTED: [(&[&str], &str); 8] = [
    (
        &[
            "ether",
            "wlan",
            "fddi",
            "tr",
            "link",
            "gateway",
            "multicast",
        ],
        "link-layer addresses are not kept",
    ),
    (
        &["broadcast"],
        "neither link-layer addresses nor netmasks are kept",
    ),
    (
        &["inbound", "outbound", "ifname", "on", "ifindex"],
        "interface and direction of capture are not kept",
    ),
    (
        &["protochain"],
        "write `proto`, which follows extension headers here",
    ),
    (
        &["geneve", "vxlan", "gtp", "teredo"],
        "tunnels are opened; write `tunnel` and its kind",
    ),
    (
        &["mpls", "pppoes", "pppoed"],
        "these layers are passed over without a note",
    ),
    (
        &[
            "rarp", "atalk", "aarp", "decnet", "iso", "stp", "ipx", "netbeui", "lat", "moprc",
            "mopdl", "llc", "clnp", "esis", "isis",
        ],
        "only IP and ARP are decoded",
    ),
    (
        &[
            "type", "subtype", "dir", "ra", "ta", "addr1", "addr2", "addr3", "addr4",
        ],
        "headers of wireless frames are not kept",
    ),
];

/// Words that are neither protocols nor names of something.
const KEYWORDS: [&str; 22] = [
    "and",
    "or",
    "not",
    "ip",
    "ip6",
    "arp",
    "src",
    "dst",
    "host",
    "net",
    "mask",
    "port",
    "portrange",
    "proto",
    "vlan",
    "tunnel",
    "multicast",
    "len",
    "less",
    "greater",
    "tcpflags",
    "icmptype",
];

/// Why `word` cannot be answered, when libpcap knows it.
pub(super) fn unsupported(word: &str) -> Option<&'static str> {
    UNSUPPORTED
        .iter()
        .find(|(words, _)| words.contains(&word))
        .map(|(_, reason)| *reason)
}

/// Every word of the language.
pub(super) fn known() -> impl Iterator<Item = &'static str> {
    KEYWORDS
        .into_iter()
        .chain(PROTOCOL_WORDS.iter().map(|(name, ..)| *name))
        .chain(SERVICES.iter().map(|(name, ..)| *name))
        .chain(VALUES.iter().map(|(name, _)| *name))
}

/// Whether `word` belongs to the language, though perhaps elsewhere.
pub(super) fn is_known(word: &str) -> bool {
    known().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_meaning() {
        let mut words: Vec<&str> = known().collect();
        words.sort_unstable();
        let repeated: Vec<_> = words
            .windows(2)
            .filter(|pair| pair.first() == pair.get(1))
            .collect();
        assert!(repeated.is_empty(), "{repeated:?}");
    }
}
