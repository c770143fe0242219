//! Writes a report on 2,000 made-up flows: `cargo run -p nettraffic-viz --example sample > report.html`.

use std::io::{self, Write};

use nettraffic_eval::{Evaluation, Truth};
use nettraffic_viz::{
    Alert, Exchange, Fact, FlowMap, Incident, MapPoint, Reason, Report, Rhythm, ScorePoint, Share,
    Talker, Threshold, Unit, principal_components,
};

fn main() -> io::Result<()> {
    io::stdout().write_all(report().to_html().as_bytes())
}

const SECOND: i64 = 1_000_000_000;
const NINE_O_CLOCK: i64 = 1_704_099_600 * SECOND;
const HALF_AN_HOUR: i64 = 1800 * SECOND;
const THRESHOLD: f64 = 2.4;

/// What a made-up attack does: name, source, target, port, begin and length in seconds, flows.
type Script = (&'static str, &'static str, &'static str, u16, i64, i64, u64);

const ATTACKS: [Script; 3] = [
    ("port_scan", "203.0.113.66", "10.0.0.12", 0, 420, 35, 24),
    (
        "ssh_bruteforce",
        "198.51.100.23",
        "10.0.0.5",
        22,
        900,
        240,
        16,
    ),
    ("c2_beacon", "10.0.0.31", "192.0.2.80", 443, 60, 1700, 7),
];

/// Half an hour of an office with three attacks in it.
pub(crate) fn report() -> Report {
    let mut random = Random(42);
    let mut report = Report::new("office-uplink.pcapng");
    let mut truths = Vec::new();

    for flow in 0..1953 {
        let time = NINE_O_CLOCK + (random.next() * HALF_AN_HOUR as f64) as i64;
        // Mostly calm, seldom odd: an exponential tail that hardly reaches the threshold.
        let score = 0.08 + 0.36 * -random.next().max(1e-9).ln();
        let point = ScorePoint::new(time, score);
        report.scores.push(if score > THRESHOLD {
            point.alert()
        } else {
            point
        });
        truths.push(if flow % 97 == 0 {
            Truth::Unknown
        } else {
            Truth::Benign
        });
        if score > THRESHOLD {
            report.alerts.push(unusual(time, score, flow));
        }
    }
    for attack in &ATTACKS {
        act(attack, &mut random, &mut report, &mut truths);
    }
    let odd: Vec<&Alert> = report
        .alerts
        .iter()
        .filter(|alert| alert.class.is_none())
        .collect();
    let incidents = odd.iter().map(|alert| Incident {
        class: None,
        sources: vec![alert.source.split(':').next().unwrap_or("").into()],
        targets: vec!["203.0.113.9".into()],
        ports: vec![443],
        alerts: 1,
        first_ns: alert.first_ns,
        last_ns: alert.last_ns,
        score: alert.score,
        exchange: alert.exchange,
        reasons: alert.reasons.clone(),
        ..Incident::default()
    });
    let incidents: Vec<Incident> = incidents.collect();
    report.incidents.extend(incidents);
    traffic(&mut random, &mut report);
    map(&mut random, &mut report);
    describe(&mut report);

    let scores: Vec<f64> = report.scores.iter().map(|point| point.score).collect();
    let alerts: Vec<bool> = report.scores.iter().map(|point| point.alert).collect();
    report.evaluation = Evaluation::new(&scores, &alerts, &truths).ok();
    report
}

fn act(
    attack: &Script,
    random: &mut Random,
    report: &mut Report,
    truths: &mut Vec<Truth<'static>>,
) {
    let &(class, source, target, port, begin, length, flows) = attack;
    let mut raised = Vec::new();
    for flow in 0..flows {
        let offset = length * SECOND * flow as i64 / flows as i64;
        let time = NINE_O_CLOCK + begin * SECOND + offset + (random.next() * 1e8) as i64;
        let score = 1.6 * (1.0 + 14.0 * random.next().powi(2));
        let point = ScorePoint::new(time, score);
        report.scores.push(if score > THRESHOLD {
            point.alert()
        } else {
            point
        });
        truths.push(Truth::Attack(class));
        if score <= THRESHOLD {
            continue;
        }
        let port = if port == 0 {
            1 + (random.next() * 9000.0) as u16
        } else {
            port
        };
        let packets = 2 + flow % 9;
        let exchange = Exchange {
            packets_sent: packets,
            bytes_sent: 74 * packets,
            packets_received: packets / 2,
            bytes_received: 60 * (packets / 2),
        };
        let alert = Alert {
            id: format!("{class}-{flow}"),
            class: Some(class.into()),
            first_ns: time,
            last_ns: time + SECOND / 3,
            source: format!("{source}:{}", 40_000 + flow),
            target: format!("{target}:{port}"),
            service: format!("tcp/{port}"),
            score,
            exchange: Some(exchange),
            reasons: reasons(class, random),
            label: Some(class.into()),
        };
        raised.push((port, alert));
    }
    report.incidents.push(Incident {
        class: Some(class.into()),
        sources: vec![source.into()],
        targets: vec![target.into()],
        ports: raised
            .iter()
            .map(|(port, _)| *port)
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect(),
        alerts: raised.len() as u64,
        first_ns: raised
            .iter()
            .map(|(_, alert)| alert.first_ns)
            .min()
            .unwrap_or(0),
        last_ns: raised
            .iter()
            .map(|(_, alert)| alert.last_ns)
            .max()
            .unwrap_or(0),
        score: raised
            .iter()
            .map(|(_, alert)| alert.score)
            .fold(0.0, f64::max),
        exchange: raised
            .iter()
            .filter_map(|(_, alert)| alert.exchange)
            .reduce(|a, b| Exchange {
                packets_sent: a.packets_sent + b.packets_sent,
                bytes_sent: a.bytes_sent + b.bytes_sent,
                packets_received: a.packets_received + b.packets_received,
                bytes_received: a.bytes_received + b.bytes_received,
            }),
        rhythm: Some(Rhythm {
            gap: length as f64 / flows as f64,
            variation: 0.08,
        }),
        reasons: raised
            .first()
            .map_or_else(Vec::new, |(_, alert)| alert.reasons.clone()),
        ..Incident::default()
    });
    report
        .alerts
        .extend(raised.into_iter().map(|(_, alert)| alert));
}

fn reasons(class: &str, random: &mut Random) -> Vec<Reason> {
    let first = 0.35 + 0.25 * random.next();
    let rest = 1.0 - first;
    let rows = match class {
        "port_scan" => [
            Reason::measured(
                "distinct_ports_of_source_10s",
                Unit::Count,
                212.0,
                (1.0, 6.0),
                0.0,
            )
            .with_words("ports that the source tried in 10 s"),
            Reason::measured("backward_packets", Unit::Count, 1.0, (3.0, 840.0), 0.0)
                .with_words("packets of the answer"),
            Reason::measured(
                "forward_payload_bytes",
                Unit::Bytes,
                0.0,
                (74.0, 1.2e6),
                0.0,
            ),
        ],
        "ssh_bruteforce" => [
            Reason::measured("flows_to_same_port_60s", Unit::Count, 38.0, (0.0, 3.0), 0.0)
                .with_words("connections to this port in 60 s"),
            Reason::measured("duration", Unit::Seconds, 2.1, (14.0, 2_900.0), 0.0),
            Reason::new("connection_state", "RSTO", "SF 94 %, RSTO 2 %", 0.0),
        ],
        _ => [
            Reason::measured(
                "interarrival_regularity",
                Unit::Share,
                0.998,
                (0.02, 0.71),
                0.0,
            ),
            Reason::measured("half_open", Unit::Flag, 1.0, (0.0, 0.0), 0.0),
            Reason::measured(
                "repeats_of_destination_1h",
                Unit::Count,
                9.0,
                (1.0, 12.0),
                0.0,
            )
            .with_words("calls of the same target in an hour"),
        ],
    };
    let shares = [first, 0.6 * rest, 0.25 * rest];
    let shared = |(reason, share): (Reason, f64)| Reason { share, ..reason };
    rows.into_iter().zip(shares).map(shared).collect()
}

fn unusual(time: i64, score: f64, flow: u64) -> Alert {
    Alert {
        id: format!("unusual-{flow}"),
        class: None,
        first_ns: time,
        last_ns: time + 48 * SECOND,
        source: format!("10.0.0.{}:{}", 20 + flow % 30, 50_000 + flow),
        target: "203.0.113.9:443".into(),
        service: "tcp/443".into(),
        score,
        exchange: None,
        reasons: vec![
            Reason::measured(
                "backward_bytes_per_second",
                Unit::BytesPerSecond,
                8.4e6,
                (900.0, 2.2e6),
                0.58,
            ),
            Reason::measured("duration", Unit::Seconds, 48.0, (0.02, 31.0), 0.21),
        ],
        label: Some("benign".into()),
    }
}

fn traffic(random: &mut Random, report: &mut Report) {
    for second in 0..1800_i64 {
        let wave = 1.0 + 0.5 * (second as f64 / 260.0).sin();
        let burst = if (1100..1160).contains(&second) {
            4.5
        } else {
            1.0
        };
        let packets = (380.0 * wave * burst * (0.7 + 0.6 * random.next())) as u64;
        let time = NINE_O_CLOCK + second * SECOND;
        for (kind, part) in [("web", 6), ("ssh", 3), ("dns", 1)] {
            let packets = packets * part / 10;
            report.traffic.add_kind(time, kind, packets, packets * 720);
        }
    }
}

fn map(random: &mut Random, report: &mut Report) {
    let rows: Vec<Vec<f64>> = (report.scores.iter())
        .map(|point| {
            let size = random.next() + point.score.sqrt();
            vec![size, size * random.next(), random.next()]
        })
        .collect();
    let found = principal_components(&rows);
    let points = found.places.iter().zip(&report.scores).enumerate();
    let points = points.map(|(at, (&[x, y], score))| MapPoint {
        x,
        y,
        kind: score
            .alert
            .then(|| ["port_scan", "unusual", "c2_beacon"][at % 3].to_owned()),
    });
    report.map = Some(FlowMap {
        meaning: "the two directions in which three made-up figures differ most".into(),
        x_title: format!(
            "First direction, {:.0} % of the differences",
            100.0 * found.explained[0]
        ),
        y_title: format!("Second direction, {:.0} %", 100.0 * found.explained[1]),
        points: points.collect(),
        chosen_from: 2_000,
    });
}

fn describe(report: &mut Report) {
    report.talkers = [
        ("10.0.0.12", 40_u64),
        ("203.0.113.66", 24),
        ("10.0.0.31", 7),
    ]
    .map(|(address, alerts)| Talker {
        address: address.into(),
        flows: 10 * alerts,
        peers: alerts / 2,
        bytes_sent: alerts * 1_000_000,
        bytes_received: alerts * 300_000,
        alerts,
        ..Talker::default()
    })
    .to_vec();
    report.not_looked_at = vec![
        Fact::new("Packets that are not IP", "17"),
        Fact::new("Flows of the first quarter, learned from", "640"),
    ];
    report.threshold = Some(Threshold {
        alerts_per_day: Some(9.6),
        ..Threshold::new(
            THRESHOLD,
            "one false alarm in 2,000 benign flows, measured on 3,400 flows held out from training",
        )
    });
    report.services = [
        ("https (tcp/443)", 1204, 611_000, 498_000_000),
        ("dns (udp/53)", 402, 1_650, 188_000),
        ("ssh (tcp/22)", 88, 41_200, 12_400_000),
        ("imaps (tcp/993)", 61, 9_800, 6_100_000),
        ("ntp (udp/123)", 40, 80, 7_200),
        ("other tcp", 205, 21_100, 3_020_000),
    ]
    .map(|(name, flows, packets, bytes)| Share {
        name: name.into(),
        flows,
        packets,
        bytes,
    })
    .to_vec();
    report.facts = [
        ("Model", "k-means, 8 clusters with covariance"),
        ("Trained on", "monday.pcapng, 17,020 flows in 4 h 12 min"),
        ("Features", "flow (48) and host windows (12)"),
        ("Threshold", "2.40: one false alarm in 2,000 benign flows"),
        ("Detector", "a41f09c2"),
    ]
    .map(|(name, value)| Fact::new(name, value))
    .to_vec();
    report.account = [
        ("Packets read", "692,118"),
        ("Decoded", "692,101"),
        ("Skipped: not IP", "17"),
        ("Packets in flows", "692,101"),
        ("Flows", "2,000"),
        ("Ended by FIN, RST, idle", "1,411 · 187 · 402"),
    ]
    .map(|(name, value)| Fact::new(name, value))
    .to_vec();
}

/// A small generator, so that the sample needs nothing else (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    /// 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
