//! Packets and bytes of whole captures, as other flow meters found them.
//!
//! `oracle/nfstream` of the corpus holds tables of NFStream 6.6.0, `oracle/ndpi` the flow lists that
//! the tests of nDPI expect. Where totals differ, a rule says why; a difference that is not listed, or
//! is another one than listed, fails.

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;

use flate2::read::GzDecoder;
use nettraffic_capture::{DecodeConfig, Decoder, PacketMeta, PacketSource, open};
use nettraffic_flow::{Accumulate, Direction, Flow, FlowConfig, FlowTable};

use crate::corpus::{corpus, files};

/// Packets in flows, and their bytes on the wire: what both programs count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    packets: u64,
    bytes: u64,
}

impl Totals {
    fn add(&mut self, packets: u64, bytes: u64) {
        self.packets += packets;
        self.bytes += bytes;
    }
}

/// All captures here are of Ethernet without tags around ICMP errors.
const ETHERNET_HEADER: u64 = 14;

/// Where we count otherwise: the capture, our packets and bytes less theirs, and why.
type Difference = (&'static str, i64, i64, &'static str);

const FRAGMENT: &str = "a later fragment joins its flow; NFStream leaves it out";
const NO_LENGTH: &str = "the network card was to fill in the IP length, which is 0: the frame's counts; NFStream leaves such packets out";
const CUT: &str = "of packets that were not captured whole nDPI counts the captured bytes";

const NFSTREAM: [Difference; 4] = [
    ("attack/ddos_reflection_synack.pcap", 1, 240, FRAGMENT),
    ("benign/line.pcap", 1, 3_192, NO_LENGTH),
    ("benign/thrift.pcap", 3, 13_912, NO_LENGTH),
    // Holds the packets of thrift.pcap.
    ("mixed/mix_train_benign.pcap", 3, 13_912, NO_LENGTH),
];
const NDPI: [Difference; 2] = [
    ("benign/fins.pcapng", 0, 48, CUT),
    ("benign/reasm_segv_anon.pcapng", 0, 112, CUT),
];

#[test]
fn totals_are_those_of_nfstream() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    let mut compared = Vec::new();
    for table in files(&corpus.join("oracle/nfstream"))? {
        let name = table.file_name().unwrap_or_default().to_string_lossy();
        let capture = name.trim_end_matches(".csv.gz").replacen("__", "/", 1);
        let ours = totals(&corpus.join(&capture))?;
        compared.push((capture, ours, totals_of_nfstream(&table)?));
    }
    check(&compared, &NFSTREAM, 95);
    Ok(())
}

#[test]
fn totals_are_those_of_ndpi() -> Result<(), Box<dyn Error>> {
    let Some(corpus) = corpus() else {
        return Ok(());
    };
    let mut compared = Vec::new();
    for list in files(&corpus.join("oracle/ndpi"))? {
        let name = list.file_stem().unwrap_or_default().to_string_lossy();
        let capture = format!("benign/{name}");
        let ours = totals(&corpus.join(&capture))?;
        let theirs = totals_of_ndpi(&String::from_utf8_lossy(&fs::read(&list)?));
        compared.push((capture, ours, theirs));
    }
    check(&compared, &NDPI, 144);
    Ok(())
}

/// Whether all `compared` captures, ours before theirs, differ as `expected` and not otherwise.
#[track_caller]
fn check(compared: &[(String, Totals, Totals)], expected: &[Difference], captures: usize) {
    assert_eq!(compared.len(), captures);
    let found: Vec<_> = compared
        .iter()
        .filter(|(_, ours, theirs)| ours != theirs)
        .map(|(capture, ours, theirs)| {
            let packets = ours.packets.wrapping_sub(theirs.packets).cast_signed();
            let bytes = ours.bytes.wrapping_sub(theirs.bytes).cast_signed();
            (&**capture, packets, bytes)
        })
        .collect();
    let explained: Vec<_> = expected
        .iter()
        .map(|(capture, packets, bytes, _)| (*capture, *packets, *bytes))
        .collect();
    assert_eq!(found, explained);
}

#[derive(Clone, Copy, Default)]
struct WireBytes(u64);

impl Accumulate for WireBytes {
    fn update(&mut self, packet: &PacketMeta, _: Direction, _: &Flow<()>) {
        self.0 += u64::from(packet.wire_len);
    }
}

fn totals(capture: &Path) -> Result<Totals, Box<dyn Error>> {
    let mut source = open(capture)?;
    let mut decoder = Decoder::new(DecodeConfig::default());
    let mut table = FlowTable::<WireBytes>::new(FlowConfig::default());
    while let Some(packet) = source.next_packet()? {
        if let Ok(packet) = decoder.decode(&packet) {
            table.push(&packet);
        }
    }
    table.finish();
    let mut totals = Totals::default();
    while let Some(flow) = table.pop() {
        totals.add(flow.packets(), flow.state.0);
        // Those that joined the flow that they quote are in neither side's counts.
        let errors = flow.icmp_errors;
        let packets = u64::from(errors.packets);
        totals.add(packets, errors.ip_bytes + packets * ETHERNET_HEADER);
    }
    Ok(totals)
}

fn totals_of_nfstream(table: &Path) -> Result<Totals, Box<dyn Error>> {
    let mut rows = csv::Reader::from_reader(GzDecoder::new(File::open(table)?));
    let columns = rows.headers()?;
    let place = |name| columns.iter().position(|column| column == name);
    let packets = place("bidirectional_packets").ok_or("no packets")?;
    let bytes = place("bidirectional_bytes").ok_or("no bytes")?;
    let mut totals = Totals::default();
    for row in rows.records() {
        let row = row?;
        let number = |place| row.get(place).unwrap_or_default().parse();
        totals.add(number(packets)?, number(bytes)?);
    }
    Ok(totals)
}

/// Adds up `[19 pkts/6843 bytes <-> 22 pkts/9152 bytes]` of every flow.
fn totals_of_ndpi(list: &str) -> Totals {
    let before = |text: &str, unit| -> Option<u64> {
        let (number, _) = text.split_once(unit)?;
        number.rsplit(['[', '/', ' ']).next()?.parse().ok()
    };
    let mut totals = Totals::default();
    for line in list.lines().filter(|line| line.contains(" pkts/")) {
        for side in line.split("<->").flat_map(|part| part.split("->")) {
            if let (Some(packets), Some(bytes)) = (before(side, " pkts/"), before(side, " bytes")) {
                totals.add(packets, bytes);
            }
        }
    }
    totals
}
