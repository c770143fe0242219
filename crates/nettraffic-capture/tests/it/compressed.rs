//! Compressed streams.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
#[cfg(any(feature = "zstd", feature = "xz"))]
use nettraffic_capture::CapturePart;
use nettraffic_capture::{CaptureErrorKind, ReadLimits, ReadOptions};

use crate::build::{MICROSECONDS, Order, Read, Record, pcap};

/// Compresses all of `parts` into one stream; what of a part is pending is flushed behind it.
pub(crate) type Pack = fn(parts: &[&[u8]]) -> io::Result<Vec<u8>>;

/// Every format that is compiled in, by name.
pub(crate) const PACKS: &[(&str, Pack)] = &[
    ("gzip", gzip),
    #[cfg(feature = "zstd")]
    ("zstd", zstd),
    #[cfg(feature = "xz")]
    ("xz", xz),
];

/// `file` in each format that is compiled in.
pub(crate) fn packed(file: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    PACKS
        .iter()
        .map(|(_, pack)| pack(&[file]).expect("memory takes everything"))
}

#[test]
fn compressed_captures_give_the_same_packets() -> io::Result<()> {
    let file = sample(60);
    for (name, pack) in PACKS {
        let read = Read::all(&pack(&[&file])?);
        assert!(read.errors.is_empty(), "{name}: {:?}", read.errors);
        assert_eq!(read.packets, Read::all(&file).packets, "{name}");
    }
    Ok(())
}

#[test]
fn streams_one_after_another_are_one() -> io::Result<()> {
    let file = sample(60);
    // What each format allows between its streams.
    let paddings: [(&str, &[&[u8]]); 3] = [
        ("gzip", &[b"", b"\0"]),
        (
            "zstd",
            &[
                b"",
                b"\x5a\x2a\x4d\x18\x03\0\0\0abc",
                b"\x50\x2a\x4d\x18\0\0\0\0",
            ],
        ),
        ("xz", &[b"", b"\0\0\0\0"]),
    ];
    for (name, pack) in PACKS {
        for (_, paddings) in paddings.iter().filter(|(format, _)| format == name) {
            for padding in *paddings {
                let mut streams = Vec::new();
                for part in file.chunks(700) {
                    streams.extend(pack(&[part])?);
                    streams.extend(*padding);
                }
                let read = Read::all(&streams);
                assert!(read.errors.is_empty(), "{name}: {:?}", read.errors);
                assert_eq!(read.packets, Read::all(&file).packets, "{name}");
            }
        }
    }
    Ok(())
}

