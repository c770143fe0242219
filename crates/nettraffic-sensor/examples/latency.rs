//! How long after a flow has ended its alert is written, by the clock on the wall:
//!
//! ```text
//! cargo run --release -p nettraffic-sensor --features live --example latency -- INTERFACE DETECTOR.ntm EVE.json [SECONDS]
//! ```
//!
//! What ends only because the sensor does is left out.

use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nettraffic_capture::{LiveOptions, Timestamp};
use nettraffic_detect::Detector;
use nettraffic_flow::FlowEnd;
use nettraffic_sensor::{
    AlertRate, Dealt, Event, FileConfig, FileSink, Gate, GateConfig, Live, Outlet, OutletConfig,
    Outlets, Sensor, Sink, SinkError,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [interface, detector, eve, rest @ ..] = &arguments[..] else {
        return Err("usage: latency INTERFACE DETECTOR.ntm EVE.json [SECONDS]".into());
    };
    let seconds = rest.first().map_or(Ok(60), |text| text.parse())?;
    let detector = Detector::load(BufReader::new(File::open(detector)?))?;
    let delays = Arc::<Mutex<Vec<Duration>>>::default();
    let sink = Timed {
        sink: FileSink::open(&FileConfig::new(eve))?,
        delays: Arc::clone(&delays),
    };
    let mut gate = GateConfig::default();
    // Every alert is to be written.
    gate.repeat_after = Duration::from_nanos(1);
    gate.per_source = AlertRate::new(u32::MAX, u32::MAX);
    gate.overall = gate.per_source;
    let outlet = Outlet::new(sink, &OutletConfig::default())?;
    let running = Sensor::detecting(detector)
        .gate(Gate::new(&gate, nettraffic_detect::AllowList::default()))
        .outlets(Outlets::new(vec![outlet]))
        .input(Live::open(interface, &LiveOptions::new())?)
        .start()?;
    eprintln!("watching {interface}");
    std::thread::sleep(Duration::from_secs(seconds));
    running.handle().stop();
    let status = running.wait();

    let mut delays = std::mem::take(&mut *delays.lock().unwrap_or_else(PoisonError::into_inner));
    delays.sort_unstable();
    let at = |share: f64| -> f64 {
        let place = (share * delays.len() as f64) as usize;
        let delay = delays.get(place.min(delays.len().saturating_sub(1)));
        delay.map_or(0.0, |delay| delay.as_secs_f64() * 1e3)
    };
    println!(
        "{} alerts: median {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, longest {:.1} ms; {} packets, {} lost, {} flows",
        delays.len(),
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0),
        status.received(),
        status.shed() + status.dropped(),
        status.judged
    );
    Ok(())
}

/// Notes when alerts have been written to a file.
struct Timed {
    sink: FileSink,
    delays: Arc<Mutex<Vec<Duration>>>,
}

impl Sink for Timed {
    fn name(&self) -> &str {
        self.sink.name()
    }

    fn batch(&self) -> usize {
        self.sink.batch()
    }

    fn write(&mut self, events: &[Event]) -> Result<Dealt, SinkError> {
        let dealt = self.sink.write(events)?;
        let now = now();
        let flows = events
            .iter()
            .take(dealt.events())
            .filter_map(|event| Some(&event.verdict()?.flow));
        let ended = flows.filter(|flow| flow.end != FlowEnd::EndOfInput);
        let delays = ended.map(|flow| now.saturating_since(flow.ended));
        self.delays
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(delays);
        Ok(dealt)
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp::default().saturating_add(since.unwrap_or_default())
}
