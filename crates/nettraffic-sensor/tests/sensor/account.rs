//! Every packet and every alert is accounted for.

use std::time::{Duration, Instant};

use nettraffic_capture::{CaptureError, Packet, PacketSource};
use nettraffic_sensor::{Phase, Replay, Sensor};

use crate::common::{Seen, Tested, attacked, detector, office, replay, source};

#[test]
fn what_is_received_is_processed_or_shed() -> Tested {
    let seen = Seen::default();
    seen.parts().dawdle = Duration::from_millis(3);
    // More packets than the queue holds, again and again.
    let many = Repeated {
        packets: 1_000_000,
        left: 1_000_000,
        source: Box::new(source(&attacked(3))),
    };
    let sensor = Sensor::detecting(detector()).observer(seen.clone());
    let running = sensor.input(Replay::new("many", many).shedding()).start()?;
    let status = running.wait();
    assert!(status.shed() > 100_000, "{} shed", status.shed());
    assert_eq!(status.received(), 1_000_000);
    assert_eq!(status.received(), status.processed + status.shed());
    assert_eq!(status.processed, status.decoded.total());
    assert_eq!(status.phase, Phase::Ended);
    let told = seen
        .parts()
        .statuses
        .last()
        .cloned()
        .ok_or("a status at the end")?;
    assert_eq!(told.processed, status.processed);
    Ok(())
}

#[test]
fn alerts_are_written_or_suppressed_and_seconds_hold_all_packets() -> Tested {
    let seen = Seen::default();
    let sensor = Sensor::detecting(detector()).observer(seen.clone());
    let status = sensor.input(replay(&attacked(3))).start()?.wait();
    let alerts = status.alerts;
    assert_eq!(alerts.raised, alerts.written + alerts.suppressed());
    assert!(alerts.repeated > 10, "{alerts:?}");
    let parts = seen.parts();
    assert_eq!(parts.alerts.len() as u64, alerts.raised);
    let sum =
        |count: fn(&nettraffic_sensor::Second) -> u64| parts.seconds.iter().map(count).sum::<u64>();
    assert_eq!(sum(|second| second.packets), status.decoded.decoded());
    assert_eq!(sum(|second| second.alerts), alerts.raised);
    assert_eq!(sum(|second| second.flows), status.judged);
    assert!(
        parts
            .seconds
            .windows(2)
            .all(|pair| pair[0].begin < pair[1].begin)
    );
    Ok(())
}

#[test]
fn it_stops_soon_when_it_is_told_to_and_judges_what_it_read() -> Tested {
    let seen = Seen::default();
    let input = replay(&office(2)).speed(nettraffic_sensor::Speed::Times(1.0));
    let running = Sensor::detecting(detector())
        .observer(seen.clone())
        .input(input)
        .start()?;
    std::thread::sleep(Duration::from_millis(1_500));
    let told = Instant::now();
    running.handle().stop();
    let status = running.wait();
    assert!(
        told.elapsed() < Duration::from_secs(1),
        "{:?}",
        told.elapsed()
    );
    assert!(status.processed > 0 && status.received() == status.processed);
    assert_eq!(status.open_flows, 0);
    assert!(status.judged > 0);
    Ok(())
}

#[test]
fn it_stops_soon_however_many_flows_are_open() -> Tested {
    let flood = Flood::new();
    let seen = Seen::default();
    // Each flow takes a millisecond to judge.
    seen.parts().dawdle = Duration::from_millis(1);
    let sensor = Sensor::detecting(detector()).observer(seen.clone());
    let running = sensor.input(Replay::new("flood", flood)).start()?;
    std::thread::sleep(Duration::from_millis(500));
    let told = Instant::now();
    running.handle().stop();
    let status = running.wait();
    assert!(
        told.elapsed() < Duration::from_secs(4),
        "{:?}",
        told.elapsed()
    );
    assert!(status.unjudged > 5_000, "{}", status.unjudged);
    assert_eq!(status.flows.opened, status.judged + status.unjudged);
    Ok(())
}

/// Datagrams between ever new ends, all at one moment.
struct Flood {
    sent: u32,
    packet: [u8; 28],
}

impl Flood {
    fn new() -> Self {
        let mut packet = [0; 28];
        // IPv4, 28 bytes, UDP to 10.0.0.1 port 53, 8 bytes.
        (packet[0], packet[3], packet[8], packet[9]) = (0x45, 28, 64, 17);
        (packet[16], packet[19], packet[23], packet[25]) = (10, 1, 53, 8);
        Self { sent: 0, packet }
    }
}

impl PacketSource for Flood {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        self.sent += 1;
        if self.sent > 200_000 {
            // It is told to stop by then.
            std::thread::sleep(Duration::from_millis(5));
            self.sent -= 1;
        }
        self.packet[12..16].copy_from_slice(&(0x0b00_0000 + self.sent).to_be_bytes());
        let time = nettraffic_capture::Timestamp::from_seconds(1_800_000_000, 0);
        let raw = nettraffic_capture::LinkType::RAW;
        Ok(Some(Packet::new(time, raw, &self.packet)))
    }

    fn counters(&self) -> nettraffic_capture::CaptureCounters {
        nettraffic_capture::CaptureCounters::default()
    }
}

/// A source over and over.
struct Repeated {
    packets: u64,
    left: u64,
    source: Box<dyn PacketSource + Send>,
}

impl PacketSource for Repeated {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        if (self.packets - self.left).is_multiple_of(5_000) {
            self.source = Box::new(source(&attacked(3)));
        }
        self.source.next_packet()
    }

    fn counters(&self) -> nettraffic_capture::CaptureCounters {
        self.source.counters()
    }
}
