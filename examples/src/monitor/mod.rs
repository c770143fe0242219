//! The sensor as a tool: from settings to a sensor at work, and what it is told meanwhile.

#[cfg(feature = "dashboard")]
mod allowed;
#[cfg(feature = "dashboard")]
mod board;
mod demo;
mod doctor;
mod ending;
#[cfg(feature = "dashboard")]
mod health;
#[cfg(feature = "live")]
mod interfaces;
#[cfg(feature = "dashboard")]
mod marks;
#[cfg(feature = "dashboard")]
mod metrics;
#[cfg(feature = "dashboard")]
mod page;
mod privileges;
mod reach;
mod say;
mod signals;
mod sources;
mod told;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nettraffic_detect::{AllowList, Detector, FalseAlarmGoal, Limits, ModelStore};
use nettraffic_sensor::{
    ConditionKind, Gate, GateConfig, Handle, Input, Keep, Learning, NotTold, Outlet, OutletConfig,
    Outlets, PacketRing, PacketRingConfig, Renewal, Reply, Sensor, Settings, SinkSettings,
    StateFolder,
};

pub use doctor::{check_doctor, list_interfaces};

use crate::{Failure, read_detector};
use say::say;
use signals::{Signal, Signals};
use told::Told;

/// What is said where a live page is asked for in a build without it.
#[cfg(not(feature = "dashboard"))]
const NO_PAGE: &str = "this build has no live page: build it with the feature `dashboard`";
/// How often signals and marks are looked for.
const LOOK: Duration = Duration::from_millis(50);
/// How long a reload waits for the sensor's answer.
const ANSWER: Duration = Duration::from_secs(5);

/// A sensor with its settings.
pub struct Monitor {
    /// What it is to do.
    pub settings: Settings,
    /// Whether it shows built-in traffic.
    pub demo: bool,
    /// Whether alerts are kept from the terminal.
    pub quiet: bool,
    /// The file of the settings.
    pub config: Option<PathBuf>,
    /// Reads the settings again.
    pub reread: Box<dyn Fn() -> Result<Settings, Failure>>,
    /// Which detector was read last.
    read: Option<u64>,
}

/// What judges, and where it lies.
enum Judge {
    Trained(Arc<Detector>),
    Learning(Box<Learning>),
}

impl Monitor {
    /// A sensor with these settings, which `reread` reads again.
    #[must_use]
    pub fn new(
        settings: Settings,
        reread: impl Fn() -> Result<Settings, Failure> + 'static,
    ) -> Self {
        Self {
            settings,
            demo: false,
            quiet: false,
            config: None,
            reread: Box::new(reread),
            read: None,
        }
    }

