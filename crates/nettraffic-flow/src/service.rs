//! Ports on which servers listen.

/// Registered service ports above the system ports, sorted: those that are common enough
/// for a captured conversation without its beginning to be told from them (IANA service
/// names and port numbers; 8000 to 9443 and 27018 by wide use).
const REGISTERED: [u16; 61] = [
    1080, 1194, 1433, 1521, 1723, 1812, 1813, 1883, 1900, 1935, 2049, 2181, 2375, 2376, 2379, 2380,
    3128, 3268, 3269, 3306, 3389, 3478, 3690, 4500, 4789, 5060, 5061, 5222, 5269, 5353, 5355, 5432,
    5601, 5671, 5672, 5900, 5985, 5986, 6379, 6443, 6667, 6881, 8000, 8008, 8080, 8081, 8086, 8123,
    8443, 8883, 8888, 9000, 9042, 9090, 9092, 9200, 9418, 9443, 11211, 27017, 27018,
];

/// Whether servers are usually found at `port`: the system ports 1 to 1023 and a table of
/// registered ones.
pub(crate) fn is_service(port: u16) -> bool {
    matches!(port, 1..1024) || REGISTERED.binary_search(&port).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(REGISTERED.is_sorted());
    }

    #[test]
    fn services_are_told_from_ephemeral_ports() {
        for (port, expected) in [
            (0, false),
            (1, true),
            (443, true),
            (1023, true),
            (1024, false),
            (1080, true),
            (3306, true),
            (8443, true),
            (27018, true),
            (27019, false),
            (40000, false),
            (65535, false),
        ] {
            assert_eq!(is_service(port), expected, "{port}");
        }
    }
}
