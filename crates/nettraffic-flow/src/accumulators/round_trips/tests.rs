//! Segments at their microseconds, and the round trips that they show.

use super::RoundTrips;
use crate::accumulators::testing::accumulate;
use crate::tcp::script::{ACK, RST, SYN, Segment, answer, ask};

fn measure(segments: &[Segment], moved: u32) -> RoundTrips {
    let packets: Vec<_> = segments
        .iter()
        .map(|segment| (segment.direction, segment.moved(moved).packet()))
        .collect();
    accumulate(&packets)
}

/// Round trips of the handshake to responder and initiator, in microseconds.
#[track_caller]
fn check_handshake(segments: &[Segment], expected: (Option<u64>, Option<u64>)) {
    for moved in [0, u32::MAX - 100, u32::MAX - 500] {
        let trips = measure(segments, moved);
        let micros = |nanos: Option<u64>| nanos.map(|nanos| nanos / 1_000);
        let found = (
            micros(trips.handshake_to_responder()),
            micros(trips.handshake_to_initiator()),
        );
        assert_eq!(found, expected, "{segments:?}");
    }
}

/// Count, sum, shortest and longest of those to the responder, in microseconds.
#[track_caller]
fn check(segments: &[Segment], count: u64, sum: u64, range: Option<(u64, u64)>) {
    for moved in [0, u32::MAX - 100, u32::MAX - 105] {
        let trips = measure(segments, moved);
        let delays = trips.to_responder();
        let micros = |nanos: u64| nanos / 1_000;
        let found = delays.min().zip(delays.max());
        assert_eq!(delays.count(), count, "{segments:?}");
        assert_eq!(micros(delays.sum()), sum);
        assert_eq!(found.map(|(min, max)| (micros(min), micros(max))), range);
        assert_eq!(
            delays.mean(),
            (count > 0).then(|| sum as f64 * 1e3 / count as f64)
        );
        assert_eq!(trips.to_initiator().count(), 0);
    }
}

#[test]
fn a_connection_takes_little_memory() {
    let bytes = size_of::<RoundTrips>();
    assert!(bytes <= 208, "{bytes}");
}

#[test]
fn the_handshake_gives_two() {
    let syn = ask(SYN, 100, 0);
    let syn_ack = answer(SYN | ACK, 500, 101);
    let ack = ask(ACK, 101, 501);
    let ordinary = [syn, syn_ack.micros(30), ack.micros(45)];
    check_handshake(&ordinary, (Some(30), Some(15)));
    check_handshake(&ordinary[..2], (Some(30), None));
    check_handshake(&ordinary[1..], (None, None));
    let wrong = [syn, answer(SYN | ACK, 500, 90).micros(30)];
    check_handshake(&wrong, (None, None));
    // The capture is not in order.
    check_handshake(&[syn.micros(50), syn_ack.micros(30)], (None, None));
}

#[test]
fn a_repeated_segment_of_the_handshake_gives_none() {
    let syn = ask(SYN, 100, 0);
    let syn_ack = answer(SYN | ACK, 500, 101);
    let ack = ask(ACK, 101, 501);
    check_handshake(
        &[syn, syn.micros(10), syn_ack.micros(30), ack.micros(45)],
        (None, Some(15)),
    );
    check_handshake(
        &[syn, syn_ack.micros(30), syn_ack.micros(40), ack.micros(45)],
        (Some(30), None),
    );
    // Another attempt is not a repetition.
    let other = ask(SYN, 200, 0).micros(10);
    let answer_to_other = answer(SYN | ACK, 500, 201).micros(30);
    check_handshake(&[syn, other, answer_to_other], (Some(20), None));
}

#[test]
fn a_segment_is_timed_until_it_is_acknowledged() {
    let data = |number| ask(ACK, number, 501).payload(10);
    let acknowledge = |number| answer(ACK, 501, number);
    check(&[data(101), acknowledge(111).micros(7)], 1, 7, Some((7, 7)));
    check(&[data(101), acknowledge(110).micros(7)], 0, 0, None);
    // The second is under way with the first; the third is timed.
    let three = [
        data(101),
        data(111).micros(2),
        acknowledge(121).micros(9),
        data(121).micros(10),
        acknowledge(131).micros(15),
        acknowledge(131).micros(19),
    ];
    check(&three, 2, 14, Some((5, 9)));
    check(&[data(101), answer(RST | ACK, 501, 111)], 0, 0, None);
}

#[test]
fn a_repeated_segment_is_not_timed() {
    let data = |number| ask(ACK, number, 501).payload(10);
    let acknowledge = |number| answer(ACK, 501, number);
    let repeated = [data(101), data(101).micros(5), acknowledge(111).micros(7)];
    check(&repeated, 0, 0, None);
}

#[test]
fn a_time_stamp_is_timed_until_its_echo() {
    let data = |number, stamp| ask(ACK, number, 501).payload(10).stamped(stamp, 0);
    let echo = |stamp| answer(ACK, 501, 111).stamped(9, stamp);
    check(&[data(101, 50), echo(50).micros(7)], 1, 7, Some((7, 7)));
    check(&[data(101, 50), echo(49).micros(7)], 0, 0, None);
    let wrapped = [
        data(101, u32::MAX),
        data(101, 0).micros(1),
        echo(0).micros(7),
    ];
    check(&wrapped, 0, 0, None);
    // What is sent again bears another stamp, so it is known which one the answer is to.
    let repeated = [data(101, 50), data(101, 60).micros(5), echo(50).micros(7)];
    check(&repeated, 1, 7, Some((7, 7)));
}

#[test]
fn a_stamp_used_before_is_not_timed() {
    let acknowledgement = ask(ACK, 101, 501).stamped(50, 0);
    let data = ask(ACK, 101, 501).payload(10).stamped(50, 0).micros(5);
    let echo = answer(ACK, 501, 111).stamped(9, 50).micros(7);
    check(&[acknowledgement, data, echo], 0, 0, None);
}
