//! Packets that are dated wrongly.

use std::sync::Arc;
use std::time::Instant;

use nettraffic_capture::{CaptureCounters, CaptureError, Packet, PacketSource, Timestamp};
use nettraffic_sensor::{Replay, Sensor, Speed};
use nettraffic_synth::Scenario;

use crate::common::{Seen, Tested, attacked, detector, learning, offline, source};

/// A capture whose packet of a number bears another time.
struct Misdated {
    source: Box<dyn PacketSource + Send>,
    left: u64,
    time: Timestamp,
}

impl Misdated {
    fn new(scenario: &Scenario, packet: u64, year: i64) -> Self {
        Self {
            source: Box::new(source(scenario)),
            left: packet,
            time: Timestamp::from_seconds((year - 1970) * 31_557_600, 0),
        }
    }
}

impl PacketSource for Misdated {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let is_it = self.left == 0;
        self.left = self.left.wrapping_sub(1);
        let packet = self.source.next_packet()?;
        Ok(packet.map(|mut packet| {
            if is_it {
                packet.timestamp = self.time;
            }
            packet
        }))
    }

    fn counters(&self) -> CaptureCounters {
        self.source.counters()
    }
}

#[test]
fn a_packet_dated_far_off_moves_no_time_and_is_judged_as_offline() -> Tested {
    let (traffic, detector) = (attacked(3), detector());
    let sound = offline(&detector, source(&traffic));
    let last = sound.iter().map(|verdict| verdict.flow.last).max();
    // 2300 is beyond what a time stamp can say: the last one that there is.
    let cases = [
        (2_500, 2261),
        (2_500, 1990),
        (2_500, 2300),
        (0, 2261),
        (0, 1990),
        (0, 2300),
    ];
    for (packet, year) in cases {
        let expected = offline(&detector, Misdated::new(&traffic, packet, year));
        for speed in [Speed::Full, Speed::Times(400.0)] {
            let seen = Seen::default();
            let input = Replay::new("office", Misdated::new(&traffic, packet, year)).speed(speed);
            let sensor = Sensor::detecting(Arc::clone(&detector)).observer(seen.clone());
            let begin = Instant::now();
            let status = sensor.input(input).start()?.wait();
            let of = format!("packet {packet} in {year}, {speed:?}");
            assert!(begin.elapsed().as_secs() < 30, "{of}");
            assert_eq!(seen.parts().verdicts, expected, "{of}");
            // The first of all sets the clock, until those that follow speak against it.
            let counted = status.flows.outlying_packets + status.flows.clock_resets;
            assert_eq!(counted, u64::from((packet, year) != (0, 1990)), "{of}");
            assert_eq!(Some(status.now), last, "{of}");
        }
    }
    Ok(())
}

#[test]
fn learning_is_not_over_because_of_a_packet_from_the_future() -> Tested {
    // Few flows are enough, so that time alone says when it is over.
    let learned = |packet| {
        let mut learning = learning(150);
        learning.least_flows = 20;
        let input = Replay::new("office", Misdated::new(&attacked(3), packet, 2261));
        let running = Sensor::learning(learning).input(input).start();
        running.map(|running| running.wait().learned)
    };
    // The packet behind the last one is none.
    let (misdated, sound) = (learned(1_000)?, learned(u64::MAX)?);
    assert!(
        sound > 100 && misdated.abs_diff(sound) <= 2,
        "{misdated} {sound}"
    );
    Ok(())
}
