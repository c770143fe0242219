//! What each synthetic attack does that its definition says, as features that tell of it.

use nettraffic_synth::AttackKind;

/// Parts of what features tell of, each as beginnings of their names.
const ENDS: &[&str] = &["protocol", "service"];
const ANSWER: &[&str] = &[
    "answered",
    "connection_state",
    "half_open",
    "response_delay",
    "forward_syn",
    "backward_syn",
    "forward_fin",
    "backward_fin",
    "forward_rst",
    "backward_rst",
    "ack",
    "backward_packets",
    "forward_packet_share",
    "backward_window",
];
const SILENCE: &[&str] = &[
    "backward_payload",
    "forward_payload_share",
    "backward_data_share",
    "backward_psh",
];
const PAYLOAD: &[&str] = &[
    "payload_",
    "forward_payload",
    "backward_payload",
    "header_share",
    "bytes_per_second",
    "forward_data_share",
    "backward_data_share",
    "forward_psh",
    "backward_psh",
];
const PACKETS: &[&str] = &["forward_packets", "backward_packets", "packets_per_second"];
const LENGTH: &[&str] = &["flow_duration", "active_", "idle_"];
const GAPS: &[&str] = &["gap_", "forward_gap", "backward_gap"];
const SOURCE: &[&str] = &["source_"];
const TARGET: &[&str] = &["destination_"];
const CHANNEL: &[&str] = &["pair_", "channel_connections"];
const RHYTHM: &[&str] = &[
    "channel_gap",
    "channel_regular",
    "channel_sent",
    "channel_received",
];

/// What the definition of an attack alters.
fn alters(attack: AttackKind) -> Vec<&'static [&'static str]> {
    match attack {
        // Single packets without payload to many ports of many hosts, refused or not answered.
        AttackKind::SynScan => vec![ENDS, ANSWER, PAYLOAD, GAPS, SOURCE, TARGET],
        AttackKind::ConnectScan => vec![ENDS, ANSWER, PAYLOAD, SOURCE, TARGET],
        AttackKind::UdpScan => vec![ENDS, ANSWER, SILENCE, GAPS, SOURCE, TARGET],
        // One service of one host, over and over, without an end to the handshake or an answer.
        AttackKind::SynFlood => vec![ANSWER, PAYLOAD, GAPS, SOURCE, TARGET, CHANNEL],
        AttackKind::UdpFlood => vec![
            ENDS, ANSWER, SILENCE, PAYLOAD, PACKETS, GAPS, SOURCE, TARGET, CHANNEL,
        ],
        // Many connections that last, send a line now and then and are not answered.
        AttackKind::Slowloris => vec![
            ANSWER, SILENCE, PAYLOAD, LENGTH, GAPS, SOURCE, TARGET, CHANNEL, RHYTHM,
        ],
        // A login after another from one stranger to one server, all alike.
        AttackKind::SshBruteForce | AttackKind::FtpBruteForce => {
            vec![ENDS, PAYLOAD, SOURCE, TARGET, CHANNEL, RHYTHM]
        }
        // One flow to the resolver that lasts and carries long names and answers.
        AttackKind::DnsTunnel => vec![PAYLOAD, PACKETS, LENGTH, GAPS],
        // Alike reports at regular intervals to a host that nobody else talks to.
        AttackKind::Beacon => vec![TARGET, CHANNEL, RHYTHM],
        // One long upload to a host that nobody else talks to.
        AttackKind::Exfiltration => vec![PAYLOAD, PACKETS, LENGTH, GAPS, SOURCE, TARGET],
        _ => Vec::new(),
    }
}

/// Whether the attack's definition alters what this feature tells of.
pub(crate) fn is_altered(attack: AttackKind, feature: &str) -> bool {
    alters(attack)
        .into_iter()
        .flatten()
        .any(|start| feature.starts_with(start))
}
