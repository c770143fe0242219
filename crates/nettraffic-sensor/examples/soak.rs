//! A sensor that is fed one capture over and over, its time going on, to see how fast it is and whether its memory
//! grows:
//!
//! ```text
//! cargo run --release -p nettraffic-sensor --example soak -- CAPTURE DETECTOR.ntm [PACKETS] [MOST_FLOWS]
//! ```

use std::error::Error;
use std::fs::{self, File};
use std::io::BufReader;
use std::time::{Duration, Instant};

use nettraffic_capture::{
    CaptureCounters, CaptureError, LinkType, Packet, PacketSource, Timestamp, open,
};
use nettraffic_detect::{Detector, Limits};
use nettraffic_sensor::{Observer, OpenIncidents, Replay, Sensor, Status};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [capture, detector, rest @ ..] = &arguments[..] else {
        return Err("usage: soak CAPTURE DETECTOR.ntm [PACKETS] [MOST_FLOWS]".into());
    };
    let number = |place: usize| rest.get(place).map(|text| text.parse::<u64>()).transpose();
    let packets = number(0)?.unwrap_or(100_000_000);
    let flows = number(1)?.unwrap_or(100_000);
    let detector = Detector::load(BufReader::new(File::open(detector)?))?;
    let source = Looped::load(capture, packets)?;
    println!(
        "{packets} packets, {flows} flows at most, from {} in memory",
        source.packets.len()
    );

    let begin = Instant::now();
    let limits = Limits::default().with_max_flows(usize::try_from(flows)?);
    let sensor = Sensor::detecting(detector)
        .limits(limits)
        .observer(Telling {
            begin,
            packets,
            told: 0,
        });
    let status = sensor.input(Replay::new("soak", source)).start()?.wait();
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{:.0} packets/s; {} received = {} processed + {} shed; {} flows judged, {} evicted; {} alerts raised = {} \
         written + {} suppressed",
        status.processed as f64 / seconds,
        status.received(),
        status.processed,
        status.shed(),
        status.judged,
        status.flows.evicted,
        status.alerts.raised,
        status.alerts.written,
        status.alerts.suppressed()
    );
    Ok(())
}

/// Tells of the memory with each tenth of the packets.
struct Telling {
    begin: Instant,
    packets: u64,
    told: u64,
}

impl Observer for Telling {
    fn status(&mut self, status: &Status, incidents: &OpenIncidents) {
        let tenth = 10 * status.processed / self.packets;
        if tenth > self.told {
            self.told = tenth;
            println!(
                "{:3} % after {:5.0} s: {} MiB resident, {} flows open, {} incidents",
                10 * tenth,
                self.begin.elapsed().as_secs_f64(),
                resident_mib().unwrap_or(0),
                status.open_flows,
                incidents.counters().open
            );
        }
    }
}

/// Memory of this process that is in use (Linux).
fn resident_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kib| kib / 1024)
}

/// A capture in memory, again and again, a second of packet time between two rounds.
struct Looped {
    packets: Vec<(Timestamp, LinkType, u32, Vec<u8>)>,
    next: usize,
    /// What is added to the times of this round, and how long a round is.
    shift: Duration,
    round: Duration,
    left: u64,
}

/// Packets that are kept in memory.
const MOST_KEPT: usize = 2_000_000;
/// Bytes that are kept of each.
const SNAPLEN: usize = 256;

impl Looped {
    fn load(path: &str, packets: u64) -> Result<Self, Box<dyn Error>> {
        let mut source = open(path)?;
        let mut kept = Vec::new();
        while let Some(packet) = source.next_packet()? {
            let data = packet.data.get(..SNAPLEN).unwrap_or(packet.data);
            kept.push((
                packet.timestamp,
                packet.link_type,
                packet.wire_len,
                data.to_vec(),
            ));
            if kept.len() == MOST_KEPT {
                break;
            }
        }
        let first = kept.first().ok_or("an empty capture")?.0;
        let last = kept.iter().map(|packet| packet.0).max().unwrap_or(first);
        Ok(Self {
            round: last.saturating_since(first) + Duration::from_secs(1),
            packets: kept,
            next: 0,
            shift: Duration::ZERO,
            left: packets,
        })
    }
}

impl PacketSource for Looped {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        if self.next == self.packets.len() {
            self.next = 0;
            self.shift += self.round;
        }
        let (time, link_type, wire_len, data) = &self.packets[self.next];
        self.next += 1;
        let mut packet = Packet::new(time.saturating_add(self.shift), *link_type, data);
        packet.wire_len = *wire_len;
        Ok(Some(packet))
    }

    fn counters(&self) -> CaptureCounters {
        CaptureCounters::default()
    }
}
