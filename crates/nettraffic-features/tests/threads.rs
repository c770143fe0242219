//! The same records whatever the number of threads, and however the packets come.
#![cfg(feature = "flow")]

use std::convert::Infallible;
use std::error::Error;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nettraffic_capture::{DecodeConfig, Decoder, PacketSource, from_reader, open};
use nettraffic_features::{
    ExtractionCounters, Extractor, FeatureMeter, FeatureSet, ParallelExtractor,
};
use nettraffic_flow::{EarlyReports, Flow, FlowConfig, PacketBatches};
use nettraffic_synth::Scenario;

type Records = Vec<(Flow, Vec<u64>)>;
type Outcome = Result<(), Box<dyn Error>>;

fn bits(row: &[f64]) -> Vec<u64> {
    row.iter().map(|value| value.to_bits()).collect()
}

fn on_one_thread(
    source: impl PacketSource,
    features: &FeatureSet,
    config: &FlowConfig,
) -> (Records, ExtractionCounters) {
    let mut meter = FeatureMeter::new(source, features.clone(), config.clone());
    let (mut records, mut row) = (Vec::new(), Vec::new());
    loop {
        match meter.next_flow(&mut row) {
            Ok(Some(flow)) => records.push((flow, bits(&row))),
            Ok(None) => {
                return (records, meter.all_counters());
            }
            Err(_) => {}
        }
        row.clear();
    }
}

fn packets<S: PacketSource>(source: S, features: &FeatureSet) -> PacketBatches<S> {
    let decode = features.decode_config(DecodeConfig::default());
    PacketBatches::with_decoder(source, Decoder::new(decode))
}

fn on(
    threads: usize,
    source: impl PacketSource,
    features: &FeatureSet,
    config: &FlowConfig,
) -> Result<(Records, ExtractionCounters), Box<dyn Error>> {
    let threads = NonZeroUsize::new(threads).ok_or("no threads")?;
    let extractor = ParallelExtractor::new(features.clone(), config.clone(), threads);
    let mut records = Vec::new();
    let Ok(counters) = extractor.run(
        &mut packets(source, features),
        || |_: &Flow, row: &[f64]| bits(row),
        |flow, row| {
            records.push((flow.clone(), row));
            Ok::<_, Infallible>(())
        },
        |_| {},
    );
    Ok((records, counters))
}

/// Tables of all kinds: a small one in one part, a full one in many, one with early reports.
fn configs() -> [FlowConfig; 4] {
    let short = FlowConfig::default()
        .with_idle_timeout(Duration::from_secs(10))
        .with_active_timeout(Duration::from_secs(30));
    let early = EarlyReports::default()
        .at_packet(4)
        .after(Duration::from_secs(1));
    [
        FlowConfig::default(),
        short.clone().with_early_reports(early),
        short.clone().with_max_flows(50),
        short.with_max_flows(4096).with_max_bytes(200_000),
    ]
}

fn check(
    capture: impl Fn() -> Result<Box<dyn PacketSource + Send>, Box<dyn Error>>,
    sets: &[&str],
    threads: &[usize],
) -> Outcome {
    for config in configs() {
        for set in sets {
            let features = FeatureSet::named(set)?;
            let (expected, account) = on_one_thread(capture()?, &features, &config);
            assert!(!expected.is_empty());
            assert!(expected.is_sorted_by_key(|(flow, _)| flow.order()));
            for threads in threads {
                let (records, counters) = on(*threads, capture()?, &features, &config)?;
                let columns = features.schema();
                for (at, (found, expected)) in records.iter().zip(&expected).enumerate() {
                    assert_eq!(
                        found.0, expected.0,
                        "record {at}: {set} on {threads} threads"
                    );
                    let places = found.1.iter().zip(&expected.1).enumerate();
                    for (place, (found, expected)) in places {
                        let name = &columns.columns()[place].name;
                        assert_eq!(found, expected, "{name} of record {at}: {threads} threads");
                    }
                }
                assert_eq!(records.len(), expected.len());
                assert_eq!(counters, account);
                assert_eq!(counters.windows.is_some(), features.needs_windows());
            }
        }
    }
    Ok(())
}

