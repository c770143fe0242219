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

use crate::addressed::{
    HOST, HOST6, MAC, PEER, PEER_MAC, PEER6, ethernet, ipv4, ipv6, kinds, tcp, udp,
};

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
    // But for the checksum of the IP header, which was wrong.
    assert_eq!(restored.data[..24], frame[..24]);
    assert_eq!(restored.data[26..], frame[26..restored.data.len()]);
    Ok(())
}

#[test]
fn checksums_that_are_wrong_or_cannot_be_checked_tell_nothing() -> Result<(), Box<dyn Error>> {
    let offloaded = |next, payload: &[u8]| {
        let mut datagram = ipv4(next, HOST, PEER, &[], payload);
        let field = if next == 6 { 36 } else { 26 };
        let addresses = u32::from(u16::from_be_bytes([HOST[0], HOST[1]]))
            + u32::from(u16::from_be_bytes([PEER[2], PEER[3]]));
        datagram[field..field + 2].copy_from_slice(&(addresses as u16).to_be_bytes());
        datagram
    };
    let segment = tcp(&[], b"hello");
    let datagram = udp(9, 9, b"hello");
    let mut first_fragment = ipv4(17, HOST, PEER, &[], &datagram);
    first_fragment[6] = 0x20;
    first_fragment[26] = 7;
    for (name, bytes, field, shown_as) in [
        ("ip", ipv4(17, HOST, PEER, &[], &datagram), 10, 0xffff),
        ("no udp", ipv4(17, HOST, PEER, &[], &datagram), 26, 0),
        ("udp", offloaded(17, &datagram), 26, 0xffff),
        ("tcp", offloaded(6, &segment), 36, 0xffff),
        (
            "icmp",
            ipv4(1, HOST, PEER, &[], &[8, 0, 0, 1, 0, 0, 0, 1]),
            22,
            0xffff,
        ),
        (
            "igmp",
            ipv4(2, HOST, PEER, &[], &[0x16, 0, 0, 1, 239, 1, 2, 3]),
            22,
            0xffff,
        ),
        (
            "gre",
            ipv4(47, HOST, PEER, &[], &[0x80, 0, 0x88, 0x99, 0, 1, 0, 0, 5]),
            24,
            0xffff,
        ),
        (
            "icmp6",
            ipv6(58, HOST6, PEER6, &[128, 0, 0, 1, 0, 0, 0, 1]),
            42,
            0xffff,
        ),
        (
            "mobility",
            ipv6(135, HOST6, PEER6, &[59, 0, 5, 0, 0, 1, 0, 0, 0]),
            44,
            0xffff,
        ),
        ("tcp6", ipv6(6, HOST6, PEER6, &segment), 56, 0xffff),
        ("fragment", first_fragment, 26, 0xffff),
        ("sctp", ipv4(132, HOST, PEER, &[], &[9; 16]), 28, 0),
        (
            "sctp, lower half",
            ipv4(132, HOST, PEER, &[], &[9; 16]),
            30,
            0,
        ),
    ] {
        // Right would be the same with any address in it; and nothing can be told of half a packet.
        for len in [bytes.len(), bytes.len() - 1] {
            let mut packet = Packet::new(Timestamp::default(), LinkType::RAW, &bytes[..len]);
            packet.wire_len = bytes.len() as u32;
            let mut buffer = Vec::new();
            let shown =
                anonymizer(PseudonymDirection::Pseudonymise)?.anonymize(&packet, &mut buffer);
            let checksum = shown.data.get(field..field + 2).ok_or(name)?;
            assert_eq!(checksum, u16::to_be_bytes(shown_as), "{name} of {len}");
        }
    }
    Ok(())
}

#[test]
fn a_checksum_that_was_right_stays_so_if_that_can_be_seen() -> Result<(), Box<dyn Error>> {
    let (segment, datagram) = (tcp(&[], b"hello"), udp(9, 9, b"odd"));
    let echo = [8, 0, 0, 0, 0, 1, 0, 1, 5];
    let mut open_length = ipv4(6, HOST, PEER, &[], &segment);
    open_length[2..4].fill(0);
    for (name, mut bytes, field) in [
        ("tcp", ipv4(6, HOST, PEER, &[], &segment), 36),
        ("udp", ipv4(17, HOST, PEER, &[], &datagram), 26),
        ("icmp", ipv4(1, HOST, PEER, &[], &echo), 22),
        ("tcp6", ipv6(6, HOST6, PEER6, &segment), 56),
        ("udp6", ipv6(17, HOST6, PEER6, &datagram), 46),
        ("length left open", open_length, 36),
    ] {
        let mut right = 0;
        let mut anonymizer = anonymizer(PseudonymDirection::Pseudonymise)?;
        let (mut buffer, mut whole) = (Vec::new(), Vec::new());
        for checksum in 1..=u16::MAX {
            bytes[field..field + 2].copy_from_slice(&checksum.to_be_bytes());
            let is_right = |packet: &Packet<'_>| {
                // That of the IP header is checked first.
                let seen = with_sound_header(packet.data);
                let packet = Packet::new(packet.timestamp, packet.link_type, &seen);
                checksums(&packet) == Some(Checksums::Right)
            };
            let packet = Packet::new(Timestamp::default(), LinkType::RAW, &bytes);
            let shown = anonymizer.anonymize(&packet, &mut buffer);
            let refilled = refilled(&shown, &packet, &mut whole);
            assert_eq!(
                is_right(&packet),
                is_right(&refilled),
                "{name} {checksum:04x}"
            );
            right += u32::from(is_right(&packet));
        }
        assert!(right >= 1, "{name}");
    }
    Ok(())
}

#[test]
fn broken_options_of_multipath_tcp_are_no_reason_to_stop() -> Result<(), Box<dyn Error>> {
    for (options, after) in [
        (&[30, 2, 1, 1][..], &[30, 2, 1, 1][..]),
        (&[30, 3, 0x30, 1], &[30, 3, 0x30, 1]),
        (&[30, 4, 0x30, 1], &[30, 4, 0x30, 1]),
        (&[30, 6, 0x30, 1, 9, 9, 1, 1], &[30, 6, 0x30, 1, 0, 0, 1, 1]),
    ] {
        let bytes = ipv4(6, HOST, PEER, &[], &tcp(options, &[]));
        let packet = Packet::new(Timestamp::default(), LinkType::RAW, &bytes);
        let mut buffer = Vec::new();
        let shown = anonymizer(PseudonymDirection::Pseudonymise)?.anonymize(&packet, &mut buffer);
        assert_eq!(shown.data.get(40..), Some(after), "{options:?}");
    }
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

/// The IP packet with a right checksum in its header, where it has one.
fn with_sound_header(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.first().is_some_and(|byte| byte >> 4 == 4) {
        bytes[10..12].fill(0);
        let words = bytes[..20].chunks(2);
        let sum: u32 = words
            .map(|word| u32::from(word[0]) << 8 | u32::from(word[1]))
            .sum();
        let folded = (sum & 0xffff) + (sum >> 16);
        let folded = (folded & 0xffff) + (folded >> 16);
        bytes[10..12].copy_from_slice(&(!folded as u16).to_be_bytes());
    }
    bytes
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