    /// Works until its input ends or it is told to end. Says whether the input was sound.
    ///
    /// # Errors
    /// What the settings ask for cannot be had.
    pub fn run(mut self) -> Result<bool, Failure> {
        let settings = &self.settings;
        let mut signals = Signals::new().map_err(Failure::usage)?;
        let inputs = self.inputs()?;
        if settings.input.interfaces.is_empty() && settings.privileges.user.is_some() {
            say("privileges.user is not looked at: a replay runs as who started it");
        }
        // The folder is locked before anything is put into it.
        let state = (settings.state.folder.as_ref()).map(StateFolder::open);
        let state = state.transpose().map_err(Failure::usage)?;
        let store = self.store()?;
        let allow = allow_list(settings)?;
        let sinks = self.sinks()?;
        let recording = sources::recording(&settings.input)?;
        let source = inputs
            .iter()
            .map(|input| input.name().to_string())
            .collect::<Vec<_>>()
            .join(", ");
        #[cfg(feature = "dashboard")]
        let page = page::Page::bind(settings)?;
        #[cfg(not(feature = "dashboard"))]
        if settings.dashboard.listen.is_some() {
            return Err(Failure::usage(NO_PAGE));
        }
        privileges::drop(settings, self.config.as_deref())?;

        // Threads only from here on: each would have kept the rights that it began with. Reading a detector starts some,
        // and must do without those rights anyway when it is read again.
        let judge = self.judge(store.as_ref())?;
        let read = match &judge {
            Judge::Trained(detector) => Some(detector.id()),
            Judge::Learning(_) => None,
        };
        let outlets = sinks
            .into_iter()
            .map(|sink| Outlet::new(sink, &OutletConfig::default()));
        let outlets: Vec<Outlet> = outlets.collect::<Result<_, _>>().map_err(Failure::usage)?;
        let mut gate = GateConfig::default();
        gate.repeat_after = settings.alerts.repeat;
        (gate.per_source, gate.overall) = (settings.alerts.per_source, settings.alerts.overall);
        let (told, lines) = Told::new();
        let mut sensor = match judge {
            Judge::Trained(detector) => Sensor::detecting(detector),
            Judge::Learning(learning) => Sensor::learning(*learning),
        };
        sensor = sensor
            .limits(limits(settings)?)
            .gate(Gate::new(&gate, allow))
            .outlets(Outlets::new(outlets))
            .renewal(renewal(settings, store.as_ref())?)
            .observer(told);
        if let Some(ring) = ring(settings) {
            sensor = sensor.ring(ring);
        }
        if let Some(recording) = recording {
            sensor = sensor.record(recording);
        }
        if let Some(filter) = self.replay_filter()? {
            sensor = sensor.filter(filter);
        }
        #[cfg(feature = "dashboard")]
        let mut page = page.map(page::Page::serve).transpose()?;
        #[cfg(feature = "dashboard")]
        if let Some(page) = &page {
            sensor = sensor.observer(page.observer(&source));
        }
        if let Some(store) = store {
            sensor = sensor.store(store);
        }
        if let Some(state) = state {
            sensor = sensor.state(state);
        }
        for input in inputs {
            sensor = sensor.input(input);
        }
        say(format_args!("watching {source}"));
        let running = sensor.start().map_err(Failure::usage)?;
        self.read = read;
        let handle = running.handle();
        while !running.has_ended() {
            for signal in signals.pending() {
                match signal {
                    Signal::End => handle.stop(),
                    Signal::Reload => self.reload(&handle),
                    Signal::Packets => self.write_packets(&handle),
                }
            }
            #[cfg(feature = "dashboard")]
            if let Some(page) = &mut page {
                page.pass_marks(&handle);
            }
            lines.try_iter().for_each(say);
            std::thread::sleep(LOOK);
        }
        let status = running.wait();
        lines.try_iter().for_each(say);
        let told = ending::tell(&status);
        let is_stopped = handle.is_stopped();
        if status.judged == 0 && status.learned > 0 && !is_stopped {
            return Err(Failure::usage(
                "the input ended before enough was learned, so nothing was judged: learn for a shorter time (--learn 10m), \
                 or train a detector on other traffic (nettraffic-train --live) and name it with --model",
            ));
        }
        #[cfg(feature = "dashboard")]
        if let Some(mut page) = page.take() {
            if !is_stopped {
                page.refuse_marks();
                say(format_args!(
                    "the replay is over; the live page stays until Ctrl-C"
                ));
                while !signals.pending().any(|signal| signal == Signal::End) {
                    std::thread::sleep(LOOK);
                }
            }
            page.stop();
        }
        // That it was told to end is no fault of the input.
        told.map(|is_sound| is_sound || is_stopped)
    }

    fn inputs(&self) -> Result<Vec<Input>, Failure> {
        let settings = &self.settings.input;
        if self.demo {
            return Ok(vec![
                demo::replay(self.settings.learn.seed, settings.speed)?.into(),
            ]);
        }
        if !settings.interfaces.is_empty() {
            #[cfg(feature = "live")]
            return interfaces::open(settings).map(|interfaces| {
                for (name, interface) in settings.interfaces.iter().zip(&interfaces) {
                    if let Some(why) = interface.waits() {
                        say(format_args!("{name} is {why}: it is waited for"));
                    }
                }
                interfaces.into_iter().map(Input::from).collect()
            });
            #[cfg(not(feature = "live"))]
            return Err(Failure::usage(doctor::NO_LIVE));
        }
        if settings.replay.is_empty() {
            return Err(Failure::usage(
                "nothing to watch: name an interface (--interface eth0) or captures (--replay FILE), or try --demo",
            ));
        }
        Ok(vec![sources::replay(settings)?.into()])
    }

