//! How fast are the headers of packets decoded? Packets per second: ordinary ones beside
//! etherparse, with the packets in the cache and, as in reading a capture, not in it; by link
//! layer; by tunnel; fragments; and with what is only done on request.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use etherparse::{LaxSlicedPacket, SlicedPacket};
use nettraffic_benches::{Frames, LINKS, TUNNELS, criterion};
use nettraffic_capture::{DecodeConfig, Decoder, Packet, decode};

/// Packets that stay in the cache.
const FEW: u64 = 500;
/// Packets that do not.
const MANY: u64 = 100_000;

fn main() {
    let mut criterion = criterion();
    ordinary(&mut criterion);
    let packets = Frames::ethernet(FEW);

    let mut group = criterion.benchmark_group("decoding_links");
    for (name, ..) in LINKS {
        bench(&mut group, name, &packets.on_link(name), ours);
    }
    group.finish();

    let mut group = criterion.benchmark_group("decoding_tunnels");
    for name in TUNNELS.iter().map(|(name, _)| *name).chain(["mix"]) {
        bench(&mut group, name, &packets.in_tunnels(name), ours);
    }
    group.finish();

    let mut group = criterion.benchmark_group("decoding_on_request");
    let config = DecodeConfig::default();
    for (name, frames, config) in [
        ("fragments", &packets.fragments(), config),
        ("entropy", &packets, config.with_payload_entropy()),
        ("checksums", &packets, config.with_checksums()),
    ] {
        let mut decoder = Decoder::new(config);
        bench(&mut group, name, frames, |packet| {
            let _ = black_box(decoder.decode(packet));
        });
    }
    group.finish();
    criterion.final_summary();
}

/// Ours, and etherparse on the same packets. It only cuts a packet into slices: to read a field is
/// up to the caller, and is not counted here.
fn ordinary(criterion: &mut Criterion) {
    for (name, count) in [("decoding", FEW), ("decoding_uncached", MANY)] {
        let mut group = criterion.benchmark_group(name);
        let frames = Frames::ethernet(count);
        bench(&mut group, "nettraffic", &frames, ours);
        let mut decoder = Decoder::default();
        bench(&mut group, "nettraffic_decoder", &frames, |packet| {
            let _ = black_box(decoder.decode(packet));
        });
        bench(&mut group, "etherparse", &frames, |packet| {
            let _ = black_box(SlicedPacket::from_ethernet(packet.data));
        });
        bench(&mut group, "etherparse_lax", &frames, |packet| {
            let _ = black_box(LaxSlicedPacket::from_ethernet(packet.data));
        });
        group.finish();
    }
}

fn ours(packet: &Packet<'_>) {
    let _ = black_box(decode(packet));
}

fn bench(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    frames: &Frames,
    mut decode: impl FnMut(&Packet<'_>),
) {
    group.throughput(Throughput::Elements(frames.count()));
    group.bench_function(name, |bencher| {
        bencher.iter(|| frames.packets().for_each(|packet| decode(&packet)));
    });
}
