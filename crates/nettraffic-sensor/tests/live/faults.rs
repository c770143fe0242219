//! A sensor goes on when its interface fails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nettraffic_capture::LiveOptions;
use nettraffic_sensor::{Live, Sensor};

use crate::common::{Seen, detector};
use crate::place::{HERE, Outcome, Place, frame, wait_until};

#[test]
fn a_sensor_tells_of_the_gap_and_goes_on_when_its_interface_is_made_anew() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    let seen = Seen::default();
    let sensor = Sensor::detecting(detector()).observer(seen.clone());
    let running = place.inside(|| {
        Ok(sensor
            .input(Live::open(HERE, &LiveOptions::new())?)
            .start()?)
    })?;
    let is_over = AtomicBool::new(false);
    let packet = frame(0, 53, 100);
    let received = || (seen.parts().statuses.last()).map_or(0, |status| status.received());
    thread::scope(|scope| {
        scope.spawn(|| place.send_steadily(&packet, || is_over.load(Ordering::Relaxed)));
        let outcome = (|| -> Outcome {
            wait_until(|| Ok(received() > 0))?;
            place.here(&format!("link del {HERE}"))?;
            wait_until(|| {
                let parts = seen.parts();
                let waits = parts.statuses.last().and_then(|s| s.sources.first());
                Ok(waits.is_some_and(|source| source.waits.is_some()))
            })?;
            let before = received();
            place.join_up()?;
            let begin = Instant::now();
            wait_until(|| Ok(received() > before))?;
            // A second of it is how often it is told.
            assert!(
                begin.elapsed() < Duration::from_secs(3),
                "{:?}",
                begin.elapsed()
            );
            Ok(())
        })();
        is_over.store(true, Ordering::Relaxed);
        outcome
    })?;
    running.handle().stop();
    let status = running.wait();
    assert_eq!(status.gap_count, 1, "{:?}", status.gaps);
    assert!(status.gaps[0].to_string().starts_with("here0: gone for"));
    assert_eq!(status.received(), status.processed + status.shed());
    Ok(())
}
