//! What the generated captures promise, checked on their bytes by a decoder of its own.

mod decode;

use decode::{ACK, FIN, Key, RST, SYN, Seen, be16, be32, read, verify, walk};
use nettraffic_synth::{Activity, Attack, AttackKind, BENIGN, Benign, Scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const SECOND: u64 = 1_000_000_000;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn busy(seed: u64) -> Scenario {
    Scenario::new(seed)
        .duration(seconds(240))
        .hosts(6)
        .benign(Benign::default_mix().scaled(2.0))
}

fn conversations(packets: &[Seen]) -> BTreeMap<Key, Vec<&Seen>> {
    let mut map: BTreeMap<Key, Vec<&Seen>> = BTreeMap::new();
    for packet in packets {
        map.entry(packet.key()).or_default().push(packet);
    }
    map
}

/// The attack alone, one minute in, with its packets.
fn alone(kind: AttackKind) -> Vec<Seen> {
    let attack = Attack::new(kind).at(seconds(60)).lasting(seconds(40));
    let capture = Scenario::new(5)
        .duration(seconds(400))
        .benign(Benign::none())
        .attack(attack)
        .synthesize();
    let packets = walk(&capture, verify);
    assert!(
        packets.iter().all(|packet| packet.label == kind.label()),
        "{kind:?}"
    );
    assert!(
        packets[0].at >= 1_704_067_260 * SECOND,
        "{kind:?} begins when told"
    );
    packets
}

#[test]
fn packets_are_sound_and_in_time_order() {
    let packets = walk(&busy(1).synthesize(), verify);
    assert!(packets.len() > 5_000, "{} packets", packets.len());
    assert!(packets.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let start = 1_704_067_200 * SECOND;
    assert!(
        packets
            .iter()
            .all(|p| (start..start + 240 * SECOND).contains(&p.at))
    );
}

#[test]
fn the_seed_decides_every_byte() {
    let small = |seed| {
        Scenario::new(seed)
            .duration(seconds(60))
            .hosts(3)
            .pcap_bytes()
    };
    let fnv = |bytes: &[u8]| {
        bytes.iter().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        })
    };
    assert_eq!(small(1), small(1));
    assert_ne!(small(1), small(2));
    // Changes only when the generator changes: then captures made before cannot be made again.
    assert_eq!(format!("{:016x}", fnv(&small(1))), "09d42d3ce8c260a7");
}

#[test]
fn an_attack_leaves_the_benign_packets_as_they_are() {
    let benign = read(&busy(3).synthesize());
    let attacked = AttackKind::ALL.into_iter().fold(busy(3), |s, kind| {
        s.attack(Attack::new(kind).at(seconds(30)))
    });
    let attacked = read(&attacked.synthesize());
    let left: Vec<_> = attacked
        .iter()
        .filter(|packet| packet.label == BENIGN)
        .collect();
    assert_eq!(left.len(), benign.len());
    assert!(
        left.iter()
            .zip(&benign)
            .all(|(a, b)| (a.at, a.seq, &a.payload) == (b.at, b.seq, &b.payload))
    );
}

#[test]
fn rules_label_exactly_the_attack_packets() {
    // The scans probe the flooded port while the flood lasts: its rule must come last.
    let spoofed = Attack::new(AttackKind::SynFlood)
        .spoofed()
        .at(seconds(60))
        .lasting(seconds(30))
        .rate(40.0);
    let everything = AttackKind::ALL
        .into_iter()
        .fold(busy(4).attack(spoofed), |s, kind| {
            s.attack(Attack::new(kind).at(seconds(60)).lasting(seconds(30)))
        });
    let capture = everything.synthesize();
    let mut labels = BTreeSet::new();
    let packets = read(&capture);
    let rules = &capture.truth.rules;
    for packet in &packets {
        let first = rules.iter().find(|rule| {
            rule.matches((packet.at, packet.at), packet.src, packet.dst, packet.proto)
        });
        assert_eq!(
            first.map_or(BENIGN, |rule| rule.label),
            packet.label,
            "{packet:?}"
        );
        labels.insert(packet.label);
    }
    assert_eq!(labels.len(), AttackKind::ALL.len() + 1, "{labels:?}");
    // Whole flows, however long they last, match no rule but their own.
    for packets in conversations(&packets).values() {
        let (first, last) = (packets[0], packets[packets.len() - 1]);
        let span = (first.at, last.at);
        let rule = rules
            .iter()
            .find(|rule| rule.matches(span, first.src, first.dst, first.proto));
        assert_eq!(rule.map_or(BENIGN, |rule| rule.label), last.label);
    }
    assert_eq!(
        capture.truth.rules_csv().lines().count(),
        capture.truth.rules.len() + 1
    );
}

