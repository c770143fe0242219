//! Flow records written down and read back.
#![cfg(feature = "flow")]

#[cfg(feature = "parquet")]
mod columnar;
mod text;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use nettraffic_capture::{IpProtocol, Timestamp, Tunnel, TunnelKind};
use nettraffic_features::{Column, DuplicateColumn, Schema, Unit};
use nettraffic_flow::{Flow, FlowEnd, FlowKey, InitiatorEvidence};
use proptest::prelude::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A quantity, a category and another quantity.
fn schema() -> Result<Arc<Schema>, DuplicateColumn> {
    let columns = vec![
        Column::number("rate", Unit::BytesPerSecond),
        Column::category("kind", ["dns", "http"]),
        Column::number("packets", Unit::Count).with_version(2),
    ];
    Schema::new(columns).map(Arc::new)
}

/// One flow of TCP.
fn flow() -> Flow {
    let client = IpAddr::from([192, 0, 2, 1]);
    let server = IpAddr::from([198, 51, 100, 7]);
    let key = FlowKey::new(client, 40_000, server, 443, IpProtocol::TCP);
    let first = Timestamp::from_nanos(1_700_000_000_000_000_001);
    let mut flow = Flow::new(key, first, ());
    flow.last = first.saturating_add(Duration::from_nanos(1_500_000_002));
    flow.ended = first.saturating_add(Duration::from_secs(3));
    flow.end = FlowEnd::Fin;
    (flow.forward.packets, flow.forward.payload_bytes) = (3, 10);
    (flow.backward.packets, flow.backward.ip_bytes) = (2, 1_234_567_890_123);
    flow
}

/// Any record that there may be, with a row of [`schema`].
fn any_record() -> impl Strategy<Value = (Flow, [f64; 3])> {
    let address = prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| IpAddr::V4(Ipv4Addr::from(octets))),
        any::<[u8; 16]>().prop_map(|octets| IpAddr::V6(Ipv6Addr::from(octets))),
    ];
    let evidence = prop::sample::select(vec![
        InitiatorEvidence::Syn,
        InitiatorEvidence::Query,
        InitiatorEvidence::FirstPacket,
    ]);
    let key = (
        address.clone(),
        any::<u16>(),
        address,
        any::<u16>(),
        any::<u8>(),
    );
    let marks = (
        prop::option::of((any::<u32>(), 1_u8..5)),
        prop::option::of(any::<u16>()),
        prop::sample::select(FlowEnd::ALL.to_vec()),
        evidence,
        any::<u32>(),
    );
    let number = prop_oneof![
        any::<f64>().prop_filter("finite", |value| value.is_finite()),
        (0_u64..2_000_000_000_000).prop_map(|nanos| nanos as f64 / 1e9),
        (0_u64..2_000).prop_map(|count| count as f64),
    ];
    let row = (number.clone(), 0_u8..3, number);
    (
        key,
        marks,
        any::<(i64, u64)>(),
        any::<[u64; 6]>(),
        any::<(u32, u8, u8)>(),
        row,
    )
        .prop_map(|(key, marks, (first, length), counts, errors, row)| {
            let protocol = IpProtocol(key.4);
            let mut flow = Flow::new(
                FlowKey::new(key.0, key.1, key.2, key.3, protocol),
                Timestamp::from_nanos(first),
                (),
            );
            flow.key.tunnel = marks.0.map(|(id, depth)| {
                let mut tunnel = Tunnel::new(TunnelKind::Vxlan, id);
                tunnel.depth = depth;
                tunnel
            });
            flow.last = flow.first.saturating_add(Duration::from_nanos(length));
            (flow.vlan, flow.end, flow.evidence, flow.continuation) =
                (marks.1, marks.2, marks.3, marks.4);
            let [a, b, c, d, e, f] = counts;
            for (side, [packets, payload, ip]) in [
                (&mut flow.forward, [a, b, c]),
                (&mut flow.backward, [d, e, f]),
            ] {
                (side.packets, side.payload_bytes, side.ip_bytes) = (packets, payload, ip);
            }
            (
                flow.icmp_errors.packets,
                flow.icmp_errors.kind,
                flow.icmp_errors.code,
            ) = errors;
            (flow, [row.0, row.1.into(), row.2])
        })
}
