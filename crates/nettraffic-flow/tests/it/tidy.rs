//! Real captures with every packet copied, or in disorder, give the flows of the captures as they
//! were.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nettraffic_capture::{DecodeConfig, Decoder, LinkType, Packet, PacketMeta, open};
use nettraffic_flow::{
    Flow, FlowConfig, FlowTable, InterArrivals, TcpSequence, Tidy, TidyConfig, TidyCounters,
    TimeToLive,
};

use crate::corpus::{corpus, files};

type Records = Vec<Flow<(InterArrivals, TimeToLive, TcpSequence)>>;

/// Copies that real captures hold, as tshark's fields tell it: lines of the same addresses,
/// identification, ports, sequence numbers, lengths, flags and transport checksum; and captures
/// in which packets are repeated, but none of them is a copy.
const KNOWN: [(&str, u64); 15] = [
    // On both sides of a router.
    ("benign/fix2.pcap", 887),
    ("benign/ftp-start-tls.pcap", 16),
    // On both sides of a router, twice each: 426, of which 2 have no identification.
    ("benign/rtsp.pcapng", 424),
    // Twice at the same place.
    ("attack/cicddos2019_synflood.pcap", 13_158),
    ("benign/h323.pcap", 10),
    ("benign/skinny.pcap", 34),
    ("benign/wow.pcap", 33),
    // Retransmissions, the first of them after 5 ms with the same identification.
    ("conformance/retrans.pcap", 0),
    // After 4.6 ms without an identification, and repeated acknowledgements within 0.02 ms.
    ("attack/zerologon_exploit.pcap", 0),
    // Repeated resets over IPv6, and acknowledgements without an identification.
    ("benign/reddit.pcap", 0),
    ("benign/pinterest.pcap", 0),
    ("benign/tls2.pcap", 0),
    ("benign/gnutella.pcap", 0),
    // A flood of one and the same IPv6 packet.
    ("attack/ipv6_dos_exthdr5.pcap", 0),
    ("attack/slowloris.pcap", 0),
];

#[test]
fn copies_are_told_from_repetitions() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    for (name, copies) in KNOWN {
        let mut packets = Vec::new();
        let mut decoder = decoder();
        for_each_packet(&corpus.join(name), |packet| {
            packets.extend(decoder.decode(packet));
        });
        assert!(!packets.is_empty(), "{name}");
        let (_, counters) = flows_of(&packets, TidyConfig::default().without_copies());
        assert_eq!(counters.copies, copies, "{name}");
        assert_eq!(counters.packets, packets.len() as u64, "{name}");
        assert_eq!(counters.given_out + copies, counters.packets, "{name}");
    }
    Ok(())
}

#[test]
fn captures_whose_packets_were_all_copied_give_the_same_flows() -> Result<(), Box<dyn Error>> {
    let config = TidyConfig::default().without_copies();
    for path in captures()? {
        let mut originals = Vec::new();
        let mut decoder = decoder();
        for_each_packet(&path, |packet| originals.extend(decoder.decode(packet)));
        let (expected, before) = flows_of(&originals, config);
        // Between packets that are copies already, later ones could lie just outside the window.
        let delay = match before.copies {
            0 => Duration::from_micros(50),
            _ => Duration::ZERO,
        };
        let (packets, copied) = with_copies(&path, delay);
        let (found, after) = flows_of(&packets, config);
        let name = path.display();
        assert_eq!(after.copies, before.copies + copied, "{name}");
        assert!(found == expected, "{name}: other flows");
    }
    Ok(())
}

