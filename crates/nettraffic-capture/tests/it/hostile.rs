//! Damaged, chopped and random input: never a panic, never a hang, always the same packets.

use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use etherparse::{PacketBuilder, VlanId};
use nettraffic_capture::{CaptureError, ReadOptions};
use proptest::prelude::*;

use crate::build::{
    MICROSECONDS, MODIFIED, NANOSECONDS, Order, Read, Record, block, enhanced, interface, option,
    pcap, section,
};
use crate::compressed::packed;

/// Mutated captures of a test run; `NETTRAFFIC_MUTATIONS` sets another number.
const MUTATIONS: u64 = 4_000;
/// What one of them may take.
const PATIENCE: Duration = Duration::from_secs(1);

#[test]
fn mutated_captures_end() -> Result<(), Box<dyn Error>> {
    let rounds = match std::env::var("NETTRAFFIC_MUTATIONS") {
        Ok(rounds) => rounds.parse()?,
        Err(_) => MUTATIONS,
    };
    let mut captures = captures().to_vec();
    captures.extend(layouts()?);
    captures.extend(real_captures()?);
    let recovering = ReadOptions::new().with_recovery(true);
    let mut random = Random(42);
    let mut slowest = Duration::ZERO;
    for round in 0..rounds {
        let mut file = captures[random.below(captures.len())].clone();
        for _ in 0..=random.below(6) {
            mutate(&mut file, &mut random);
        }
        let begin = Instant::now();
        let read = Read::all(&file);
        slowest = slowest.max(begin.elapsed());
        assert!(
            begin.elapsed() < PATIENCE,
            "round {round}: {:?}",
            begin.elapsed()
        );

        let begin = Instant::now();
        let recovered = Read::with(&recovering, &file[..]);
        slowest = slowest.max(begin.elapsed());
        assert!(
            begin.elapsed() < PATIENCE,
            "round {round}: {:?}",
            begin.elapsed()
        );
        let common = &recovered.packets[..read.packets.len()];
        assert_eq!(read.packets, common, "round {round}");

        for (options, whole) in [
            (ReadOptions::new(), &read),
            (recovering.clone(), &recovered),
        ] {
            let chopped = Read::with(
                &options,
                Chopped {
                    bytes: &file,
                    random: Random(round),
                },
            );
            assert_eq!(whole.packets, chopped.packets, "round {round}");
            // How far a decompressor is ahead of damage depends on how it was fed.
            if !whole.errors.iter().any(CaptureError::is_compressed) {
                assert_eq!(whole.messages(), chopped.messages(), "round {round}");
            }
            assert_eq!(whole.counters, chopped.counters, "round {round}");
        }
    }
    println!("{rounds} captures, the slowest took {slowest:?}");
    Ok(())
}

