//! Anonymised captures: no address shows through, and nothing else changes.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use nettraffic_capture::{
    AnonymizeOptions, Anonymizer, Checksums, DecodeConfig, Decoder, IcmpAbout, LinkType,
    MacAddresses, Packet, PacketMeta, PseudonymDirection, PseudonymKey, Timestamp, Transport,
    decode, open,
};
use proptest::prelude::*;

/// Addresses whose bytes stand nowhere in a packet by chance.
const HOST: [u8; 4] = [93, 184, 216, 34];
const PEER: [u8; 4] = [151, 101, 65, 67];
const HOST6: [u8; 16] = *b"\x2a\x03\x28\x80\xf1\x2f\x83\xa1\xfa\xce\xb0\x0c\x5e\x5d\x25\xde";
const PEER6: [u8; 16] = *b"\x26\x06\x28\x35\x73\xb9\xc1\xd2\xe3\xf4\x95\xa6\xb7\xc8\xd9\xea";
const MAC: [u8; 6] = [0x00, 0x1b, 0x21, 0xab, 0xcd, 0xef];
const PEER_MAC: [u8; 6] = [0x3c, 0x52, 0x82, 0x98, 0x76, 0x54];

#[test]
fn no_address_shows_through_wherever_it_stands() -> Result<(), Box<dyn Error>> {
    let inverted = HOST.map(|byte| !byte);
    let secrets: [&[u8]; 9] = [
        &inverted[..3],
        &HOST[..3],
        &PEER[..3],
        &HOST6[..6],
        &HOST6[8..13],
        &PEER6[..6],
        &PEER6[8..13],
        &MAC[3..],
        &PEER_MAC[3..],
    ];
    for (name, link_type, bytes) in kinds() {
        assert!(has_any(&bytes, &secrets), "{name}: nothing to hide");
        // Cut anywhere: half an address must not show either.
        for len in 0..=bytes.len() {
            let mut packet = Packet::new(Timestamp::default(), link_type, &bytes[..len]);
            packet.wire_len = bytes.len() as u32;
            let mut buffer = Vec::new();
            let shown =
                anonymizer(PseudonymDirection::Pseudonymise)?.anonymize(&packet, &mut buffer);
            assert!(
                !has_any(shown.data, &secrets),
                "{name} cut to {len}: {:02x?}",
                shown.data
            );
            assert!(
                shown.data.len() <= len && shown.wire_len == packet.wire_len,
                "{name}"
            );
            assert_eq!(
                decode(&packet).map(nameless),
                decode(&shown).map(nameless),
                "{name} {len}"
            );
        }
    }
    Ok(())
}

#[test]
fn addresses_inside_of_messages_have_the_pseudonyms_of_those_outside() -> Result<(), Box<dyn Error>>
{
    let (host, peer) = (pseudonym(HOST)?, pseudonym(PEER)?);
    for (name, times) in [
        ("arp", 2),
        ("record route", 4),
        ("loose source route", 4),
        ("ip timestamps", 3),
        ("redirect", 5),
        ("unreachable", 4),
        ("igmp report", 3),
        ("ip in gre in ip", 4),
        ("6to4", 4),
        ("teredo", 4),
        ("multipath tcp", 3),
    ] {
        let (_, link_type, bytes) = kinds()
            .into_iter()
            .find(|kind| kind.0 == name)
            .ok_or(name)?;
        let packet = Packet::new(Timestamp::default(), link_type, &bytes);
        let mut buffer = Vec::new();
        let shown = anonymizer(PseudonymDirection::Pseudonymise)?.anonymize(&packet, &mut buffer);
        let found = |address: [u8; 4]| {
            let inverted = address.map(|byte| !byte);
            let all = shown.data.windows(4);
            all.filter(|four| **four == address || **four == inverted)
                .count()
        };
        assert_eq!(
            found(host) + found(peer),
            times,
            "{name}: {:02x?}",
            shown.data
        );
    }
    Ok(())
}

