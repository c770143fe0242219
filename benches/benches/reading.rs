//! How fast are packets read? Packets per second: each format from memory, and a file beside
//! what else could read it.
//!
//! `NETTRAFFIC_BENCH` names the file, a classic little-endian pcap of two million packets or
//! more; without it a synthetic one is written, which is smaller.

use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, Throughput};
use nettraffic_benches::{Traffic, bare_loop, criterion, gzip, pcapng};
use nettraffic_capture::{CaptureError, PacketSource, from_reader, open};
use pcap_file::pcap::PcapReader;

const PACKETS: u64 = 100_000;
/// Of the synthetic file: more bytes than a processor's cache has.
const FILE_PACKETS: u64 = 500_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = criterion();
    formats(&mut criterion)?;
    let folder = tempfile::tempdir()?;
    let file = match std::env::var_os("NETTRAFFIC_BENCH") {
        Some(path) => PathBuf::from(path),
        None => {
            let path = folder.path().join("load.pcap");
            fs::write(&path, Traffic::of("load", FILE_PACKETS).pcap)?;
            path
        }
    };
    readers(&mut criterion, &file)?;
    criterion.final_summary();
    Ok(())
}

/// Ours, format by format, from memory.
fn formats(criterion: &mut Criterion) -> io::Result<()> {
    let pcap = Traffic::of("load", PACKETS).pcap;
    let files = [
        ("pcap_gz", gzip(&pcap)),
        ("pcap_zst", zstd::encode_all(&pcap[..], 3)?),
        ("pcap_xz", liblzma::encode_all(&pcap[..], 1)?),
        ("pcapng", pcapng(&pcap)),
        ("pcap", pcap),
    ];
    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Elements(PACKETS));
    for (name, file) in &files {
        let open = || from_reader("memory", file.as_slice()).expect("it is a capture");
        group.bench_function(*name, |bencher| {
            bencher.iter_batched(
                open,
                |mut source| assert_eq!(ours(&mut *source).ok(), Some(PACKETS)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
    Ok(())
}

/// A way to count the packets of a file by reading them.
type Count = fn(&Path) -> Result<u64, Box<dyn Error>>;

/// All ways to read one file, from the page cache.
fn readers(criterion: &mut Criterion, path: &Path) -> Result<(), Box<dyn Error>> {
    let packets = ours(&mut *open(path)?)?;
    let mut group = criterion.benchmark_group("reading_a_file");
    group.throughput(Throughput::Elements(packets));
    group.sample_size(10);
    let readers: [(&str, Count); 3] = [
        ("nettraffic", |path| Ok(ours(&mut *open(path)?)?)),
        ("bare_loop", |path| {
            let see = |header: &[u8; 16], data: &[u8]| {
                black_box((header, data));
            };
            Ok(bare_loop(path, see)?)
        }),
        ("pcap_file", pcap_file),
    ];
    for (name, read) in readers {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(read(path).ok(), Some(packets)));
        });
    }
    group.finish();
    Ok(())
}

fn ours(source: &mut dyn PacketSource) -> Result<u64, CaptureError> {
    while let Some(packet) = source.next_packet()? {
        black_box(packet);
    }
    Ok(source.counters().packets)
}

fn pcap_file(path: &Path) -> Result<u64, Box<dyn Error>> {
    let mut reader = PcapReader::new(File::open(path)?)?;
    let mut packets = 0;
    while let Some(packet) = reader.next_packet() {
        black_box(packet?);
        packets += 1;
    }
    Ok(packets)
}
