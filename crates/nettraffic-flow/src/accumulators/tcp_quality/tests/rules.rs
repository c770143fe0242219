//! One table per rule.

use std::fmt::Debug;

use super::super::TcpQuality;
use super::quality;
use crate::tcp::script::{ACK, FIN, RST, SYN, Segment, answer, ask, established};

/// How numbers are moved: not at all, and such that they wrap in the handshake or in the data.
const MOVES: [u32; 4] = [0, u32::MAX - 100, u32::MAX - 110, u32::MAX - 125];

#[track_caller]
fn check<T: Copy + PartialEq + Debug>(
    segments: &[Segment],
    what: fn(&TcpQuality) -> T,
    expected: T,
) {
    for moved in MOVES {
        let quality = quality(segments, moved);
        assert_eq!(what(&quality), expected, "moved by {moved}: {segments:?}");
    }
}

/// Segments of the initiator: retransmitted, reordered, recovered, skipped.
fn order(quality: &TcpQuality) -> (u32, u32, u32, u32) {
    let side = &quality.sides.forward;
    (
        side.retransmitted(),
        side.reordered(),
        side.recovered(),
        side.skipped(),
    )
}

fn data(number: u32) -> Segment {
    ask(ACK, number, 501).payload(10)
}

fn acknowledge(number: u32) -> Segment {
    answer(ACK, 501, number)
}

#[test]
fn a_connection_takes_little_memory() {
    assert_eq!(size_of::<TcpQuality>(), 280);
}

#[test]
fn data_in_order_is_as_it_should_be() {
    check(&[], order, (0, 0, 0, 0));
    let close = [data(101), ask(FIN | ACK, 111, 501), ask(ACK, 112, 501)];
    check(&established(&close), order, (0, 0, 0, 0));
}

#[test]
fn what_was_seen_before_is_retransmitted() {
    let bytes = |quality: &TcpQuality| quality.sides.forward.retransmitted_bytes();
    for (segments, count, expected) in [
        (vec![data(101), data(101)], 1, 10),
        (vec![data(101), data(101), data(101)], 2, 20),
        (vec![data(101), data(106)], 1, 5),
        (vec![data(101), data(111), data(106).payload(20)], 1, 15),
        (
            vec![ask(FIN | ACK, 101, 501), ask(FIN | ACK, 101, 501)],
            1,
            0,
        ),
    ] {
        check(&established(&segments), order, (count, 0, 0, 0));
        check(&established(&segments), bytes, expected);
    }
    let syn = ask(SYN, 100, 0);
    check(&[syn, syn, syn], order, (2, 0, 0, 0));
    check(&[syn, syn, syn], bytes, 0);
}

#[test]
fn what_fills_a_hole_soon_was_overtaken() {
    let overtaken = [data(101), data(121), data(111)];
    check(&established(&overtaken), order, (0, 1, 0, 1));
    // The hole is filled in two parts, then all is repeated.
    let parts = [data(101), data(131), data(111), data(121), data(111)];
    check(&established(&parts), order, (1, 2, 0, 1));
    // The first segment of the capture overtook another.
    check(&[data(111), data(101), data(101)], order, (1, 1, 0, 0));
    check(&[data(111), data(101).micros(3_001)], order, (0, 0, 1, 0));
    check(
        &[data(121), data(101), data(111), data(101)],
        order,
        (1, 2, 0, 0),
    );
}

#[test]
fn what_fills_a_hole_late_was_sent_again() {
    let late = |micros| [data(101), data(121), data(111).micros(micros)];
    // Without a handshake 3 ms are the limit.
    check(&late(3_000), order, (0, 1, 0, 1));
    check(&late(3_001), order, (0, 0, 1, 1));
    // Else its round trip.
    let after = |micros: i64| {
        let handshake = [
            ask(SYN, 100, 0).micros(-50),
            answer(SYN | ACK, 500, 101).micros(-20),
            ask(ACK, 101, 501),
        ];
        [&handshake[..], &late(micros)].concat()
    };
    check(&after(50), order, (0, 1, 0, 1));
    check(&after(51), order, (0, 0, 1, 1));
}

#[test]
fn what_was_asked_for_was_sent_again() {
    let asked = |times| {
        let mut segments = vec![data(101), acknowledge(111)];
        for number in 0..times {
            segments.extend([data(121 + 10 * number), acknowledge(111)]);
        }
        segments.push(data(111));
        established(&segments)
    };
    check(&asked(2), order, (0, 1, 0, 1));
    check(&asked(3), order, (0, 0, 1, 1));
}

#[test]
fn an_acknowledgement_is_a_duplicate_while_data_is_under_way() {
    let duplicates = |quality: &TcpQuality| quality.sides.backward.duplicate_acks();
    let under_way = [data(101), acknowledge(101)];
    check(&established(&under_way), duplicates, 1);
    for other in [
        acknowledge(101).payload(1),
        acknowledge(101).window(999),
        answer(ACK | FIN, 501, 101),
        answer(ACK | RST, 501, 101),
        acknowledge(111),
        acknowledge(100),
    ] {
        check(&established(&[data(101), other]), duplicates, 0);
    }
    check(&established(&[acknowledge(101)]), duplicates, 0);
    // Data in the other direction was not captured.
    check(&[acknowledge(101), acknowledge(101)], duplicates, 0);
    let selective = acknowledge(101).selective();
    check(&[acknowledge(101), selective], duplicates, 1);
    check(&established(&[selective]), duplicates, 0);
    let all = [data(101), acknowledge(111), acknowledge(111)];
    check(&established(&all), duplicates, 0);
}

