//! Anonymised captures: nothing shows through, and nothing else changes.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use nettraffic_capture::{
    AnonymizeOptions, Anonymizer, IcmpAbout, PacketMeta, PseudonymDirection, PseudonymKey, Transport, decode, open,
};

#[test]
fn real_captures_decode_as_before_and_lead_back() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(());
    };
    let mut problems = Vec::new();
    let mut packets = 0;
    for path in captures(&corpus)? {
        let Ok(mut source) = open(&path) else {
            continue;
        };
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
            let before = decode(&packet);
            let after = decode(&shown);
            let place = format!("{} packet {}", path.display(), packet.sequence);
            if before.map(nameless) != after.map(nameless) {
                problems.push(format!("{place}: {before:?} became {after:?}"));
            }
            if before.map(named) != decode(&restored).map(named) {
                problems.push(format!("{place}: {before:?} is not restored: {:?}", decode(&restored)));
            }
            if let (Ok(before), Ok(after)) = (before, after) {
                for (address, pseudonym) in [(before.source, after.source), (before.destination, after.destination)] {
                    if *pseudonyms.entry(address).or_insert(pseudonym) != pseudonym {
                        problems.push(format!("{place}: another pseudonym of {address}"));
                    }
                }
            }
        }
        let distinct: BTreeSet<&IpAddr> = pseudonyms.values().collect();
        if distinct.len() != pseudonyms.len() {
            problems.push(format!("{}: shared pseudonyms", path.display()));
        }
    }
    assert!(problems.is_empty(), "{} of {packets}:\n{}", problems.len(), problems[..problems.len().min(60)].join("\n"));
    Ok(())
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

fn anonymizer(direction: PseudonymDirection) -> Result<Anonymizer, Box<dyn Error>> {
    let key = PseudonymKey::from_hex(&("a7".repeat(16) + &"1c".repeat(16)))?;
    let options = AnonymizeOptions::default().with_direction(direction);
    Ok(Anonymizer::new(&key, options))
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

/// All facts.
fn named(meta: PacketMeta) -> PacketMeta {
    meta
}
