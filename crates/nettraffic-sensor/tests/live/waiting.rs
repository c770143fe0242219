//! Interfaces that cannot be watched yet when a sensor starts.

use std::time::Duration;

use nettraffic_capture::{LiveError, LiveOptions};
use nettraffic_sensor::{Live, Sensor};

use crate::common::{Seen, detector};
use crate::place::{HERE, Outcome, Place, frame, wait_until};

/// Watches `here0` from before it can be, until packets of it come; what it said that it waited for, and the gap.
fn watched(
    place: &Place,
    options: &LiveOptions,
    begin: impl Fn() -> Outcome,
) -> Outcome<[String; 2]> {
    let seen = Seen::default();
    let sensor = Sensor::detecting(detector()).observer(seen.clone());
    // What stands in has packets of its own, which are none of ours.
    place.here("link set lo up")?;
    let running = place.inside(|| Ok(sensor.input(Live::open(HERE, options)?).start()?))?;
    let waits = || {
        let parts = seen.parts();
        let source = parts
            .statuses
            .last()
            .and_then(|status| status.sources.first().cloned());
        source.and_then(|source| source.waits)
    };
    wait_until(|| Ok(waits().is_some()))?;
    let reason = waits().unwrap_or_default();
    place.inside(|| {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0")?;
        for _ in 0..50 {
            socket.send_to(b"not ours", socket.local_addr()?)?;
        }
        Ok(())
    })?;
    std::thread::sleep(Duration::from_millis(300));
    begin()?;
    wait_until(|| Ok(waits().is_none()))?;
    let packet = frame(0, 53, 100);
    place.send(std::iter::repeat_n(packet.as_slice(), 20))?;
    let received = || (seen.parts().statuses.last()).map_or(0, |status| status.received());
    wait_until(|| Ok(received() > 0))?;
    running.handle().stop();
    let status = running.wait();
    assert_eq!(
        (status.received(), status.processed, status.dropped()),
        (20, 20, 0)
    );
    assert_eq!(status.gap_count, 1, "{:?}", status.gaps);
    let gap = status.gaps.first().map(ToString::to_string);
    Ok([reason, gap.unwrap_or_default()])
}

#[test]
fn an_interface_that_is_down_is_waited_for() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.here(&format!("link set {HERE} down"))?;
    let up = || place.here(&format!("link set {HERE} up"));
    let [reason, gap] = watched(&place, &LiveOptions::new().with_filter("udp"), up)?;
    assert_eq!(reason, "down");
    assert!(gap.starts_with("here0: down for"), "{gap}");
    Ok(())
}

#[test]
fn an_interface_that_is_not_there_is_waited_for_when_so_asked() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.here(&format!("link del {HERE}"))?;
    let refused = place.inside(|| {
        Ok(matches!(
            Live::open(HERE, &LiveOptions::new()),
            Err(LiveError::NoSuchInterface { .. })
        ))
    })?;
    assert!(refused, "nobody asked to wait");
    let options = LiveOptions::new().awaiting_interface();
    let [reason, gap] = watched(&place, &options, || place.join_up())?;
    assert_eq!(reason, "not there yet");
    assert!(gap.starts_with("here0: not there yet for"), "{gap}");
    Ok(())
}

#[test]
fn what_cannot_be_waited_for_is_an_error_at_once() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.here(&format!("link set {HERE} down"))?;
    let open = |options: LiveOptions| {
        place.inside(|| {
            Ok(Live::open(HERE, &options)
                .err()
                .map(|error| error.to_string()))
        })
    };
    // Nothing is up that could stand in.
    let refused = open(LiveOptions::new())?.ok_or("lo is down")?;
    assert!(refused.contains("sudo ip link set here0 up"), "{refused}");
    place.here("link set lo up")?;
    assert_eq!(open(LiveOptions::new())?, None);
    assert!(open(LiveOptions::new().with_promiscuous())?.is_some());
    let wrong = open(LiveOptions::new().with_filter("nonsense here"))?;
    assert!(wrong.ok_or("a wrong filter")?.contains("nonsense"));
    Ok(())
}
