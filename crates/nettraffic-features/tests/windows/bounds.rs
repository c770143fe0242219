//! What is forgotten, and when.

use nettraffic_features::{HostWindows, WindowConfig};

use crate::records::{Fate, continued, early, nanos, record, with_fate};

#[test]
fn a_record_leaves_a_window_when_it_is_as_old_as_the_window_is_long() {
    // Seconds after a first connection; connections in 2 s and in 60 s, the new one included.
    for (after, two_seconds, minute) in [
        (0.0, 2, 2),
        (1.999_999_999, 2, 2),
        (2.0, 1, 2),
        (59.999_999_999, 1, 2),
        (60.0, 1, 1),
    ] {
        let mut windows = HostWindows::new(WindowConfig::default());
        windows.observe(&record(0, 1, 80, nanos(1000.0)));
        let source = windows
            .observe(&record(0, 1, 80, nanos(1000.0 + after)))
            .source;
        assert_eq!(
            source.two_seconds.tally.connections, two_seconds,
            "{after} s"
        );
        assert_eq!(source.minute.tally.connections, minute, "{after} s");
        assert_eq!(source.last_hundred.tally.connections, 2, "{after} s");
        assert_eq!(source.hundred_age.as_secs_f64(), after);
    }
}

#[test]
fn the_last_hundred_connections_reach_back_as_far_as_they_must() {
    // A scan of one port each quarter of an hour, under lively traffic of others.
    let mut windows = HostWindows::new(WindowConfig::default());
    let mut last = None;
    for port in 1..=150_u16 {
        let time = nanos(900.0 * f64::from(port));
        for other in 0..200 {
            windows.observe(&record(100 + other % 20, 200 + other % 7, 443, time));
        }
        let probe = record(0, 1, port, time);
        last = Some(windows.observe(&with_fate(probe, Fate::Rejected, 0)).source);
    }
    let source = last.unwrap_or_default();
    let hundred = source.last_hundred;
    assert_eq!(hundred.tally.connections, 100);
    assert_eq!((hundred.services, hundred.peers), (100, 1));
    assert_eq!((hundred.tally.failed(), hundred.with_service), (100, 1));
    assert_eq!(source.hundred_age.as_secs(), 99 * 900);
    assert_eq!(source.minute.services, 1);
}

#[test]
fn early_records_and_continuations_are_judged_but_are_no_connections() {
    let mut windows = HostWindows::new(WindowConfig::default());
    let at = |seconds| record(0, 1, 80, nanos(seconds));
    let before = windows.observe(&early(at(1.0)));
    assert_eq!(before, Default::default());
    windows.observe(&at(2.0));
    let meanwhile = windows.observe(&early(at(2.5))).source.two_seconds;
    assert_eq!((meanwhile.tally.connections, meanwhile.bytes), (1, 100));
    let later = windows.observe(&continued(at(3.0)));
    assert_eq!(later.source.two_seconds.tally.connections, 1);
    assert_eq!(later.source.two_seconds.bytes, 200);
    assert_eq!(later.rhythm.connections, 1);
    let counters = windows.counters();
    assert_eq!((counters.counted, counters.not_counted), (2, 2));
}

#[test]
fn a_step_back_in_time_forgets_everything() {
    let mut windows = HostWindows::new(WindowConfig::default());
    for _ in 0..10 {
        windows.observe(&record(0, 1, 80, nanos(100.0)));
    }
    let facts = windows.observe(&record(0, 1, 80, nanos(99.9)));
    assert_eq!(facts.source.last_hundred.tally.connections, 1);
    assert_eq!(facts.rhythm.connections, 1);
    let counters = windows.counters();
    assert_eq!((counters.clock_steps, counters.connections), (1, 1));
    assert_eq!((counters.counted, counters.channels), (11, 1));
}

#[test]
fn any_time_and_any_size_is_taken() {
    let mut windows = HostWindows::new(WindowConfig::default());
    for time in [i64::MIN, i64::MIN + 1, 0, i64::MAX, i64::MAX] {
        let mut flow = record(0, 1, 80, time);
        (flow.forward.ip_bytes, flow.backward.ip_bytes) = (u64::MAX, u64::MAX);
        flow.first = nettraffic_capture::Timestamp::MIN;
        windows.observe(&flow);
    }
    let facts = windows.observe(&record(0, 1, 80, i64::MAX));
    assert_eq!(facts.source.two_seconds.tally.connections, 3);
    assert_eq!(facts.source.two_seconds.bytes, (2 << 40) + 100);
    assert!(facts.rhythm.gap_variation.is_some_and(f64::is_finite));
}

#[test]
fn hosts_without_number_are_forgotten_oldest_first() {
    let config = WindowConfig::default()
        .with_max_connections(1000)
        .with_max_channels(500);
    let mut windows = HostWindows::new(config);
    let beacon = |seconds| record(7, 8, 443, nanos(seconds));
    for beat in 0..5 {
        windows.observe(&beacon(f64::from(beat)));
    }
    for number in 0..20_000 {
        let time = nanos(10.0 + f64::from(number) / 1000.0);
        let port = 1000 + number as u16;
        let flow = record(1000 + number, 100_000 + number, port, time);
        let facts = windows.observe(&flow);
        assert_eq!(facts.source.minute.tally.connections, 1);
        assert_eq!(facts.service_minute.tally.connections, 1);
    }
    let counters = windows.counters();
    assert_eq!((counters.connections, counters.channels), (1000, 500));
    // All but the beacon's five were forgotten too early, and those as well.
    assert_eq!(counters.shortened, 20_005 - 1000);
    // Channels that never come back push out each other, not the one that did.
    assert_eq!(counters.evicted_channels, 20_001 - 500);
    let notes: Vec<_> = counters.notes().collect();
    assert_eq!(
        notes,
        [
            ("shortened", 19_005),
            ("evicted_channels", 19_501),
            ("clock_steps", 0)
        ]
    );
    assert_eq!(windows.observe(&beacon(40.0)).rhythm.connections, 6);
}

#[test]
fn the_hash_key_changes_nothing() {
    let facts = |key| {
        let config = WindowConfig::default()
            .with_max_connections(100)
            .with_max_channels(20);
        let mut windows = HostWindows::with_hash_key(config, key);
        let records = (0..5000_u32).map(|n| {
            let hash = n.wrapping_mul(2_654_435_761);
            let (source, destination) = (hash >> 28, hash >> 24 & 15);
            let port = (hash >> 20 & 15) as u16;
            windows.observe(&record(
                source,
                destination,
                port,
                nanos(f64::from(n) / 9.0),
            ))
        });
        records.collect::<Vec<_>>()
    };
    assert_eq!(facts(1), facts(u64::MAX));
}
