//! How soon the kernel hands packets over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nettraffic_capture::{LiveEvent, LiveOptions, LiveSource};

use crate::place::{HERE, Outcome, Place, frame};

/// Packets one by one while all processors are at work; how long after it came each is handed over, in milliseconds:
/// half of them, 999 of 1,000, all.
///
/// `cargo test --release -p nettraffic-sensor --features live --test live handover -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn how_late_packets_are_handed_over() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    let (is_over, packet) = (AtomicBool::new(false), frame(0, 53, 100));
    let over = || is_over.load(Ordering::Relaxed);
    let mut source = place.inside(|| Ok(LiveSource::open(HERE, &LiveOptions::new())?))?;
    let mut late = Vec::new();
    thread::scope(|scope| -> Outcome {
        scope.spawn(|| place.send_steadily(&packet, over));
        for _ in 0..4 {
            scope.spawn(|| while !over() {});
        }
        let begin = Instant::now();
        // A wait that ended without a packet tells that nothing had come by its begin: so much the clock may tell of.
        let mut asked = SystemTime::now().duration_since(UNIX_EPOCH)?;
        while begin.elapsed() < Duration::from_secs(60) {
            match source.poll() {
                Ok(LiveEvent::Packet(packet)) => {
                    let came = Duration::from_nanos(u64::try_from(packet.timestamp.as_nanos())?);
                    late.push(asked.saturating_sub(came).as_secs_f64() * 1e3);
                }
                _ => asked = SystemTime::now().duration_since(UNIX_EPOCH)?,
            }
        }
        is_over.store(true, Ordering::Relaxed);
        Ok(())
    })?;
    late.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| {
        late.get(late.len() * share / 1_000)
            .copied()
            .unwrap_or(f64::NAN)
    };
    let longest = late.last().copied().unwrap_or(f64::NAN);
    println!(
        "{} packets: {:.1} {:.1} {longest:.1}",
        late.len(),
        at(500),
        at(999)
    );
    Ok(())
}
