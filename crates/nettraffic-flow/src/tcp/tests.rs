//! One table per rule: segments, and what the tracker makes of the last.

use nettraffic_capture::{IpProtocol, PacketMeta, Timestamp};

use super::script::{ACK, FIN, RST, SYN, Segment, answer, ask, established};
use super::{TcpFacts, TcpTracker};
use crate::{Direction, Flow, FlowEnd, FlowKey};

/// Where the numbers of every table begin: nowhere near the wrap, and such that it lies within
/// the handshake, and within the data.
const MOVES: [u32; 5] = [
    0,
    u32::MAX - 100,
    u32::MAX - 120,
    u32::MAX - 500,
    u32::MAX - 520,
];

/// The tracker and the record after `segments`, and the facts of the last.
fn follow(segments: &[Segment]) -> (TcpTracker, Flow<()>, TcpFacts) {
    follow_in_records(segments, usize::MAX)
}

/// The same where a record ends after so many packets.
fn follow_in_records(
    segments: &[Segment],
    packets_each: usize,
) -> (TcpTracker, Flow<()>, TcpFacts) {
    let host = PacketMeta::default().source;
    let key = FlowKey::new(host, 1, host, 2, IpProtocol::TCP);
    let mut flow = Flow::new(key, Timestamp::default(), ());
    let mut tracker = TcpTracker::default();
    let mut facts = TcpFacts::default();
    for (packets, segment) in segments.iter().enumerate() {
        if packets > 0 && packets % packets_each == 0 {
            flow.continue_after_split();
        }
        let packet = segment.packet();
        flow.sender_and_receiver(segment.direction).0.count(&packet);
        facts = tracker.observe(
            &segment.tcp,
            packet.payload_len,
            segment.direction,
            &mut flow,
        );
    }
    (tracker, flow, facts)
}

#[track_caller]
fn check_end(segments: &[Segment], expected: Option<FlowEnd>, state: &str) {
    for distance in MOVES {
        let moved: Vec<_> = segments.iter().map(|one| one.moved(distance)).collect();
        let (tracker, flow, _) = follow(&moved);
        assert_eq!(tracker.closed(), expected, "{moved:?}");
        assert_eq!(flow.conn_state().name(), state, "{moved:?}");
    }
}

#[track_caller]
fn check_fact(segments: &[Segment], fact: TcpFacts, expected: bool) {
    for distance in MOVES {
        let moved: Vec<_> = segments.iter().map(|one| one.moved(distance)).collect();
        let (_, _, facts) = follow(&moved);
        assert_eq!(facts.contains(fact), expected, "{moved:?}");
    }
}

#[track_caller]
fn check_reset(segments: &[Segment], accepted: bool) {
    check_fact(segments, TcpFacts::REFUSED_RESET, !accepted);
}

#[test]
fn a_tracker_takes_forty_bytes() {
    assert_eq!(size_of::<TcpTracker>(), 40);
}

#[test]
fn a_reset_counts_from_the_number_due_to_the_end_of_the_window() {
    for (number, accepted) in [
        (400, false),
        (500, false),
        (501, true),
        (1_500, true),
        (1_501, false),
        (1_502, false),
        (0x8000_0000, false),
    ] {
        check_reset(&established(&[answer(RST, number, 0)]), accepted);
    }
}

#[test]
fn a_reset_may_follow_data_beyond_the_window() {
    let sent = [answer(ACK, 501, 101).payload(2_000), answer(RST, 2_501, 0)];
    check_reset(&established(&sent), true);
    let closed_window = [
        answer(ACK, 501, 101).payload(100),
        ask(ACK, 101, 601).window(0),
        answer(RST, 602, 0),
    ];
    check_reset(&established(&closed_window), false);
}

#[test]
fn a_reset_with_the_number_due_counts_without_a_window() {
    // The side that resets has sent as much as was acknowledged, or more.
    for acknowledged in [601, 551] {
        let probed = [
            answer(ACK, 501, 101).payload(100),
            ask(ACK, 101, acknowledged).window(0),
            answer(RST, acknowledged, 0),
        ];
        check_reset(&established(&probed), true);
    }
}

#[test]
fn a_window_is_scaled_when_both_sides_offered_it() {
    let last = 127_999;
    let scaled = |initiator: Option<u8>, responder: Option<u8>, offset: u32| {
        let with =
            |segment: Segment, bits: Option<u8>| bits.map_or(segment, |bits| segment.scale(bits));
        vec![
            with(ask(SYN, 100, 0), initiator),
            with(answer(SYN | ACK, 500, 101), responder),
            ask(ACK, 101, 501),
            answer(RST, 501 + offset, 0),
        ]
    };
    check_reset(&scaled(Some(7), Some(0), last), true);
    check_reset(&scaled(Some(7), Some(0), last + 1), false);
    check_reset(&scaled(Some(6), Some(7), last), false);
    check_reset(&scaled(Some(7), None, last), false);
    check_reset(&scaled(None, Some(7), last), false);
}

