//! A sensor: what it is made of, and how it is set to work.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use nettraffic_capture::{CaptureWriter, DecodeConfig, Decoder, Filter};
use nettraffic_detect::{AllowList, Detector, Limits, ModelStore};

use crate::input::{Input, Weave};
use crate::memory::Memory;
use crate::watch::{Alerts, MOST_COMMANDS, Parts, Recorder, Stage, Watch};
use crate::{
    Gate, GateConfig, Handle, IncidentConfig, Learning, Observer, OpenIncidents, Outlets,
    PacketRing, Renewal, SensorError, StateFolder, Status,
};

/// A sensor that is not at work yet.
///
/// Sources are read on threads of their own; one thread decodes, judges and decides over alerts; each sink has its
/// own. What a sensor says of packets is what the same detector says of the same packets offline.
///
/// ```
/// use nettraffic_capture::from_reader;
/// use nettraffic_sensor::{Learning, Replay, Sensor};
/// use nettraffic_synth::{Attack, AttackKind, Scenario};
/// use std::io::Cursor;
/// use std::time::Duration;
///
/// let flood = Attack::new(AttackKind::UdpFlood).at(Duration::from_secs(500)).lasting(Duration::from_secs(1));
/// let office = Scenario::new(7).hosts(4).duration(Duration::from_secs(600)).attack(flood);
/// let capture = from_reader("office", Cursor::new(office.pcap_bytes()))?;
///
/// let mut learning = Learning::over(Duration::from_secs(300));
/// learning.least_flows = 100;
/// let sensor = Sensor::learning(learning).input(Replay::new("office", capture)).start()?;
/// let status = sensor.wait();
/// assert_eq!(status.received(), status.processed);
/// assert!(status.alerts.raised > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sensor {
    begin: Begin,
    inputs: Vec<Input>,
    filter: Option<Filter>,
    limits: Limits,
    gate: Gate,
    incidents: OpenIncidents,
    ring: Option<PacketRing>,
    recording: Option<CaptureWriter<Box<dyn Write + Send>>>,
    outlets: Outlets,
    observers: Vec<Box<dyn Observer>>,
    renewal: Renewal,
    store: Option<ModelStore>,
    state: Option<StateFolder>,
    patience: Duration,
}

/// What a sensor begins with.
enum Begin {
    Detect(Arc<Detector>),
    Learn(Box<Learning>),
}

/// A sensor at work. It goes on when this is dropped; [`Handle::stop`] ends it.
pub struct Running {
    handle: Handle,
    thread: JoinHandle<Status>,
}

impl Sensor {
    /// A sensor that judges with a detector from the first packet on.
    #[must_use]
    pub fn detecting(detector: impl Into<Arc<Detector>>) -> Self {
        Self::new(Begin::Detect(detector.into()))
    }

    /// A sensor that learns what is usual, and then judges.
    #[must_use]
    pub fn learning(learning: Learning) -> Self {
        Self::new(Begin::Learn(Box::new(learning)))
    }

    fn new(begin: Begin) -> Self {
        Self {
            begin,
            inputs: Vec::new(),
            filter: None,
            limits: Limits::default(),
            gate: Gate::new(&GateConfig::default(), AllowList::default()),
            incidents: OpenIncidents::new(IncidentConfig::default()),
            ring: None,
            recording: None,
            outlets: Outlets::default(),
            observers: Vec::new(),
            renewal: Renewal::default(),
            store: None,
            state: None,
            patience: Duration::from_secs(3),
        }
    }

    /// Watches one more source. Several are woven into one stream by time.
    #[must_use]
    pub fn input(mut self, input: impl Into<Input>) -> Self {
        self.inputs.push(input.into());
        self
    }