#[test]
fn sequence_numbers_are_consistent() {
    let capture = busy(6)
        .benign(Benign::default_mix().scaled(2.0).losing(0.02))
        .synthesize();
    let packets = read(&capture);
    let (mut whole, mut retransmitted, mut lost_before) = (0, 0, 0);
    for packets in conversations(&packets)
        .values()
        .filter(|packets| packets[0].proto == 6)
    {
        assert!(
            packets[0].is(SYN) && !packets[0].is(ACK),
            "begins with a SYN: {:?}",
            packets[0]
        );
        let client = packets[0].src;
        let side = |packet: &Seen| usize::from(packet.src != client);
        // The end of what each side has sent so far, once it has sent anything.
        let mut sent: [Option<u32>; 2] = [None; 2];
        let mut acked: [Option<u32>; 2] = [None; 2];
        for packet in packets {
            let me = side(packet);
            let end = packet.seq.wrapping_add(packet.extent());
            if packet.is(ACK) && !packet.is(RST) {
                let theirs = sent[1 - me].expect("acknowledges somebody who has spoken");
                // What was lost before the capture point is never acknowledged before it is repeated.
                assert!(
                    theirs.wrapping_sub(packet.ack) as i32 >= 0,
                    "acknowledges only what was sent: {packet:?}"
                );
                if let Some(before) = acked[me].replace(packet.ack) {
                    assert!(
                        packet.ack.wrapping_sub(before) as i32 >= 0,
                        "never takes back an ACK: {packet:?}"
                    );
                }
            }
            if packet.extent() == 0 || packet.is(RST) {
                continue;
            }
            match sent[me] {
                Some(high) if (end.wrapping_sub(high) as i32) <= 0 => retransmitted += 1,
                Some(high) => {
                    lost_before += u32::from(packet.seq != high);
                    sent[me] = Some(end);
                }
                None => sent[me] = Some(end),
            }
        }
        if packets.iter().any(|packet| packet.is(FIN)) {
            whole += 1;
            assert!(packets[1].is(SYN), "the handshake comes first");
        }
    }
    assert!(whole > 200, "{whole} connections were closed");
    assert!(
        retransmitted > 50 && lost_before > 20,
        "{retransmitted} again, {lost_before} gaps"
    );
}

#[test]
fn every_benign_activity_does_something_of_its_own() {
    let ports = [
        (Activity::Browse, vec![443]),
        (Activity::LookUp, vec![53]),
        (Activity::ReadMail, vec![993]),
        (Activity::Shell, vec![22]),
        (Activity::CopyFiles, vec![2049]),
        (Activity::BackUp, vec![443]),
        (Activity::Download, vec![80, 443]),
        (Activity::AskTime, vec![123]),
        (Activity::Poll, vec![443]),
        (Activity::VisitUs, vec![80, 443]),
        (Activity::DeliverMail, vec![25]),
        (Activity::Ping, vec![0]),
        (Activity::Call, vec![]),
    ];
    for (activity, ports) in ports {
        let benign = Benign::none().with(activity, 120.0);
        let packets = read(
            &Scenario::new(8)
                .duration(seconds(300))
                .hosts(4)
                .benign(benign)
                .synthesize(),
        );
        let own = packets
            .iter()
            .filter(|p| ports.contains(&p.src.1) || ports.contains(&p.dst.1))
            .count();
        assert!(
            packets.len() > 40,
            "{activity:?}: {} packets",
            packets.len()
        );
        assert!(
            ports.is_empty() || own * 2 > packets.len(),
            "{activity:?}: {own} of {}",
            packets.len()
        );
    }
}

