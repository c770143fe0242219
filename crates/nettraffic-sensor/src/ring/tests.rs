use std::error::Error;
use std::hint::black_box;
use std::time::Duration;

use nettraffic_capture::{IpProtocol, LinkType, Packet, Timestamp, from_reader};
use nettraffic_flow::FlowKey;
use proptest::prelude::*;

use super::*;

type Outcome = Result<(), Box<dyn Error>>;

const MARKER: &[u8] = b"SECRET-PAYLOAD-MARKER";

/// The beginning of a UDP packet, 28 bytes, in front of `rest`.
fn udp(source: [u8; 4], destination: [u8; 4], ports: (u16, u16), rest: &[u8]) -> Vec<u8> {
    let udp_len = (8 + rest.len()) as u16;
    let mut packet = ip(source, destination, 17, udp_len.into());
    packet.extend(
        [
            ports.0.to_be_bytes(),
            ports.1.to_be_bytes(),
            udp_len.to_be_bytes(),
            [0, 0],
        ]
        .concat(),
    );
    packet.extend(rest);
    packet
}

fn tcp(source: [u8; 4], destination: [u8; 4], ports: (u16, u16), rest: &[u8]) -> Vec<u8> {
    let mut packet = ip(source, destination, 6, 20 + rest.len());
    packet.extend([ports.0.to_be_bytes(), ports.1.to_be_bytes()].concat());
    packet.extend([0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 1, 0, 0, 0, 0, 0]);
    packet.extend(rest);
    packet
}

fn ip(source: [u8; 4], destination: [u8; 4], protocol: u8, payload: usize) -> Vec<u8> {
    let [high, low] = (20 + payload as u16).to_be_bytes();
    let mut packet = vec![0x45, 0, high, low, 0, 0, 0, 0, 64, protocol, 0, 0];
    packet.extend(source);
    packet.extend(destination);
    packet
}

fn ethernet(ethertype: &[u8], rest: &[u8]) -> Vec<u8> {
    [&[2; 12], ethertype, rest].concat()
}

const A: [u8; 4] = [10, 0, 0, 1];
const B: [u8; 4] = [10, 0, 0, 2];
const C: [u8; 4] = [10, 0, 0, 3];

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(second, 0)
}

fn extracted(ring: &PacketRing, wanted: &Wanted) -> Result<(Extracted, Vec<u8>), Box<dyn Error>> {
    let mut capture = Vec::new();
    let extracted = ring.extract(wanted, &mut capture)?;
    Ok((extracted, capture))
}

/// Seconds of the packets of a capture.
fn seconds(capture: &[u8]) -> Result<Vec<i64>, Box<dyn Error>> {
    let mut source = from_reader("memory", capture)?;
    let mut seconds = Vec::new();
    while let Some(packet) = source.next_packet()? {
        seconds.push(packet.timestamp.as_nanos() / 1_000_000_000);
    }
    Ok(seconds)
}

#[test]
fn payload_is_never_in_it_unless_asked_for() -> Outcome {
    let inner = tcp(A, B, (40_000, 80), MARKER);
    let vxlan = [&[8, 0, 0, 0, 0, 0, 7, 0][..], &ethernet(&[8, 0], &inner)].concat();
    let gre = [&ip(C, B, 47, 4 + inner.len())[..], &[0, 0, 8, 0], &inner].concat();
    let mut unreachable = ip(C, A, 1, 8 + inner.len());
    unreachable.extend([3, 1, 0, 0, 0, 0, 0, 0]);
    unreachable.extend(&inner);
    let mut fragment = udp(A, B, (5, 53), MARKER);
    fragment[7] = 9;
    for (what, frame, kept) in [
        ("tcp", ethernet(&[8, 0], &inner), 54),
        ("udp", ethernet(&[8, 0], &udp(A, B, (5, 53), MARKER)), 42),
        ("vlan", ethernet(&[0x81, 0, 0, 7, 8, 0], &inner), 58),
        (
            "vxlan",
            ethernet(&[8, 0], &udp(C, B, (9, 4_789), &vxlan)),
            42 + 8 + 54,
        ),
        ("gre", ethernet(&[8, 0], &gre), 14 + 24 + 40),
        ("icmp error", ethernet(&[8, 0], &unreachable), 14 + 28 + 40),
        (
            "icmp echo",
            ethernet(
                &[8, 0],
                &[
                    &ip(A, B, 1, 8 + MARKER.len())[..],
                    &[8, 0, 0, 0, 0, 1, 0, 1],
                    MARKER,
                ]
                .concat(),
            ),
            42,
        ),
        ("later fragment", ethernet(&[8, 0], &fragment), 34),
        (
            "no vxlan after all",
            ethernet(&[8, 0], &udp(C, B, (9, 4_789), MARKER)),
            42,
        ),
        (
            "unknown network protocol",
            ethernet(&[0x99, 0x99], MARKER),
            14,
        ),
        (
            "unknown transport",
            ethernet(
                &[8, 0],
                &[&ip(A, B, 200, MARKER.len())[..], MARKER].concat(),
            ),
            34,
        ),
        (
            "damaged",
            ethernet(&[8, 0], &[&[0x40, 0, 0, 0][..], MARKER].concat()),
            14,
        ),
    ] {
        for (keep, has_marker) in [(Keep::Headers, false), (Keep::Payload, true)] {
            let config = PacketRingConfig::default()
                .with_bytes(4_096)
                .keeping(keep, 500);
            let mut ring = PacketRing::new(config);
            let packet = Packet::new(at(1), LinkType::ETHERNET, &frame);
            ring.push(&packet);
            let holds = |bytes: &[u8]| bytes.windows(MARKER.len()).any(|window| window == MARKER);
            let (_, capture) = extracted(&ring, &Wanted::new(Who::Everyone))?;
            assert_eq!(holds(&capture), has_marker, "{what} {keep:?}");
            assert_eq!(holds(ring.ring.memory()), has_marker, "{what} {keep:?}");
            let held = ring.packets().next().ok_or("held")?;
            let expected = if has_marker { frame.len() } else { kept };
            assert_eq!(
                (held.data.len(), held.wire_len as usize),
                (expected, frame.len()),
                "{what} {keep:?}"
            );
        }
    }
    let mut ring = PacketRing::new(PacketRingConfig::default().keeping(Keep::Payload, 60));
    ring.push(&Packet::new(
        at(1),
        LinkType::ETHERNET,
        &ethernet(&[8, 0], &inner),
    ));
    assert_eq!(
        ring.packets()
            .map(|packet| packet.data.len())
            .collect::<Vec<_>>(),
        [60]
    );
    Ok(())
}

