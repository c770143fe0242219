//! Captures in, flows with their features out.

use std::path::{Path, PathBuf};

use nettraffic_capture::DecodeConfig;
use nettraffic_detect::{BENIGN, Detector, FlowRows};
use nettraffic_eval::{Truth, Unmatched};
use nettraffic_experiment::{read_flows, truth};
use nettraffic_features::FeatureSet;
use nettraffic_flow::FlowConfig;

use crate::{Captures, Failure, Progress, Reading, Summary, Tidying, read_rules};

/// Reads captures into flows with their features, and keeps account of it.
pub struct Collector<'a> {
    reading: &'a Reading,
    tidying: Tidying,
    decode: DecodeConfig,
    features: FeatureSet,
    flow: FlowConfig,
    progress: Progress,
    quiet: bool,
    damaged: bool,
}

impl<'a> Collector<'a> {
    /// Collects flows with these features; the account goes to standard error.
    #[must_use]
    pub fn new(
        features: FeatureSet,
        decode: DecodeConfig,
        reading: &'a Reading,
        tidying: &Tidying,
    ) -> Self {
        Self {
            reading,
            tidying: tidying.clone(),
            decode,
            features,
            flow: FlowConfig::default(),
            progress: Progress::steps(),
            quiet: false,
            damaged: false,
        }
    }

    /// Collects what `detector` judges, from packets that are mended as was asked for, or else as in its training.
    #[must_use]
    pub fn of(detector: &Detector, reading: &'a Reading, tidying: &Tidying) -> Self {
        let features = detector.features().clone();
        let collector = Self::new(
            features,
            detector.decode_config(),
            reading,
            &tidying.or_of(detector),
        );
        if let Some(note) = tidying.note(detector) {
            collector.progress.note(&note);
        }
        collector.cutting(detector.flow_config())
    }

    /// Cuts flows in another way than by default.
    #[must_use]
    pub fn cutting(mut self, flow: FlowConfig) -> Self {
        self.flow = flow;
        self
    }

    /// Leaves the account out, where `quiet`; damage is named all the same.
    #[must_use]
    pub fn quiet(mut self, quiet: bool) -> Self {
        self.quiet = quiet;
        self
    }

    /// Says what is done after the reading.
    pub fn step(&self, name: &str) {
        self.progress.step(name);
    }

    /// The flows of captures, each cut into flows by itself.
    ///
    /// # Errors
    /// A name that stands for no capture.
    pub fn flows(&mut self, paths: &[PathBuf]) -> Result<FlowRows, Failure> {
        let mut flows = FlowRows::new(self.features.clone());
        for path in paths {
            flows.extend_from(&self.read(path)?);
        }
        Ok(flows)
    }

    /// The flows of labelled captures with the class of each; those of unknown truth are left out.
    ///
    /// # Errors
    /// A name that stands for no capture; label rules that cannot be read, or fewer or more files of
    /// them than captures.
    pub fn labelled(
        &mut self,
        paths: &[PathBuf],
        labels: &[PathBuf],
        unmatched: Unmatched,
    ) -> Result<(FlowRows, Vec<String>), Failure> {
        if paths.len() != labels.len() {
            return Err(Failure::usage(format!(
                "{} labelled captures need as many files of label rules, {} were given",
                paths.len(),
                labels.len()
            )));
        }
        let (mut flows, mut classes) = (FlowRows::new(self.features.clone()), Vec::new());
        for (path, labels) in paths.iter().zip(labels) {
            let rules = read_rules(labels)?;
            let read = self.read(path)?;
            let mut known = Vec::new();
            for (index, flow) in read.flows().iter().enumerate() {
                let class = match truth(flow, &rules, unmatched) {
                    Truth::Unknown => continue,
                    Truth::Benign => BENIGN,
                    Truth::Attack(class) => class,
                };
                known.push(index);
                classes.push(class.to_owned());
            }
            flows.extend_from(&read.select(&known));
        }
        Ok((flows, classes))
    }

    /// Whether all that was read was sound.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.damaged
    }

    fn read(&mut self, path: &Path) -> Result<FlowRows, Failure> {
        self.progress.step(&format!("reading {}", path.display()));
        let captures = Captures::find(&[path.to_owned()])?;
        let source = self.reading.source(&captures);
        let packets = (self.tidying).batches(source, self.reading.decoder(self.decode));
        let read = read_flows(packets, &self.features, &self.flow);
        let mut account = Summary::of(&read.account);
        for error in &read.errors {
            account.error(error);
        }
        self.damaged |= !account.is_sound();
        if self.quiet {
            for error in account.errors() {
                self.progress.note(&error);
            }
        } else {
            self.progress
                .note(&format!("{captures}: {}", account.describe()));
        }
        Ok(read.flows)
    }
}
