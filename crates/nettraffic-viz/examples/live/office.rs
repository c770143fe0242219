//! An office whose network is quiet most of the time.

use nettraffic_viz::live::{
    Allowed, Board, Gap, Health, Learning, LiveAlert, LiveIncident, Model, Phase, Queue, Sensor,
    Severity, Sink, Skipped, Suppressed, TrafficSample,
};
use nettraffic_viz::{
    Alert, Card, CardFeature, Drift, DriftedFeature, Exchange, Fact, Incident, Reason, ScorePoint,
    Talker, Threshold, Unit,
};

const SECOND: i64 = 1_000_000_000;
const BEGIN: i64 = 1_763_884_800 * SECOND;
const THRESHOLD: f64 = 2.0;
/// Seconds between two attacks.
const PERIOD: u64 = 40;

/// Who attacks whom, what it looks like, the service, how much it matters, and its score.
type Attack = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    Severity,
    f64,
);

/// The attacks, one after the other. The names of the last one are hostile.
const ATTACKS: [Attack; 5] = [
    (
        "192.0.2.7",
        "10.0.0.1",
        Some("port_scan"),
        "tcp",
        Severity::High,
        41.0,
    ),
    ("10.0.0.23", "198.51.100.4", None, "tls", Severity::Low, 2.4),
    (
        "203.0.113.9",
        "10.0.0.5",
        Some("brute_force"),
        "ssh",
        Severity::Critical,
        9.1,
    ),
    (
        "10.0.0.42",
        "198.51.100.77",
        Some("tunnel"),
        "dns",
        Severity::Medium,
        4.6,
    ),
    (
        "<script>alert('x')</script>\u{202e}",
        "\"10.0.0.9\"&",
        Some("<img src=x>"),
        "http",
        Severity::Medium,
        3.1,
    ),
];

/// A made-up network.
pub(crate) struct Office {
    board: Board,
    second: u64,
    learning: u64,
    dice: u64,
    packets: u64,
    alerts: u64,
    suppressed: u64,
}

impl Office {
    /// An office that learns for some seconds first.
    pub(crate) fn new(board: Board, learning: u64) -> Self {
        board.set_sensor(Sensor {
            name: "office-gateway".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            source: "eth1, eth2 (made up)".into(),
            started_ns: BEGIN,
            facts: vec![
                Fact::new("Snap length", "256 B"),
                Fact::new("Filter", "none"),
            ],
        });
        if learning == 0 {
            detector(&board);
        }
        Self {
            board,
            second: 0,
            learning,
            dice: 42,
            packets: 0,
            alerts: 0,
            suppressed: 0,
        }
    }

    /// One more second.
    pub(crate) fn second(&mut self) {
        let begin = BEGIN + self.second as i64 * SECOND;
        let attack = self
            .second
            .checked_sub(self.learning)
            .filter(|since| since % PERIOD >= PERIOD - 4);
        let wave =
            1.0 + 0.5 * (self.second as f64 / 37.0).sin() + 0.2 * (self.second as f64 / 9.0).sin();
        let packets =
            (800.0 * wave * (0.85 + 0.3 * self.roll())) as u64 + attack.map_or(0, |_| 900);
        let flows = packets / 40;
        if self.second >= self.learning {
            for flow in 0..flows.min(30) {
                let score = 0.25 + 0.9 * self.roll() * self.roll() + 0.5 * self.roll().powi(8);
                self.board
                    .push_score(ScorePoint::new(begin + flow as i64 * SECOND / 40, score));
            }
            if let Some(since) = attack {
                self.attack(begin + SECOND / 2, since);
            }
        }
        self.packets += packets;
        let bytes = packets * (500 + (400.0 * self.roll()) as u64);
        self.board.push_sample(TrafficSample {
            time_ns: begin + SECOND,
            length_ns: SECOND as u64,
            packets,
            bytes,
            flows,
        });
        self.state(begin);
        self.second += 1;
    }