#[test]
fn a_frame_to_a_group_goes_to_the_pseudonym_of_the_group() -> Result<(), Box<dyn Error>> {
    let group = [239, 77, 88, 99];
    let datagram = ipv4(17, HOST, group, &[], &[0; 8]);
    let frame = ethernet([0x01, 0x00, 0x5e, 77, 88, 99], 0x0800, &datagram);
    let packet = Packet::new(Timestamp::default(), LinkType::ETHERNET, &frame);
    let mut buffer = Vec::new();
    let shown = anonymizer(PseudonymDirection::Pseudonymise)?.anonymize(&packet, &mut buffer);
    let [_, second, third, fourth] = pseudonym(group)?;
    assert_eq!(
        shown.data[..6],
        [0x01, 0x00, 0x5e, second & 0x7f, third, fourth]
    );
    assert_eq!(shown.data[30..34], pseudonym(group)?);
    let mut restored = Vec::new();
    let restored = anonymizer(PseudonymDirection::Restore)?.anonymize(&shown, &mut restored);
    assert_eq!(restored.data, &frame[..restored.data.len()]);
    Ok(())
}

#[test]
fn options_keep_macs_and_shift_time() -> Result<(), Box<dyn Error>> {
    let frame = ethernet(PEER_MAC, 0x0800, &ipv4(17, HOST, PEER, &[], &[0; 8]));
    let packet = Packet::new(Timestamp::from_seconds(100, 7), LinkType::ETHERNET, &frame);
    let options = AnonymizeOptions::default()
        .with_mac_addresses(MacAddresses::Kept)
        .with_shift_nanos(-99_000_000_005);
    let mut buffer = Vec::new();
    let shown = Anonymizer::new(&key()?, options).anonymize(&packet, &mut buffer);
    assert_eq!(shown.timestamp, Timestamp::from_seconds(1, 2));
    assert_eq!(shown.data[..12], frame[..12]);
    assert_ne!(shown.data[26..30], HOST);
    Ok(())
}

proptest! {
    #[test]
    fn whatever_a_packet_is_it_decodes_as_before_and_never_grows(
        kind in 0..kinds().len(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        room in 0..3u32,
    ) {
        let (name, link_type, mut bytes) = kinds().swap_remove(kind);
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let len = if room == 0 { cut.index(bytes.len()) } else { bytes.len() };
        let mut packet = Packet::new(Timestamp::default(), link_type, &bytes[..len]);
        packet.wire_len = bytes.len() as u32;
        let failed = |error: Box<dyn Error>| TestCaseError::fail(error.to_string());
        let mut buffer = Vec::new();
        let shown = anonymizer(PseudonymDirection::Pseudonymise).map_err(failed)?.anonymize(&packet, &mut buffer);
        prop_assert!(shown.data.len() <= len);
        prop_assert_eq!(decode(&packet).map(nameless), decode(&shown).map(nameless), "{}", name);
        let mut restored = Vec::new();
        let restored = anonymizer(PseudonymDirection::Restore).map_err(failed)?.anonymize(&shown, &mut restored);
        prop_assert_eq!(decode(&packet), decode(&restored), "{}", name);
    }
}

#[test]
fn real_captures_decode_as_before_and_lead_back() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(());
    };
    let (mut packets, mut problems) = (0, Vec::new());
    for path in captures(&corpus)? {
        let mut source = open(&path)?;
        let mut there = anonymizer(PseudonymDirection::Pseudonymise)?;
        let mut back = anonymizer(PseudonymDirection::Restore)?;
        let (mut shown, mut restored) = (Vec::new(), Vec::new());
        let mut pseudonyms = BTreeMap::new();
        loop {
            let packet = match source.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => break,
                Err(_) => continue,
            };
            packets += 1;
            let shown = there.anonymize(&packet, &mut shown);
            let restored = back.anonymize(&shown, &mut restored);
            let (before, after) = (decode(&packet), decode(&shown));
            let mut hold = |holds: bool, what: &str| {
                if !holds {
                    let place = format!("{} packet {}", path.display(), packet.sequence);
                    problems.push(format!("{place}: {what}: {before:?}, {after:?}"));
                }
            };
            hold(
                before.map(nameless) == after.map(nameless),
                "decodes as before",
            );
            hold(before == decode(&restored), "is restored");
            hold(
                checksums(&packet) == checksums(&refilled(&shown, &packet, &mut Vec::new())),
                "checksums",
            );
            if let (Ok(before), Ok(after)) = (before, after) {
                for (address, pseudonym) in [
                    (before.source, after.source),
                    (before.destination, after.destination),
                ] {
                    let known = *pseudonyms.entry(address).or_insert(pseudonym);
                    hold(known == pseudonym, "one pseudonym for one address");
                }
            }
        }
        let distinct: BTreeSet<&IpAddr> = pseudonyms.values().collect();
        if distinct.len() != pseudonyms.len() {
            problems.push(format!("{}: shared pseudonyms", path.display()));
        }
    }
    assert!(packets > 100_000, "{packets}");
    assert!(
        problems.is_empty(),
        "{} of {packets}:\n{}",
        problems.len(),
        problems.join("\n")
    );
    Ok(())
}