    /// The filter of a replay; that of an interface is in the kernel.
    fn replay_filter(&self) -> Result<Option<nettraffic_capture::Filter>, Failure> {
        let input = &self.settings.input;
        match &input.filter {
            Some(filter) if input.interfaces.is_empty() => {
                filter.parse().map(Some).map_err(Failure::usage)
            }
            _ => Ok(None),
        }
    }

    fn store(&self) -> Result<Option<ModelStore>, Failure> {
        let folder = folder_of_detectors(&self.settings);
        let store = folder.map(ModelStore::open);
        store.transpose().map_err(Failure::usage)
    }

    /// The detector that the settings name, or how one is learned.
    fn judge(&self, store: Option<&ModelStore>) -> Result<Judge, Failure> {
        if let Some(detector) = serving(&self.settings, store)? {
            return Ok(Judge::Trained(Arc::new(detector)));
        }
        let learn = &self.settings.learn;
        let mut learning = match self.demo {
            true => demo::learning(learn.seed)?,
            false => Learning::over(learn.period),
        };
        learning.seed = learn.seed;
        if !self.demo {
            learning.least_flows = learn.flows;
        }
        learning.is_resolvable = learn.false_alarm_rate.is_none() && learn.alerts_per_day.is_none();
        match (learn.false_alarm_rate, learn.alerts_per_day) {
            (Some(rate), _) => learning.goal = FalseAlarmGoal::Rate(rate),
            (None, Some(alerts)) => learning.goal = FalseAlarmGoal::PerDay(alerts),
            (None, None) => {}
        }
        Ok(Judge::Learning(Box::new(learning)))
    }

    fn sinks(&self) -> Result<Vec<Box<dyn nettraffic_sensor::Sink>>, Failure> {
        let named = &self.settings.sinks;
        let has_terminal = named
            .iter()
            .any(|sink| matches!(sink, SinkSettings::Terminal(_)));
        let terminal = (!self.quiet && !has_terminal).then(SinkSettings::terminal);
        let sinks = named.iter().chain(&terminal);
        let sinks = sinks.filter(|sink| !self.quiet || !matches!(sink, SinkSettings::Terminal(_)));
        sinks
            .map(|sink| sink.open().map_err(Failure::usage))
            .collect()
    }

    /// Opens files again, and reads settings, allow-list and detector again. Each step stands for itself; what failed is
    /// shown as long as no later reload went well.
    fn reload(&mut self, handle: &Handle) {
        let mut failures = Vec::new();
        let mut step = |done: Result<String, String>| match done {
            Ok(words) => say(words),
            Err(words) => {
                say(&words);
                failures.push(words);
            }
        };
        if let Err(error) = handle.reopen() {
            step(Err(format!("files are not reopened: {error}")));
        }
        match (self.reread)() {
            Ok(settings) => {
                let fixed = self.settings.differing(&settings);
                if !fixed.is_empty() {
                    say(format_args!(
                        "a restart is needed for what changed in {}",
                        fixed.join(", ")
                    ));
                }
                self.settings.alerts.allow = settings.alerts.allow;
                self.settings.detector = settings.detector;
            }
            Err(error) => step(Err(format!("the settings stay as they were: {error}"))),
        }
        step(match self.reload_allowed(handle) {
            Ok(entries) => Ok(format!("reloaded: the allow-list, {entries} entries hold")),
            Err(error) => Err(format!(
                "the allow-list is not reloaded, it stays as it was: {error}"
            )),
        });
        step(match self.reload_detector(handle) {
            Ok(true) => Ok("reloaded: the detector".to_owned()),
            Ok(false) => Ok("the detector is the same as before".to_owned()),
            Err(error) => Err(format!(
                "the detector is not reloaded, it serves as before: {error}"
            )),
        });
        let what = (!failures.is_empty()).then(|| failures.join("; "));
        if let Err(error) = handle.hold(ConditionKind::Reload, what) {
            say(format_args!(
                "the page does not show how that went: {error}"
            ));
        }
    }