    fn attack(&mut self, now: i64, since: u64) {
        let turn = since / PERIOD;
        let Some((source, target, class, service, severity, height)) =
            ATTACKS.get(turn as usize % ATTACKS.len())
        else {
            return;
        };
        let score = height * (0.9 + 0.2 * self.roll());
        let allowed = *service == "tls" && turn % 2 == 1;
        let suppressed = allowed.then(|| Suppressed {
            by: "allow-list".into(),
            reason: "backups to the other site, until 1 March".into(),
        });
        self.alerts += 1;
        self.suppressed += u64::from(allowed);
        let reasons = vec![
            Reason::measured(
                "destination_connections_2s",
                Unit::Count,
                80.0 + 300.0 * self.roll(),
                (1.0, 16.0),
                0.52,
            )
            .with_words("connections to the target in 2 s"),
            Reason::measured(
                "duration",
                Unit::Seconds,
                840.0 * self.roll(),
                (0.1, 95.0),
                0.23,
            ),
            Reason::measured("bytes_sent", Unit::Bytes, 40.0, (120.0, 48_000.0), 0.14),
            Reason::new("service", *service, "tls 71 %, dns 20 %", 0.11),
        ];
        let id = format!(
            "{:016x}",
            0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(self.alerts)
        );
        let incident = class.map(|class| format!("{class}-{}", turn / ATTACKS.len() as u64));
        self.board.push_score(ScorePoint::new(now, score).alert());
        self.board.push_alert(LiveAlert {
            alert: Alert {
                id,
                class: class.map(Into::into),
                first_ns: now - 3 * SECOND,
                last_ns: now,
                source: format!("{source}:{}", 40_000 + since),
                target: format!("{target}:22"),
                service: format!("{service}/22"),
                score,
                exchange: Some(Exchange {
                    packets_sent: 14,
                    bytes_sent: 840,
                    packets_received: 11,
                    bytes_received: 1_200,
                }),
                reasons: reasons.clone(),
                ..Alert::default()
            },
            raised_ns: now,
            severity: *severity,
            severity_reason: reason(*severity, *class),
            raised_by: "a score above the threshold".into(),
            threshold: Some(THRESHOLD),
            p_value: Some(0.002 / score),
            model: "office, release 4".into(),
            uid: format!("C{:017x}", self.alerts.wrapping_mul(0x9e37_79b9)),
            community_id: Some("1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=".into()),
            incident: incident.clone(),
            suppressed,
            mark_scope: Some(format!(
                "source {source}, destination {target}, ports 22, for 30 days"
            )),
        });
        let Some(id) = incident else { return };
        let begin = now - (since % PERIOD) as i64 % 4 * SECOND;
        self.board.set_incident(LiveIncident {
            id,
            incident: Incident {
                class: class.map(Into::into),
                sources: vec![(*source).into()],
                targets: vec![(*target).into()],
                ports: vec![22, 80, 443],
                alerts: since % PERIOD + 5 - PERIOD,
                first_ns: begin,
                last_ns: now,
                score,
                reasons,
                ..Incident::default()
            },
            severity: *severity,
            severity_reason: reason(*severity, *class),
            open: since % PERIOD + 1 < PERIOD,
        });
    }

