//! Counting, limits, and what accumulators are shown.

use std::time::Duration;

use nettraffic_capture::{
    ArpHeader, FirstHeader, IpProtocol, PacketMeta, Timestamp, Transport, Tunnel, TunnelKind,
};

use super::packets::{at, connection, icmp, packet, udp};
use super::{check, check_with, push_all, records};
use crate::{Accumulate, Direction, EarlyReports, Flow, FlowConfig, FlowEnd, FlowTable, NotAFlow};

#[test]
fn reply_joins_the_request() {
    check(
        &[
            udp(1.0, (1, 40000), (2, 53)),
            udp(1.5, (2, 53), (1, 40000)),
            udp(2.0, (1, 40001), (2, 53)),
        ],
        &[
            "1:40000 > 2:53 1/1 end_of_input SF",
            "1:40001 > 2:53 1/0 end_of_input S0",
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
fn a_full_table_puts_out_the_unanswered_then_closed_flows_then_the_stalest() {
    let config = FlowConfig::default().with_max_flows(3);
    let query = |seconds, port| udp(seconds, (3, port), (4, 53));
    let reply = |seconds, port| udp(seconds, (4, 53), (3, port));
    let mut packets = vec![query(0.0, 1111), reply(0.5, 1111)];
    packets.extend([query(1.0, 2222), reply(1.5, 2222)]);
    packets.extend(connection(2.0));
    packets.extend([
        query(3.0, 1111),
        query(4.0, 3333),
        reply(4.5, 3333),
        query(5.0, 4444),
        query(6.0, 5555),
    ]);
    check_with(
        &config,
        &packets,
        &[
            "1:40000 > 2:80 4/2 fin@4 SF",
            "3:2222 > 4:53 1/1 evicted@5 SF",
            "3:4444 > 4:53 1/0 evicted@6 S0",
            "3:1111 > 4:53 2/1 end_of_input SF",
            "3:3333 > 4:53 1/1 end_of_input SF",
            "3:5555 > 4:53 1/0 end_of_input S0",
        ],
    );
    let mut table = FlowTable::<()>::new(config);
    push_all(&mut table, &packets);
    assert_eq!(table.open(), 3);
    assert_eq!(table.counters().evicted, 3);
    assert_eq!(table.counters().records_by(FlowEnd::Evicted), 2);
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
            with(Transport::LaterFragment(None)),
            with(Transport::LaterFragment(Some(FirstHeader::Tunnel))),
            with(Transport::Cut),
            with(Transport::Cut),
            with(Transport::Arp(ArpHeader::default())),
            with(Transport::Other),
        ],
    );
    let counters = table.counters();
    assert_eq!(counters.not_a_flow(NotAFlow::LaterFragment), 1);
    assert_eq!(counters.not_a_flow(NotAFlow::TunnelFragment), 1);
    assert_eq!(counters.not_a_flow(NotAFlow::TransportCut), 2);
    assert_eq!(counters.not_a_flow(NotAFlow::Arp), 1);
    assert_eq!((counters.packets_in_flows, counters.packets()), (1, 6));
}

#[test]
fn later_fragments_join_the_flow_of_the_first() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    let first = udp(0.0, (1, 4000), (2, 53));
    let joined = |seconds, header| {
        let mut packet = udp(seconds, (1, 0), (2, 0));
        packet.transport = Transport::LaterFragment(Some(header));
        packet
    };
    let mut other = packet(0.0, 1, 2, IpProtocol(50));
    let mut other_later = other;
    other_later.transport = Transport::LaterFragment(None);
    other.transport = Transport::Other;
    let query = icmp(0.0, 1, 2, 8, Some(7));
    let Transport::Icmp(header) = query.transport else {
        panic!("an ICMP message");
    };
    let mut query_later = joined(0.2, FirstHeader::Icmp(header));
    query_later.protocol = IpProtocol::ICMP;
    let later = FirstHeader::of(&first.transport).map(|header| joined(0.1, header));
    push_all(
        &mut table,
        &[
            first,
            later.unwrap_or_default(),
            other,
            other_later,
            query,
            query_later,
        ],
    );
    table.finish();
    let packets: Vec<_> = std::iter::from_fn(|| table.pop())
        .map(|flow| flow.packets())
        .collect();
    assert_eq!(packets, [2, 2, 2]);
}

#[test]
fn the_same_ends_in_different_tunnels_are_different_flows() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    let inside = |tunnel| {
        let mut packet = udp(0.0, (1, 4000), (2, 53));
        packet.tunnel = tunnel;
        packet
    };
    let tunnels = [
        None,
        Some(Tunnel::new(TunnelKind::Vxlan, 1)),
        Some(Tunnel::new(TunnelKind::Vxlan, 2)),
        Some(Tunnel::new(TunnelKind::Gre, 1)),
    ];
    let packets: Vec<_> = tunnels.into_iter().chain(tunnels).map(inside).collect();
    push_all(&mut table, &packets);
    table.finish();
    let flows: Vec<_> = std::iter::from_fn(|| table.pop()).collect();
    let found: Vec<_> = flows
        .iter()
        .map(|flow| (flow.key.tunnel, flow.packets()))
        .collect();
    assert_eq!(found, tunnels.map(|tunnel| (tunnel, 2)));
}

#[test]
fn a_finished_table_takes_another_capture() {
    let mut table = FlowTable::<()>::new(FlowConfig::default());
    for start in [1000.0, 0.0] {
        push_all(&mut table, &[udp(start, (1, 40000), (2, 53))]);
        table.finish();
        let flow = table.pop().expect("a record");
        assert_eq!((flow.first, flow.ended), (at(start), at(start + 120.0)));
    }
    assert_eq!(table.counters().late_packets, 0);
}

#[test]
fn a_record_is_the_same_where_it_lies_and_leaves_the_table_once() {
    let early = EarlyReports {
        packets: Some(2),
        ..EarlyReports::default()
    };
    let config = FlowConfig::default()
        .with_active_timeout(Duration::from_secs(50))
        .with_early_reports(early);
    let mut table = FlowTable::<Shown>::new(config);
    let packets: Vec<_> = (0..40_u8)
        .map(|number| udp(f64::from(number) * 7.0, (number % 3, 40000), (9, 53)))
        .collect();
    push_all(&mut table, &packets);
    assert_eq!(table.open(), 3);
    table.finish();
    let mut looked_at = table.clone();
    let moved: Vec<_> = std::iter::from_fn(|| table.pop()).collect();
    let copied: Vec<_> = std::iter::from_fn(|| {
        looked_at.pop_with(|flow, state| flow.clone().with_state(state.clone()))
    })
    .collect();
    assert!(moved.iter().any(|flow| flow.end == FlowEnd::Early));
    assert!(moved.iter().any(|flow| flow.continuation > 1));
    assert_eq!(moved, copied);
    assert_eq!((table.open(), looked_at.open()), (0, 0));
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
    let bytes = FlowTable::<()>::FLOW_BYTES;
    assert!(bytes <= 400, "{bytes}");
}
