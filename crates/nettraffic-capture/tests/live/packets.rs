//! What arrives is what was sent.

use std::fs;
use std::time::{Duration, Instant};

use nettraffic_capture::{LinkType, LiveEvent, LiveOptions, LiveSource, Timestamp};

use crate::place::{HERE, Outcome, Place, frame};

/// What was lent, copied.
struct Seen {
    timestamp: Timestamp,
    wire_len: u32,
    data: Vec<u8>,
}

/// Polls until this many packets came, or nothing for a while.
fn collect(source: &mut LiveSource, count: usize) -> Outcome<Vec<Seen>> {
    let mut seen: Vec<Seen> = Vec::new();
    let mut last = Instant::now();
    while seen.len() < count && last.elapsed() < Duration::from_secs(2) {
        if let LiveEvent::Packet(packet) = source.poll()? {
            assert_eq!(packet.sequence, seen.len() as u64);
            assert_eq!(packet.link_type, LinkType::ETHERNET);
            last = Instant::now();
            seen.push(Seen {
                timestamp: packet.timestamp,
                wire_len: packet.wire_len,
                data: packet.data.to_vec(),
            });
        }
    }
    // What comes now came twice, or should not have come.
    let quiet = Instant::now();
    while quiet.elapsed() < Duration::from_millis(100) {
        if let LiveEvent::Packet(packet) = source.poll()? {
            return Err(format!("one packet too many: {packet:?}").into());
        }
    }
    Ok(seen)
}

fn check(options: &LiveOptions, sent: &[Vec<u8>], expected: &[&[u8]], lens: &[usize]) -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.inside(|| {
        let mut source = LiveSource::open(HERE, options)?;
        let sent_before = transmitted()?;
        let begin = Timestamp::from_nanos(jiffy());
        place.send(sent.iter().map(Vec::as_slice))?;
        let seen = collect(&mut source, expected.len())?;

        assert_eq!(seen.len(), expected.len());
        for ((seen, expected), len) in seen.iter().zip(expected).zip(lens) {
            assert_eq!(seen.data, *expected);
            assert_eq!(seen.wire_len as usize, *len);
        }
        assert!(seen.is_sorted_by_key(|seen| seen.timestamp));
        let waited = seen
            .first()
            .map(|first| first.timestamp.saturating_since(begin));
        assert!(
            waited.is_none_or(|waited| waited < Duration::from_secs(10)),
            "{waited:?}"
        );
        let nanos = seen
            .iter()
            .any(|seen| seen.timestamp.as_nanos() % 1000 != 0);
        assert!(nanos || seen.len() < 10, "times are in microseconds");

        let counters = source.counters();
        assert_eq!(counters.received, expected.len() as u64);
        assert_eq!(counters.lent, expected.len() as u64);
        assert_eq!(counters.kernel_drops, 0);
        assert_eq!(counters.interface_drops, Some(0));
        assert_eq!(counters.wire_bytes, lens.iter().sum::<usize>() as u64);
        let captured: usize = expected.iter().map(|data| data.len()).sum();
        assert_eq!(counters.captured_bytes, captured as u64);
        assert_eq!(counters.gaps, 0);
        assert_eq!(transmitted()?, sent_before, "the source has sent");
        Ok(())
    })
}

#[test]
fn packets_arrive_once_in_order_and_cut_to_256_bytes() -> Outcome {
    let sent: Vec<Vec<u8>> = (0..20_000_u32)
        .map(|number| frame(number, 53, 60 + (number as usize * 7) % 1455))
        .collect();
    let expected: Vec<&[u8]> = sent
        .iter()
        .map(|frame| &frame[..frame.len().min(256)])
        .collect();
    let lens: Vec<usize> = sent.iter().map(Vec::len).collect();
    check(&LiveOptions::new(), &sent, &expected, &lens)
}

#[test]
fn the_filter_and_the_length_asked_for_hold() -> Outcome {
    let sent: Vec<Vec<u8>> = (0..5_000_u32)
        .map(|number| frame(number, if number % 3 == 0 { 53 } else { 443 }, 200))
        .collect();
    let wanted = || sent.iter().step_by(3);
    let expected: Vec<&[u8]> = wanted().map(|frame| &frame[..61]).collect();
    let lens: Vec<usize> = wanted().map(Vec::len).collect();
    let options = LiveOptions::new()
        .with_filter("udp and dst port 53")
        .with_snap_len(61)
        .with_promiscuous();
    check(&options, &sent, &expected, &lens)
}

/// Packets that the captured end has sent.
fn transmitted() -> Outcome<u64> {
    let text = fs::read_to_string("/proc/thread-self/net/dev")?;
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(HERE))
        .ok_or("the interface is gone")?;
    let field = line.split_whitespace().nth(10).ok_or("no count")?;
    Ok(field.parse()?)
}

/// The time of the wall.
fn jiffy() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
