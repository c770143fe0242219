//! Going on behind damage.

use std::time::{Duration, Instant};

use nettraffic_capture::ReadOptions;
use proptest::prelude::*;

use crate::build::{
    MICROSECONDS, MODIFIED, NANOSECONDS, Order, Read, block, enhanced, interface, pcap, section,
};

/// Packets of every sound capture here.
const PACKETS: usize = 60;

/// A sound capture, and where each packet's record or block begins.
struct Sound {
    order: Order,
    /// Bytes of a record from its start to its length, and how the length is told.
    len_at: usize,
    file: Vec<u8>,
    starts: Vec<usize>,
}

impl Sound {
    /// One of every format and byte order.
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for order in Order::BOTH {
            for magic in [MICROSECONDS, NANOSECONDS, MODIFIED] {
                let header = pcap(order, magic, 1, &[]);
                all.push(Self::new(order, 8, header, |i, data| {
                    let record = (1_700_000_000 + i, 5, data.len() as u32, data);
                    pcap(order, magic, 1, &[record]).split_off(24)
                }));
            }
            let mut start = section(order);
            start.extend(interface(order, 1, 0, &[]));
            all.push(Self::new(order, 4, start, |i, data| {
                enhanced(order, 0, i.into(), data)
            }));
        }
        all
    }

    fn new(
        order: Order,
        len_at: usize,
        mut file: Vec<u8>,
        record: impl Fn(u32, &[u8]) -> Vec<u8>,
    ) -> Self {
        let mut starts = Vec::new();
        for i in 0..PACKETS as u32 {
            starts.push(file.len());
            file.extend(record(i, &payload(i)));
        }
        starts.push(file.len());
        Self {
            order,
            len_at,
            file,
            starts,
        }
    }

    /// The file with another length in the record of one packet.
    fn with_len(&self, packet: usize, len: u32) -> Vec<u8> {
        let mut file = self.file.clone();
        file[self.starts[packet] + self.len_at..][..4].copy_from_slice(&self.order.u32(len));
        file
    }
}

#[test]
fn a_record_without_a_length_costs_only_itself() {
    for sound in Sound::all() {
        let lengths = [u32::MAX, 0x7fff_fffe, 400_000_000];
        for (damaged, len) in [0, 1, 20, 57].into_iter().zip(lengths.into_iter().cycle()) {
            let file = sound.with_len(damaged, len);
            let read = recover(&file);
            let context = format!("{:?}, packet {damaged}", sound.order);
            assert_eq!(read.errors.len(), 1, "{context}: {:?}", read.errors);
            assert_eq!(
                read.errors[0].offset(),
                sound.starts[damaged] as u64,
                "{context}"
            );
            assert_eq!(
                read.datas(),
                payloads_without(damaged..=damaged),
                "{context}"
            );
            let passed_over = sound.starts[damaged + 1] - sound.starts[damaged];
            assert_eq!(read.counters.resynchronisations, 1, "{context}");
            assert_eq!(
                read.counters.passed_over_bytes, passed_over as u64,
                "{context}"
            );
            assert_eq!(read.counters.input_bytes, file.len() as u64, "{context}");

            let read = Read::all(&file);
            assert_eq!(
                read.packets.len(),
                damaged,
                "without being asked to: {context}"
            );
            assert_eq!(read.counters.resynchronisations, 0);
        }
    }
}

#[test]
fn a_length_beyond_the_end_does_not_hide_the_records_there() {
    for sound in Sound::all() {
        let read = recover(&sound.with_len(50, 200_000));
        assert_eq!(read.datas(), payloads_without(50..=50), "{:?}", read.errors);
    }
}

#[test]
fn what_was_put_between_records_is_passed_over() {
    for sound in Sound::all() {
        for (len, found) in [
            (1, true),
            (1_000, true),
            (1_000_000, true),
            (1_100_000, false),
        ] {
            let at = sound.starts[30];
            let mut file = sound.file.clone();
            file.splice(at..at, std::iter::repeat_n(0xff, len));
            let read = recover(&file);
            let expected = if found { PACKETS } else { 30 };
            assert_eq!(read.packets.len(), expected, "{len}: {:?}", read.errors);
            assert_eq!(read.errors.len(), 1, "{len}: {:?}", read.errors);
            let passed_over = if found { len as u64 } else { 0 };
            assert_eq!(read.counters.passed_over_bytes, passed_over);
        }
    }
}

