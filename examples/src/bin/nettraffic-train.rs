//! Captures of usual traffic in, a detector out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nettraffic_capture::{DecodeConfig, Tunnels};
use nettraffic_detect::{FalseAlarmGoal, FlowRows, Labelled, ModelKind, Training};
use nettraffic_eval::{Truth, Unmatched};
use nettraffic_examples::{
    Captures, Failure, Output, Progress, Reading, Summary, UnmatchedArgument, check_outputs,
    read_rules, run_tool, save_detector,
};
use nettraffic_experiment::{read_flows, truth};
use nettraffic_features::FeatureSet;

/// Train a detector on captures of benign traffic, of labelled traffic, or of both.
///
/// The threshold is set on benign flows that the scoring model has not seen, so that it keeps
/// the false alarms to what was asked for. Each capture is cut into flows by itself; the files
/// of a folder or of a pattern are one capture, woven together by time.
#[derive(Parser)]
#[command(
    name = "nettraffic-train",
    version,
    after_help = "Examples:
  nettraffic-train --benign monday.pcap tuesday.pcap -o office.ntm
  nettraffic-train --benign monday.pcap --model autoencoder --false-alarm-rate 0.001 -o office.ntm
  nettraffic-train --labelled lab.pcap --labels lab.csv --model forest -o lab.ntm

Label rules are CSV with the columns start,end,src,dst,proto,sport,dport,label; blank is any,
times are epoch seconds, the first matching row wins.

Exit codes: 0 trained; 1 something in the input was damaged (it was trained on what could be
read); 2 usage, or too little to learn from; 3 the detector could not be written."
)]
struct Arguments {
    /// Captures of benign traffic (pcap or pcapng, also compressed with gzip, zstd or xz): files,
    /// folders, patterns such as 'monday/*.pcap'; - is standard input
    #[arg(long, num_args = 1.., value_name = "CAPTURE", required_unless_present = "labelled")]
    benign: Vec<PathBuf>,
    /// Labelled captures, named in the same ways: their benign flows are learned as usual, their
    /// attacks as known attacks
    #[arg(long, num_args = 1.., value_name = "CAPTURE", requires = "labels")]
    labelled: Vec<PathBuf>,
    /// Label rules: one file per labelled capture, in their order
    #[arg(long, num_args = 1.., value_name = "RULES", requires = "labelled")]
    labels: Vec<PathBuf>,
    /// What flows of labelled captures are that no rule matches
    #[arg(long, value_enum, default_value_t = UnmatchedArgument::Benign)]
    unmatched: UnmatchedArgument,
    #[command(flatten)]
    reading: Reading,
    /// Tunnels to open: all, none, or some of ipip, 6in4, gre, erspan, vxlan, geneve, gtpu and teredo,
    /// separated by commas
    #[arg(long, value_name = "KINDS", default_value_t = Tunnels::ALL)]
    tunnels: Tunnels,
    /// The model that scores: kmeans, forest (needs labelled attacks) or autoencoder
    #[arg(long, default_value = "fusion")]
    model: String,
    /// Seed of all randomness
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Share of benign flows that may alert
    #[arg(long, value_name = "RATE", conflicts_with = "alerts_per_day")]
    false_alarm_rate: Option<f64>,
    /// False alarms in a day of active time (default: 10)
    #[arg(long, value_name = "N")]
    alerts_per_day: Option<f64>,
    /// Feature sets, separated by commas (default: basic,length,timing,tcp,context)
    #[arg(long, value_name = "SET[,SET]")]
    features: Option<String>,
    /// Write the detector here
    #[arg(short, long, value_name = "FILE.ntm")]
    output: PathBuf,
    /// Print what was trained as one JSON object
    #[arg(long)]
    json: bool,
    /// Do not print the account of what was read on standard error
    #[arg(short, long)]
    quiet: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-train", || run(&arguments))
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let benign = Captures::find(&arguments.benign)?;
    let labelled = Captures::find(&arguments.labelled)?;
    let inputs = (benign.files().iter())
        .chain(labelled.files())
        .chain(&arguments.labels);
    check_outputs(inputs.map(PathBuf::as_path), [arguments.output.as_path()])?;
    if arguments.labels.len() != arguments.labelled.len() {
        return Err(Failure::usage(format!(
            "{} labelled captures need as many files of label rules, {} were given",
            arguments.labelled.len(),
            arguments.labels.len()
        )));
    }
    let training = training(arguments)?;
    let mut learned = Learned::new(arguments)?;
    let progress = Progress::steps();
    for path in &arguments.benign {
        progress.step(&format!("reading {}", path.display()));
        learned.benign(path, &progress)?;
    }
    for (path, labels) in arguments.labelled.iter().zip(&arguments.labels) {
        progress.step(&format!("reading {}", path.display()));
        learned.labelled(path, labels, arguments.unmatched.into(), &progress)?;
    }

