//! Random sequences of records.

use nettraffic_capture::Timestamp;
use nettraffic_features::{HostWindows, WindowConfig};
use nettraffic_flow::Flow;
use proptest::prelude::*;

use crate::naive::{Naive, assert_alike};
use crate::records::{Fate, continued, early, nanos, record, with_fate};

/// A record some time after the one before it.
#[derive(Clone, Debug)]
struct Step {
    after: f64,
    hosts: (u32, u32),
    port: u16,
    fate: Fate,
    way: usize,
    kind: u32,
    sent: u64,
    length: f64,
}

fn step() -> impl Strategy<Value = Step> {
    let after = prop_oneof![
        6 => Just(0.0),
        6 => 0.0..0.3,
        4 => 0.0..5.0,
        2 => Just(2.0),
        1 => Just(60.0),
        1 => 0.0..100.0,
    ];
    let fate = prop_oneof![
        Just(Fate::Answered),
        Just(Fate::HalfOpen),
        Just(Fate::Unanswered),
        Just(Fate::Rejected)
    ];
    (
        after,
        (0..4_u32, 0..6_u32),
        1..6_u16,
        fate,
        0..5_usize,
        0..12_u32,
        0..5000_u64,
        0.0..10.0,
    )
        .prop_map(|(after, hosts, port, fate, way, kind, sent, length)| Step {
            after,
            hosts,
            port,
            fate,
            way,
            kind,
            sent,
            length,
        })
}

/// The record of a step at a time, and what became of it.
fn flow(step: &Step, time: i64) -> (Flow, Fate) {
    let (source, destination) = step.hosts;
    let flow = record(source, destination, step.port, time);
    let mut flow = with_fate(flow, step.fate, step.way);
    flow.first = Timestamp::from_nanos(time - nanos(step.length));
    flow.forward.ip_bytes = step.sent;
    let flow = match step.kind {
        0 => early(flow),
        1 => continued(flow),
        _ => flow,
    };
    (flow, step.fate)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn windows_tell_what_all_records_tell(
        steps in prop::collection::vec(step(), 1..500),
        limit in prop_oneof![Just(1), Just(7), Just(150), Just(65_536)],
        key: u64,
        back_at in prop::option::of(0..500_usize),
    ) {
        let config = WindowConfig::default().with_max_connections(limit);
        let mut windows = HostWindows::with_hash_key(config, key);
        let mut naive = Naive::new(limit as usize);
        let mut time = nanos(1_700_000_000.0);
        for (at, step) in steps.iter().enumerate() {
            time += nanos(step.after);
            if back_at == Some(at) {
                time -= nanos(1000.0);
            }
            let (flow, fate) = flow(step, time);
            assert_alike(&windows.observe(&flow), &naive.observe(&flow, fate));
        }
        let counters = windows.counters();
        prop_assert_eq!(counters.counted + counters.not_counted, steps.len() as u64);
        let stepped = back_at.is_some_and(|at| (1..steps.len()).contains(&at));
        prop_assert_eq!(counters.clock_steps, u64::from(stepped));
    }
}
