//! Counting, limits, and what accumulators are shown.

use std::time::Duration;

use nettraffic_capture::{PacketMeta, Timestamp, Transport};

use super::packets::{at, connection, udp};
use super::{check, check_with, push_all, records};
use crate::{Accumulate, Direction, Flow, FlowConfig, FlowEnd, FlowTable, NotAFlow};

#[test]
fn reply_joins_the_request() {
    check(
        &[
            udp(1.0, (1, 40000), (2, 53)),
            udp(1.5, (2, 53), (1, 40000)),
            udp(2.0, (1, 40001), (2, 53)),
        ],
        &[
            "1:40000 > 2:53 1/1 end_of_input@2 SF",
            "1:40001 > 2:53 1/0 end_of_input@2 S0",
        ],
    );
}

#[test]
fn lengths_are_counted_per_side() {
    let flow = records(
        &FlowConfig::default(),
        &[
            udp(1.0, (1, 40000), (2, 53)),
            udp(1.5, (2, 53), (1, 40000)),
            udp(1.75, (2, 53), (1, 40000)),
        ],
    )
    .remove(0);
    assert_eq!(
        (flow.payload_bytes(), flow.ip_bytes(), flow.packets()),
        (30, 114, 3)
    );
    assert_eq!(
        (flow.forward.payload_bytes, flow.backward.ip_bytes),
        (10, 76)
    );
    assert_eq!(flow.duration(), Duration::from_millis(750));
}

#[test]
fn a_full_table_puts_out_closed_flows_then_the_stalest() {
    let config = FlowConfig::default().with_max_flows(3);
    let mut packets = vec![udp(0.0, (3, 1111), (4, 53)), udp(1.0, (3, 2222), (4, 53))];
    packets.extend(connection(2.0));
    packets.extend([
        udp(3.0, (3, 1111), (4, 53)),
        udp(4.0, (3, 3333), (4, 53)),
        udp(5.0, (3, 4444), (4, 53)),
    ]);
    check_with(
        &config,
        &packets,
        &[
            "1:40000 > 2:80 4/2 fin@4 SF",
            "3:2222 > 4:53 1/0 evicted@5 S0",
            "3:1111 > 4:53 2/0 end_of_input@5 S0",
            "3:3333 > 4:53 1/0 end_of_input@5 S0",
            "3:4444 > 4:53 1/0 end_of_input@5 S0",
        ],
    );
    let mut table = FlowTable::<()>::new(config);
    push_all(&mut table, &packets);
    assert_eq!(table.open(), 3);
    assert_eq!(table.counters().evicted, 2);
    assert_eq!(table.counters().records_by(FlowEnd::Evicted), 1);
}

#[test]
fn what_is_no_flow_is_counted() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    let with = |transport| {
        let mut packet = udp(0.0, (1, 1), (2, 2));
        packet.transport = transport;
        packet
    };
    push_all(
        &mut table,
        &[
            with(Transport::LaterFragment),
            with(Transport::Cut),
            with(Transport::Cut),
            with(Transport::Other),
        ],
    );
    let counters = table.counters();
    assert_eq!(counters.not_a_flow(NotAFlow::LaterFragment), 1);
    assert_eq!(counters.not_a_flow(NotAFlow::TransportCut), 2);
    assert_eq!((counters.packets_in_flows, counters.packets()), (1, 4));
}

#[test]
fn a_finished_table_takes_another_capture() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    for start in [1000.0, 0.0] {
        push_all(&mut table, &[udp(start, (1, 40000), (2, 53))]);
        table.finish();
        let flow = table.pop().expect("a record");
        assert_eq!((flow.first, flow.ended), (at(start), at(start)));
    }
    assert_eq!(table.counters().late_packets, 0);
}

#[test]
fn accumulators_see_the_flow_as_it_was_before_the_packet() {
    let config = FlowConfig::default().with_active_timeout(Duration::from_secs(50));
    let mut table = FlowTable::<(Shown, Shown)>::new(config);
    let packet = |seconds| udp(seconds, (1, 40000), (2, 53));
    push_all(
        &mut table,
        &[packet(1.0), packet(2.0), packet(60.0), packet(61.0)],
    );
    table.finish();
    for expected in [vec![(0, 1, 1), (1, 1, 1)], vec![(0, 60, 60), (1, 60, 60)]] {
        let flow = table.pop().expect("a record");
        assert_eq!(flow.state, (Shown(expected.clone()), Shown(expected)));
    }
}

/// Remembers the base counters that it was shown.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown(Vec<(u64, i64, i64)>);

impl Accumulate for Shown {
    fn update(&mut self, _: &PacketMeta, _: Direction, flow: &Flow<()>) {
        let seconds = |time: Timestamp| time.as_nanos() / 1_000_000_000;
        self.0
            .push((flow.packets(), seconds(flow.first), seconds(flow.last)));
    }
}

#[test]
fn a_flow_takes_little_memory() {
    let flow = size_of::<Option<crate::table::Entry<()>>>();
    assert!(
        flow <= 192,
        "{flow} bytes, besides 32 in queues and 9 to 19 in the index"
    );
}