#[test]
fn connections_end_in_many_ways() {
    let packets = read(&busy(9).duration(seconds(600)).synthesize());
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for packets in conversations(&packets)
        .values()
        .filter(|packets| packets[0].proto == 6)
    {
        let answered = packets.iter().any(|packet| packet.is(SYN | ACK));
        let fins: BTreeSet<_> = packets
            .iter()
            .filter(|p| p.is(FIN))
            .map(|p| p.src)
            .collect();
        let reset = packets.iter().any(|packet| packet.is(RST));
        let end = match (answered, fins.len(), reset) {
            (false, _, true) => "refused",
            (false, _, false) => "no answer",
            (true, 2, false) => "closed by both",
            (true, _, true) => "reset",
            (true, ..) => "open",
        };
        *ends.entry(end).or_default() += 1;
    }
    for end in ["refused", "no answer", "closed by both", "reset", "open"] {
        assert!(
            ends.get(end).is_some_and(|count| *count >= 5),
            "{end}: {ends:?}"
        );
    }
}

#[test]
fn scans_touch_many_ports_and_find_few_open() {
    for (kind, proto) in [
        (AttackKind::SynScan, 6),
        (AttackKind::ConnectScan, 6),
        (AttackKind::UdpScan, 17),
    ] {
        let packets = alone(kind);
        let scanner = packets[0].src.0;
        let probed: BTreeSet<_> = packets
            .iter()
            .filter(|p| p.src.0 == scanner && p.proto == proto)
            .map(|p| p.dst)
            .collect();
        let open: BTreeSet<_> = packets
            .iter()
            .filter(|p| p.is(SYN | ACK))
            .map(|p| p.src)
            .collect();
        let closed = packets
            .iter()
            .filter(|p| p.dst.0 == scanner && (p.is(RST) || p.proto == 1))
            .count();
        assert!(probed.len() > 200, "{kind:?}: {} ports", probed.len());
        assert!(
            closed > 50 && open.len() * 5 < probed.len(),
            "{kind:?}: {closed} closed, {} open",
            open.len()
        );
        assert_eq!(open.is_empty(), proto == 17, "{kind:?}");
        let data: usize = packets
            .iter()
            .filter(|p| p.src.0 == scanner && proto == 6)
            .map(|p| p.payload.len())
            .sum();
        assert_eq!(data, 0, "{kind:?} sends no data");
    }
    // Only the connect scan completes a handshake.
    let completes = |kind| alone(kind).iter().any(|p| p.flags == ACK);
    assert!(completes(AttackKind::ConnectScan) && !completes(AttackKind::SynScan));
}

#[test]
fn unreachable_messages_quote_the_probe() {
    let packets = alone(AttackKind::UdpScan);
    let probes: BTreeSet<_> = packets
        .iter()
        .filter(|p| p.proto == 17)
        .map(|p| (p.src, p.dst))
        .collect();
    let refusals: Vec<_> = packets.iter().filter(|p| p.proto == 1).collect();
    assert!(!refusals.is_empty());
    for refusal in refusals {
        let quote = &refusal.payload;
        let end = |ip: usize, port: usize| {
            (
                IpAddr::from(Ipv4Addr::from(be32(quote, ip))),
                be16(quote, port),
            )
        };
        assert!(probes.contains(&(end(12, 20), end(16, 22))), "{refusal:?}");
        assert_eq!(refusal.src.0, end(16, 22).0);
    }
}

