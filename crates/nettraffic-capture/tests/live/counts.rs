//! Every packet is accounted for, and silence costs nothing.

use std::iter;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nettraffic_capture::{LiveEvent, LiveOptions, LiveSource, interfaces};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::place::{HERE, Outcome, Place, frame};

#[test]
fn packets_without_room_are_counted() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.inside(|| {
        let options = LiveOptions::new().with_buffer_bytes(0); // the least
        let mut source = LiveSource::open(HERE, &options)?;
        let frame = frame(0, 53, 300);
        let sent = 20_000;
        place.send((0..sent).map(|_| frame.as_slice()))?;
        let before = source.counters();
        assert_eq!(before.received, sent);
        assert_eq!(before.waiting(), sent - before.kernel_drops);

        let mut lent = 0;
        let mut last = Instant::now();
        while last.elapsed() < Duration::from_millis(300) {
            if let LiveEvent::Packet(_) = source.poll()? {
                lent += 1;
                last = Instant::now();
            }
        }
        let counters = source.counters();
        assert_eq!(counters.received, sent);
        assert_eq!(counters.lent, lent);
        assert_eq!(counters.waiting(), 0);
        assert!(counters.kernel_drops > 0 && lent > 0, "{counters:?}");
        assert_eq!(counters.received, counters.lent + counters.kernel_drops);
        Ok(())
    })
}

#[test]
fn the_account_is_exact_when_opened_amid_traffic() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    let (is_over, is_quiet) = (AtomicBool::new(false), AtomicBool::new(false));
    let (wanted, other) = (frame(0, 53, 100), frame(0, 443, 100));
    let mut frames = [other.as_slice(), &other, &other, &wanted]
        .into_iter()
        .cycle();
    thread::scope(|scope| {
        let sends = scope.spawn(|| {
            place.send(iter::from_fn(|| {
                while is_quiet.load(Ordering::Relaxed) {
                    thread::sleep(Duration::from_millis(1));
                }
                frames.next().filter(|_| !is_over.load(Ordering::Relaxed))
            }))
        });
        let outcome = place.inside(|| (0..20).try_for_each(|_| open_and_close(&is_quiet)));
        is_over.store(true, Ordering::Relaxed);
        sends.join().map_err(|_| "the sender panicked")??;
        outcome
    })
}

/// Opens the interface amid traffic, reads for a while, stops the traffic, and reads what is left.
fn open_and_close(is_quiet: &AtomicBool) -> Outcome {
    let options = LiveOptions::new().with_filter("dst port 53");
    let mut source = LiveSource::open(HERE, &options)?;
    let begin = Instant::now();
    let mut lent = 0;
    while lent < 1_000 && begin.elapsed() < Duration::from_secs(10) {
        lent += u64::from(matches!(source.poll()?, LiveEvent::Packet(_)));
    }
    assert!(lent > 0);
    is_quiet.store(true, Ordering::Relaxed);
    // The last packets may still be on their way.
    let quiet = Instant::now();
    while source.poll()? != LiveEvent::Idle
        || (source.counters().waiting() > 0 && quiet.elapsed() < Duration::from_secs(3))
    {}
    let counters = source.counters();
    is_quiet.store(false, Ordering::Relaxed);
    let accounted = counters.lent + counters.kernel_drops;
    assert_eq!(counters.received, accounted, "{counters:?}");
    Ok(())
}

#[test]
fn a_silent_wire_costs_next_to_nothing_and_holds_nobody_up() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.inside(|| {
        let interval = Duration::from_millis(30);
        let options = LiveOptions::new().with_poll_interval(interval);
        let mut source = LiveSource::open(HERE, &options)?;
        let (begin, used_before) = (Instant::now(), processor_time()?);
        let mut polls = 0;
        while begin.elapsed() < Duration::from_secs(2) {
            let asked = Instant::now();
            let event = source.poll()?;
            assert!(matches!(event, LiveEvent::Idle), "{event:?}");
            // The machine may be busy with something else.
            assert!(asked.elapsed() < interval + Duration::from_millis(500));
            polls += 1;
        }
        assert!((10..=70).contains(&polls), "{polls} polls in 2 s");
        let used = processor_time()?.saturating_sub(used_before);
        assert!(used < Duration::from_millis(60), "{used:?} of 2 s");
        Ok(())
    })
}

#[test]
fn interfaces_are_told_with_state_and_addresses() -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    place.here(&format!("addr add 192.0.2.7/24 dev {HERE} label {HERE}:x"))?;
    place.inside(|| {
        let interfaces = interfaces()?;
        let shown: Vec<String> = interfaces
            .iter()
            .map(|interface| {
                let (name, state) = (&interface.name, interface.state);
                let loopback = if interface.is_loopback {
                    "loopback"
                } else {
                    "-"
                };
                format!("{name} {state:?} {loopback} {:?}", interface.addresses)
            })
            .collect();
        let expected = ["lo Down loopback []", "here0 Up - [192.0.2.7]"];
        assert_eq!(shown, expected);
        assert!(interfaces.iter().all(|interface| interface.mac.is_some()));
        Ok(())
    })
}

/// What this thread has used.
pub(crate) fn processor_time() -> Outcome<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
    let micros = |time: TimeVal| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    };
    Ok(micros(usage.user_time()) + micros(usage.system_time()))
}
