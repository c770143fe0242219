//! Gzip streams.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use nettraffic_capture::CaptureErrorKind;

use crate::build::{MICROSECONDS, Order, Read, Record, pcap};

#[test]
fn compressed_captures_give_the_same_packets() {
    let file = sample();
    let read = Read::all(&gzip(&file));
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    assert_eq!(read.packets, Read::all(&file).packets);
}

#[test]
fn members_one_after_another_are_one_stream() {
    let file = sample();
    let mut members = Vec::new();
    for part in file.chunks(700) {
        members.extend(gzip(part));
    }
    let read = Read::all(&members);
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    assert_eq!(read.packets, Read::all(&file).packets);
}

#[test]
fn a_cut_stream_yields_what_is_whole() {
    let packed = gzip(&sample());
    let read = Read::all(&packed[..packed.len() * 2 / 3]);
    assert!(read.packets.len() > 10, "{}", read.packets.len());
    let [error] = read.errors.as_slice() else {
        panic!("{:?}", read.errors);
    };
    assert!(matches!(error.kind(), CaptureErrorKind::Compression { .. }));
    assert!(error.is_compressed());
    assert!(
        error.to_string().contains("of the decompressed stream"),
        "{error}"
    );
    let whole = &Read::all(&sample()).packets[..read.packets.len()];
    assert_eq!(read.packets, whole);
}

#[test]
fn damage_inside_the_stream_is_an_error() {
    let mut packed = gzip(&sample());
    let middle = packed.len() / 2;
    packed[middle..middle + 8].fill(0xff);
    assert!(!Read::all(&packed).errors.is_empty());
}

#[test]
fn what_the_stream_holds_must_be_a_capture() {
    for (inside, found) in [
        (gzip(&sample()), "gzip"),
        (b"text".to_vec(), "text"),
        (Vec::new(), "an empty file"),
    ] {
        let message = Read::all(&gzip(&inside)).messages().concat();
        assert!(message.contains(&format!("but {found}")), "{message}");
    }
}

/// 60 packets that do not compress well.
fn sample() -> Vec<u8> {
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(120)
    .collect();
    let records: Vec<Record<'_>> = (0..60)
        .map(|i| (i, i, 120, &noise[..60 + i as usize]))
        .collect();
    pcap(Order::Little, MICROSECONDS, 1, &records)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}
