//! Time grows as what is read and decoded does, however hostile it is.

use std::hint::black_box;
use std::time::{Duration, Instant};

use nettraffic_capture::{Decoder, LinkType, Packet, PacketSource as _, ReadOptions, Timestamp};

use crate::build::{MICROSECONDS, Order, block, enhanced, interface, option, pcap, section};
use crate::frames::{TCP, UDP, tcp, udp, v4, v6};

/// The larger of two inputs, in sizes of the smaller.
const GROWTH: usize = 8;
/// Of the logarithm of time over that of size. Quadratic time has 2; what is measured of linear
/// time is 1.15 at most on a quiet machine, and a test's machine is none.
const STEEPEST: f64 = 1.5;

/// Measures `work` on an input of `size` and on one of eight times that, and tells the slope.
fn slope<T>(size: usize, input: impl Fn(usize) -> T, mut work: impl FnMut(&T)) -> f64 {
    let inputs = [input(size), input(size * GROWTH)];
    let mut best = [Duration::MAX; 2];
    // In turns, so that a busy moment of the machine does not hit one of them alone.
    for _ in 0..7 {
        for (input, best) in inputs.iter().zip(&mut best) {
            let start = Instant::now();
            work(input);
            *best = start.elapsed().min(*best);
        }
    }
    let [small, large] = best.map(|time| time.as_secs_f64());
    (large / small).ln() / (GROWTH as f64).ln()
}

