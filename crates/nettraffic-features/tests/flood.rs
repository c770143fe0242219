//! What a flood of ten times the flow table does to the flows of others.
#![cfg(feature = "flow")]

use std::collections::HashMap;
use std::error::Error;
use std::net::IpAddr;

use nettraffic_capture::{
    IcmpAbout, IcmpHeader, IpProtocol, PacketMeta, TcpFlags, TcpHeader, Timestamp, Transport,
    UdpHeader,
};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::{Flow, FlowConfig, FlowKey};

const TABLE: usize = 8_192;
const FLOOD: u32 = 10 * TABLE as u32;
const REAL: u32 = 1_000;
const MILLIS: i64 = 1_000_000;
const SECONDS: i64 = 1_000 * MILLIS;

type Outcome = Result<(), Box<dyn Error>>;

/// Packets of other people's conversations, each at its time.
#[derive(Clone, Copy)]
struct Pace {
    /// Between the starts of two flows.
    stagger: i64,
    /// Between one exchange of a flow and the next.
    gap: i64,
    exchanges: u32,
}

/// A thousand flows within a minute, most of which end while the flood lasts.
const LIVELY: Pace = Pace {
    stagger: 40 * MILLIS,
    gap: 2 * SECONDS,
    exchanges: 10,
};

/// Flows that go on when the flood is over.
const LASTING: Pace = Pace {
    exchanges: 30,
    ..LIVELY
};

/// A packet a minute each, for a quarter of an hour.
const SLOW: Pace = Pace {
    stagger: 60 * MILLIS,
    gap: 60 * SECONDS,
    exchanges: 15,
};

fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(1_700_000_000 * SECONDS + nanos)
}

fn inside(number: u32) -> IpAddr {
    (0x0a00_0000 + number).to_be_bytes().into()
}

/// Addresses all over the world, each a different one.
fn spoofed(number: u32) -> IpAddr {
    (0x2000_0000 + number.wrapping_mul(0x0601_0107) % 0x8000_0000)
        .to_be_bytes()
        .into()
}

fn tcp(nanos: i64, from: (IpAddr, u16), to: (IpAddr, u16), flags: u8, payload: u32) -> PacketMeta {
    let mut packet = PacketMeta::new(at(nanos), from.0, to.0, IpProtocol::TCP);
    packet.transport = Transport::Tcp(TcpHeader {
        source_port: from.1,
        destination_port: to.1,
        flags: TcpFlags(flags),
        header_len: 20,
        ..TcpHeader::default()
    });
    packet.header_len = 40;
    packet.payload_len = payload;
    packet
}

fn udp(nanos: i64, from: (IpAddr, u16), to: (IpAddr, u16), payload: u32) -> PacketMeta {
    let mut packet = PacketMeta::new(at(nanos), from.0, to.0, IpProtocol::UDP);
    packet.transport = Transport::Udp(UdpHeader {
        source_port: from.1,
        destination_port: to.1,
    });
    packet.header_len = 28;
    packet.payload_len = payload;
    packet
}

fn echo(nanos: i64, from: IpAddr, to: IpAddr, kind: u8, identifier: u16) -> PacketMeta {
    let mut packet = PacketMeta::new(at(nanos), from, to, IpProtocol::ICMP);
    packet.transport = Transport::Icmp(IcmpHeader {
        kind,
        code: 0,
        about: IcmpAbout::Query(identifier),
    });
    packet.header_len = 28;
    packet.payload_len = 56;
    packet
}

const SYN: u8 = TcpFlags::SYN.0;
const ACK: u8 = TcpFlags::ACK.0;
const FIN: u8 = TcpFlags::FIN.0;
const RST: u8 = TcpFlags::RST.0;
const ROUND_TRIP: i64 = 40 * MILLIS;

