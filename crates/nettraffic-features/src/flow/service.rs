//! What a conversation is for, as far as the responder's port tells.

use std::ops::RangeInclusive;

use nettraffic_capture::IpProtocol;

use super::record::Record;

type Ports = &'static [RangeInclusive<u16>];

/// Kinds of services and the ports (IANA's register, and common use) that they listen on.
/// The first that holds a port wins, so the three ranges at the end take the rest.
const SERVICES: [(&str, Ports); 25] = [
    (
        "http",
        &[80..=80, 3128..=3128, 8000..=8000, 8008..=8008, 8080..=8081],
    ),
    ("https", &[443..=443, 8443..=8443]),
    ("dns", &[53..=53, 853..=853]),
    (
        "name_discovery",
        &[
            137..=137,
            1900..=1900,
            3702..=3702,
            5353..=5353,
            5355..=5355,
        ],
    ),
    ("dhcp", &[67..=68, 546..=547]),
    ("ntp", &[123..=123]),
    ("ssh", &[22..=22, 2222..=2222]),
    ("telnet", &[23..=23, 992..=992, 2323..=2323]),
    ("ftp", &[20..=21, 69..=69, 989..=990]),
    (
        "mail",
        &[
            25..=25,
            110..=110,
            143..=143,
            465..=465,
            587..=587,
            993..=993,
            995..=995,
        ],
    ),
    (
        "file_share",
        &[111..=111, 138..=139, 445..=445, 2049..=2049],
    ),
    (
        "directory",
        &[88..=88, 389..=389, 464..=464, 636..=636, 3268..=3269],
    ),
    ("remote_call", &[135..=135, 593..=593, 5985..=5986]),
    ("remote_desktop", &[3389..=3389, 5900..=5909]),
    (
        "database",
        &[
            1433..=1434,
            1521..=1521,
            3306..=3306,
            5432..=5432,
            6379..=6379,
            9042..=9042,
            9200..=9200,
            11211..=11211,
            27017..=27017,
        ],
    ),
    (
        "management",
        &[161..=162, 514..=514, 623..=623, 6514..=6514],
    ),
    (
        "chat",
        &[
            194..=194,
            5222..=5223,
            5269..=5269,
            6660..=6669,
            6697..=6697,
        ],
    ),
    ("voice", &[3478..=3479, 5004..=5005, 5060..=5061]),
    (
        "vpn",
        &[
            500..=500,
            1194..=1194,
            1701..=1701,
            1723..=1723,
            4500..=4500,
            51820..=51820,
        ],
    ),
    ("things", &[1883..=1883, 5683..=5684, 8883..=8883]),
    (
        "industrial",
        &[
            102..=102,
            502..=502,
            2404..=2404,
            4840..=4840,
            20000..=20000,
            44818..=44818,
            47808..=47808,
        ],
    ),
    ("print", &[515..=515, 631..=631, 9100..=9100]),
    ("well_known", &[0..=1023]),
    ("registered", &[1024..=49151]),
    ("dynamic", &[49152..=65535]),
];

/// The names of the categories.
pub(super) const NAMES: [&str; SERVICES.len()] = {
    let mut names = [""; SERVICES.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = SERVICES[index].0;
        index += 1;
    }
    names
};

/// The category of a flow; past the end for protocols without ports.
pub(super) fn category(flow: &Record<'_>) -> usize {
    match flow.key.protocol {
        IpProtocol::TCP | IpProtocol::UDP => of_port(flow.key.responder_port),
        _ => NAMES.len(),
    }
}

fn of_port(port: u16) -> usize {
    SERVICES
        .iter()
        .position(|(_, ports)| ports.iter().any(|range| range.contains(&port)))
        .unwrap_or(NAMES.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_has_a_category() {
        for (port, expected) in [
            (0, "well_known"),
            (53, "dns"),
            (80, "http"),
            (443, "https"),
            (1023, "well_known"),
            (1024, "registered"),
            (3389, "remote_desktop"),
            (5353, "name_discovery"),
            (49151, "registered"),
            (49152, "dynamic"),
            (51820, "vpn"),
            (65535, "dynamic"),
        ] {
            assert_eq!(NAMES[of_port(port)], expected, "port {port}");
        }
        assert!((0..=u16::MAX).all(|port| of_port(port) < NAMES.len()));
    }

    #[test]
    fn no_port_is_claimed_by_two_services() {
        let named = &SERVICES[..SERVICES.len() - 3];
        for port in 0..=u16::MAX {
            let claims = named
                .iter()
                .filter(|(_, ports)| ports.iter().any(|range| range.contains(&port)));
            assert!(claims.count() <= 1, "port {port}");
        }
    }
}