/// What is measured: `NETTRAFFIC_LINEAR=10` makes it ten times as large, and the figures steadier.
fn scaled(size: usize) -> usize {
    let factor = std::env::var("NETTRAFFIC_LINEAR").ok();
    size * factor.and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Fails unless the slope is that of linear time, in one of a few attempts.
fn check<T>(what: &str, size: usize, input: impl Fn(usize) -> T, mut work: impl FnMut(&T)) {
    let mut slopes = Vec::new();
    for _ in 0..3 {
        let slope = slope(scaled(size), &input, &mut work);
        slopes.push(slope);
        if slope <= STEEPEST {
            println!("{what}: slope {slope:.2}");
            return;
        }
    }
    panic!("{what}: slopes {slopes:.2?}");
}

/// Decodes `count` packets: these, over and over.
fn decode_all(packets: &[Vec<u8>], count: usize) {
    let mut decoder = Decoder::default();
    for (data, at) in packets.iter().cycle().zip(0..count as i64) {
        let time = Timestamp::from_nanos(at * 1_000_000);
        let mut packet = Packet::new(time, LinkType::RAW, data);
        packet.wire_len = packet.wire_len.max(60_000);
        let _ = black_box(decoder.decode(&packet));
    }
    assert_eq!(decoder.counters().total(), count as u64);
}

fn read_all(options: &ReadOptions, file: &[u8]) {
    let Ok(mut source) = options.from_reader("memory", file) else {
        return;
    };
    loop {
        match source.next_packet() {
            Ok(Some(packet)) => {
                black_box(packet);
            }
            Ok(None) => return,
            Err(error) => {
                black_box(error);
            }
        }
    }
}

/// The same for files that are read to the end.
fn check_reading(what: &str, options: &ReadOptions, size: usize, file: impl Fn(usize) -> Vec<u8>) {
    check(what, size, file, |file| read_all(options, file));
}

#[test]
fn many_packets() {
    let mut unmeasured_options = tcp(60, &[]);
    unmeasured_options[20..].fill(254);
    let extensions = [[60, 0, 1, 4, 0, 0, 0, 0]; 180];
    for (what, packet) in [
        ("nested", nested(3_000)),
        ("TCP options", v4(TCP, &[], &tcp(60, &[]))),
        ("TCP options cut", v4(TCP, &[], &unmeasured_options)),
        ("IPv4 options", v4(UDP, &[1; 40], &udp(b""))),
        ("IPv6 extension headers", v6(0, extensions.as_flattened())),
    ] {
        let packet = [packet];
        check(
            what,
            5_000,
            |count| count,
            |count| decode_all(&packet, *count),
        );
    }
}

#[test]
fn many_fragments() {
    type Make = fn(usize) -> Vec<u8>;
    let kinds: [(&str, Make); 3] = [
        ("first fragments", |at| fragment(at as u16, 0x2000, 600)),
        ("later fragments", |at| fragment(at as u16, 100, 600)),
        // One packet: each fragment covers what others cover already.
        ("overlapping fragments", |at| {
            fragment(7, 0x2000 | (at % 8_000) as u16, 60_000)
        }),
    ];
    for (what, make) in kinds {
        let packets = |count| (0..count).map(make).collect::<Vec<_>>();
        check(what, 1_000, packets, |packets| {
            decode_all(packets, packets.len());
        });
    }
}

#[test]
fn one_large_packet() {
    check("layers", 300, nested, |packet| {
        decode_all(std::slice::from_ref(packet), 500);
    });
}

#[test]
fn blocks_and_records() {
    const ORDER: Order = Order::Little;
    let start = || [section(ORDER), interface(ORDER, 1, 0, &[])].concat();
    let after_start = |blocks: Vec<u8>| [start(), blocks].concat();
    let strictly = ReadOptions::new();
    check_reading("records", &strictly, 20_000, |count| {
        let record = (1, 0, 40, &[0x45; 40][..]);
        pcap(ORDER, MICROSECONDS, 1, &vec![record; count])
    });
    check_reading("blocks", &strictly, 10_000, |count| {
        after_start(enhanced(ORDER, 0, 1, &[0x45; 40]).repeat(count))
    });
    check_reading("unknown blocks", &strictly, 20_000, |count| {
        after_start(block(ORDER, 0x0bad, &[]).repeat(count))
    });
    check_reading("sections", &strictly, 2_000, |count| start().repeat(count));
    check_reading("options of an interface", &strictly, 20_000, |count| {
        let options = option(ORDER, 2, b"").repeat(count);
        [section(ORDER), interface(ORDER, 1, 0, &options)].concat()
    });
    check_reading("interfaces", &strictly, 500, |count| {
        let interfaces = interface(ORDER, 1, 0, &[]).repeat(count);
        let packet = enhanced(ORDER, count as u32 - 1, 1, &[0x45; 40]);
        [section(ORDER), interfaces, packet].concat()
    });
}

#[test]
fn recovery_in_garbage() {
    let recover = ReadOptions::new().with_recovery(true);
    let order = Order::Little;
    let sound = pcap(order, MICROSECONDS, 1, &[(1, 0, 40, &[0x45; 40][..])]);
    let start = [section(order), interface(order, 1, 0, &[])].concat();
    for (what, start, garbage) in [
        ("bytes of all kinds", &sound, noise as fn(usize) -> Vec<u8>),
        ("zeros", &sound, |len| vec![0; len]),
        ("ones", &sound, |len| vec![0xff; len]),
        ("headers that look right", &sound, |len| {
            pcap(Order::Little, MICROSECONDS, 1, &[(1, 0, 4, &[0; 3][..])])[24..].repeat(len / 19)
        }),
        ("bytes of all kinds in pcapng", &start, noise),
        ("zeros in pcapng", &start, |len| vec![0; len]),
        ("lengths that lead nowhere in pcapng", &start, |len| {
            [6, 0, 0, 0, 0, 1, 0, 0].repeat(len / 8)
        }),
    ] {
        let file = |len| [&start[..], &garbage(len)].concat();
        check_reading(what, &recover, 100_000, file);
    }
}

#[test]
fn what_was_compressed() -> std::io::Result<()> {
    use std::io::Write as _;
    // Zeros shrink a thousand times: the largest that a compressed byte can become.
    let bomb = |len: usize| -> std::io::Result<Vec<u8>> {
        let level = flate2::Compression::best();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(&pcap(Order::Little, MICROSECONDS, 1, &[]))?;
        encoder.write_all(&vec![0; len])?;
        encoder.finish()
    };
    bomb(1)?;
    check_reading("gzip", &ReadOptions::new(), 1_000_000, |len| {
        bomb(len).unwrap_or_default()
    });
    Ok(())
}

/// IPv4 in IPv4, `layers` deep.
fn nested(layers: usize) -> Vec<u8> {
    let len = layers * 20;
    (0..layers)
        .flat_map(|layer| {
            let [.., high, low] = (len - layer * 20).to_be_bytes();
            let start = [0x45, 0, high, low, 0, 0, 0, 0, 64, 4, 0, 0];
            [&start[..], &[10; 8]].concat()
        })
        .collect()
}

/// The captured beginning of a fragment of a UDP packet, with a payload of `len` bytes.
fn fragment(identification: u16, part: u16, len: u16) -> Vec<u8> {
    let mut packet = v4(UDP, &[], &[1; 16]);
    packet[2..4].copy_from_slice(&(20 + len).to_be_bytes());
    packet[4..6].copy_from_slice(&identification.to_be_bytes());
    packet[6..8].copy_from_slice(&part.to_be_bytes());
    packet
}

/// The same bytes in every run.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}
