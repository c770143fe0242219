use std::fs;

use nettraffic_capture::{IpProtocol, Timestamp, Tunnel, TunnelKind};
use nettraffic_flow::{Flow, FlowEnd, FlowKey};
use proptest::prelude::*;

use super::*;
use crate::state::tests::rules;

fn any_flow() -> impl Strategy<Value = Flow> {
    let key = (
        any::<std::net::IpAddr>(),
        any::<u16>(),
        any::<std::net::IpAddr>(),
        any::<u16>(),
        any::<u8>(),
    );
    let place = (
        any::<Option<(usize, u8, u32)>>(),
        any::<Option<u16>>(),
        any::<Option<u16>>(),
        any::<u64>(),
    );
    let times = (
        any::<i64>(),
        any::<i64>(),
        any::<i64>(),
        any::<u32>(),
        any::<u64>(),
        0..FlowEnd::ALL.len(),
    );
    (key, place, times, any::<[u64; 6]>()).prop_map(|(key, place, times, counts)| {
        let (from, from_port, to, to_port, protocol) = key;
        let mut key = FlowKey::new(from, from_port, to, to_port, IpProtocol(protocol));
        let (tunnel, key_vlan, vlan, about) = place;
        key.tunnel = tunnel.map(|(kind, depth, id)| {
            let mut tunnel = Tunnel::new(TunnelKind::ALL[kind % TunnelKind::ALL.len()], id);
            tunnel.depth = depth;
            tunnel
        });
        (key.vlan, key.about) = (key_vlan, about);
        let (first, last, ended, continuation, sequence, end) = times;
        let mut flow = Flow::new(key, Timestamp::from_nanos(first), ());
        (flow.last, flow.ended) = (Timestamp::from_nanos(last), Timestamp::from_nanos(ended));
        (flow.continuation, flow.sequence, flow.end, flow.vlan) =
            (continuation, sequence, FlowEnd::ALL[end], vlan);
        let [a, b, c, d, e, f] = counts;
        (
            flow.forward.packets,
            flow.forward.payload_bytes,
            flow.forward.ip_bytes,
        ) = (a, b, c);
        (
            flow.backward.packets,
            flow.backward.payload_bytes,
            flow.backward.ip_bytes,
        ) = (d, e, f);
        flow
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_flow_is_read_as_it_was_written(flow in any_flow(), value in -1e300_f64..1e300, bytes in prop::collection::vec(any::<u8>(), 0..3_000)) {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("learned.rows");
        let fail = |error: StateError| TestCaseError::fail(error.to_string());
        let (mut learned, _) = LearnedRows::open(&path, &rules()).map_err(fail)?;
        let row = vec![value; rules().features().schema().len()];
        learned.append(&flow, &row).map_err(fail)?;
        learned.flush().map_err(fail)?;
        drop(learned);
        // Whatever stands behind it.
        let file = [fs::read(&path)?, bytes].concat();
        fs::write(&path, &file)?;
        let (_, resumed) = LearnedRows::open(&path, &rules()).map_err(fail)?;
        prop_assert_eq!(resumed.rows.flows(), &[flow]);
        prop_assert_eq!(resumed.rows.row(0), &row[..]);
    }
}
