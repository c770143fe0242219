//! An interface goes and comes back, while the source has no capability any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use caps::CapSet;
use nettraffic_capture::{
    Gap, GapReason, LiveError, LiveEvent, LiveOptions, LiveSource, LiveState, Timestamp,
};

use crate::counts::processor_time;
use crate::place::{HERE, Outcome, Place, THERE, frame};

/// What a source without capabilities told.
#[derive(Debug)]
enum Told {
    Packet(Instant, Timestamp),
    Gap(Gap),
    Waits,
}

/// What has to happen to an interface.
struct Case {
    /// Makes it useless.
    lose: fn(&Place) -> Outcome,
    /// Makes it useful again.
    mend: fn(&Place) -> Outcome,
    reason: GapReason,
    /// How it is called afterwards.
    name: &'static str,
}

fn check(case: &Case) -> Outcome {
    let Some(place) = Place::new()? else {
        return Ok(());
    };
    let is_over = AtomicBool::new(false);
    let (tell, told) = channel();
    let frame = frame(1, 53, 100);
    thread::scope(|scope| {
        let captures = scope.spawn(|| place.inside(|| capture(&is_over, &tell)));
        let sends = scope.spawn(|| place.send_steadily(&frame, || is_over.load(Ordering::Relaxed)));
        // In a thread, so that a failed assertion ends the others too.
        let story = scope.spawn(|| story(case, &place, told)).join();
        is_over.store(true, Ordering::Relaxed);
        let outcome = story.map_err(|_| "the story panicked")?;
        let (captured, sent) = (captures.join(), sends.join());
        outcome?;
        sent.map_err(|_| "the sender panicked")??;
        let name = captured.map_err(|_| "the source panicked")??;
        assert_eq!(name, case.name);
        Ok(())
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a receiver belongs to one thread"
)]
fn story(case: &Case, place: &Place, told: Receiver<Told>) -> Outcome {
    // It works.
    wait_for(&told, |told| matches!(told, Told::Packet(..)))?;
    (case.lose)(place)?;
    if case.reason != GapReason::Renamed {
        wait_for(&told, |told| matches!(told, Told::Waits))?;
        thread::sleep(Duration::from_secs(1));
    }
    // What was told until now is not of interest.
    while told.try_recv().is_ok() {}
    (case.mend)(place)?;
    let mended = Instant::now();

    // While the interface was of no use, packets cannot have come.
    let is_next = |told: &Told| match told {
        Told::Packet(..) => case.reason != GapReason::Renamed,
        Told::Gap(_) => true,
        Told::Waits => false,
    };
    let gap = match wait_for(&told, is_next)? {
        Told::Gap(gap) => gap,
        other => return Err(format!("{other:?} before the gap was told").into()),
    };
    let Told::Packet(at, timestamp) = wait_for(&told, |told| matches!(told, Told::Packet(..)))?
    else {
        return Err("no packet".into());
    };
    let after = at.saturating_duration_since(mended);
    assert!(after < Duration::from_secs(2), "resumed after {after:?}");
    assert_eq!(gap.reason, case.reason);
    let lasted = gap.end.saturating_since(gap.begin);
    let least = match case.reason {
        GapReason::Renamed => Duration::ZERO,
        _ => Duration::from_secs(1),
    };
    assert!(
        (least..Duration::from_secs(6)).contains(&lasted),
        "{lasted:?}"
    );
    if case.reason != GapReason::Renamed {
        assert!(timestamp >= gap.end, "a packet from within the gap");
    }
    println!(
        "{}: resumed {after:?} after it was mended, gap of {lasted:?}",
        gap.reason
    );
    Ok(())
}

/// Opens the interface, gives up every capability, and tells what comes. The name in the end.
fn capture(is_over: &AtomicBool, tell: &Sender<Told>) -> Outcome<String> {
    let mut source = LiveSource::open(HERE, &LiveOptions::new())?;
    for set in [
        CapSet::Ambient,
        CapSet::Effective,
        CapSet::Permitted,
        CapSet::Inheritable,
    ] {
        caps::clear(None, set)?;
    }
    let opened = LiveSource::open(HERE, &LiveOptions::new());
    assert!(
        matches!(opened, Err(LiveError::MissingRights { .. })),
        "{opened:?}"
    );

    let mut was_waiting = false;
    let (mut waited, mut used) = (Duration::ZERO, Duration::ZERO);
    while !is_over.load(Ordering::Relaxed) {
        let (begin, used_before) = (Instant::now(), processor_time()?);
        let told = match source.poll()? {
            LiveEvent::Packet(packet) => Some(Told::Packet(Instant::now(), packet.timestamp)),
            LiveEvent::Gap(gap) => Some(Told::Gap(gap)),
            _ => None,
        };
        let is_waiting = source.state() != LiveState::Receiving;
        if is_waiting && was_waiting {
            waited += begin.elapsed();
            used += processor_time()?.saturating_sub(used_before);
        }
        let waits = (is_waiting && !was_waiting).then_some(Told::Waits);
        was_waiting = is_waiting;
        for told in told.into_iter().chain(waits) {
            // Nobody listens once the story is over.
            let _heard = tell.send(told);
        }
    }
    let counters = source.counters();
    assert_eq!(counters.gaps, 1);
    assert_eq!(counters.resumptions, 1);
    assert_eq!(
        counters.received,
        counters.lent + counters.kernel_drops + counters.waiting()
    );
    assert!(
        used < waited / 20 + Duration::from_millis(10),
        "{used:?} in {waited:?}"
    );
    println!("used {used:?} of {waited:?} waiting");
    Ok(source.interface().to_owned())
}

fn wait_for(told: &Receiver<Told>, is_it: impl Fn(&Told) -> bool) -> Outcome<Told> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        let next = told.recv_timeout(Duration::from_secs(10))?;
        if is_it(&next) {
            return Ok(next);
        }
    }
    Err("waited for too long".into())
}

#[test]
fn down_and_up() -> Outcome {
    check(&Case {
        lose: |place| place.here(&format!("link set {HERE} down")),
        mend: |place| place.here(&format!("link set {HERE} up")),
        reason: GapReason::Down,
        name: HERE,
    })
}

#[test]
fn unplugged_and_plugged_in() -> Outcome {
    check(&Case {
        lose: |place| place.there(&format!("link set {THERE} down")),
        mend: |place| place.there(&format!("link set {THERE} up")),
        reason: GapReason::NoCarrier,
        name: HERE,
    })
}

#[test]
fn removed_and_made_anew() -> Outcome {
    check(&Case {
        lose: |place| place.here(&format!("link del {HERE}")),
        mend: Place::join_up,
        reason: GapReason::Gone,
        name: HERE,
    })
}

#[test]
fn renamed() -> Outcome {
    check(&Case {
        lose: |place| place.here(&format!("link set {HERE} name mirror0")),
        mend: |_| Ok(()),
        reason: GapReason::Renamed,
        name: "mirror0",
    })
}

#[test]
fn down_renamed_and_up() -> Outcome {
    check(&Case {
        lose: |place| place.here(&format!("link set {HERE} down")),
        mend: |place| {
            place.here(&format!("link set {HERE} name mirror0"))?;
            place.here("link set mirror0 up")
        },
        reason: GapReason::Renamed,
        name: "mirror0",
    })
}