/// TCP connections, UDP queries and pings, six to three to one.
fn conversations(pace: Pace) -> Vec<PacketMeta> {
    let mut packets = Vec::new();
    for number in 0..REAL {
        let start = i64::from(number) * pace.stagger;
        let port = 30_000 + number as u16;
        let (client, server) = (
            (inside(number), port),
            (inside(0xc0_0000 + number % 50), 443),
        );
        if number % 10 < 6 {
            for (after, from, to, flags) in [
                (0, client, server, SYN),
                (ROUND_TRIP, server, client, SYN | ACK),
                (ROUND_TRIP + MILLIS, client, server, ACK),
            ] {
                packets.push(tcp(start + after, from, to, flags, 0));
            }
        }
        for exchange in 0..pace.exchanges {
            let time = start + 2 * ROUND_TRIP + i64::from(exchange) * pace.gap;
            let answer = time + ROUND_TRIP;
            let payload = 100 + exchange * 7 + number % 13;
            match number % 10 {
                0..6 => {
                    packets.push(tcp(time, client, server, ACK, payload));
                    packets.push(tcp(answer, server, client, ACK, 3 * payload));
                }
                6..9 => {
                    packets.push(udp(time, client, server, payload));
                    packets.push(udp(answer, server, client, 3 * payload));
                }
                _ => {
                    packets.push(echo(time, client.0, server.0, 8, port));
                    packets.push(echo(answer, server.0, client.0, 0, port));
                }
            }
        }
        if number % 10 < 6 {
            let end = start + i64::from(pace.exchanges) * pace.gap + 10 * ROUND_TRIP;
            packets.push(tcp(end, client, server, FIN | ACK, 0));
            packets.push(tcp(end + ROUND_TRIP, server, client, FIN | ACK, 0));
            // The capture is taken near the client or near the server, or between.
            let last = end + ROUND_TRIP + i64::from(number % 41) * MILLIS;
            packets.push(tcp(last, client, server, ACK, 0));
        }
    }
    packets
}

/// What comes of the `number`th flow of a flood, which begins then.
type Attack = fn(u32, i64) -> Vec<PacketMeta>;

fn attack(attack: Attack, start: i64, length: i64) -> Vec<PacketMeta> {
    (0..FLOOD)
        .flat_map(|number| {
            attack(
                number,
                start + length / i64::from(FLOOD) * i64::from(number),
            )
        })
        .collect()
}

const VICTIM: u32 = 0xff_0001;

fn syn(number: u32, time: i64) -> Vec<PacketMeta> {
    let from = (spoofed(number), 1024 + (number % 60_000) as u16);
    vec![tcp(time, from, (inside(VICTIM), 80), SYN, 0)]
}

/// The victim answers, the last ACK never comes.
fn half_open(number: u32, time: i64) -> Vec<PacketMeta> {
    let from = (spoofed(number), 1024 + (number % 60_000) as u16);
    let victim = (inside(VICTIM), 80);
    vec![
        tcp(time, from, victim, SYN, 0),
        tcp(time + MILLIS, victim, from, SYN | ACK, 0),
        tcp(time + SECONDS, victim, from, SYN | ACK, 0),
    ]
}

/// The victim refuses what belongs to no connection.
fn refused(number: u32, time: i64) -> Vec<PacketMeta> {
    let from = (spoofed(number), 1024 + (number % 60_000) as u16);
    let victim = (inside(VICTIM), 80);
    vec![
        tcp(time, from, victim, ACK, 0),
        tcp(time + MILLIS, victim, from, RST, 0),
    ]
}

fn datagrams(number: u32, time: i64) -> Vec<PacketMeta> {
    let from = (spoofed(number), 1024 + (number % 60_000) as u16);
    vec![udp(
        time,
        from,
        (inside(VICTIM), (number % 50_000) as u16),
        512,
    )]
}

/// From outside in, and from inside out.
fn both_ways(number: u32, time: i64) -> Vec<PacketMeta> {
    let outside = (spoofed(number), 1024 + (number % 60_000) as u16);
    let (from, to) = match number % 2 {
        0 => (outside, (inside(VICTIM), 80)),
        _ => ((inside(VICTIM), outside.1), (outside.0, 80)),
    };
    vec![tcp(time, from, to, SYN, 0)]
}

/// Each flow comes a second time, so that none is stale when it is looked at first.
fn touched_twice(number: u32, time: i64) -> Vec<PacketMeta> {
    let from = (spoofed(number), 1024 + (number % 60_000) as u16);
    let packet = |time| tcp(time, from, (inside(VICTIM), 80), SYN, 0);
    vec![packet(time), packet(time + 500 * MILLIS)]
}

/// Whole conversations: nothing tells them from those of others.
fn answered(number: u32, time: i64) -> Vec<PacketMeta> {
    let from = (spoofed(number), 1024 + (number % 60_000) as u16);
    let victim = (inside(VICTIM), 53);
    vec![
        udp(time, from, victim, 40),
        udp(time + MILLIS, victim, from, 400),
    ]
}