#[test]
fn the_container_does_not_matter() {
    let containers = captures();
    let expected = Read::all(&containers[0]);
    assert_eq!(expected.decoded.len(), 40);
    for file in containers {
        let read = Read::all(file);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!(read.decoded, expected.decoded);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_of_any_size_give_the_same_packets(which in 0..captures().len(), seed in any::<u64>()) {
        let file = &captures()[which];
        let chopped = Read::from(Chopped { bytes: file, random: Random(seed) });
        prop_assert_eq!(&Read::all(file).packets, &chopped.packets);
        prop_assert_eq!(&Read::all(&captures()[0]).decoded, &chopped.decoded);
        prop_assert!(chopped.errors.is_empty());
    }

    #[test]
    fn random_bytes_end(
        magic in prop::sample::select(vec![
            &b""[..],
            b"\xa1\xb2\xc3\xd4",
            b"\xd4\xc3\xb2\xa1",
            b"\x34\xcd\xb2\xa1",
            b"\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x1c",
            b"\x1f\x8b\x08\0\0\0\0\0\0\0",
            b"\x28\xb5\x2f\xfd",
            b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46",
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let file = [magic, &bytes].concat();
        Read::all(&file);
        Read::with(&ReadOptions::new().with_recovery(true), &file[..]);
    }
}

/// The same 40 packets in every container.
fn captures() -> &'static [Vec<u8>] {
    static CAPTURES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    CAPTURES.get_or_init(|| {
        let datas: Vec<Vec<u8>> = (0..40).map(datagram).collect();
        let records = |scale: u32| -> Vec<Record<'_>> {
            (0..)
                .zip(&datas)
                .map(|(i, data)| (i, i * scale, data.len() as u32, &data[..]))
                .collect()
        };
        let mut files = Vec::new();
        for order in Order::BOTH {
            files.push(pcap(order, MICROSECONDS, 101, &records(1)));
            files.push(pcap(order, NANOSECONDS, 101, &records(1_000)));
            files.push(pcap(order, MODIFIED, 101, &records(1)));
            let mut pcapng = section(order);
            pcapng.extend(interface(order, 101, 0, &[]));
            pcapng.extend(interface(order, 101, 0, &option(order, 9, &[9])));
            for (i, data) in (0..).zip(&datas) {
                let interface = i as u32 % 2;
                let ticks = i * 1_000_001 * if interface == 0 { 1 } else { 1_000 };
                pcapng.extend(enhanced(order, interface, ticks, data));
            }
            files.push(pcapng);
        }
        for plain in [0, 3] {
            files.extend(packed(&files[plain].clone()));
        }
        files
    })
}

/// Captures with what real ones have: Ethernet, tags, both versions of IP, every block of pcapng.
fn layouts() -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut frames = Vec::new();
    for payload in [0, 1, 60, 1_200] {
        let link = || PacketBuilder::ethernet2([1; 6], [2; 6]);
        let payload = vec![payload as u8; payload];
        let mut frame = Vec::new();
        link()
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .tcp(443, 50_000, 1, 1_024)
            .write(&mut frame, &payload)?;
        frames.push(frame);
        let mut frame = Vec::new();
        link()
            .double_vlan(VlanId::try_new(5)?, VlanId::try_new(6)?)
            .ipv6([1; 16], [2; 16], 64)
            .udp(53, 40_000)
            .write(&mut frame, &payload)?;
        frames.push(frame);
    }
    let mut files = Vec::new();
    for order in Order::BOTH {
        let records: Vec<Record<'_>> = (1_700_000_000..)
            .zip(&frames)
            .map(|(time, frame)| (time, 0, frame.len() as u32, &frame[..]))
            .collect();
        files.push(pcap(order, MICROSECONDS, 1, &records));

        let mut file = section(order);
        file.extend(interface(order, 1, 0, &option(order, 2, b"eth0")));
        file.extend(block(order, 4, &[0; 24]));
        for (frame, time) in frames.iter().zip(1_700_000_000_000_000..) {
            file.extend(enhanced(order, 0, time, frame));
            let simple = [&order.u32(frame.len() as u32), &frame[..]].concat();
            file.extend(block(order, 3, &simple));
        }
        file.extend(block(order, 5, &[0; 40]));
        file.extend(block(order, 10, b"secrets"));
        file.extend(block(order, 0x0bad, b"custom"));
        file.extend(section(order));
        file.extend(interface(order, 113, 64, &[]));
        file.extend(enhanced(order, 0, 1, &frames[0]));
        files.push(file);
    }
    Ok(files)
}

/// Small captures of the corpus, if there is one.
fn real_captures() -> io::Result<Vec<Vec<u8>>> {
    const SMALL: u64 = 20_000;
    let mut files = Vec::new();
    let Some(corpus) = std::env::var_os("NETTRAFFIC_CORPUS") else {
        return Ok(files);
    };
    let mut paths = Vec::new();
    for folder in ["formats", "malformed"] {
        for entry in Path::new(&corpus).join(folder).read_dir()? {
            let entry = entry?;
            if entry.metadata()?.len() < SMALL && entry.file_type()?.is_file() {
                paths.push(entry.path());
            }
        }
    }
    paths.sort();
    for path in paths {
        files.push(std::fs::read(path)?);
    }
    Ok(files)
}

/// A raw IPv4 packet with UDP and `i` bytes of payload.
fn datagram(i: u8) -> Vec<u8> {
    let mut packet = vec![0x45, 0, 0, 28 + i, 0, 0, 0, 0, 64, 17, 0, 0];
    packet.extend([10, 0, 0, i, 10, 0, 1, 1]);
    packet.extend([0x30, i, 0, 53, 0, 8 + i, 0, 0]);
    packet.resize(28 + usize::from(i), i);
    packet
}

fn mutate(file: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(file.len().max(1));
    match random.below(6) {
        0 => file.truncate(at),
        1 => {
            let copy = file[at..].to_vec();
            file.extend(copy);
        }
        2 => {
            file.drain(at..(at + random.below(16)).min(file.len()));
        }
        3 => {
            // Extremes where lengths stand.
            let values = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 262_145, 1 << 24];
            let value = values[random.below(values.len())].to_le_bytes();
            for (byte, new) in file.iter_mut().skip(at & !3).zip(value) {
                *byte = new;
            }
        }
        _ => {
            if let Some(byte) = file.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
    }
}

/// Reads as little at a time as a pipe may give, and is interrupted now and then.
struct Chopped<'a> {
    bytes: &'a [u8],
    random: Random,
}

impl io::Read for Chopped<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = match self.random.below(10) {
            0 => return Err(io::ErrorKind::Interrupted.into()),
            1..=4 => 1,
            5..=8 => 1 + self.random.below(40),
            _ => 4_096,
        };
        let len = len.min(room.len());
        self.bytes.read(&mut room[..len])
    }
}

/// xorshift64*, Vigna 2016.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        (x.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }
}