#[test]
fn shuffled_captures_give_the_same_flows() -> Result<(), Box<dyn Error>> {
    let window = Duration::from_millis(50);
    let config = TidyConfig::default().with_sorting_window(window);
    let mut sorted_captures = 0;
    for path in captures()? {
        let mut packets = Vec::new();
        let mut decoder = decoder();
        for_each_packet(&path, |packet| packets.extend(decoder.decode(packet)));
        if !packets.is_sorted_by_key(|packet| packet.timestamp) {
            continue;
        }
        sorted_captures += 1;
        let (expected, _) = flows_of(&packets, TidyConfig::default());
        let delay = |packet: &PacketMeta| {
            let mixed = (packet.sequence + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            Duration::from_nanos((mixed >> 32) % (window.as_nanos() as u64))
        };
        packets.sort_by_key(|packet| packet.timestamp.saturating_add(delay(packet)));
        let (found, counters) = flows_of(&packets, config);
        let name = path.display();
        assert_eq!((counters.late, counters.held), (0, 0), "{name}");
        assert!(found == expected, "{name}: other flows");
    }
    println!("{sorted_captures} captures were shuffled");
    Ok(())
}

/// Every capture whose packets can be read to the end; none without a corpus.
fn captures() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(Vec::new());
    };
    let mut captures = Vec::new();
    for folder in ["attack", "benign", "conformance", "formats"] {
        captures.extend(files(&corpus.join(folder))?);
    }
    captures.retain(|path| {
        let name = path.to_string_lossy();
        name.contains("pcap") && !name.ends_with(".json") && !name.ends_with(".csv")
    });
    Ok(captures)
}

fn decoder() -> Decoder {
    Decoder::new(DecodeConfig::default().with_fingerprints())
}

/// Reads a capture up to its end or its first damage.
fn for_each_packet(path: &Path, mut look_at: impl FnMut(&Packet<'_>)) {
    let Ok(mut source) = open(path) else {
        return;
    };
    while let Ok(Some(packet)) = source.next_packet() {
        look_at(&packet);
    }
}

/// The packets of a capture, each followed by its copy, and the number of the copies.
fn with_copies(path: &Path, delay: Duration) -> (Vec<PacketMeta>, u64) {
    let mut packets = Vec::new();
    let mut copied = 0;
    let (mut decoder, mut copies_decoder) = (decoder(), decoder());
    for_each_packet(path, |packet| {
        let original = decoder.decode(packet);
        packets.extend(original);
        if let Ok(original) = original
            && let Some(frame) = seen_elsewhere(packet, &original)
        {
            let time = packet.timestamp.saturating_add(delay);
            let mut copy = Packet::new(time, packet.link_type, &frame);
            copy.wire_len = packet.wire_len.saturating_add(4);
            copy.sequence = packet.sequence;
            let copy = copies_decoder.decode(&copy);
            copied += u64::from(copy.is_ok());
            packets.extend(copy);
        }
    });
    (packets, copied)
}

/// The frame as it leaves a router for another VLAN; `None` of what is no IP packet in an untagged
/// Ethernet frame, and of one inside a tunnel, which a router leaves as it is.
fn seen_elsewhere(packet: &Packet<'_>, meta: &PacketMeta) -> Option<Vec<u8>> {
    let is_tunnelled = meta.tunnel.is_some() || meta.fingerprint.is_none();
    if packet.link_type != LinkType::ETHERNET || is_tunnelled {
        return None;
    }
    let (addresses, rest) = packet.data.split_at_checked(12)?;
    let (kind, ip) = rest.split_first_chunk::<2>()?;
    let mut ip = ip.to_vec();
    match kind {
        [0x08, 0x00] => {
            *ip.get_mut(8)? = meta.ttl.wrapping_sub(1);
            // Nobody checks it here.
            *ip.get_mut(10)? ^= 0xff;
        }
        [0x86, 0xdd] => *ip.get_mut(7)? = meta.ttl.wrapping_sub(1),
        _ => return None,
    }
    let addresses: Vec<u8> = addresses.iter().map(|byte| byte ^ 0x0a).collect();
    Some([&addresses, &[0x81, 0x00, 0x0f, 0xa0][..], kind, &ip].concat())
}

fn flows_of(packets: &[PacketMeta], config: TidyConfig) -> (Records, TidyCounters) {
    let mut tidy = Tidy::new(config);
    let mut table = FlowTable::new(FlowConfig::default());
    for packet in packets {
        tidy.push(packet);
        while let Some(packet) = tidy.pop() {
            table.push(&packet);
        }
    }
    tidy.finish();
    while let Some(packet) = tidy.pop() {
        table.push(&packet);
    }
    table.finish();
    let records = std::iter::from_fn(|| table.pop()).collect();
    (records, tidy.counters())
}
