//! The traffic that a detection looks at: captures, or what is built in.

use std::io::Cursor;

use nettraffic_capture::{DecodeConfig, PacketMeta, PacketSource, from_reader};
use nettraffic_detect::FlowRows;
use nettraffic_eval::{LabelRules, Unmatched};
use nettraffic_experiment::truth;
use nettraffic_features::{FeatureMeter, FeatureSet};
use nettraffic_flow::{FlowConfig, FlowCounters, PacketBatches};
use nettraffic_synth::Scenario;

use crate::{Captures, Failure, Labels, Progress, Reading, Summary, Tidying, Watched};

/// The scenario that is built in: office traffic, and every attack in its later three quarters.
const BUILT_IN: &str = "demo";

/// Packets to judge, what is known about them, and attacks to learn names from.
pub struct Traffic {
    /// What it is, for people.
    pub name: String,
    packets: PacketBatches<Watched<Box<dyn PacketSource>>>,
    decode: DecodeConfig,
    /// The truth about the flows, where there is one.
    pub labels: Option<Labels>,
    /// Flows with their classes, from other traffic than that which is judged, to learn the names
    /// of attacks from.
    pub labelled: Option<(FlowRows, Vec<String>)>,
}

impl Traffic {
    /// Captures as one stream.
    #[must_use]
    pub fn captures(
        captures: &Captures,
        reading: &Reading,
        tidying: &Tidying,
        decode: DecodeConfig,
        labels: Option<Labels>,
    ) -> Self {
        let source: Box<dyn PacketSource> = Box::new(reading.source(captures));
        let watched = Watched::new(source, Progress::over(captures.files()));
        Self {
            name: captures.to_string(),
            packets: tidying.batches(watched, reading.decoder(decode)),
            decode,
            labels,
            labelled: None,
        }
    }

    /// The built-in synthetic traffic of a seed. The names of its attacks are to be learned from
    /// synthetic traffic of another seed.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn built_in(seed: u64) -> Result<Self, Failure> {
        let name = format!("built-in traffic (scenario {BUILT_IN}, seed {seed})");
        let (source, rules) = synthetic(seed, &name)?;
        Ok(Self {
            name,
            packets: PacketBatches::new(Watched::new(source, Progress::over(&[]))),
            decode: DecodeConfig::default(),
            labels: Some(Labels {
                rules,
                unmatched: Unmatched::Benign,
            }),
            labelled: Some(labelled(seed.wrapping_add(1))?),
        })
    }

    /// Reads, decodes and tidies everything, and hands each packet on.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn replay(
        &mut self,
        summary: &mut Summary,
        mut each: impl FnMut(&PacketMeta) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        loop {
            match self.packets.next_batch() {
                Ok(Some(batch)) => batch.iter().try_for_each(&mut each)?,
                Ok(None) => break,
                Err(error) => summary.error(&error),
            }
        }
        self.packets.source().done();
        Ok(())
    }

    /// How its packets are decoded.
    #[must_use]
    pub fn decode_config(&self) -> DecodeConfig {
        self.decode
    }

    /// Completes the account after a replay.
    pub fn account(&self, flow: &FlowCounters, summary: &mut Summary) {
        let packets = &self.packets;
        summary.count(
            &packets.source().counters(),
            &packets.decode_counters(),
            flow,
        );
        if let Some(tidied) = packets.tidy_counters() {
            summary.count_tidied(&tidied);
        }
    }
}

type Synthesized = (Box<dyn PacketSource>, LabelRules);

fn synthetic(seed: u64, name: &str) -> Result<Synthesized, Failure> {
    let made = Scenario::named(BUILT_IN, seed)
        .map_err(Failure::usage)?
        .synthesize();
    let rules = LabelRules::parse(made.truth.rules_csv().as_bytes()).map_err(Failure::usage)?;
    let source = from_reader(name, Cursor::new(made.pcap)).map_err(Failure::usage)?;
    Ok((Box::new(source), rules))
}

fn labelled(seed: u64) -> Result<(FlowRows, Vec<String>), Failure> {
    let (source, rules) = synthetic(seed, "labelled synthetic traffic")?;
    let mut meter = FeatureMeter::new(source, FeatureSet::default(), FlowConfig::default());
    let (mut flows, mut row) = (FlowRows::new(FeatureSet::default()), Vec::new());
    while let Some(flow) = meter.next_flow(&mut row).map_err(Failure::usage)? {
        flows.push(flow, &row);
        row.clear();
    }
    let classes = flows
        .flows()
        .iter()
        .map(|flow| truth(flow, &rules, Unmatched::Benign).name().to_owned())
        .collect();
    Ok((flows, classes))
}
