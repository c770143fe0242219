//! Damaged, chopped and random input: never a panic, never a hang, always the same packets.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use crate::build::{
    MICROSECONDS, MODIFIED, NANOSECONDS, Order, Read, Record, enhanced, interface, option, pcap,
    section,
};

#[test]
fn mutated_captures_end() {
    let captures = captures();
    let mut random = Random(42);
    for round in 0..4_000 {
        let mut file = captures[random.below(captures.len())].clone();
        for _ in 0..=random.below(6) {
            mutate(&mut file, &mut random);
        }
        let read = Read::all(&file);
        let chopped = Read::from(Chopped {
            bytes: &file,
            random: Random(round),
        });
        if file.starts_with(b"\x1f\x8b") {
            // How much comes out of damaged compression depends on how it was fed.
            let common = read.packets.len().min(chopped.packets.len());
            assert_eq!(
                read.packets[..common],
                chopped.packets[..common],
                "round {round}"
            );
        } else {
            assert_eq!(read.packets, chopped.packets, "round {round}");
            assert_eq!(read.messages(), chopped.messages(), "round {round}");
        }
    }
}

#[test]
fn the_container_does_not_matter() {
    let containers = captures();
    let expected = Read::all(&containers[0]);
    assert_eq!(expected.decoded.len(), 40);
    for file in &containers {
        let read = Read::all(file);
        assert!(read.errors.is_empty(), "{:?}", read.errors);
        assert_eq!(read.decoded, expected.decoded);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_of_any_size_give_the_same_packets(which in 0_usize..10, seed in any::<u64>()) {
        let file = &captures()[which];
        let chopped = Read::from(Chopped { bytes: file, random: Random(seed) });
        prop_assert_eq!(Read::all(file).packets, chopped.packets);
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
        ]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let file = [magic, &bytes].concat();
        Read::all(&file);
    }
}

/// The same 40 packets in every container.
fn captures() -> Vec<Vec<u8>> {
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
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder
            .write_all(&files[plain])
            .expect("memory takes everything");
        files.push(encoder.finish().expect("memory takes everything"));
    }
    files
}

/// A raw IPv4 packet with UDP and `i` bytes of payload.
fn datagram(i: u8) -> Vec<u8> {
    let mut packet = vec![
        0x45,
        0,
        0,
        28 + i,
        0,
        0,
        0,
        0,
        64,
        17,
        0,
        0,
        10,
        0,
        0,
        i,
        10,
        0,
        1,
        1,
    ];
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