#[test]
fn probes_are_told_apart() {
    let probes = |quality: &TcpQuality| {
        let side = &quality.sides.forward;
        (side.probes(), side.retransmitted())
    };
    let begun = [data(101), acknowledge(111)];
    let after = |rest: &[Segment]| established(&[&begun[..], rest].concat());
    let last_byte = ask(ACK, 110, 501);
    check(&after(&[last_byte, last_byte]), probes, (2, 0));
    check(&after(&[last_byte.payload(1)]), probes, (1, 0));
    check(&after(&[last_byte.payload(2)]), probes, (0, 1));
    check(&after(&[ask(ACK, 109, 501)]), probes, (0, 0));
    // Not acknowledged: sent again.
    check(
        &established(&[data(101), last_byte.payload(1)]),
        probes,
        (0, 1),
    );
    // One byte into a closed window, twice.
    let closed = acknowledge(111).window(0);
    let byte = ask(ACK, 111, 501).payload(1);
    check(&after(&[closed, byte, byte]), probes, (2, 0));
    check(&after(&[byte, byte]), probes, (0, 1));
}

#[test]
fn acknowledged_data_that_was_not_seen_is_missed() {
    let missed = |quality: &TcpQuality| quality.sides.forward.missed_bytes();
    for (segments, expected) in [
        (vec![data(101), acknowledge(111)], 0),
        (vec![data(101), acknowledge(131)], 20),
        (vec![data(101), acknowledge(131), acknowledge(131)], 20),
        (vec![data(101), data(121), acknowledge(111)], 0),
        (vec![data(101), data(121), acknowledge(116)], 5),
        (vec![data(101), data(121), acknowledge(131)], 10),
        (vec![data(101), data(121), data(111), acknowledge(131)], 0),
        // Not seen, since acknowledged meanwhile.
        (vec![data(101), data(121), acknowledge(131), data(111)], 10),
        // Too far to be of this connection.
        (vec![data(101), acknowledge(0x5000_0000)], 0),
    ] {
        check(&established(&segments), missed, expected);
    }
    // The lowest of five holes is given up.
    let five: Vec<_> = (0..6).map(|number| data(101 + 20 * number)).collect();
    check(&established(&five), missed, 10);
}

#[test]
fn acknowledged_bytes_do_not_count_syn_and_fin() {
    let acknowledged = |quality: &TcpQuality| quality.sides.forward.acknowledged_bytes();
    let close = [
        data(101),
        acknowledge(111),
        ask(FIN | ACK, 111, 501),
        acknowledge(112),
    ];
    check(&established(&close[..1]), acknowledged, 0);
    check(&established(&close), acknowledged, 10);
    let at_once = [data(101), ask(FIN | ACK, 111, 501), acknowledge(112)];
    check(&established(&at_once), acknowledged, 10);
    // Where the SYN was not seen, from the first acknowledgement.
    check(
        &[data(101), acknowledge(111), acknowledge(121)],
        acknowledged,
        10,
    );
}

#[test]
fn windows_are_in_bytes_when_both_syns_were_seen() {
    let windows = |quality: &TcpQuality| {
        let side = &quality.sides.forward;
        (side.windows(), side.windows_are_scaled())
    };
    let segments = |initiator: Option<u8>, responder: Option<u8>| {
        let with =
            |segment: Segment, bits: Option<u8>| bits.map_or(segment, |bits| segment.scale(bits));
        [
            with(ask(SYN, 100, 0).window(7), initiator),
            with(answer(SYN | ACK, 500, 101), responder),
            ask(ACK, 101, 501).window(10),
            ask(ACK, 101, 501).window(30),
            ask(RST, 101, 501).window(0),
        ]
    };
    check(
        &segments(Some(3), Some(0)),
        windows,
        (Some((80, 240)), true),
    );
    check(&segments(Some(3), None), windows, (Some((10, 30)), true));
    check(&segments(None, Some(3)), windows, (Some((10, 30)), true));
    let largest = (Some((10 << 14, 30 << 14)), true);
    check(&segments(Some(255), Some(0)), windows, largest);
    check(&segments(Some(3), Some(0))[..2], windows, (None, true));
    check(
        &segments(Some(3), Some(0))[2..],
        windows,
        (Some((10, 30)), false),
    );
}

#[test]
fn zero_windows_count() {
    let zeros = |quality: &TcpQuality| quality.sides.forward.zero_windows();
    let closed = ask(ACK, 101, 501).window(0);
    check(&established(&[closed, closed]), zeros, 2);
    check(&[ask(SYN, 100, 0).window(0)], zeros, 0);
    check(&[ask(RST, 100, 0).window(0)], zeros, 0);
    check(&[ask(FIN | ACK, 100, 501).window(0)], zeros, 0);
}

#[test]
fn other_numbers_begin_anew() {
    let far = [data(101), data(0x7000_0000), data(0x7000_000a)];
    check(&far, order, (0, 0, 0, 0));
    let attempts = [ask(SYN, 100, 0), ask(SYN, 5_000, 0), ask(SYN, 5_000, 0)];
    check(&attempts, order, (1, 0, 0, 0));
}
