//! What somebody did, in the figures that tell most about its kind.

use super::behaviour::Behaviour;
use super::ports;
use crate::{Exchange, Incident, Rhythm, number, time};

/// Variation of the gaps up to which something happens regularly.
const REGULAR: f64 = 0.35;
/// From this many on, connections are told by their rate, too.
const MANY: u64 = 20;

/// `192.0.2.7 tried 198 ports of 198.51.100.5 with 214 connections within 3 s.`
pub(crate) fn incident(incident: &Incident) -> String {
    let told = Told::of(incident);
    let text = match Behaviour::of(incident.class.as_deref()) {
        Behaviour::Scan => told.scan(),
        Behaviour::Flood => told.flood(),
        Behaviour::SlowFlood => told.slow_flood(),
        Behaviour::BruteForce => told.brute_force(),
        Behaviour::Beacon => told.beacon(),
        Behaviour::Exfiltration => told.exfiltration(),
        Behaviour::Tunnel => told.tunnel(),
        Behaviour::Other => told.other(),
    };
    if told.flows() == incident.alerts {
        return format!("{text}.");
    }
    let alerts = number::counted(incident.alerts, "alert", "alerts");
    format!("{text}; {alerts}, as a flow may raise several.")
}

/// The parts that sentences are made of.
struct Told<'a> {
    incident: &'a Incident,
    /// `192.0.2.7`, `12 sources`.
    source: String,
    /// `198.51.100.5`, `13 hosts`.
    target: String,
    /// ` within 3 s`, nothing for a single moment.
    within: String,
}

impl<'a> Told<'a> {
    fn of(incident: &'a Incident) -> Self {
        let length = incident.last_ns.abs_diff(incident.first_ns);
        Self {
            source: one_or_many(&incident.sources, "sources", "somebody", incident.truncated),
            target: one_or_many(&incident.targets, "hosts", "somebody", incident.truncated),
            within: if length == 0 {
                String::new()
            } else {
                format!(" within {}", time::length(length))
            },
            incident,
        }
    }

    fn scan(&self) -> String {
        let (ports, targets) = (self.incident.ports.len(), self.incident.targets.len());
        let tried = match (&self.incident.ports[..], targets) {
            _ if self.has_several_protocols() => self.service(),
            ([], _) => self.target.clone(),
            ([only], _) => format!("{} of {}", ports::port(*only), self.target),
            _ => format!("{} ports of {}", self.number(ports), self.target),
        };
        format!(
            "{} tried {tried} with {}{}",
            self.source,
            self.connections(),
            self.within
        )
    }

    fn flood(&self) -> String {
        format!(
            "{} opened {} to {}{}{}{}",
            self.source,
            self.connections(),
            self.service(),
            self.within,
            self.rate(),
            self.sent(", ")
        )
    }

    fn slow_flood(&self) -> String {
        let each = self.incident.exchange.map_or_else(String::new, |exchange| {
            let each = exchange.bytes_sent / self.flows().max(1);
            format!(", with only {} sent on each", number::bytes(each))
        });
        format!(
            "{} held {} to {} open{}{each}",
            self.source,
            self.connections(),
            self.service(),
            self.within
        )
    }

    fn brute_force(&self) -> String {
        let connections = number::counted(self.flows(), "connection", "connections");
        format!(
            "{} asked {} again and again: {connections}{}{}",
            self.source,
            self.service(),
            self.within,
            self.pace()
        )
    }

    fn beacon(&self) -> String {
        let times = number::counted(self.flows(), "time", "times");
        format!(
            "{} called {} {times}{}{}",
            self.source,
            self.service(),
            self.within,
            self.pace()
        )
    }

    fn exfiltration(&self) -> String {
        match self.incident.exchange {
            Some(Exchange {
                bytes_sent,
                bytes_received,
                ..
            }) => format!(
                "{} sent {} to {}{} and got {} back",
                self.source,
                number::bytes(bytes_sent),
                self.service(),
                self.within,
                number::bytes(bytes_received)
            ),
            None => self.other(),
        }
    }

    fn tunnel(&self) -> String {
        match self.incident.exchange {
            Some(exchange) => format!(
                "{} exchanged {} with {}{}: {} sent, {} received",
                self.source,
                number::counted(
                    exchange
                        .packets_sent
                        .saturating_add(exchange.packets_received),
                    "packet",
                    "packets"
                ),
                self.service(),
                self.within,
                number::bytes(exchange.bytes_sent),
                number::bytes(exchange.bytes_received)
            ),
            None => self.other(),
        }
    }

    fn other(&self) -> String {
        let connections = match self.flows() {
            1 => "an unusual connection".to_owned(),
            many => format!("{} unusual connections", number::count(many)),
        };
        format!(
            "{} had {connections} with {}{}{}",
            self.source,
            self.service(),
            self.within,
            self.sent("; ")
        )
    }

    fn connections(&self) -> String {
        number::counted(self.flows(), "connection", "connections")
    }

