//! What packet time does.

use std::time::Duration;

use super::packets::{at, udp};
use super::{check, check_with, push_all};
use crate::{FlowConfig, FlowEnd, FlowTable};

#[test]
fn a_flow_ends_by_silence_longer_than_the_idle_timeout() {
    let packet = |seconds| udp(seconds, (1, 40000), (2, 53));
    check(
        &[packet(0.0), packet(120.0)],
        &["1:40000 > 2:53 2/0 end_of_input S0"],
    );
    check(
        &[packet(0.0), packet(120.000_000_001)],
        &[
            "1:40000 > 2:53 1/0 idle@120 S0",
            "1:40000 > 2:53 1/0 end_of_input S0",
        ],
    );
}

#[test]
fn steady_traffic_is_one_flow() {
    let packets: Vec<_> = (0..=60)
        .map(|step| udp(f64::from(step) * 10.0, (1, 40000), (2, 53)))
        .collect();
    check(&packets, &["1:40000 > 2:53 61/0 end_of_input S0"]);
}

#[test]
fn records_come_in_the_order_of_deadlines_then_of_first_packets() {
    let seldom = |seconds, port| udp(seconds, (1, port), (2, 53));
    check(
        &[
            seldom(0.0, 1111),
            seldom(0.0, 2222),
            seldom(1.0, 3333),
            seldom(2.0, 2222),
            seldom(2.0, 1111),
            udp(500.0, (3, 9999), (2, 53)),
        ],
        &[
            "1:3333 > 2:53 1/0 idle@121 S0",
            "1:1111 > 2:53 2/0 idle@122 S0",
            "1:2222 > 2:53 2/0 idle@122 S0",
            "3:9999 > 2:53 1/0 end_of_input S0",
        ],
    );
}

#[test]
fn a_long_flow_is_split_at_the_active_timeout() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(100));
    let answer = |seconds| udp(seconds, (2, 53), (1, 40000));
    check_with(
        &config,
        &[
            answer(0.0),
            answer(60.0),
            // At exactly the timeout a packet still belongs to the old record.
            answer(100.0),
            answer(150.0),
            answer(250.5),
        ],
        &[
            "1:40000 > 2:53 0/3 active@100 SHR",
            "1:40000 > 2:53 #1 0/1 active@250 SHR",
            "1:40000 > 2:53 #2 0/1 end_of_input SHR",
        ],
    );
}

#[test]
fn an_empty_continuation_is_silent() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(100));
    let mut table = FlowTable::<()>::new(config);
    push_all(
        &mut table,
        &[
            udp(0.0, (1, 40000), (2, 53)),
            udp(60.0, (1, 40000), (2, 53)),
        ],
    );
    table.tick(at(101.0));
    assert_eq!(table.pop().map(|flow| flow.end), Some(FlowEnd::Active));
    assert_eq!(table.open(), 1);
    table.tick(at(180.5));
    table.finish();
    assert_eq!(table.pop(), None);
    assert_eq!(table.open(), 0);
    let counters = table.counters();
    assert_eq!(
        (counters.opened, counters.continuations, counters.records()),
        (1, 0, 1)
    );
}

#[test]
fn a_flow_that_is_over_at_its_active_timeout_is_idle() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(120));
    check_with(
        &config,
        &[udp(0.0, (1, 40000), (2, 53)), udp(500.0, (3, 1), (2, 2))],
        &[
            "1:40000 > 2:53 1/0 idle@120 S0",
            "3:1 > 2:2 1/0 end_of_input S0",
        ],
    );
}

#[test]
fn late_packets_join_without_moving_the_clock_back() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    push_all(
        &mut table,
        &[
            udp(10.0, (1, 40000), (2, 53)),
            udp(11.0, (1, 40000), (2, 53)),
            udp(5.0, (1, 40000), (2, 53)),
            udp(6.0, (3, 40000), (2, 53)),
        ],
    );
    assert_eq!(table.counters().late_packets, 2);
    table.finish();
    let first = table.pop().expect("a record");
    assert_eq!((first.first, first.last), (at(10.0), at(11.0)));
    assert_eq!(first.forward.packets, 3);
    let second = table.pop().expect("a record");
    assert_eq!((second.first, second.ended), (at(6.0), at(131.0)));
}