    fn reload_allowed(&self, handle: &Handle) -> Result<usize, Failure> {
        let list = allow_list(&self.settings)?;
        answered(handle.allow(list))
    }

    /// Lets the detector serve that the settings name, if it is another one than when it was last read: a successor that
    /// was promoted since must not give way to the one before.
    fn reload_detector(&mut self, handle: &Handle) -> Result<bool, Failure> {
        let Some(detector) = serving(&self.settings, self.store()?.as_ref())? else {
            return Ok(false);
        };
        let id = detector.id();
        if self.read == Some(id) {
            return Ok(false);
        }
        answered(handle.serve(detector))?;
        self.read = Some(id);
        Ok(true)
    }

    fn write_packets(&self, handle: &Handle) {
        let Some(folder) = &self.settings.packets.folder else {
            say(format_args!(
                "no packets are written: packets.folder is not set"
            ));
            return;
        };
        // What comes of it is told as a note.
        match handle.write_packets(folder) {
            Ok(_) => say(format_args!(
                "the packets of open incidents are being written to {}",
                folder.display()
            )),
            Err(error) => say(format_args!("no packets are written: {error}")),
        }
    }
}

/// What a sensor answers, in the time that an operator waits for it.
fn answered<T>(told: Result<Reply<T>, NotTold>) -> Result<T, Failure> {
    let reply = told.map_err(Failure::usage)?;
    reply.wait(ANSWER).map_err(Failure::usage)
}

/// Where detectors are kept that are made here: where the settings say, else with all else that outlives a run.
fn folder_of_detectors(settings: &Settings) -> Option<PathBuf> {
    let named = settings.detector.folder.clone();
    let state = settings
        .state
        .folder
        .as_ref()
        .filter(|_| settings.detector.model.is_none());
    named.or_else(|| state.map(|folder| folder.join("models")))
}

/// The detector that the settings name, if it is there.
fn serving(settings: &Settings, store: Option<&ModelStore>) -> Result<Option<Detector>, Failure> {
    match (&settings.detector.model, store) {
        (Some(model), _) => read_detector(model).map(Some),
        (None, Some(store)) => store.current().map_err(Failure::usage),
        (None, None) => Ok(None),
    }
}

fn allow_list(settings: &Settings) -> Result<AllowList, Failure> {
    let list = settings.alerts.allow.as_deref().map(AllowList::load);
    Ok(list
        .transpose()
        .map_err(Failure::usage)?
        .unwrap_or_default())
}

/// The bounds, with a key that nobody who sends packets can know.
fn limits(settings: &Settings) -> Result<Limits, Failure> {
    let key = getrandom::u64().map_err(Failure::usage)?;
    Ok(Limits::default()
        .with_max_flows(settings.limits.flows)
        .with_hash_key(key))
}

fn ring(settings: &Settings) -> Option<PacketRing> {
    let packets = &settings.packets;
    (packets.memory_mib > 0).then(|| {
        let (keep, bytes) = match packets.bytes {
            Some(bytes) => (Keep::Payload, bytes as usize),
            None => (Keep::Headers, usize::MAX),
        };
        let config = PacketRingConfig::default()
            .with_bytes(packets.memory_mib << 20)
            .with_time(packets.time)
            .keeping(keep, bytes);
        PacketRing::new(config)
    })
}

fn renewal(settings: &Settings, store: Option<&ModelStore>) -> Result<Renewal, Failure> {
    let renew = &settings.renew;
    let mut renewal = Renewal::default();
    (renewal.every, renewal.window) = (renew.every, renew.window);
    (renewal.most_flows, renewal.drift_every) = (renew.flows, renew.drift_every);
    renewal.least_flows = renewal.least_flows.min(renew.flows / 2);
    if let Some(store) = store {
        renewal.canaries = store.canaries().map_err(Failure::usage)?;
    }
    Ok(renewal)
}