/// `shown` with the payload of `packet` put back.
fn refilled<'a>(shown: &Packet<'_>, packet: &Packet<'_>, buffer: &'a mut Vec<u8>) -> Packet<'a> {
    buffer.clear();
    buffer.extend_from_slice(shown.data);
    buffer.extend_from_slice(packet.data.get(shown.data.len()..).unwrap_or(&[]));
    let mut whole = Packet::new(packet.timestamp, packet.link_type, buffer);
    whole.wire_len = packet.wire_len;
    whole
}

/// What checking the checksums of a packet gives.
fn checksums(packet: &Packet<'_>) -> Option<Checksums> {
    let mut decoder = Decoder::new(DecodeConfig::default().with_checksums());
    decoder.decode(packet).ok().map(|meta| meta.checksums)
}

/// The captures in a folder and in the folders in it.
fn captures(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut captures = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            captures.extend(self::captures(&path)?);
        } else if open(&path).is_ok() {
            captures.push(path);
        }
    }
    captures.sort();
    Ok(captures)
}

fn key() -> Result<PseudonymKey, Box<dyn Error>> {
    Ok(PseudonymKey::from_hex(
        &("a7".repeat(16) + &"1c".repeat(16)),
    )?)
}

fn anonymizer(direction: PseudonymDirection) -> Result<Anonymizer, Box<dyn Error>> {
    let options = AnonymizeOptions::default().with_direction(direction);
    Ok(Anonymizer::new(&key()?, options))
}

/// What becomes of an address in a plain packet.
fn pseudonym(address: [u8; 4]) -> Result<[u8; 4], Box<dyn Error>> {
    let bytes = ipv4(17, address, address, &[], &[0; 8]);
    let packet = Packet::new(Timestamp::default(), LinkType::RAW, &bytes);
    let mut buffer = Vec::new();
    let shown = anonymizer(PseudonymDirection::Pseudonymise)?.anonymize(&packet, &mut buffer);
    Ok(shown.data[12..16].try_into()?)
}

/// The facts of a packet without those that are meant to change.
fn nameless(mut meta: PacketMeta) -> PacketMeta {
    let nobody = IpAddr::from([0; 4]);
    (meta.source, meta.destination) = (nobody, nobody);
    match &mut meta.transport {
        Transport::Arp(arp) => (arp.sender, arp.target) = (None, None),
        Transport::Icmp(icmp) => {
            if let IcmpAbout::Quoted(quoted) = &mut icmp.about {
                (quoted.source, quoted.destination) = (nobody, nobody);
            }
        }
        _ => {}
    }
    meta
}

fn has_any(bytes: &[u8], patterns: &[&[u8]]) -> bool {
    let has = |pattern: &[u8]| bytes.windows(pattern.len()).any(|window| window == pattern);
    patterns.iter().any(|pattern| has(pattern))
}