#[test]
fn threads_change_no_bit_of_synthetic_traffic() -> Outcome {
    let bytes = Scenario::named("mixed", 3)?.packets(20_000).pcap_bytes();
    let sets: Vec<_> = FeatureSet::names().collect();
    let all = sets.join(",");
    check(
        || Ok(from_reader("memory", std::io::Cursor::new(bytes.clone()))?),
        &["basic", "cic", &all],
        &[2, 3, 8],
    )
}

#[test]
fn packet_by_packet_is_the_same_as_in_batches() -> Outcome {
    let bytes = Scenario::named("mixed", 4)?.packets(10_000).pcap_bytes();
    let features = FeatureSet::named("basic,timing,window")?;
    for config in configs() {
        let source = from_reader("memory", &*bytes)?;
        let (expected, _) = on_one_thread(source, &features, &config);
        let mut packets = PacketBatches::new(from_reader("memory", &*bytes)?);
        let mut extractor = Extractor::new(features.clone(), config);
        let (mut records, mut row) = (Vec::new(), Vec::new());
        let mut take = |extractor: &mut Extractor| {
            while let Some(flow) = extractor.pop(&mut row) {
                records.push((flow, bits(&row)));
                row.clear();
            }
        };
        while let Some(batch) = packets.next_batch()? {
            for packet in batch {
                extractor.push(packet);
                extractor.tick(packet.timestamp);
                take(&mut extractor);
            }
        }
        extractor.finish();
        take(&mut extractor);
        assert!(records == expected);
    }
    Ok(())
}

#[test]
fn a_thread_that_panics_ends_the_reading_at_once() -> Outcome {
    let count = 60_000;
    let bytes = Scenario::named("mixed", 5)?.packets(count).pcap_bytes();
    let mut packets = PacketBatches::new(from_reader("memory", &*bytes)?);
    let threads = NonZeroUsize::new(2).ok_or("no threads")?;
    let extractor =
        ParallelExtractor::new(FeatureSet::named("basic")?, FlowConfig::default(), threads);
    let (caller, panicked) = (std::thread::current().id(), AtomicBool::new(false));
    // Only the other thread panics; the calling one leaves it time to do so.
    let render = |_: &Flow, _: &[f64]| {
        if std::thread::current().id() != caller {
            panicked.store(true, Ordering::Relaxed);
            panic!("a renderer that panics");
        }
        for _ in 0..100 {
            if !panicked.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    };
    let found = catch_unwind(AssertUnwindSafe(|| {
        extractor.run(
            &mut packets,
            || render,
            |_, ()| Ok::<_, Infallible>(()),
            |_| {},
        )
    }));
    assert!(found.is_err());
    let read = packets.source().counters().packets;
    assert!(read < count / 2, "{read} of {count} packets read");
    Ok(())
}

#[test]
fn more_threads_than_anybody_has_are_no_trouble() -> Outcome {
    let bytes = Scenario::named("mixed", 6)?.packets(2_000).pcap_bytes();
    let features = FeatureSet::named("basic")?;
    let config = FlowConfig::default();
    let (expected, _) = on_one_thread(from_reader("memory", &*bytes)?, &features, &config);
    let (found, _) = on(
        usize::MAX,
        from_reader("memory", &*bytes)?,
        &features,
        &config,
    )?;
    assert!(found == expected);
    Ok(())
}

#[test]
fn threads_change_no_bit_of_real_traffic() -> Outcome {
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS").map(PathBuf::from) else {
        println!("skipped: NETTRAFFIC_CORPUS is not set");
        return Ok(());
    };
    for capture in [
        "mixed/mix_test_intrusion.pcap",
        "attack/nmap_udp.pcap",
        "attack/ddos_reflection_synack.pcap",
    ] {
        check(|| Ok(open(corpus.join(capture))?), &["cic,window"], &[2, 5])?;
    }
    Ok(())
}
