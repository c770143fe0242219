//! Packets far from the clock: pauses, wrong times, wrong clocks.

use nettraffic_capture::PacketMeta;

use super::packets::{at, udp};
use super::{line, push_all, records};
use crate::{FlowConfig, FlowTable};

const DAY: f64 = 86_400.0;

/// The packets of the records of one flow with packets at these seconds, outlying packets, and
/// resets of the clock.
#[track_caller]
fn check(seconds: &[f64], expected: &[u64], outlying: u64, resets: u64) {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    push_all(&mut table, &flow(seconds));
    table.finish();
    let found: Vec<_> = std::iter::from_fn(|| table.pop())
        .map(|flow| flow.packets())
        .collect();
    let counters = table.counters();
    assert_eq!(found, expected, "{seconds:?}");
    assert_eq!(
        (counters.outlying_packets, counters.clock_resets),
        (outlying, resets),
        "{seconds:?}"
    );
    assert_eq!(counters.packets(), seconds.len() as u64);
    assert_eq!(table.open(), 0);
}

fn flow(seconds: &[f64]) -> Vec<PacketMeta> {
    let packet = |seconds: &f64| udp(*seconds, (1, 4000), (2, 53));
    seconds.iter().map(packet).collect()
}

#[test]
fn a_wrong_time_ends_nothing() {
    for (seconds, outlying) in [
        (&[1e3, 9e8, 1001.0, 1002.0][..], 1),
        (&[1e3, 9e8, 1001.0, 9e8, 1002.0], 2),
        // What lies far apart bears nothing out.
        (&[1e3, 9e8, 1.6e9, 1001.0], 2),
        (&[1e3, 1.6e9, 9e8, 1001.0], 2),
        // The same before the clock.
        (&[9e8, 1e3, 9e8 + 1.0], 1),
        (&[9e8, 1e3, 4e8, 9e8 + 1.0], 2),
        (&[9e8, 4e8, 1e3, 9e8 + 1.0], 2),
        (&[9e8, 1e3, 1.6e9, 9e8 + 1.0], 2),
    ] {
        check(seconds, &[seconds.len() as u64], outlying, 0);
    }
}

#[test]
fn a_pause_is_believed_by_what_follows() {
    for (seconds, expected, outlying) in [
        (&[0.0, 1.0, 2.0 * DAY, 2.0 * DAY + 1.0][..], &[2, 2][..], 0),
        // At the end nothing follows.
        (&[0.0, 1.0, 2.0 * DAY], &[2, 1], 0),
        (&[0.0, 9e8, 2.0 * DAY], &[2, 1], 1),
        (
            &[0.0, 2.0 * DAY, 2.0 * DAY + 1.0, 4.0 * DAY, 4.0 * DAY],
            &[1, 2, 2],
            0,
        ),
        // Seldom packets, a day and more apart.
        (
            &[0.0, 2.0 * DAY, 4.0 * DAY, 6.0 * DAY, 8.0 * DAY],
            &[1, 1, 1, 1, 1],
            0,
        ),
        (
            &[0.0, 2.0 * DAY, 9e8, 4.0 * DAY, 6.0 * DAY],
            &[1, 2, 1, 1],
            1,
        ),
        (&[0.0, 2.0 * DAY, 9e8, 2.0 * DAY + 1.0], &[1, 3], 1),
    ] {
        check(seconds, expected, outlying, 0);
    }
}

#[test]
fn a_clock_that_was_wrong_steps_back() {
    for (seconds, expected, outlying, resets) in [
        // From the first packet on.
        (&[9e8, 1e3, 1001.0, 1002.0][..], &[1, 3][..], 0, 1),
        // Two wrong packets that bear each other out.
        (&[1e3, 9e8, 9e8, 1001.0, 1002.0], &[1, 2, 2], 0, 1),
        // Seldom packets behind a wrong one.
        (&[9e8, 0.0, 2.0 * DAY, 4.0 * DAY], &[1, 1, 1, 1], 0, 1),
        // At the end nothing follows.
        (&[9e8, 1e3], &[1, 1], 0, 1),
        // The clock was set back and forth again.
        (&[9e8, 9e8, 1e3, 1e3, 9e8, 9e8], &[2, 2, 2], 0, 1),
        // Within a day a packet is late.
        (&[DAY, 0.0, 0.0, DAY], &[4], 0, 0),
    ] {
        check(seconds, expected, outlying, resets);
    }
}

#[test]
fn where_the_clock_steps_back_all_ends_and_timeouts_go_on() {
    let mut packets = vec![
        udp(9e8, (1, 1), (2, 2)),
        udp(9e8 + 1.0, (3, 3), (4, 4)),
        udp(9e8 + 2.0, (1, 1), (2, 2)),
    ];
    packets.extend(
        (0..3).map(|flow: u16| udp(1e3 + 400.0 * f64::from(flow), (5, 1000 + flow), (6, 6))),
    );
    let records = records(&FlowConfig::default(), &packets);
    let lines: Vec<_> = records.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "3:3 > 4:4 1/0 end_of_input S0",
            "1:1 > 2:2 2/0 end_of_input S0",
            "5:1000 > 6:6 1/0 idle@1120 S0",
            "5:1001 > 6:6 1/0 idle@1520 S0",
            "5:1002 > 6:6 1/0 end_of_input S0",
        ]
    );
}

#[test]
fn a_tick_bears_out_a_pause() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    push_all(&mut table, &flow(&[0.0, 200_000.0]));
    table.tick(at(100.0));
    assert!(table.pop().is_none());
    table.tick(at(200_001.0));
    assert_eq!(table.pop().map(|flow| flow.packets()), Some(1));
    assert_eq!(table.open(), 1);
    assert_eq!(table.counters().outlying_packets, 0);
}

#[test]
fn a_tick_after_the_clock_speaks_against_a_step_back() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    push_all(&mut table, &flow(&[9e8, 1e3]));
    table.tick(at(9e8 + 1.0));
    table.finish();
    assert_eq!(table.pop().map(|flow| flow.packets()), Some(2));
    let counters = table.counters();
    assert_eq!((counters.outlying_packets, counters.clock_resets), (1, 0));
}