#[test]
fn floods_come_at_their_rate_and_never_finish_a_handshake() {
    let spoofed = Attack::new(AttackKind::SynFlood)
        .spoofed()
        .rate(100.0)
        .lasting(seconds(30));
    let capture = Scenario::new(5)
        .duration(seconds(60))
        .benign(Benign::none())
        .attack(spoofed)
        .synthesize();
    for (packets, rate, sources) in [
        (alone(AttackKind::SynFlood), 200, 6),
        (read(&capture), 100, 2_000),
    ] {
        let syns: Vec<_> = packets.iter().filter(|p| p.flags == SYN).collect();
        let senders: BTreeSet<_> = syns.iter().map(|p| p.src.0).collect();
        let targets: BTreeSet<_> = syns.iter().map(|p| p.dst).collect();
        let expected = rate * if rate == 200 { 40 } else { 30 };
        assert!(
            syns.len().abs_diff(expected) < expected / 10,
            "{} SYNs for {expected}",
            syns.len()
        );
        assert!(
            senders.len() >= sources && targets.len() == 1,
            "{} senders",
            senders.len()
        );
        assert!(
            packets
                .iter()
                .all(|p| p.flags != ACK && p.payload.is_empty())
        );
    }
    let datagrams = alone(AttackKind::UdpFlood)
        .iter()
        .filter(|p| p.proto == 17)
        .count();
    assert!(datagrams.abs_diff(12_000) < 1_500, "{datagrams} datagrams");
}

#[test]
fn slow_requests_stay_open_and_never_end() {
    let packets = alone(AttackKind::Slowloris);
    let conversations = conversations(&packets);
    assert!(
        conversations.len() > 25,
        "{} connections",
        conversations.len()
    );
    for packets in conversations.values() {
        let client = packets[0].src;
        let request: Vec<u8> = packets
            .iter()
            .filter(|p| p.src == client)
            .flat_map(|p| p.payload.clone())
            .collect();
        assert!(
            !request.windows(4).any(|end| end == b"\r\n\r\n"),
            "the request never ends"
        );
        assert!(
            packets
                .iter()
                .filter(|p| p.src != client)
                .all(|p| p.payload.is_empty()),
            "no response"
        );
    }
    let longest = conversations
        .values()
        .map(|p| p[p.len() - 1].at - p[0].at)
        .max();
    assert!(longest > Some(30 * SECOND));
}

#[test]
fn guesses_are_many_and_all_fail() {
    for (kind, port) in [
        (AttackKind::SshBruteForce, 22),
        (AttackKind::FtpBruteForce, 21),
    ] {
        let packets = alone(kind);
        let conversations = conversations(&packets);
        assert!(
            conversations.len() >= 15,
            "{kind:?}: {}",
            conversations.len()
        );
        let targets: BTreeSet<_> = packets
            .iter()
            .filter(|p| p.flags == SYN)
            .map(|p| p.dst)
            .collect();
        assert!(targets.len() == 1 && targets.iter().all(|target| target.1 == port));
    }
    let failed = |p: &Seen| p.payload.starts_with(b"530 ");
    let accepted = |p: &Seen| p.payload.starts_with(b"230 ");
    let packets = alone(AttackKind::FtpBruteForce);
    assert!(packets.iter().filter(|p| failed(p)).count() > 15 && !packets.iter().any(accepted));
}

#[test]
fn a_tunnel_carries_long_names_over_one_socket() {
    let packets = alone(AttackKind::DnsTunnel);
    let queries: Vec<_> = packets.iter().filter(|p| p.dst.1 == 53).collect();
    assert!(queries.len() > 200, "{} queries", queries.len());
    assert!(
        queries.iter().all(|p| p.payload.len() > 140),
        "data in every name"
    );
    let names: BTreeSet<_> = queries.iter().map(|p| &p.payload[12..]).collect();
    assert_eq!(names.len(), queries.len(), "no name twice");
    assert_eq!(conversations(&packets).len(), 1);
}