type Records = HashMap<FlowKey, Vec<(Flow, Vec<u64>)>>;

/// The records of the real flows, and how many were evicted in all.
fn records(
    packets: &[PacketMeta],
    is_real: impl Fn(&FlowKey) -> bool,
) -> Result<(Records, u64), Box<dyn Error>> {
    let sets: Vec<_> = FeatureSet::names()
        .filter(|name| !["window", "context"].contains(name))
        .collect();
    let features = FeatureSet::named(&sets.join(","))?;
    let config = FlowConfig::default().with_max_flows(TABLE);
    let mut extractor = Extractor::new(features, config);
    let (mut records, mut row) = (Records::new(), Vec::new());
    let mut drain = |extractor: &mut Extractor| {
        while let Some(mut flow) = extractor.pop(&mut row) {
            if is_real(&flow.key) {
                // A closed connection that need not linger is given out sooner, and no different.
                flow.ended = flow.last;
                let bits = row.iter().map(|value| value.to_bits()).collect();
                records.entry(flow.key).or_default().push((flow, bits));
            }
            row.clear();
        }
    };
    for packets in packets.chunks(256) {
        extractor.push_all(packets);
        drain(&mut extractor);
        assert!(extractor.open() <= TABLE);
    }
    extractor.finish();
    drain(&mut extractor);
    Ok((records, extractor.counters().evicted))
}

/// Ten tables full of flood among a thousand flows: at least this share of these, in thousandths,
/// has the very records that it has without the flood.
#[track_caller]
fn check(pace: Pace, flood: Attack, length: i64, thousandths: usize) -> Outcome {
    let of_the_flood = |key: &FlowKey| {
        let victim = inside(VICTIM);
        key.initiator == victim || key.responder == victim
    };
    let mut packets = conversations(pace);
    packets.extend(attack(flood, 5 * SECONDS, length));
    packets.sort_by_key(|packet| packet.timestamp);
    for (sequence, packet) in (0..).zip(&mut packets) {
        packet.sequence = sequence;
    }
    let (with, evicted) = records(&packets, |key| !of_the_flood(key))?;
    packets
        .retain(|packet| packet.source != inside(VICTIM) && packet.destination != inside(VICTIM));
    let (without, _) = records(&packets, |_| true)?;

    assert_eq!(without.len(), REAL as usize);
    assert!(
        evicted > u64::from(FLOOD) / 2,
        "{evicted} evicted: no flood"
    );
    let same = without
        .iter()
        .filter(|(key, records)| with.get(key) == Some(records))
        .count();
    println!("{same} of {REAL} flows are the same; {evicted} evicted");
    assert!(
        same >= thousandths * without.len() / 1000,
        "{same} of {REAL} flows are the same"
    );
    Ok(())
}

#[test]
fn a_flood_of_syns_changes_no_flow_of_others() -> Outcome {
    check(LIVELY, syn, 30 * SECONDS, 1000)
}

#[test]
fn a_flood_that_is_answered_but_never_completed_changes_none() -> Outcome {
    check(LIVELY, half_open, 30 * SECONDS, 1000)
}

#[test]
fn a_flood_that_is_refused_changes_none() -> Outcome {
    check(LIVELY, refused, 30 * SECONDS, 1000)
}

#[test]
fn a_flood_of_datagrams_changes_none() -> Outcome {
    check(LIVELY, datagrams, 30 * SECONDS, 1000)
}

#[test]
fn a_flood_of_both_directions_changes_none() -> Outcome {
    check(LIVELY, both_ways, 30 * SECONDS, 1000)
}

#[test]
fn a_flood_whose_flows_come_twice_changes_none() -> Outcome {
    check(LIVELY, touched_twice, 30 * SECONDS, 1000)
}

#[test]
fn flows_of_a_packet_a_minute_outlive_a_flood() -> Outcome {
    check(SLOW, syn, 30 * SECONDS, 1000)?;
    check(SLOW, half_open, 600 * SECONDS, 1000)
}

/// Nothing but its end tells an answered flood from real flows; those that talk at least once
/// while the table is filled anew survive it.
#[test]
fn a_flood_of_whole_conversations_changes_no_flow_that_talks() -> Outcome {
    check(LASTING, answered, 40 * SECONDS, 1000)
}
