//! What kinds of attack do, guessed from their names.

/// What an incident is about, and so which of its figures tell most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    /// Many ports or hosts are tried.
    Scan,
    /// Many flows go to one target.
    Flood,
    /// Few bytes on many connections that are held open.
    SlowFlood,
    /// One service is asked again and again.
    BruteForce,
    /// One target is called at regular times.
    Beacon,
    /// Data leaves.
    Exfiltration,
    /// Data goes to and fro in a protocol that is not made for it.
    Tunnel,
    /// Whatever else.
    Other,
}

/// Parts of names and what they stand for, the most telling ones first: data sets name the same thing in
/// many ways.
const PARTS: [(&str, Behaviour); 27] = [
    ("slow", Behaviour::SlowFlood),
    ("scan", Behaviour::Scan),
    ("sweep", Behaviour::Scan),
    ("probe", Behaviour::Scan),
    ("nmap", Behaviour::Scan),
    ("satan", Behaviour::Scan),
    ("recon", Behaviour::Scan),
    ("brute", Behaviour::BruteForce),
    ("patator", Behaviour::BruteForce),
    ("guess", Behaviour::BruteForce),
    ("password", Behaviour::BruteForce),
    ("exfil", Behaviour::Exfiltration),
    ("theft", Behaviour::Exfiltration),
    ("tunnel", Behaviour::Tunnel),
    ("beacon", Behaviour::Beacon),
    ("c2", Behaviour::Beacon),
    ("c&c", Behaviour::Beacon),
    ("botnet", Behaviour::Beacon),
    ("flood", Behaviour::Flood),
    ("ddos", Behaviour::Flood),
    ("dos", Behaviour::Flood),
    ("amplification", Behaviour::Flood),
    ("neptune", Behaviour::Flood),
    ("smurf", Behaviour::Flood),
    ("hulk", Behaviour::Flood),
    ("goldeneye", Behaviour::Flood),
    ("mirai", Behaviour::Flood),
];

impl Behaviour {
    /// What the name of a class stands for.
    pub(super) fn of(class: Option<&str>) -> Self {
        let name = class.unwrap_or_default().to_lowercase();
        let found = PARTS.iter().find(|(part, _)| name.contains(part));
        found.map_or(Self::Other, |&(_, behaviour)| behaviour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_data_sets_are_understood() {
        for (name, expected) in [
            ("scan_syn", Behaviour::Scan),
            ("PortScan", Behaviour::Scan),
            ("ipsweep", Behaviour::Scan),
            ("dos_slowloris", Behaviour::SlowFlood),
            ("DoS Slowhttptest", Behaviour::SlowFlood),
            ("dos_synflood", Behaviour::Flood),
            ("DDoS", Behaviour::Flood),
            ("SSH-Patator", Behaviour::BruteForce),
            ("guess_passwd", Behaviour::BruteForce),
            ("c2_beacon", Behaviour::Beacon),
            ("tunnel_dns", Behaviour::Tunnel),
            ("exfiltration", Behaviour::Exfiltration),
            ("Infiltration", Behaviour::Other),
            ("Heartbleed", Behaviour::Other),
        ] {
            assert_eq!(Behaviour::of(Some(name)), expected, "{name}");
        }
        assert_eq!(Behaviour::of(None), Behaviour::Other);
    }
}