    /// The target with its port: `port 22 (SSH) of 10.0.0.5`, `10.0.0.5 on 4 ports`.
    fn service(&self) -> String {
        if self.has_several_protocols() {
            return format!("{} {}", self.target, self.protocols());
        }
        match &self.incident.ports[..] {
            [] => self.target.clone(),
            [only] => format!("{} of {}", ports::port(*only), self.target),
            many => format!("{} on {} ports", self.target, self.number(many.len())),
        }
    }

    fn has_several_protocols(&self) -> bool {
        self.incident.protocols.len() > 1
    }

    /// `over ICMP and over TCP on port 22 (SSH)`: a port is said of none that has no ports.
    fn protocols(&self) -> String {
        let (with_ports, without): (Vec<&str>, Vec<&str>) = (self.incident.protocols.iter())
            .map(String::as_str)
            .partition(|name| matches!(*name, "TCP" | "UDP"));
        let on = match &self.incident.ports[..] {
            [] => String::new(),
            [only] => format!(" on {}", ports::port(*only)),
            many => format!(" on {} ports", self.number(many.len())),
        };
        let over =
            |names: Vec<&str>| (!names.is_empty()).then(|| format!("over {}", names.join(" and ")));
        let parts = [over(without), over(with_ports).map(|over| over + &on)];
        parts
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" and ")
    }

    /// `, 170 a second`; nothing for few.
    fn rate(&self) -> String {
        let length = self.incident.last_ns.abs_diff(self.incident.first_ns) as f64 / 1e9;
        let rate = self.flows() as f64 / length;
        if self.flows() < MANY || length <= 0.0 || rate < 1.0 {
            return String::new();
        }
        format!(", {} a second", number::significant(rate))
    }

    /// `, one every 61 s`, where that is regular.
    fn pace(&self) -> String {
        match self.incident.rhythm {
            Some(Rhythm { gap, variation }) if gap > 0.0 && variation <= REGULAR => format!(
                ", one every {} (± {})",
                time::seconds(gap),
                number::percent(variation)
            ),
            _ if self.flows() < MANY => String::new(),
            _ => self.rate(),
        }
    }

    /// What went to and fro, after `before`.
    fn sent(&self, before: &str) -> String {
        self.incident.exchange.map_or_else(String::new, |exchange| {
            let answer = match exchange.packets_received {
                0 => "no answer".to_owned(),
                _ => format!("{} received", number::bytes(exchange.bytes_received)),
            };
            format!(
                "{before}{} sent, {answer}",
                number::bytes(exchange.bytes_sent)
            )
        })
    }

    fn flows(&self) -> u64 {
        self.incident.flows.unwrap_or(self.incident.alerts)
    }

    fn number(&self, members: usize) -> String {
        at_least(members, self.incident.truncated)
    }
}

fn one_or_many(members: &[String], many: &str, none: &str, truncated: bool) -> String {
    match members {
        [] => none.to_owned(),
        [only] => only.clone(),
        several => format!("{} {many}", at_least(several.len(), truncated)),
    }
}

