//! Ports by the names that people know them by.

/// What usually listens at a port.
const NAMES: [(u16, &str); 30] = [
    (20, "FTP data"),
    (21, "FTP"),
    (22, "SSH"),
    (23, "Telnet"),
    (25, "SMTP"),
    (53, "DNS"),
    (67, "DHCP"),
    (80, "HTTP"),
    (88, "Kerberos"),
    (110, "POP3"),
    (123, "NTP"),
    (135, "RPC"),
    (137, "NetBIOS"),
    (139, "NetBIOS"),
    (143, "IMAP"),
    (161, "SNMP"),
    (389, "LDAP"),
    (443, "HTTPS"),
    (445, "SMB"),
    (514, "syslog"),
    (587, "SMTP"),
    (853, "DNS over TLS"),
    (993, "IMAPS"),
    (1433, "SQL Server"),
    (1883, "MQTT"),
    (2049, "NFS"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (5432, "PostgreSQL"),
    (5900, "VNC"),
];

/// `port 22 (SSH)`, `port 8081`.
pub(super) fn port(number: u16) -> String {
    match NAMES.binary_search_by_key(&number, |&(port, _)| port) {
        Ok(place) => format!("port {number} ({})", NAMES[place].1),
        Err(_) => format!("port {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_bear_their_names() {
        assert!(NAMES.is_sorted());
        assert_eq!(port(22), "port 22 (SSH)");
        assert_eq!(port(5900), "port 5900 (VNC)");
        assert_eq!(port(40_000), "port 40000");
    }
}