    fn state(&mut self, now: i64) {
        if self.second <= self.learning {
            let left = self.learning - self.second;
            self.board.set_learning(match left {
                0 => Learning::new(Phase::Detecting),
                _ => Learning {
                    phase: Phase::Learning,
                    progress: Some(self.second as f64 / self.learning as f64),
                    left_ns: Some(left * SECOND as u64),
                    facts: vec![Fact::new(
                        "Flows learned so far",
                        (self.packets / 40).to_string(),
                    )],
                },
            });
            if left == 0 {
                detector(&self.board);
            }
        }
        let depth = (2_000.0 * self.roll() * self.roll()) as u64;
        let down = self.second % 90 >= 80;
        let gap = Gap {
            source: "eth2".into(),
            from_ns: now - (self.second % 90) as i64 * SECOND + 80 * SECOND,
            to_ns: None,
            reason: "interface down".into(),
        };
        self.board.set_health(Health {
            uptime_ns: Some(self.second * SECOND as u64),
            received: self.packets,
            decoded: self.packets - self.second * 3,
            skipped: vec![Skipped {
                reason: "not IP".into(),
                packets: self.second * 3,
            }],
            kernel_drops: Some(self.second / 50),
            interface_drops: None,
            queue_drops: 0,
            queues: vec![Queue {
                name: "packets".into(),
                depth,
                capacity: 4_096,
                dropped: 0,
            }],
            open_flows: 700 + depth / 5,
            flow_limit: 100_000,
            evicted_flows: 0,
            alerts_raised: self.alerts,
            alerts_written: self.alerts - self.suppressed,
            alerts_suppressed: self.suppressed,
            sinks: vec![
                Sink {
                    name: "eve.json".into(),
                    written: self.alerts - self.suppressed,
                    ..Sink::default()
                },
                Sink {
                    name: "https://hooks.example/nettraffic".into(),
                    written: 3,
                    failed: 2,
                    error: Some("connection refused".into()),
                    ..Sink::default()
                },
            ],
            gaps: if down { vec![gap] } else { Vec::new() },
            problems: if down {
                vec!["eth2 is down; it is tried again every second".into()]
            } else {
                Vec::new()
            },
        });
        if self.second.is_multiple_of(5) {
            self.hosts();
        }
        self.board.set_allowed(vec![
            Allowed {
                name: "backups".into(),
                reason: "backups to the other site, until 1 March".into(),
                criteria: "source 10.0.0.23, destination 198.51.100.4".into(),
                hits: self.suppressed,
                last_ns: (self.suppressed > 0).then_some(now),
                expires_ns: Some(BEGIN + 98 * 86_400 * SECOND),
                ..Allowed::default()
            },
            Allowed {
                name: "allow.toml:9".into(),
                reason: "a printer that was <b>scanned</b> in 2024".into(),
                criteria: "either 10.0.0.0/30".into(),
                expires_ns: Some(BEGIN - SECOND),
                has_expired: true,
                after_expiry: 3,
                ..Allowed::default()
            },
            Allowed {
                name: "alert 00000000000000aa".into(),
                reason: "the new scanner".into(),
                criteria: "source 10.0.0.8, destination 10.0.0.9, ports 443".into(),
                hits: 12,
                last_ns: Some(BEGIN - SECOND),
                expires_ns: Some(BEGIN + 20 * 86_400 * SECOND),
                alert: Some("00000000000000aa".into()),
                ..Allowed::default()
            },
        ]);
    }

    fn hosts(&mut self) {
        let host = |(place, address): (u64, &str)| Talker {
            address: address.into(),
            flows: (self.packets / 90) >> place,
            peers: 180 >> place,
            many_peers: place == 0,
            bytes_sent: (self.packets * 300) >> place,
            bytes_received: (self.packets * 90) >> place,
            alerts: if place == 1 { self.alerts / 3 } else { 0 },
        };
        let names = [
            "10.0.0.5",
            "192.0.2.7",
            "10.0.0.23",
            "2001:db8::9d:1",
            "10.0.0.42",
            "<b>not bold</b>",
        ];
        self.board.set_hosts((0..).zip(names).map(host).collect());
    }

    /// A number between 0 and 1 (xorshift).
    fn roll(&mut self) -> f64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        (self.dice >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Why an alert matters so much.
fn reason(severity: Severity, class: Option<&str>) -> String {
    let likeness = match (severity, class) {
        (Severity::High | Severity::Critical, Some(class)) => format!("looks like {class} (93 %)"),
        _ => "looks like no known attack".to_owned(),
    };
    let rarity = match severity {
        Severity::Medium | Severity::Critical => "and is rare: 1 in 3034 usual flows is as strange",
        _ => "and is not rare: 1 in 217 usual flows is as strange",
    };
    format!("{likeness}, {rarity}")
}

/// Tells of a detector that has been made.
fn detector(board: &Board) {
    board.set_learning(Learning::new(Phase::Detecting));
    board.set_model(Model {
        name: "office, release 4".into(),
        threshold: Some(Threshold {
            alerts_per_day: Some(9.6),
            ..Threshold::new(THRESHOLD, "about 10 false alarms a day")
        }),
        facts: vec![
            Fact::new("Members", "k-means, isolation forest, autoencoder"),
            Fact::new("Learned from", "17,020 flows on 21 Nov 2025"),
        ],
    });
    board.set_drift(Drift {
        has_drifted: false,
        facts: vec![Fact::new("Compared", "the last 5,000 flows")],
        features: vec![DriftedFeature {
            name: "duration".into(),
            words: None,
            index: 0.14,
            by_chance: 0.03,
            level: "somewhat".into(),
            values: "1 s to 4 s".into(),
            shares: (0.21, 0.34),
        }],
    });
    let mut card = Card::new("office, release 4");
    card.summary = "Three models and their fusion, learned from a day in an office.".into();
    card.training = vec![Fact::new("Benign flows learned from", "17,020")];
    card.features = vec![CardFeature::range("duration", Unit::Seconds, (0.02, 31.0))];
    board.set_card(&card);
}