    /// Looks only at packets that match. A filter in the kernel, as `Live` has it, costs less.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = Some(filter);
        self
    }

    /// With other bounds of the flow table.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Decides over alerts in another way than by default.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Groups alerts in another way than by default.
    #[must_use]
    pub fn incidents(mut self, incidents: OpenIncidents) -> Self {
        self.incidents = incidents;
        self
    }

    /// Keeps the latest packets, so that those around an alert can be written.
    #[must_use]
    pub fn ring(mut self, ring: PacketRing) -> Self {
        self.ring = Some(ring);
        self
    }

    /// Writes every packet that is processed, as it was fetched and in this order: the same detector says of the record
    /// offline what the sensor said. It is meant for tests, and bounds nothing: what it writes grows with the traffic.
    #[must_use]
    pub fn record(mut self, recording: CaptureWriter<Box<dyn Write + Send>>) -> Self {
        self.recording = Some(recording);
        self
    }

    /// Writes alerts to these sinks.
    #[must_use]
    pub fn outlets(mut self, outlets: Outlets) -> Self {
        self.outlets = outlets;
        self
    }

    /// Lets one more look on.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Keeps the detector up to date in another way than by default.
    #[must_use]
    pub fn renewal(mut self, renewal: Renewal) -> Self {
        self.renewal = renewal;
        self
    }

    /// Keeps the detectors that it makes in this folder.
    #[must_use]
    pub fn store(mut self, store: ModelStore) -> Self {
        self.store = Some(store);
        self
    }

    /// Remembers in this folder what is to outlive a run.
    #[must_use]
    pub fn state(mut self, state: StateFolder) -> Self {
        self.state = Some(state);
        self
    }

    /// How long sinks may take to write what waits when it ends (3 s).
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets it to work.
    ///
    /// # Errors
    /// There is nothing to watch; no thread can be had; what was remembered cannot be read.
    pub fn start(self) -> Result<Running, SensorError> {
        if self.inputs.is_empty() {
            return Err(SensorError::NoInput);
        }
        let names: Vec<&str> = self.inputs.iter().map(|input| &**input.name()).collect();
        let name: Arc<str> = Arc::from(names.join(","));
        let at_once = self.inputs.iter().all(Input::can_wait);
        let mut gate = self.gate;
        let mut memory = Memory::new(self.state, self.store, &mut gate)?;
        let mut renewal = self.renewal;
        let stage = match self.begin {
            Begin::Detect(detector) => Stage::detect(detector, &self.limits),
            Begin::Learn(learning) => {
                let before = memory.resume(&learning)?;
                if renewal.attacks.is_none() {
                    renewal.attacks.clone_from(&learning.attacks);
                }
                Stage::learn(*learning, before, &self.limits)
            }
        };
        let mut decoder = Decoder::new(DecodeConfig::default());
        decoder.reconfigure(stage.decode_config());
        if let Some(filter) = self.filter {
            decoder = decoder.with_filter(filter);
        }

        let stop = Arc::<AtomicBool>::default();
        let (commands, obeyed) = sync_channel(MOST_COMMANDS);
        let (mut sources, mut drains) = (Vec::new(), Vec::new());
        for input in self.inputs {
            let (source, drain) = input.begin(Arc::clone(&stop))?;
            sources.push(source);
            drains.push(drain);
        }
        let watch = Watch::new(Parts {
            weave: Weave::new(drains),
            sources,
            decoder,
            stage,
            limits: self.limits,
            alerts: Alerts::new(gate, self.incidents, self.outlets, name),
            ring: self.ring,
            recorder: Recorder::new(self.recording),
            observers: self.observers,
            renewal,
            memory,
            commands: obeyed,
            stop: Arc::clone(&stop),
            at_once,
            patience: self.patience,
        });
        let thread = std::thread::Builder::new().name("nettraffic-detect".to_owned());
        Ok(Running {
            handle: Handle { stop, commands },
            thread: thread.spawn(move || watch.run())?,
        })
    }
}

impl Running {
    /// To talk to it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until its input ends or it is stopped, and tells how it fared.
    ///
    /// # Panics
    /// When the thread that detects did, which would be a bug.
    #[must_use]
    pub fn wait(self) -> Status {
        match self.thread.join() {
            Ok(status) => status,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