#[test]
fn packets_are_found_by_host_by_conversation_and_by_time() -> Outcome {
    let mut unreachable = ip(C, A, 1, 8 + 28);
    unreachable.extend([3, 3, 0, 0, 0, 0, 0, 0]);
    unreachable.extend(udp(A, B, (5, 53), &[]));
    let mut ring = PacketRing::new(PacketRingConfig::default().with_bytes(65_536));
    let packets = [
        udp(A, B, (5, 53), b"query"),
        udp(B, A, (53, 5), b"answer"),
        udp(A, B, (6, 53), b"query"),
        udp(A, C, (5, 53), b"query"),
        tcp(A, B, (5, 53), b"query"),
        unreachable,
        udp(C, B, (5, 53), b"query"),
        b"no packet".to_vec(),
    ];
    for (second, data) in packets.iter().enumerate() {
        ring.push(&Packet::new(at(second as i64), LinkType::RAW, data));
    }
    let hosts = |hosts: &[[u8; 4]]| Who::Hosts(hosts.iter().map(|host| (*host).into()).collect());
    let dns = FlowKey::new(A.into(), 5, B.into(), 53, IpProtocol::UDP);
    for (wanted, expected) in [
        (Wanted::new(Who::Everyone), &[0, 1, 2, 3, 4, 5, 6, 7][..]),
        (Wanted::new(Who::Everyone).between(at(2), at(4)), &[2, 3, 4]),
        (Wanted::new(hosts(&[A])), &[0, 1, 2, 3, 4, 5]),
        (Wanted::new(hosts(&[C])), &[3, 5, 6]),
        (Wanted::new(hosts(&[A, C])).between(at(5), at(9)), &[5, 6]),
        (Wanted::new(hosts(&[])), &[]),
        (Wanted::new(Who::Conversation(dns)), &[0, 1, 5]),
        (
            Wanted::new(Who::Conversation(dns)).between(at(1), at(1)),
            &[1],
        ),
    ] {
        let (found, capture) = extracted(&ring, &wanted)?;
        assert_eq!(seconds(&capture)?, expected, "{wanted:?}");
        assert_eq!(
            (found.packets, found.is_complete),
            (expected.len() as u64, true)
        );
    }
    Ok(())
}