#[test]
fn one_record_among_noise_is_no_place_to_go_on_from() {
    for sound in Sound::all() {
        let alone = sound.file[sound.starts[7]..sound.starts[8]].to_vec();
        let noise = [[0xff; 40].to_vec(), alone, [0xff; 400].to_vec()].concat();
        let mut file = sound.file.clone();
        let at = sound.starts[30];
        file.splice(at..at, noise.iter().copied());
        let read = recover(&file);
        assert_eq!(read.packets.len(), PACKETS, "{:?}", read.errors);
        assert_eq!(read.counters.passed_over_bytes, noise.len() as u64);
    }
}

#[test]
fn sections_are_found_again_in_their_own_byte_order() {
    let mut file = section(Order::Big);
    file.extend(interface(Order::Big, 1, 0, &[]));
    file.extend(enhanced(Order::Big, 0, 1, b"before"));
    file.extend([0xff; 99]);
    file.extend(section(Order::Little));
    file.extend(interface(Order::Little, 101, 0, &[]));
    file.extend(block(Order::Little, 5, b"statistics"));
    file.extend(enhanced(Order::Little, 0, 1, b"behind"));
    let read = recover(&file);
    assert_eq!(read.datas(), [b"before", b"behind"], "{:?}", read.errors);
    assert_eq!(read.packets[1].link_type.0, 101);
}

#[test]
fn the_end_of_a_cut_capture_is_no_place_to_go_on_from() {
    for sound in Sound::all() {
        let read = recover(&sound.file[..sound.file.len() - 3]);
        assert_eq!(read.packets.len(), PACKETS - 1);
        assert_eq!(read.errors.len(), 1);
        assert_eq!(read.counters.resynchronisations, 0);
    }
}

#[test]
fn zeros_are_no_records() {
    for sound in Sound::all() {
        let mut file = sound.file[..sound.starts[9]].to_vec();
        file.extend([0xff; 32]);
        file.resize(file.len() + 3_000_000, 0);
        assert_eq!(recover(&file).packets.len(), 9);
    }
}

#[test]
fn a_search_takes_time_in_proportion_to_what_it_searches() {
    // Headers that look like the first of a chain, at every fourth byte, with lengths that lead
    // far; damage behind every third record; nothing but the longest lengths.
    let false_starts = (0..2_000_000_u32).flat_map(|i| ((i % 7) << 15 | 0x60).to_le_bytes());
    let sound = pcap(Order::Little, MICROSECONDS, 1, &[(9, 0, 4, b"good")]);
    let mut often = sound.clone();
    while often.len() < 8_000_000 {
        for _ in 0..3 {
            often.extend(&sound[24..]);
        }
        often.extend([0xff; 24]);
    }
    let mut starts = sound.clone();
    starts.extend([0xff; 16]);
    starts.extend(false_starts);
    for (name, file) in [("often", often), ("false starts", starts)] {
        let begin = Instant::now();
        let read = recover(&file);
        let time = begin.elapsed();
        println!(
            "{name}: {} packets, {} errors, {time:?}",
            read.packets.len(),
            read.errors.len()
        );
        assert!(time < Duration::from_secs(5), "{name}: {time:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Records that are overwritten cost only themselves.
    #[test]
    fn packets_beside_the_damage_are_read(
        which in 0_usize..8,
        first in 0..PACKETS,
        count in 1_usize..10,
        noise in prop::collection::vec(0x80_u8.., 2_000),
    ) {
        let sound = &Sound::all()[which];
        let last = (first + count).min(PACKETS) - 1;
        let damage = sound.starts[first]..sound.starts[last + 1];
        let mut file = sound.file.clone();
        file[damage.clone()].copy_from_slice(&noise[..damage.len()]);
        let read = recover(&file);
        prop_assert_eq!(read.datas(), payloads_without(first..=last));
        prop_assert_eq!(read.errors.len(), 1);
    }
}

fn recover(file: &[u8]) -> Read {
    Read::with(&ReadOptions::new().with_recovery(true), file)
}

/// Bytes of a packet, of which no two are the same.
fn payload(packet: u32) -> Vec<u8> {
    (0..40 + packet * 7 % 90)
        .map(|at| (at * 31 + packet * 17) as u8)
        .collect()
}

fn payloads_without(lost: std::ops::RangeInclusive<usize>) -> Vec<Vec<u8>> {
    (0..PACKETS)
        .filter(|packet| !lost.contains(packet))
        .map(|packet| payload(packet as u32))
        .collect()
}