#[test]
fn all_that_came_out_before_a_damaged_place_is_read() -> io::Result<()> {
    // From less than a block of any format to more than any buffer.
    for packets in [1, 2, 10, 20_000] {
        let file = sample(2 * packets);
        let half = 24 + (0..packets).map(record_len).sum::<usize>();
        for (name, pack) in PACKS {
            let (first, second) = file.split_at(half);
            let sound = pack(&[first])?;
            let whole = pack(&[first, second])?;
            // They part behind the flush.
            let flushed = sound.iter().zip(&whole).take_while(|(a, b)| a == b).count();
            for (damage, tail) in [("cut", 0), ("damaged", 4_000)] {
                let mut file = whole[..flushed].to_vec();
                file.extend(std::iter::repeat_n(0xff, tail));
                let read = Read::all(&file);
                let context = format!("{packets} packets, {name}, {damage}");
                assert_eq!(read.packets.len(), packets, "{context}: {:?}", read.errors);
                let [error] = read.errors.as_slice() else {
                    panic!("{context}: {:?}", read.errors);
                };
                let kind = error.kind();
                assert!(
                    matches!(kind, CaptureErrorKind::Compression { .. }),
                    "{context}: {error}"
                );
                assert!(error.is_compressed());
                let text = error.to_string();
                assert!(
                    text.contains("of the decompressed stream"),
                    "{context}: {error}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn damage_inside_a_stream_is_an_error() -> io::Result<()> {
    for (name, pack) in PACKS {
        let mut stream = pack(&[&sample(60)])?;
        let middle = stream.len() / 2;
        stream[middle..middle + 8].fill(0xff);
        assert!(!Read::all(&stream).errors.is_empty(), "{name}");

        let mut trailed = pack(&[&sample(60)])?;
        trailed.extend(b"what is this?");
        let read = Read::all(&trailed);
        assert_eq!(read.packets.len(), 60, "{name}");
        assert_eq!(read.errors.len(), 1, "{name}: {:?}", read.errors);
    }
    Ok(())
}

#[test]
fn checksums_are_compared() -> io::Result<()> {
    // Stored as they are: nothing else would tell.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(&sample(60))?;
    let mut stream = encoder.finish()?;
    let middle = stream.len() / 2;
    stream[middle] ^= 1;
    let read = Read::all(&stream);
    assert_eq!(read.packets.len(), 60);
    assert!(
        read.messages().concat().contains("checksum"),
        "{:?}",
        read.errors
    );
    Ok(())
}

#[test]
fn what_a_stream_holds_must_be_a_capture() -> io::Result<()> {
    for (name, pack) in PACKS {
        let mut insides = vec![(b"text".to_vec(), "text"), (Vec::new(), "an empty file")];
        for (inner, pack) in PACKS {
            insides.push((pack(&[&sample(60)])?, *inner));
        }
        for (inside, found) in insides {
            let message = Read::all(&pack(&[&inside])?).messages().concat();
            assert!(
                message.contains(&format!("but {found}")),
                "{name}: {message}"
            );
        }
    }
    Ok(())
}

#[test]
fn streams_that_expand_beyond_reason_are_stopped() -> io::Result<()> {
    let zeros = vec![0; 4 << 20];
    let limits = ReadLimits::default().with_expansion(50, 1 << 20);
    let options = ReadOptions::new().with_limits(limits);
    for (name, pack) in PACKS {
        let stream = pack(&[&sample(60), &zeros])?;
        let read = Read::with(&options, &stream[..]);
        let stopped = read
            .errors
            .iter()
            .any(|error| matches!(error.kind(), CaptureErrorKind::Expansion { ratio: 50, .. }));
        assert!(stopped, "{name}: {:?}", read.errors);
        let read = Read::all(&stream);
        assert!(read.errors.is_empty(), "{name}: {:?}", read.errors);
    }
    Ok(())
}

#[cfg(feature = "zstd")]
#[test]
fn zstd_windows_are_limited() -> io::Result<()> {
    let mut stream = zstd(&[&sample(60)])?;
    // Exponent of the window: 10 + 17.
    stream[5] = 17 << 3;
    check_window(&stream, 128 << 20);
    Ok(())
}

#[cfg(feature = "xz")]
#[test]
fn xz_dictionaries_are_limited() -> io::Result<()> {
    let mut stream = xz(&[&sample(60)])?;
    // The block header: its length, flags, then LZMA2 with one byte that tells the dictionary.
    let header = 12..12 + 8;
    let at = stream[header.clone()]
        .windows(2)
        .position(|bytes| bytes == [0x21, 1])
        .ok_or(io::ErrorKind::NotFound)?;
    stream[header.start + at + 2] = 29; // 3 * 2^25
    let mut checksum = flate2::Crc::new();
    checksum.update(&stream[header.clone()]);
    stream[header.end..header.end + 4].copy_from_slice(&checksum.sum().to_le_bytes());
    check_window(&stream, 96 << 20);
    Ok(())
}

/// `stream` is refused for its window, unless it is allowed.
#[cfg(any(feature = "zstd", feature = "xz"))]
fn check_window(stream: &[u8], window: u64) {
    let read = Read::all(stream);
    let [error] = read.errors.as_slice() else {
        panic!("{:?}", read.errors);
    };
    let CaptureErrorKind::TooLarge {
        part,
        claimed,
        limit,
        ..
    } = error.kind()
    else {
        panic!("{error}");
    };
    assert_eq!(*part, CapturePart::DecompressionWindow);
    assert_eq!((*claimed, *limit), (window, 64 << 20));
    for (allowed, packets) in [(window, 60), (window / 2, 0)] {
        let limits = ReadLimits::default().with_window_len(allowed);
        let read = Read::with(&ReadOptions::new().with_limits(limits), stream);
        assert_eq!(read.packets.len(), packets, "{:?}", read.errors);
    }
}

#[cfg(not(all(feature = "zstd", feature = "xz")))]
#[test]
fn a_format_that_was_left_out_is_named() {
    for (feature, enabled, magic) in [
        ("zstd", cfg!(feature = "zstd"), b"\x28\xb5\x2f\xfd\x04\0"),
        ("xz", cfg!(feature = "xz"), b"\xfd7zXZ\0"),
    ] {
        let message = Read::all(magic).messages().concat();
        let named = message.contains(&format!("without the feature `{feature}`"));
        assert_eq!(named, !enabled, "{message}");
    }
}

/// Packets that do not compress well.
fn sample(packets: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(120)
    .collect();
    let records: Vec<Record<'_>> = (0..packets)
        .map(|i| (i as u32, i as u32, 120, &noise[..record_len(i) - 16]))
        .collect();
    pcap(Order::Little, MICROSECONDS, 1, &records)
}

/// Bytes of one of its records.
fn record_len(packet: usize) -> usize {
    16 + 60 + packet % 60
}

fn gzip(parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for part in parts {
        encoder.write_all(part)?;
        encoder.flush()?;
    }
    encoder.finish()
}

#[cfg(feature = "zstd")]
fn zstd(parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1)?;
    encoder.include_checksum(true)?;
    for part in parts {
        encoder.write_all(part)?;
        encoder.flush()?;
    }
    encoder.finish()
}

#[cfg(feature = "xz")]
fn xz(parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    for part in parts {
        encoder.write_all(part)?;
        encoder.flush()?;
    }
    encoder.finish()
}