#[test]
fn a_reset_may_fall_into_what_nobody_has_acknowledged_yet() {
    for (number, accepted) in [(400, false), (501, true), (1_000, true), (1_501, true)] {
        let segments = [
            ask(SYN, 100, 0),
            answer(SYN | ACK, 500, 101),
            answer(ACK, 501, 101).payload(1_000),
            answer(RST, number, 0),
        ];
        check_reset(&segments, accepted);
    }
}

#[test]
fn a_reset_that_answers_a_syn_has_to_acknowledge_it() {
    for (flags, acknowledgement, accepted) in [
        (RST | ACK, 101, true),
        (RST | ACK, 100, false),
        (RST | ACK, 102, false),
        (RST | ACK, 0, false),
        (RST, 101, false),
    ] {
        let refusal = answer(flags, 0, acknowledgement);
        check_reset(&[ask(SYN, 100, 0), refusal], accepted);
    }
    // With data in the SYN (RFC 7413) it may acknowledge that, or the SYN alone.
    for acknowledgement in [101, 121] {
        let refusal = answer(RST | ACK, 0, acknowledgement);
        check_reset(&[ask(SYN, 100, 0).payload(20), refusal], true);
    }
}

#[test]
fn where_nothing_is_known_a_reset_counts() {
    check_reset(&[ask(RST, 77, 0)], true);
    check_reset(&[answer(ACK, 5, 300), ask(RST, 300, 0)], true);
    // The scale of the window is not known.
    check_reset(&[answer(ACK, 5, 300), ask(RST, 1_000_000, 0)], true);
    check_reset(&[ask(ACK, 5, 300), ask(RST, 60_000, 0)], true);
    check_reset(&[ask(ACK, 5, 300), ask(RST, 70_000, 0)], false);
}

#[test]
fn a_refused_reset_ends_nothing() {
    check_end(&established(&[answer(RST, 9_000, 0)]), None, "S1");
    check_end(
        &established(&[
            answer(RST, 9_000, 0),
            ask(FIN | ACK, 101, 501),
            answer(FIN | ACK, 501, 102),
        ]),
        Some(FlowEnd::Fin),
        "SF",
    );
}

#[test]
fn what_comes_first_closes_the_connection() {
    let close = [ask(FIN | ACK, 101, 501), answer(FIN | ACK, 501, 102)];
    check_end(&established(&close[..1]), None, "S2");
    check_end(&established(&close), Some(FlowEnd::Fin), "SF");
    let then = [&close[..], &[ask(RST, 102, 0)]].concat();
    check_end(&established(&then), Some(FlowEnd::Fin), "SF");
    let after_reset = [&[ask(RST, 101, 0)], &close[..]].concat();
    check_end(&established(&after_reset), Some(FlowEnd::Rst), "RSTO");
    let half = [close[0], answer(RST, 501, 0)];
    check_end(&established(&half), Some(FlowEnd::Rst), "RSTR");
}

#[test]
fn a_fin_counts_when_its_number_is_plausible() {
    let close = |number| [ask(FIN | ACK, number, 501), answer(FIN | ACK, 501, 102)];
    // The capture may lack data before it.
    check_end(&established(&close(1_000_000)), Some(FlowEnd::Fin), "SF");
    check_end(&established(&close(0x4000_0000)), None, "S3");
    // Nothing is known of what the other side takes.
    let alone = [ask(SYN, 100, 0), ask(FIN, 0x4000_0000, 0)];
    check_end(&alone, None, "SH");
}

#[test]
fn data_that_is_not_plausible_does_not_move_the_window() {
    let forged = [
        answer(ACK, 0x4000_0000, 101).payload(10),
        answer(RST, 0x4000_000a, 0),
    ];
    check_reset(&established(&forged), false);
}

