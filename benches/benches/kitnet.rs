//! How many packets a second does an ensemble of small autoencoders score, and learn from? In CPU
//! time of one thread, so that a busy machine tells nearly the same: the damped statistics alone, the
//! ensemble alone, and both.
//!
//! With `NETTRAFFIC_BENCH=capture.pcap` the first packets of a capture, else synthetic ones.

use std::env;
use std::fs;
use std::hint::black_box;
use std::time::Instant;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput};
use ndarray::{Array2, ArrayView1, Axis};
use nettraffic_benches::{Traffic, criterion};
use nettraffic_capture::{PacketMeta, decode, open};
use nettraffic_features::{PacketFeatureConfig, PacketFeatures, PreparedMatrix};
use nettraffic_models::{AnomalyModel, Incremental, Kitnet};

const PACKETS: usize = 100_000;
const TAUGHT: usize = 20_000;

fn main() {
    let packets = packets();
    let columns = PacketFeatures::new(PacketFeatureConfig::default())
        .schema()
        .len();
    let mut values = Vec::new();
    each_row(&packets, |row| values.extend_from_slice(row));
    let rows = Array2::from_shape_vec((packets.len(), columns), values).expect("a row each");
    let first = rows.view().split_at(Axis(0), TAUGHT).0.to_owned();
    let first = PreparedMatrix::new(first).expect("features are finite");
    let kitnet = Kitnet::params().fit(&first).expect("there are rows");
    let groups: Vec<usize> = kitnet.groups().map(<[u32]>::len).collect();
    println!("groups of {groups:?} columns");
    let score = |row: ArrayView1<'_, f32>| kitnet.score_row(row).expect("features are finite");

    let mut criterion: Criterion<CpuTime> = criterion().with_measurement(CpuTime);
    let mut group = criterion.benchmark_group("kitnet");
    group.throughput(Throughput::Elements(packets.len() as u64));
    group.bench_function("statistics", |bencher| {
        bencher.iter(|| each_row(&packets, |row| _ = black_box(row.len())));
    });
    group.bench_function("score_row", |bencher| {
        bencher.iter(|| rows.outer_iter().map(score).sum::<f32>());
    });
    group.bench_function("statistics_and_score_row", |bencher| {
        bencher.iter(|| each_row(&packets, |row| _ = black_box(score(ArrayView1::from(row)))));
    });
    // Else other threads would learn.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .use_current_thread()
        .build();
    let pool = pool.expect("this thread is in no pool yet");
    group.throughput(Throughput::Elements(TAUGHT as u64));
    let mut learner = kitnet.clone();
    group.bench_function("update", |bencher| {
        bencher.iter(|| pool.install(|| learner.update(&first).expect("as many columns")));
    });
    group.finish();
    criterion.final_summary();
}

/// The rows of packets, one after another, from the first stream on.
fn each_row(packets: &[PacketMeta], mut take: impl FnMut(&[f32])) {
    let mut features = PacketFeatures::new(PacketFeatureConfig::default());
    let mut row = Vec::new();
    let mut values = Vec::new();
    for packet in packets {
        row.clear();
        features.push(packet, &mut row);
        values.clear();
        values.extend(row.iter().map(|value| *value as f32));
        take(&values);
    }
}

fn packets() -> Vec<PacketMeta> {
    let Some(path) = env::var_os("NETTRAFFIC_BENCH") else {
        return Traffic::of("load", PACKETS as u64).packets();
    };
    let mut source = open(path).expect("the capture is there");
    let mut packets = Vec::new();
    while packets.len() < PACKETS
        && let Some(packet) = source.next_packet().expect("the capture is sound")
    {
        packets.extend(decode(&packet));
    }
    packets
}

/// What the scheduler of Linux has counted for this thread; elsewhere the time that passed.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = (Instant, Option<u64>);
    type Value = f64;

    fn start(&self) -> Self::Intermediate {
        (Instant::now(), nanos_of_thread())
    }

    fn end(&self, (instant, nanos): Self::Intermediate) -> f64 {
        match (nanos, nanos_of_thread()) {
            (Some(start), Some(end)) => (end - start) as f64,
            _ => instant.elapsed().as_nanos() as f64,
        }
    }

    fn add(&self, a: &f64, b: &f64) -> f64 {
        a + b
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        static WALL_TIME: WallTime = WallTime;
        WALL_TIME.formatter()
    }
}

fn nanos_of_thread() -> Option<u64> {
    let line = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    line.split(' ').next()?.parse().ok()
}