#[test]
fn a_beacon_is_regular_and_small() {
    let beacon = Attack::new(AttackKind::Beacon).lasting(seconds(600));
    let capture = Scenario::new(2)
        .duration(seconds(620))
        .benign(Benign::none())
        .attack(beacon)
        .synthesize();
    let packets = read(&capture);
    let starts: Vec<u64> = packets
        .iter()
        .filter(|p| p.flags == SYN)
        .map(|p| p.at)
        .collect();
    assert!(starts.len().abs_diff(40) <= 2, "{} reports", starts.len());
    for pair in starts.windows(2) {
        assert!(
            (13 * SECOND..18 * SECOND).contains(&(pair[1] - pair[0])),
            "{} ns apart",
            pair[1] - pair[0]
        );
    }
    for packets in conversations(&packets).values() {
        assert!(packets.iter().map(|p| p.payload.len()).sum::<usize>() < 16_000);
    }
}

#[test]
fn exfiltration_uploads_far_more_than_it_downloads() {
    let packets = alone(AttackKind::Exfiltration);
    let client = packets[0].src;
    let up: usize = packets
        .iter()
        .filter(|p| p.src == client)
        .map(|p| p.payload.len())
        .sum();
    let down: usize = packets
        .iter()
        .filter(|p| p.src != client)
        .map(|p| p.payload.len())
        .sum();
    assert!(
        up.abs_diff(40 * 36_000) < 200_000 && up > 50 * down,
        "{up} up, {down} down"
    );
}

#[test]
fn wild_settings_are_tamed() {
    let attack = Attack::new(AttackKind::Beacon)
        .rate(f64::NAN)
        .at(Duration::MAX)
        .lasting(Duration::MAX);
    let mut generator = Scenario::new(u64::MAX)
        .start_ns(u64::MAX)
        .duration(Duration::MAX)
        .hosts(0)
        .packets(2_000)
        .benign(Benign::default_mix().losing(9.0))
        .attack(attack)
        .generate();
    while generator.next_packet().is_some() {}
    assert_eq!(generator.packets(), 2_000);
    assert!(generator.rules().is_empty(), "the attack never comes");
}

#[test]
fn named_scenarios_hold_what_they_say() {
    for (name, about) in Scenario::NAMES {
        let scenario = Scenario::named(name, 1).expect("a scenario of every name");
        assert!(!about.is_empty());
        let mut generator = scenario.packets(20_000).generate();
        while generator.next_packet().is_some() {}
        assert!(
            generator.packets() > 3_000,
            "{name}: {} packets",
            generator.packets()
        );
    }
    assert!(
        AttackKind::ALL
            .iter()
            .all(|kind| Scenario::named(kind.scenario_name(), 1).is_ok())
    );
    let unknown = Scenario::named("nonsense", 1).expect_err("there is none");
    assert!(unknown.to_string().contains("nonsense") && unknown.to_string().contains("demo"));
}

#[test]
fn the_demo_is_as_large_as_it_should_be() {
    let capture = Scenario::named("demo", 42).expect("the demo").synthesize();
    let packets = read(&capture);
    let flows = |wanted: fn(&str) -> bool| {
        let chosen = packets.iter().filter(|p| wanted(p.label)).map(Seen::key);
        chosen.collect::<BTreeSet<_>>().len()
    };
    let benign = flows(|label| label == BENIGN);
    assert!(
        (5_000..=8_000).contains(&benign),
        "{benign} benign conversations"
    );
    assert!(
        capture.pcap.len() <= 60_000_000,
        "{} bytes",
        capture.pcap.len()
    );
    let first = capture.truth.rules.iter().map(|rule| rule.start_ns).min();
    assert!(
        first >= Some(packets[0].at + 9 * 60 * SECOND),
        "the first quarter is benign"
    );
    let labels: BTreeSet<_> = packets.iter().map(|packet| packet.label).collect();
    assert_eq!(labels.len(), 12);
}
