//! How fast is a capture read and decoded, beside what else could do it? Packets per second, all of
//! them on one file in the page cache.
//!
//! `NETTRAFFIC_BENCH` names the file, a classic little-endian pcap of Ethernet; two million packets
//! or more tell most. Without it a small synthetic one is written.

use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::Throughput;
use etherparse::{LaxSlicedPacket, SlicedPacket};
use nettraffic_benches::{Traffic, bare_loop, criterion};
use nettraffic_capture::{CaptureSet, Decoder, PacketSource, decode, open};
use pcap_file::pcap::PcapReader;

/// Of the synthetic file: more bytes than a processor's cache has.
const PACKETS: u64 = 200_000;

type Outcome = Result<u64, Box<dyn Error>>;
/// Reads and decodes a capture, and tells how many packets it has.
type Way = fn(&Path) -> Outcome;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = criterion().sample_size(10);
    let folder = tempfile::tempdir()?;
    let file = match std::env::var_os("NETTRAFFIC_BENCH") {
        Some(path) => PathBuf::from(path),
        None => {
            let path = folder.path().join("load.pcap");
            fs::write(&path, Traffic::of("load", PACKETS).pcap)?;
            path
        }
    };
    let packets = ours(&file)?;
    let mut group = criterion.benchmark_group("capture");
    group.throughput(Throughput::Elements(packets));
    let ways: [(&str, Way); 6] = [
        ("nettraffic", ours),
        ("nettraffic_set_and_decoder", ours_with_all),
        ("pcap_file_and_etherparse", |path| {
            pcap_file(path, |data| {
                let _ = black_box(SlicedPacket::from_ethernet(data));
            })
        }),
        ("pcap_file_and_etherparse_lax", |path| {
            pcap_file(path, |data| {
                let _ = black_box(LaxSlicedPacket::from_ethernet(data));
            })
        }),
        ("bare_loop_and_etherparse", |path| {
            let slice = |_: &[u8; 16], data: &[u8]| {
                let _ = black_box(SlicedPacket::from_ethernet(data));
            };
            Ok(bare_loop(path, slice)?)
        }),
        ("bare_loop", |path| {
            Ok(bare_loop(path, |_, data| {
                black_box(data);
            })?)
        }),
    ];
    for (name, read) in ways {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(read(&file).ok(), Some(packets)));
        });
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}

fn ours(path: &Path) -> Outcome {
    let mut source = open(path)?;
    while let Some(packet) = source.next_packet()? {
        let _ = black_box(decode(&packet));
    }
    Ok(source.counters().packets)
}

/// As the tools do: captures woven by time, fragments joined, everything counted.
fn ours_with_all(path: &Path) -> Outcome {
    let mut source = CaptureSet::new([path]);
    let mut decoder = Decoder::default();
    while let Some(packet) = source.next_packet()? {
        let _ = black_box(decoder.decode(&packet));
    }
    Ok(decoder.counters().total())
}

fn pcap_file(path: &Path, decode: fn(&[u8])) -> Outcome {
    let mut reader = PcapReader::new(File::open(path)?)?;
    let mut packets = 0;
    while let Some(packet) = reader.next_packet() {
        decode(packet?.data());
        packets += 1;
    }
    Ok(packets)
}
