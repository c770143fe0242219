//! Filter expressions: what they want, and how they read.

use std::net::IpAddr;

use nettraffic_capture::{
    ArpHeader, Decoder, Filter, FilterError, IcmpHeader, IpProtocol, LinkType, Packet, PacketMeta,
    SctpHeader, TcpFlags, TcpHeader, Timestamp, Transport, Tunnel, TunnelKind, UdpHeader,
};
use proptest::prelude::*;

/// Each expression, and the packets of [`traffic`] that it wants, by their letters.
const WANTED: &[(&str, &str)] = &[
    ("", "abcdefghijkl"),
    // Protocols.
    ("ip", "abcdfgijkl"),
    ("ip6", "eh"),
    ("arp", ""),
    ("tcp", "abehkl"),
    ("udp", "cdj"),
    ("tcp or udp", "abcdehjkl"),
    ("icmp", "f"),
    ("icmp6", ""),
    ("sctp", "g"),
    ("gre", "i"),
    ("proto 47", "i"),
    ("proto gre", "i"),
    ("proto \\tcp", "abehkl"),
    ("ip proto 6", "abkl"),
    ("ip6 proto tcp", "eh"),
    ("proto (6 or 17)", "abcdehjkl"),
    ("proto 1 or 47", "fi"),
    // Addresses.
    ("host 10.0.0.1", "abcdf"),
    ("src 10.0.0.1", "acf"),
    ("dst host 10.0.0.1", "bd"),
    ("src and dst host 10.0.0.1", ""),
    ("src and dst net 10", "g"),
    ("src or dst host 10.0.0.1", "abcdf"),
    ("dst or src host 10.0.0.1", "abcdf"),
    ("host 2001:db8::1", "eh"),
    ("ip6 host 2001:db8::1", "eh"),
    ("src host 2001:db8::1", "e"),
    ("net 10.0.0.0/8", "abcdfgj"),
    ("net 10", "abcdfgj"),
    ("net 10.0", "abcdfg"),
    ("net 10.0.0 or 10.7", "abcdfgj"),
    ("net 10.0.0.0 mask 255.255.0.0", "abcdfg"),
    ("net 0.0.0.1 mask 0.0.0.255", "abcdfijkl"),
    ("net 2001:db8::/32", "eh"),
    ("dst net 2001:db8:0:1::/64", ""),
    ("net 0.0.0.0/0", "abcdfgijkl"),
    ("net ::/0", "eh"),
    ("host 10.0.0.1 and not 192.0.2.53", "abf"),
    // Ports.
    ("port 443", "abe"),
    ("tcp dst port 443", "ae"),
    ("udp port 443", ""),
    ("port https", "abe"),
    ("port domain", "cd"),
    ("udp dst port domain", "c"),
    ("port 53 or 443", "abcde"),
    ("port (53 or 443)", "abcde"),
    ("port (not 443)", "cdfghijkl"),
    ("not port 443", "cdfghijkl"),
    ("portrange 1-1024", "abcdehkl"),
    ("portrange 1024-1", "abcdehkl"),
    ("src portrange 1-1024", "bdhkl"),
    ("portrange 5000", "g"),
    ("sctp port 5000", "g"),
    ("port 5000", "g"),
    ("src and dst portrange 1-1024", "kl"),
    ("port ftp or ftp-data", "kl"),
    ("tcp src port ssh", "h"),
    // Joining: `and` and `or` bind equally, from left to right.
    ("udp or tcp and port 53", "cd"),
    ("udp or (tcp and port 443)", "abcdej"),
    ("tcp and port 443 or udp", "abcdej"),
    ("not tcp and not udp", "fgi"),
    ("not (tcp or udp)", "fgi"),
    ("!tcp&&!(udp||icmp)", "gi"),
    ("not not tcp", "abehkl"),
    ("((((tcp))))", "abehkl"),
    // Layers around.
    ("vlan", "fg"),
    ("vlan 100", "f"),
    ("vlan 0x64 and icmp", "f"),
    ("vlan and not vlan 100", "g"),
    ("tunnel", "jl"),
    ("tunnel vxlan", "j"),
    ("tunnel vxlan 42", "j"),
    ("tunnel vxlan 43", ""),
    ("tunnel gre or tunnel gtpu", "l"),
    // Groups.
    ("ip multicast", "i"),
    ("ip6 multicast", ""),
    // Comparisons.
    ("len > 1000", "b"),
    ("less 60", "a"),
    ("len < 60", ""),
    ("greater 60", "abcdefghijkl"),
    ("tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "ah"),
    ("tcp[tcpflags] == tcp-syn", "ah"),
    ("tcp[13] = 2", "ah"),
    ("tcp[13:1] & 0x12 = 0x12", "b"),
    ("(tcp[13] & 2) != 0", "abh"),
    ("((tcp[13] & 2) != 0 and ip6)", "h"),
    ("((tcp[13]) & 2) & 2 >= 2", "abh"),
    ("tcp[tcpflags] & (tcp-rst|tcp-fin) != 0", "l"),
    ("tcp[tcpflags] != 2", "bekl"),
    ("icmp[icmptype] == icmp-echo", "f"),
    ("icmp[icmptype] != icmp-echo", ""),
    ("icmp[icmpcode] = 0", "f"),
    ("icmp6[icmp6type] == icmp6-echo", ""),
    ("ip[8] < 5", "k"),
    ("ip6[7] == 255", ""),
];

/// Twelve packets, one for each letter from `a` on.
fn traffic() -> Result<Vec<PacketMeta>, Box<dyn std::error::Error>> {
    let tcp = |source_port, destination_port, flags| {
        Transport::Tcp(TcpHeader {
            source_port,
            destination_port,
            flags,
            ..TcpHeader::default()
        })
    };
    let udp = |source_port, destination_port| {
        Transport::Udp(UdpHeader {
            source_port,
            destination_port,
        })
    };
    let sctp = Transport::Sctp(SctpHeader {
        source_port: 4_000,
        destination_port: 5_000,
        ..SctpHeader::default()
    });
    let echo = Transport::Icmp(IcmpHeader {
        kind: 8,
        ..IcmpHeader::default()
    });
    let (syn, ack) = (TcpFlags::SYN, TcpFlags::ACK);
    let rows = [
        (
            "10.0.0.1",
            "192.0.2.80",
            IpProtocol::TCP,
            tcp(50_000, 443, syn),
        ),
        (
            "192.0.2.80",
            "10.0.0.1",
            IpProtocol::TCP,
            tcp(443, 50_000, syn.union(ack)),
        ),
        ("10.0.0.1", "192.0.2.53", IpProtocol::UDP, udp(50_001, 53)),
        ("192.0.2.53", "10.0.0.1", IpProtocol::UDP, udp(53, 50_001)),
        (
            "2001:db8::1",
            "2001:db8::2",
            IpProtocol::TCP,
            tcp(50_002, 443, ack),
        ),
        ("10.0.0.1", "192.0.2.7", IpProtocol::ICMP, echo),
        ("10.0.0.2", "10.0.0.3", IpProtocol::SCTP, sctp),
        (
            "2001:db8::2",
            "2001:db8::1",
            IpProtocol::TCP,
            tcp(22, 50_003, syn),
        ),
        ("192.0.2.1", "224.0.0.5", IpProtocol::GRE, Transport::Other),
        (
            "10.7.0.1",
            "198.51.100.9",
            IpProtocol::UDP,
            udp(6_000, 6_001),
        ),
        (
            "192.0.2.1",
            "198.51.100.1",
            IpProtocol::TCP,
            tcp(20, 21, ack),
        ),
        (
            "192.0.2.1",
            "198.51.100.1",
            IpProtocol::TCP,
            tcp(21, 20, TcpFlags::RST),
        ),
    ];
    let mut packets = Vec::new();
    for (source, destination, protocol, transport) in rows {
        let (source, destination): (IpAddr, IpAddr) = (source.parse()?, destination.parse()?);
        let mut meta = PacketMeta::new(Timestamp::default(), source, destination, protocol);
        meta.transport = transport;
        meta.wire_len = 100;
        packets.push(meta);
    }
    if let [a, b, _, _, _, f, g, _, _, j, k, l] = packets.as_mut_slice() {
        (a.wire_len, b.wire_len) = (60, 1_500);
        (f.vlan, g.vlan) = (Some(100), Some(7));
        j.tunnel = Some(Tunnel::new(TunnelKind::Vxlan, 42));
        k.ttl = 1;
        l.tunnel = Some(Tunnel::new(TunnelKind::Gre, 0));
    }
    Ok(packets)
}

#[test]
fn expressions_want_these_packets() -> Result<(), Box<dyn std::error::Error>> {
    let traffic = traffic()?;
    for (expression, expected) in WANTED {
        let filter: Filter = expression.parse()?;
        assert_eq!(wanted(&filter, &traffic), *expected, "{expression}");
    }
    Ok(())
}

#[test]
fn an_arp_message_has_addresses_and_no_protocol() -> Result<(), FilterError> {
    let mut arp = PacketMeta::new(
        Timestamp::default(),
        [10, 0, 0, 1].into(),
        [10, 0, 0, 2].into(),
        IpProtocol::NONE,
    );
    arp.transport = Transport::Arp(ArpHeader::default());
    for (expression, wanted) in [
        ("arp", true),
        ("host 10.0.0.1", true),
        ("dst host 10.0.0.2", true),
        ("arp host 10.0.0.2", true),
        ("net 10", true),
        ("arp src host 10.0.0.2", false),
        ("ip", false),
        ("ip host 10.0.0.1", false),
        ("ip6", false),
        ("proto 255", false),
        ("ip proto 255", false),
        ("tcp or udp", false),
        ("ip[8] > 0", false),
        ("port 0", false),
    ] {
        assert_eq!(
            Filter::parse(expression)?.matches(&arp),
            wanted,
            "{expression}"
        );
    }
    Ok(())
}

#[test]
fn packets_are_seen_as_decoding_gives_them() -> Result<(), FilterError> {
    let udp = |payload: &[u8]| {
        let mut datagram = vec![0xc3, 0x50, 0, 53, 0, 8 + payload.len() as u8, 0, 0];
        datagram.extend(payload);
        datagram
    };
    let ipv4 = |protocol, fragment: u16, payload: &[u8]| {
        let [high, low] = fragment.to_be_bytes();
        let mut packet = vec![0x45, 0, 0, 20 + payload.len() as u8, 0, 7];
        packet.extend([high, low, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        packet.extend(payload);
        packet
    };
    const MORE_FRAGMENTS: u16 = 0x2000;
    let first = ipv4(17, MORE_FRAGMENTS, &udp(&[0; 8]));
    let later = ipv4(17, 2, &[0; 8]);
    let gre = ipv4(
        47,
        0,
        &[&[0, 0, 8, 0][..], &ipv4(17, 0, &udp(b"?"))].concat(),
    );

    let mut decoder = Decoder::default();
    let mut wants = |expression: &str, data: &[u8]| {
        let packet = Packet::new(Timestamp::default(), LinkType::RAW, data);
        let meta = decoder.decode(&packet);
        Filter::parse(expression).map(|filter| meta.is_ok_and(|meta| filter.matches(&meta)))
    };
    for (expression, data, wanted) in [
        ("udp", &later, true),
        ("port 53", &later, false),
        ("udp dst port 53", &first, true),
        // Now the first fragment is known.
        ("udp dst port 53", &later, true),
        ("tcp or src port 53", &later, false),
        ("udp port 53 and tunnel gre", &gre, true),
        ("gre", &gre, false),
    ] {
        assert_eq!(wants(expression, data)?, wanted, "{expression}");
    }
    Ok(())
}

#[test]
fn the_normal_form_writes_everything_out() -> Result<(), FilterError> {
    for (expression, normal) in [
        ("  ", ""),
        (
            "tcp dst port ftp or ftp-data",
            "tcp dst port 21 or tcp dst port 20",
        ),
        ("host (10.0.0.1 or ::1)", "host 10.0.0.1 or host ::1"),
        ("ip6 src ::1", "src host ::1"),
        ("ip host 10.0.0.1", "ip host 10.0.0.1"),
        (
            "net 10.1 or 10.2.3.4/32",
            "net 10.1.0.0/16 or host 10.2.3.4",
        ),
        (
            "net 10.0.0.1 mask 255.0.0.255",
            "net 10.0.0.1 mask 255.0.0.255",
        ),
        ("portrange 0x50-0120", "port 80"),
        ("port ssh", "tcp port 22"),
        (
            "ip proto 1 and proto 6 && proto 99",
            "icmp and tcp and proto 99",
        ),
        ("ip proto tcp", "ip proto 6"),
        ("not (not (tcp))", "tcp"),
        ("not(tcp or udp)and!arp", "not (tcp or udp) and not arp"),
        ("(tcp and udp) or arp", "tcp and udp or arp"),
        ("tcp and (udp or arp)", "tcp and (udp or arp)"),
        ("less 5", "len <= 5"),
        (
            "tcp[13] & (tcp-syn|tcp-ack) = 2",
            "tcp[tcpflags] & 0x12 == 0x2",
        ),
        ("icmp6[0]>127", "icmp6[icmp6type] > 127"),
        ("tunnel vxlan 0x2a", "tunnel vxlan 42"),
    ] {
        assert_eq!(Filter::parse(expression)?.to_string(), normal);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// An expression means what its parts mean, joined; and its normal form is the same filter.
    #[test]
    fn joined_expressions_follow_their_parts(tree in tree()) {
        let text = tree.text();
        let filter = Filter::parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let normal = filter.to_string();
        let again = Filter::parse(&normal).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&again, &filter, "{} became {}", text, normal);
        prop_assert_eq!(again.to_string(), normal);
        let traffic = traffic().map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (meta, letter) in traffic.iter().zip('a'..) {
            let expected = tree.wants(letter);
            prop_assert_eq!(filter.matches(meta), expected, "{} of {}", letter, text);
        }
    }
}

/// An expression with its structure, to say by itself what it wants.
#[derive(Clone, Debug)]
enum Tree {
    /// A row of [`WANTED`].
    Leaf(&'static str, &'static str),
    Not(Box<Tree>),
    /// Joined from left to right, `true` for `and`.
    Chain(Box<Tree>, Vec<(bool, Tree)>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = (1..WANTED.len()).prop_map(|row| {
        let (text, wanted) = WANTED.get(row).copied().unwrap_or_default();
        Tree::Leaf(text, wanted)
    });
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Tree::Not(Box::new(inner))),
            (
                inner.clone(),
                prop::collection::vec((any::<bool>(), inner), 1..4)
            )
                .prop_map(|(first, rest)| Tree::Chain(Box::new(first), rest)),
        ]
    })
}

impl Tree {
    fn text(&self) -> String {
        match self {
            Self::Leaf(text, _) => (*text).to_owned(),
            Self::Not(inner) => format!("not ({})", inner.text()),
            Self::Chain(first, rest) => {
                let mut text = format!("({})", first.text());
                for (and, next) in rest {
                    let join = if *and { "and" } else { "or" };
                    text = format!("{text} {join} ({})", next.text());
                }
                text
            }
        }
    }

    fn wants(&self, letter: char) -> bool {
        match self {
            Self::Leaf(_, wanted) => wanted.contains(letter),
            Self::Not(inner) => !inner.wants(letter),
            Self::Chain(first, rest) => {
                let first = first.wants(letter);
                rest.iter().fold(first, |so_far, (and, next)| {
                    let next = next.wants(letter);
                    if *and { so_far && next } else { so_far || next }
                })
            }
        }
    }
}

/// The letters of the wanted packets.
fn wanted(filter: &Filter, traffic: &[PacketMeta]) -> String {
    let letters = ('a'..).zip(traffic);
    letters
        .filter(|(_, meta)| filter.matches(meta))
        .map(|(letter, _)| letter)
        .collect()
}
