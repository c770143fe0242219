//! Scenarios by name.

use crate::attack::{Attack, AttackKind};
use crate::benign::Benign;
use crate::scenario::Scenario;
use std::time::Duration;

/// There is no scenario of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scenario `{name}`; there are: {}", Scenario::NAMES.map(|(name, _)| name).join(", "))]
#[non_exhaustive]
pub struct UnknownScenario {
    /// The name that was asked for.
    pub name: String,
}

const MINUTE: u64 = 60;

impl Scenario {
    /// The named scenarios with a line about each.
    pub const NAMES: [(&'static str, &'static str); 16] = [
        (
            "demo",
            "36 minutes of a small office; from minute 9 on, every kind of attack once",
        ),
        ("benign", "30 minutes of a small office, nothing else"),
        (
            "office",
            "two hours of an office of 40 people with four quiet attacks",
        ),
        (
            "mixed",
            "20 minutes of a small office, all attacks at once and twice as strong",
        ),
        (
            "load",
            "2 million packets of a busy network of 400 clients, many conversations at once",
        ),
        (
            "syn-scan",
            "10 minutes: a SYN scan of the office from outside",
        ),
        ("connect-scan", "10 minutes: a scan with full connections"),
        ("udp-scan", "10 minutes: a UDP scan, answered by ICMP"),
        (
            "syn-flood",
            "10 minutes: SYN floods of the web server, from bots and then spoofed",
        ),
        ("udp-flood", "10 minutes: a UDP flood from six bots"),
        ("slowloris", "10 minutes: HTTP requests that never end"),
        ("ssh-bruteforce", "10 minutes: passwords guessed over SSH"),
        ("ftp-bruteforce", "10 minutes: passwords guessed over FTP"),
        (
            "dns-tunnel",
            "10 minutes: data carried in DNS names through the ordinary resolver",
        ),
        (
            "beacon",
            "30 minutes: a client that reports to its master every 15 seconds",
        ),
        (
            "exfiltration",
            "10 minutes: a large upload to a place never talked to before",
        ),
    ];

    /// The scenario of that name (see [`NAMES`](Self::NAMES)).
    ///
    /// # Errors
    /// [`UnknownScenario`], which lists the names there are.
    pub fn named(name: &str, seed: u64) -> Result<Self, UnknownScenario> {
        let minutes = |minutes: u64| Duration::from_secs(minutes * MINUTE);
        let new = |length| Self::new(seed).duration(minutes(length));
        let scenario = match name {
            "demo" => demo(new(36)),
            "benign" => new(30),
            "office" => office(new(120).hosts(40)),
            "mixed" => mixed(new(20)),
            "load" => Self::new(seed)
                .duration(Duration::from_secs(24 * 60 * MINUTE))
                .hosts(400)
                .benign(Benign::default_mix().scaled(6.0))
                .packets(2_000_000),
            other => alone(other, seed).ok_or_else(|| UnknownScenario { name: other.into() })?,
        };
        Ok(scenario)
    }
}

/// Every kind of attack once, one after another over the last three quarters.
fn demo(scenario: Scenario) -> Scenario {
    let starts = [
        (AttackKind::Beacon, 10 * MINUTE),
        (AttackKind::SynScan, 11 * MINUTE),
        (AttackKind::SshBruteForce, 13 * MINUTE),
        (AttackKind::ConnectScan, 17 * MINUTE),
        (AttackKind::DnsTunnel, 19 * MINUTE),
        (AttackKind::UdpScan, 22 * MINUTE + 30),
        (AttackKind::SynFlood, 24 * MINUTE + 20),
        (AttackKind::FtpBruteForce, 25 * MINUTE + 30),
        (AttackKind::UdpFlood, 28 * MINUTE),
        (AttackKind::Slowloris, 29 * MINUTE + 10),
        (AttackKind::Exfiltration, 32 * MINUTE + 30),
    ];
    starts
        .into_iter()
        .fold(scenario, |scenario, (kind, start)| {
            scenario.attack(Attack::new(kind).at(Duration::from_secs(start)))
        })
}

fn office(scenario: Scenario) -> Scenario {
    let at = |kind, minute| Attack::new(kind).at(Duration::from_secs(minute * MINUTE));
    scenario
        .attack(
            at(AttackKind::Beacon, 40)
                .rate(1.0 / 60.0)
                .lasting(Duration::from_secs(75 * MINUTE)),
        )
        .attack(
            at(AttackKind::SynScan, 50)
                .rate(1.0)
                .lasting(Duration::from_secs(10 * MINUTE)),
        )
        .attack(
            at(AttackKind::DnsTunnel, 70)
                .rate(2.0)
                .lasting(Duration::from_secs(8 * MINUTE)),
        )
        .attack(
            at(AttackKind::Exfiltration, 90)
                .rate(30_000.0)
                .lasting(Duration::from_secs(5 * MINUTE)),
        )
}

fn mixed(scenario: Scenario) -> Scenario {
    AttackKind::ALL
        .into_iter()
        .fold(scenario, |scenario, kind| {
            let attack = Attack::new(kind).at(Duration::from_secs(8 * MINUTE));
            let stronger = attack.events_per_second() * 2.0;
            scenario.attack(attack.rate(stronger))
        })
}

/// The scenario of one kind of attack, after a while of benign traffic.
fn alone(name: &str, seed: u64) -> Option<Scenario> {
    let kind = AttackKind::ALL
        .into_iter()
        .find(|kind| kind.scenario_name() == name)?;
    let minutes = if kind == AttackKind::Beacon { 30 } else { 10 };
    let scenario = Scenario::new(seed).duration(Duration::from_secs(minutes * MINUTE));
    let attack = Attack::new(kind).at(Duration::from_secs(5 * MINUTE));
    let second = attack.clone().spoofed().at(Duration::from_secs(8 * MINUTE));
    let scenario = scenario.attack(attack);
    Some(if kind == AttackKind::SynFlood {
        scenario.attack(second)
    } else {
        scenario
    })
}