/// A packet of every kind that holds addresses, or that hides what might be one.
fn kinds() -> Vec<(&'static str, LinkType, Vec<u8>)> {
    let raw = |name, bytes| (name, LinkType::RAW, bytes);
    let frame = |name, ether_type, bytes: &[u8]| {
        (
            name,
            LinkType::ETHERNET,
            ethernet(PEER_MAC, ether_type, bytes),
        )
    };
    let everything = [&HOST[..], &PEER, &HOST6, &PEER6, &MAC, &PEER_MAC].concat();
    let inner = ipv4(17, HOST, PEER, &[], &udp(9, 9, &everything));
    let inner_frame = ethernet(PEER_MAC, 0x0800, &inner);
    let nd = |start: [u8; 2], rest: &[&[u8]]| {
        let message = [&start[..], &[0; 6], &rest.concat()].concat();
        ipv6(58, HOST6, PEER6, &message)
    };
    let solicited = [
        &[0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff][..],
        &HOST6[13..],
    ]
    .concat();
    let link_option = [&[1, 1][..], &MAC].concat();
    vec![
        frame(
            "tcp",
            0x0800,
            &ipv4(6, HOST, PEER, &[], &tcp(&[], &everything)),
        ),
        frame(
            "udp6",
            0x86dd,
            &ipv6(17, HOST6, PEER6, &udp(9, 9, &everything)),
        ),
        frame(
            "arp",
            0x0806,
            &[&[0, 1, 8, 0, 6, 4, 0, 1][..], &MAC, &HOST, &PEER_MAC, &PEER].concat(),
        ),
        frame("unknown ether type", 0x88cc, &everything),
        frame("llc", 20, &everything),
        frame(
            "wrong version",
            0x0800,
            &[&[0x65][..], &inner[1..]].concat(),
        ),
        frame(
            "padding",
            0x0800,
            &[
                ipv4(17, HOST, PEER, &[], &udp(9, 9, &[])),
                everything.clone(),
            ]
            .concat(),
        ),
        raw("unknown protocol", ipv4(200, HOST, PEER, &[], &everything)),
        raw(
            "record route",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[1, 7, 11, 8][..], &PEER, &HOST].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "loose source route",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[131, 11, 4][..], &PEER, &HOST, &[0]].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "ip timestamps",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[68, 12, 13, 1][..], &PEER, &[0, 0, 1, 2]].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "unknown ip option",
            ipv4(
                17,
                HOST,
                PEER,
                &[&[99, 10][..], &HOST, &PEER, &[0, 0]].concat(),
                &udp(9, 9, b"x"),
            ),
        ),
        raw(
            "routing header",
            ipv6(
                43,
                HOST6,
                PEER6,
                &[
                    &[17, 4, 0, 2, 0, 0, 0, 0][..],
                    &HOST6,
                    &PEER6,
                    &udp(9, 9, b"x"),
                ]
                .concat(),
            ),
        ),
        raw(
            "segment routing",
            ipv6(
                43,
                HOST6,
                PEER6,
                &[
                    &[17, 5, 4, 1, 1, 0, 0, 0][..],
                    &HOST6,
                    &PEER6,
                    &MAC,
                    &[0, 0],
                    &udp(9, 9, b"x"),
                ]
                .concat(),
            ),
        ),
        raw(
            "home address",
            ipv6(
                60,
                HOST6,
                PEER6,
                &[&[17, 2, 1, 2, 0, 0, 0xc9, 16][..], &HOST6, &udp(9, 9, b"x")].concat(),
            ),
        ),
        raw(
            "broken extension",
            ipv6(60, HOST6, PEER6, &[&[17, 200][..], &everything].concat()),
        ),
        raw(
            "unreachable",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[3, 1, 0, 0, 0, 0, 0, 0][..], &inner].concat(),
            ),
        ),
        raw(
            "redirect",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[5, 1, 0, 0][..], &PEER, &inner].concat(),
            ),
        ),
        raw(
            "unreachable6",
            ipv6(
                58,
                PEER6,
                HOST6,
                &[
                    &[1, 1, 0, 0, 0, 0, 0, 0][..],
                    &ipv6(17, HOST6, PEER6, &udp(9, 9, &everything)),
                ]
                .concat(),
            ),
        ),
        raw(
            "echo",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[8, 0, 0, 0, 0, 1, 0, 1][..], &everything].concat(),
            ),
        ),
        raw(
            "unknown icmp",
            ipv4(
                1,
                PEER,
                HOST,
                &[],
                &[&[99, 0, 0, 0][..], &everything].concat(),
            ),
        ),
        frame(
            "neighbour solicitation",
            0x86dd,
            &nd([135, 0], &[&HOST6, &link_option]),
        ),
        raw(
            "solicited node",
            ipv6(
                58,
                HOST6,
                solicited[..].try_into().unwrap_or(PEER6),
                &[&[135, 0, 0, 0, 0, 0, 0, 0][..], &PEER6].concat(),
            ),
        ),
        raw(
            "router advertisement",
            nd(
                [134, 0],
                &[
                    &[0; 8],
                    &link_option,
                    &[3, 4, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                    &HOST6,
                    &[24, 2, 48, 0, 0, 0, 0, 0],
                    &HOST6[..8],
                    &[25, 3, 0, 0, 0, 0, 0, 0],
                    &PEER6,
                    &[31, 2, 0, 0],
                    &PEER6[..12],
                ],
            ),
        ),
        raw("redirect6", nd([137, 0], &[&HOST6, &PEER6, &link_option])),
        raw("listener report", nd([131, 0], &[&HOST6])),
        raw(
            "listener reports",
            [&ipv6(
                58,
                HOST6,
                PEER6,
                &[&[143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 1][..], &HOST6, &PEER6].concat(),
            )[..]]
            .concat(),
        ),
        raw(
            "igmp report",
            ipv4(
                2,
                HOST,
                PEER,
                &[],
                &[&[0x22, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 1][..], &HOST, &[9; 4]].concat(),
            ),
        ),
        raw(
            "igmp",
            ipv4(2, HOST, PEER, &[], &[&[0x16, 0, 0, 0][..], &HOST].concat()),
        ),
        raw(
            "multipath tcp",
            ipv4(
                6,
                HOST,
                PEER,
                &[],
                &tcp(&[&[30, 8, 0x30, 1][..], &HOST].concat(), &[]),
            ),
        ),
        raw(
            "multipath tcp6",
            ipv4(
                6,
                HOST,
                PEER,
                &[],
                &tcp(&[&[30, 20, 0x30, 1][..], &HOST6].concat(), &[]),
            ),
        ),
        raw(
            "unknown tcp option",
            ipv4(
                6,
                HOST,
                PEER,
                &[],
                &tcp(&[&[77, 8][..], &MAC].concat(), &[]),
            ),
        ),
        raw(
            "ip in gre in ip",
            ipv4(
                47,
                HOST,
                PEER,
                &[],
                &[&[0; 2][..], &[8, 0], &inner].concat(),
            ),
        ),
        raw(
            "vxlan",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    9,
                    4789,
                    &[&[8, 0, 0, 0, 0, 0, 5, 0][..], &inner_frame].concat(),
                ),
            ),
        ),
        raw(
            "no vxlan",
            ipv4(17, HOST, PEER, &[], &udp(9, 4789, &everything)),
        ),
        raw(
            "payload on a port of vxlan",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(9, 4789, &[&[8, 0, 0, 0][..], &HOST, &everything].concat()),
            ),
        ),
        raw(
            "vxlan of something else",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    9,
                    4789,
                    &[
                        &[8, 0, 0, 0, 0, 0, 5, 0][..],
                        &ethernet(PEER_MAC, 0x88cc, &everything),
                    ]
                    .concat(),
                ),
            ),
        ),
        raw(
            "geneve",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    9,
                    6081,
                    &[
                        &[2, 0, 0x65, 0x58, 0, 0, 5, 0, 1, 1, 1, 1][..],
                        &HOST,
                        &inner_frame,
                    ]
                    .concat(),
                ),
            ),
        ),
        raw(
            "gtp",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    2152,
                    2152,
                    &[
                        &[0x34, 255, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0x85, 2][..],
                        &MAC,
                        &[0],
                        &inner,
                    ]
                    .concat(),
                ),
            ),
        ),
        raw(
            "no gtp",
            ipv4(17, HOST, PEER, &[], &udp(2152, 2152, &everything)),
        ),
        raw(
            "6to4",
            ipv4(
                41,
                HOST,
                PEER,
                &[],
                &ipv6(17, to_6to4(HOST), to_6to4(PEER), &udp(9, 9, &everything)),
            ),
        ),
        raw(
            "teredo",
            ipv4(
                17,
                HOST,
                PEER,
                &[],
                &udp(
                    3544,
                    9,
                    &[
                        &[0, 0, 1, 2][..],
                        &HOST.map(|byte| !byte),
                        &ipv6(17, teredo(HOST), PEER6, &udp(9, 9, b"x")),
                    ]
                    .concat(),
                ),
            ),
        ),
        (
            "cooked",
            LinkType::LINUX_SLL,
            [&[0, 0, 0, 1, 0, 6][..], &MAC, &[0, 0, 8, 0], &inner].concat(),
        ),
        (
            "cooked tunnel",
            LinkType::LINUX_SLL,
            [&[0, 0, 3, 0, 0, 4][..], &HOST, &PEER, &[8, 0], &inner].concat(),
        ),
        (
            "cooked 2",
            LinkType::LINUX_SLL2,
            [
                &[8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6][..],
                &MAC,
                &[0, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "wifi",
            LinkType::IEEE_802_11,
            [
                &[8, 3, 0, 0][..],
                &MAC,
                &PEER_MAC,
                &MAC,
                &[0, 0],
                &PEER_MAC,
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "beacon",
            LinkType::IEEE_802_11,
            [
                &[0x80, 0, 0, 0][..],
                &[0xff; 6],
                &MAC,
                &MAC,
                &[0; 2],
                &everything,
            ]
            .concat(),
        ),
        (
            "radiotap",
            LinkType::IEEE_802_11_RADIOTAP,
            [
                &[0, 0, 24, 0, 3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0][..],
                &MAC,
                &[8, 0, 0, 0],
                &MAC,
                &PEER_MAC,
                &MAC,
                &[0, 0, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "fddi",
            LinkType::FDDI,
            [
                &[0x50][..],
                &PEER_MAC,
                &MAC,
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "token ring",
            LinkType::TOKEN_RING,
            [
                &[0x10, 0x40][..],
                &PEER_MAC,
                &MAC,
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &inner,
            ]
            .concat(),
        ),
        (
            "firewall log",
            LinkType::NFLOG,
            [
                &[2, 0, 0, 0, 12, 0, 8, 0][..],
                &MAC,
                &[0, 0],
                &[(inner.len() + 4) as u8, 0, 9, 0],
                &inner,
            ]
            .concat(),
        ),
        ("unknown link type", LinkType(999), everything.clone()),
    ]
}

fn ethernet(destination: [u8; 6], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    [&destination[..], &MAC, &ether_type.to_be_bytes(), payload].concat()
}

fn ipv4(
    protocol: u8,
    source: [u8; 4],
    destination: [u8; 4],
    options: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let header_len = 20 + options.len().next_multiple_of(4);
    let len = ((header_len + payload.len()) as u16).to_be_bytes();
    let mut packet = vec![
        0x40 | (header_len / 4) as u8,
        0,
        len[0],
        len[1],
        0,
        7,
        0,
        0,
        64,
        protocol,
        0,
        0,
    ];
    packet.extend([source, destination].concat());
    packet.extend(options);
    packet.resize(header_len, 0);
    packet.extend(payload);
    packet
}

fn ipv6(next: u8, source: [u8; 16], destination: [u8; 16], payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u16).to_be_bytes();
    [
        &[0x60, 0, 0, 0, len[0], len[1], next, 64][..],
        &source,
        &destination,
        payload,
    ]
    .concat()
}

fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let len = 8 + payload.len() as u16;
    [
        &[source, destination, len, 0].map(u16::to_be_bytes).concat()[..],
        payload,
    ]
    .concat()
}

fn tcp(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let words = 5 + options.len().div_ceil(4);
    let mut segment = vec![
        0,
        9,
        0,
        9,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        1,
        (words << 4) as u8,
        16,
        1,
        0,
        0,
        0,
        0,
        0,
    ];
    segment.extend(options);
    segment.resize(4 * words, 0);
    segment.extend(payload);
    segment
}

/// 2002::/16, the IPv4 address, zeros.
fn to_6to4(address: [u8; 4]) -> [u8; 16] {
    let mut bits = [0; 16];
    bits[..2].copy_from_slice(&[0x20, 0x02]);
    bits[2..6].copy_from_slice(&address);
    bits
}

/// A Teredo address: the server, flags, port, the client inverted.
fn teredo(client: [u8; 4]) -> [u8; 16] {
    let mut bits = [0x20, 0x01, 0, 0, 9, 9, 9, 9, 0x80, 0, 1, 2, 0, 0, 0, 0];
    bits[12..].copy_from_slice(&client.map(|byte| !byte));
    bits
}