    progress.step("training");
    let attacks = (!learned.attacks.is_empty()).then_some(Labelled {
        flows: &learned.attacks,
        classes: &learned.classes,
    });
    let detector = training
        .fit(&learned.benign, attacks)
        .map_err(Failure::usage)?;
    drop(progress);
    save_detector(&detector, &arguments.output)?;
    if arguments.json {
        let mut output = Output::to(None)?;
        output.line(&nettraffic_examples::detector_json(&detector))?;
        output.finish()?;
    } else {
        eprintln!(
            "{}\nwritten to {}",
            nettraffic_examples::describe_detector(&detector),
            arguments.output.display()
        );
    }
    Ok(!learned.damaged)
}

fn training(arguments: &Arguments) -> Result<Training, Failure> {
    let model = ModelKind::named(&arguments.model).ok_or_else(|| {
        Failure::usage(format!(
            "there is no model {:?}, only {}",
            arguments.model,
            ModelKind::ALL.map(ModelKind::name).join(", ")
        ))
    })?;
    let goal = match (arguments.false_alarm_rate, arguments.alerts_per_day) {
        (Some(rate), _) => FalseAlarmGoal::Rate(rate),
        (None, Some(alerts)) => FalseAlarmGoal::PerDay(alerts),
        (None, None) => FalseAlarmGoal::default(),
    };
    Ok(Training::new(model)
        .seed(arguments.seed)
        .goal(goal)
        .decode_config(decode_config(arguments)))
}

fn decode_config(arguments: &Arguments) -> DecodeConfig {
    DecodeConfig::default().with_tunnels(arguments.tunnels)
}

/// What the captures hold.
struct Learned<'a> {
    arguments: &'a Arguments,
    features: FeatureSet,
    benign: FlowRows,
    attacks: FlowRows,
    classes: Vec<String>,
    damaged: bool,
}

impl<'a> Learned<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self, Failure> {
        let features = match &arguments.features {
            Some(names) => FeatureSet::named(names).map_err(Failure::usage)?,
            None => FeatureSet::default(),
        };
        Ok(Self {
            arguments,
            benign: FlowRows::new(features.clone()),
            attacks: FlowRows::new(features.clone()),
            features,
            classes: Vec::new(),
            damaged: false,
        })
    }

    fn read(&mut self, path: &PathBuf, progress: &Progress) -> Result<FlowRows, Failure> {
        let captures = Captures::find(std::slice::from_ref(path))?;
        let reading = &self.arguments.reading;
        let decoder = reading.decoder(self.features.decode_config(decode_config(self.arguments)));
        let read = read_flows(reading.source(&captures), decoder, &self.features);
        let mut account = Summary::default();
        account.count(
            &read.account.read,
            &read.account.decoded,
            &read.account.metered,
        );
        for error in &read.errors {
            account.error(error);
        }
        self.damaged |= !account.is_sound();
        if self.arguments.quiet {
            for error in account.errors() {
                progress.note(&error);
            }
        } else {
            progress.note(&format!("{captures}: {}", account.describe()));
        }
        Ok(read.flows)
    }

    fn benign(&mut self, path: &PathBuf, progress: &Progress) -> Result<(), Failure> {
        let flows = self.read(path, progress)?;
        self.benign.extend_from(&flows);
        Ok(())
    }

    fn labelled(
        &mut self,
        path: &PathBuf,
        labels: &std::path::Path,
        unmatched: Unmatched,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let rules = read_rules(labels)?;
        let flows = self.read(path, progress)?;
        let (mut benign, mut attacks) = (Vec::new(), Vec::new());
        for (index, flow) in flows.flows().iter().enumerate() {
            match truth(flow, &rules, unmatched) {
                Truth::Benign => benign.push(index),
                Truth::Unknown => {}
                Truth::Attack(class) => {
                    attacks.push(index);
                    self.classes.push(class.to_owned());
                }
            }
        }
        self.benign.extend_from(&flows.select(&benign));
        self.attacks.extend_from(&flows.select(&attacks));
        Ok(())
    }
}