#[test]
fn a_continuation_has_the_state_of_the_whole() {
    let resets = [ask(RST, 101, 0), answer(RST, 501, 0)];
    let both_ways = [
        ask(ACK, 101, 501).payload(10),
        answer(ACK, 501, 111).payload(20),
        ask(RST, 111, 0),
        answer(RST, 521, 0),
    ];
    let one_way = [
        answer(ACK, 501, 101).payload(20),
        answer(RST, 521, 0),
        ask(RST, 101, 0),
    ];
    for (segments, state) in [
        (established(&resets), "REJ"),
        (established(&both_ways), "RSTR"),
        (established(&one_way), "RSTR"),
        (vec![ask(SYN, 100, 0), ask(RST, 101, 0)], "RSTOS0"),
        (vec![ask(ACK, 100, 0), ask(RST, 100, 0)], "OTH"),
        (vec![ask(SYN, 100, 0), ask(FIN, 101, 0)], "SH"),
    ] {
        for packets_each in 1..=segments.len() {
            let (_, flow, _) = follow_in_records(&segments, packets_each);
            assert_eq!(
                flow.conn_state().name(),
                state,
                "{packets_each} of {segments:?}"
            );
        }
    }
}

#[test]
fn whoever_acknowledges_a_syn_ack_has_sent_a_syn() {
    let midway = [answer(SYN | ACK, 500, 101), ask(ACK, 101, 501)];
    check_end(&midway, None, "S1");
}

#[test]
fn a_new_attempt_counts_from_its_own_number() {
    let attempts = [ask(SYN, 100, 0), ask(SYN, 7_000_000, 0)];
    let refused = |number| [&attempts[..], &[answer(RST | ACK, 0, number)]].concat();
    check_reset(&refused(7_000_001), true);
    check_reset(&refused(101), false);
    for (number, replaced) in [(7_000_000, false), (100, true)] {
        let answered = [&attempts[..], &[answer(SYN | ACK, 500, 7_000_001)]].concat();
        let (tracker, ..) = follow(&answered);
        let syn = ask(SYN, number, 0);
        assert_eq!(
            tracker.is_replaced_by(&syn.tcp, Direction::Forward),
            replaced
        );
    }
}

#[test]
fn control_segments_repeat_when_their_number_is_the_same() {
    let fact = TcpFacts::REPEATED_CONTROL;
    check_fact(&[ask(SYN, 100, 0)], fact, false);
    check_fact(&[ask(SYN, 100, 0), ask(SYN, 100, 0)], fact, true);
    check_fact(&[ask(SYN, 100, 0), ask(SYN, 200, 0)], fact, false);
    // The second carries the end of the data, too.
    let fins = [
        ask(FIN | ACK, 111, 501),
        ask(FIN | ACK, 101, 501).payload(10),
    ];
    check_fact(&established(&fins), fact, true);
    check_fact(&established(&fins[..1]), fact, false);
    let resets = |second| established(&[ask(RST, 101, 0), ask(RST, second, 0)]);
    check_fact(&resets(101), fact, true);
    check_fact(&resets(150), fact, false);
    let refused = [answer(RST, 9_000, 0), answer(RST, 9_001, 0)];
    check_fact(&established(&refused[..1]), fact, false);
    check_fact(&established(&refused), fact, true);
}

#[test]
fn payload_that_ends_no_later_than_what_was_sent_is_nothing_new() {
    let fact = TcpFacts::NOTHING_NEW;
    let data = ask(ACK, 101, 501).payload(10);
    check_fact(&established(&[data]), fact, false);
    check_fact(&established(&[data, data]), fact, true);
    let longer = ask(ACK, 101, 501).payload(11);
    check_fact(&established(&[data, longer]), fact, false);
    let acknowledgement = ask(ACK, 101, 501);
    check_fact(&established(&[data, acknowledgement]), fact, false);
}

#[test]
fn acknowledged_data_that_was_not_seen_is_a_gap() {
    let fact = TcpFacts::GAP;
    let data = |number| ask(ACK, number, 501).payload(10);
    let acknowledge = |number| answer(ACK, 501, number);
    let check = |segments: &[Segment], expected| {
        check_fact(&established(segments), fact, expected);
    };
    check(&[data(101), acknowledge(111)], false);
    check(&[data(101), acknowledge(112)], true);
    check(&[acknowledge(111), acknowledge(111)], false);
    check(&[data(101), data(121), acknowledge(111)], false);
    check(&[data(101), data(121), acknowledge(131)], true);
    let again = [data(101), data(121), acknowledge(131), acknowledge(131)];
    check(&again, false);
    check(&[data(101), data(121), data(111), acknowledge(131)], false);
}

#[test]
fn a_zero_window_matters_while_data_may_follow() {
    let fact = TcpFacts::ZERO_WINDOW;
    let closed = ask(ACK, 101, 501).window(0);
    check_fact(&established(&[closed]), fact, true);
    let fin = answer(FIN | ACK, 501, 101);
    check_fact(&established(&[fin, closed]), fact, false);
    check_fact(&established(&[ask(RST, 101, 0).window(0)]), fact, false);
    check_fact(&established(&[ask(RST, 101, 0), closed]), fact, false);
}