#[test]
fn what_is_too_old_or_has_no_room_goes_and_is_counted() -> Outcome {
    // Room for four packets of 28 + 18 bytes.
    let config = PacketRingConfig::default()
        .with_bytes(200)
        .with_time(Duration::from_secs(10));
    let mut ring = PacketRing::new(config);
    let data = udp(A, B, (5, 53), b"query");
    let everyone = Wanted::new(Who::Everyone);
    for (second, expected, counters) in [
        (100, &[100][..], (0, 0)),
        (105, &[100, 105], (0, 0)),
        (110, &[100, 105, 110], (0, 0)),
        (111, &[105, 110, 111], (1, 0)),
        (112, &[105, 110, 111, 112], (1, 0)),
        (113, &[110, 111, 112, 113], (1, 1)),
        (112, &[111, 112, 113, 112], (1, 2)),
        (200, &[200], (5, 2)),
        // The clock stepped back.
        (50, &[50], (6, 2)),
    ] {
        ring.push(&Packet::new(at(second), LinkType::RAW, &data));
        let (_, capture) = extracted(&ring, &everyone)?;
        assert_eq!(seconds(&capture)?, expected, "{second}");
        let PacketRingCounters {
            pushed,
            held,
            expired,
            overwritten,
            too_large,
        } = ring.counters();
        assert_eq!((expired, overwritten), counters, "{second}");
        assert_eq!(pushed, held + expired + overwritten + too_large);
    }
    let since = |second| everyone.clone().between(at(second), at(1_000));
    assert!(!extracted(&ring, &since(200))?.0.is_complete);
    assert!(extracted(&ring, &since(201))?.0.is_complete);
    let mut small = PacketRing::new(PacketRingConfig::default().with_bytes(40));
    small.push(&Packet::new(at(1), LinkType::RAW, &data));
    assert_eq!((small.counters().held, small.counters().too_large), (0, 1));
    Ok(())
}

#[test]
fn times_that_pcapng_cannot_tell_are_counted() -> Outcome {
    let mut ring = PacketRing::new(PacketRingConfig::default().with_bytes(1_000));
    ring.push(&Packet::new(
        at(-5),
        LinkType::RAW,
        &udp(A, B, (5, 53), b""),
    ));
    ring.push(&Packet::new(at(5), LinkType::RAW, &udp(A, B, (5, 53), b"")));
    let (found, capture) = extracted(&ring, &Wanted::new(Who::Everyone))?;
    assert_eq!(
        (found.packets, found.not_written, seconds(&capture)?),
        (1, 1, vec![5])
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The ring holds what a plain queue would, of the same packets.
    #[test]
    fn holds_the_last_packets_whole(
        packets in prop::collection::vec((0_usize..60, 0_i64..30), 0..120),
        bytes in 0_usize..400,
    ) {
        let config = PacketRingConfig::default().with_bytes(bytes).with_time(Duration::from_secs(20)).keeping(Keep::Payload, 50);
        let mut ring = PacketRing::new(config);
        let mut pushed = Vec::new();
        for (number, (len, second)) in packets.iter().enumerate() {
            let data = vec![number as u8; *len];
            ring.push(&Packet::new(at(*second), LinkType::RAW, &data));
            pushed.push((at(*second), data[..(*len).min(50)].to_vec()));
            let held: Vec<_> = ring.packets().map(|packet| (packet.timestamp, packet.data.to_vec())).collect();
            let counters = ring.counters();
            prop_assert_eq!(counters.held, held.len() as u64);
            prop_assert_eq!(counters.pushed, counters.held + counters.expired + counters.overwritten + counters.too_large);
            if counters.too_large == 0 {
                prop_assert!(pushed.ends_with(&held));
                // What went had to: with it there would be no room, even without the gap at the end.
                let sizes: usize = held.iter().map(|(_, data)| 18 + data.len()).sum();
                prop_assert!(sizes <= bytes);
            }
        }
    }
}

/// Time on the processor of this thread, so that a busy machine does not count.
fn cpu_nanos() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = times.split(' ').next().and_then(|nanos| nanos.parse().ok());
    first.unwrap_or_default()
}

/// `cargo test --release -p nettraffic-sensor --lib ring::tests::cost -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn cost_of_a_packet() {
    let inner = tcp(A, B, (40_000, 80), &[7; 74]);
    let mut frames = vec![("tcp", ethernet(&[8, 0], &inner))];
    let vxlan = [
        &[8, 0, 0, 0, 0, 0, 7, 0][..],
        &ethernet(&[8, 0], &tcp(A, B, (1, 2), &[7; 20])),
    ]
    .concat();
    frames.push(("vxlan", ethernet(&[8, 0], &udp(C, B, (9, 4_789), &vxlan))));
    for (what, frame) in &frames {
        for keep in [Keep::Headers, Keep::Payload] {
            let mut best = f64::INFINITY;
            for _ in 0..7 {
                let mut ring = PacketRing::new(
                    PacketRingConfig::default()
                        .with_bytes(8 << 20)
                        .keeping(keep, 256),
                );
                let count = 2_000_000;
                let begin = cpu_nanos();
                for number in 0..count {
                    let time = Timestamp::from_nanos(number * 1_000);
                    ring.push(black_box(&Packet::new(time, LinkType::ETHERNET, frame)));
                }
                best = best.min((cpu_nanos() - begin) / count as f64);
                black_box(ring.counters());
            }
            println!(
                "{what}, {} bytes, {keep:?}: {best:.1} ns a packet",
                frame.len()
            );
        }
    }
}