/// A number of which more may have been forgotten: only long lists are cut.
fn at_least(members: usize, truncated: bool) -> String {
    let count = number::count(members as u64);
    if truncated && members >= 1_000 {
        format!("at least {count}")
    } else {
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(class: &str, alerts: u64, seconds: i64, ports: &[u16]) -> Incident {
        Incident {
            class: (!class.is_empty()).then(|| class.to_owned()),
            sources: vec!["192.0.2.7".into()],
            targets: vec!["198.51.100.5".into()],
            ports: ports.to_vec(),
            alerts,
            last_ns: seconds * 1_000_000_000,
            ..Incident::default()
        }
    }

    fn exchange(bytes_sent: u64, bytes_received: u64) -> Option<Exchange> {
        Some(Exchange {
            packets_sent: 900,
            bytes_sent,
            packets_received: bytes_received.min(800),
            bytes_received,
        })
    }

    #[test]
    fn each_kind_has_words_of_its_own() {
        let ports: Vec<u16> = (1..=198).collect();
        let clockwork = Some(Rhythm {
            gap: 61.0,
            variation: 0.04,
        });
        let many = |count: u8| {
            (0..count)
                .map(|at| format!("10.0.0.{at}"))
                .collect::<Vec<_>>()
        };
        for (told, expected) in [
            (
                base("port_scan", 214, 3, &ports),
                "192.0.2.7 tried 198 ports of 198.51.100.5 with 214 connections within 3 s.",
            ),
            (
                Incident {
                    targets: many(13),
                    ..base("scan", 13, 0, &[445])
                },
                "192.0.2.7 tried port 445 (SMB) of 13 hosts with 13 connections.",
            ),
            (
                Incident {
                    sources: many(12),
                    exchange: exchange(244_620, 0),
                    ..base("dos_synflood", 4077, 24, &[80])
                },
                "12 sources opened 4,077 connections to port 80 (HTTP) of 198.51.100.5 within 24 s, 170 a second, 245 kB sent, no answer.",
            ),
            (
                Incident {
                    exchange: exchange(35_600, 90),
                    ..base("dos_slowloris", 178, 159, &[80])
                },
                "192.0.2.7 held 178 connections to port 80 (HTTP) of 198.51.100.5 open within 2 min 39 s, with only 200 B sent on each.",
            ),
            (
                Incident {
                    rhythm: Some(Rhythm {
                        gap: 2.0,
                        variation: 0.1,
                    }),
                    ..base("ssh_bruteforce", 92, 186, &[22])
                },
                "192.0.2.7 asked port 22 (SSH) of 198.51.100.5 again and again: 92 connections within 3 min 6 s, one every 2 s (± 10 %).",
            ),
            (
                Incident {
                    rhythm: clockwork,
                    ..base("c2_beacon", 11, 692, &[443])
                },
                "192.0.2.7 called port 443 (HTTPS) of 198.51.100.5 11 times within 11 min 32 s, one every 1 min 1 s (± 4.0 %).",
            ),
            (
                Incident {
                    exchange: exchange(48_000_000, 120_000),
                    ..base("exfiltration", 1, 122, &[443])
                },
                "192.0.2.7 sent 48 MB to port 443 (HTTPS) of 198.51.100.5 within 2 min 2 s and got 120 kB back.",
            ),
            (
                Incident {
                    exchange: exchange(200_000, 300_000),
                    ..base("tunnel_dns", 1, 179, &[53])
                },
                "192.0.2.7 exchanged 1,700 packets with port 53 (DNS) of 198.51.100.5 within 2 min 59 s: 200 kB sent, 300 kB received.",
            ),
            (
                base("", 3, 600, &[22, 21946]),
                "192.0.2.7 had 3 unusual connections with 198.51.100.5 on 2 ports within 10 min.",
            ),
            (
                Incident {
                    exchange: exchange(5, 0),
                    ..base("", 1, 0, &[])
                },
                "192.0.2.7 had an unusual connection with 198.51.100.5; 5 B sent, no answer.",
            ),
            (
                Incident::default(),
                "somebody had 0 unusual connections with somebody.",
            ),
        ] {
            assert_eq!(incident(&told), expected);
        }
    }

    #[test]
    fn ports_are_said_of_the_protocols_that_have_them() {
        let told = |class: &str, protocols: &[&str], ports: &[u16]| {
            incident(&Incident {
                protocols: protocols.iter().map(|name| (*name).to_owned()).collect(),
                ..base(class, 7, 0, ports)
            })
        };
        for (class, protocols, ports, expected) in [
            (
                "",
                &["TCP"][..],
                &[22][..],
                "192.0.2.7 had 7 unusual connections with port 22 (SSH) of 198.51.100.5.",
            ),
            (
                "",
                &["ICMP", "TCP"],
                &[22],
                "192.0.2.7 had 7 unusual connections with 198.51.100.5 over ICMP and over TCP on port 22 (SSH).",
            ),
            (
                "ssh_bruteforce",
                &["ICMP", "TCP"],
                &[22],
                "192.0.2.7 asked 198.51.100.5 over ICMP and over TCP on port 22 (SSH) again and again: 7 connections.",
            ),
            (
                "port_scan",
                &["TCP", "UDP"],
                &[53, 80],
                "192.0.2.7 tried 198.51.100.5 over TCP and UDP on 2 ports with 7 connections.",
            ),
            (
                "",
                &["GRE", "ICMP"],
                &[],
                "192.0.2.7 had 7 unusual connections with 198.51.100.5 over GRE and ICMP.",
            ),
        ] {
            assert_eq!(told(class, protocols, ports), expected);
        }
    }

    #[test]
    fn a_flow_that_raised_several_alerts_counts_once() {
        for (flows, expected) in [
            (
                None,
                "192.0.2.7 opened 40 connections to port 80 (HTTP) of 198.51.100.5 within 4 s, 10 a second.",
            ),
            (
                Some(40),
                "192.0.2.7 opened 40 connections to port 80 (HTTP) of 198.51.100.5 within 4 s, 10 a second.",
            ),
            (
                Some(20),
                "192.0.2.7 opened 20 connections to port 80 (HTTP) of 198.51.100.5 within 4 s, 5 a second; 40 alerts, as \
                 a flow may raise several.",
            ),
        ] {
            let told = Incident {
                flows,
                ..base("flood", 40, 4, &[80])
            };
            assert_eq!(incident(&told), expected);
        }
    }

    #[test]
    fn what_was_forgotten_is_not_denied() {
        let ports: Vec<u16> = (1..=1_000).collect();
        let told = Incident {
            truncated: true,
            ..base("scan", 5_000, 60, &ports)
        };
        assert!(incident(&told).contains("tried at least 1,000 ports of 198.51.100.5 "));
    }
}
