//! Captures of usual traffic in, a detector out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nettraffic_capture::{DecodeConfig, Tunnels};
use nettraffic_detect::{BENIGN, FalseAlarmGoal, Labelled, ModelKind, Training};
use nettraffic_examples::{
    Captures, Collector, Failure, Output, Reading, Tidying, UnmatchedArgument, check_outputs,
    run_tool, save_detector,
};
use nettraffic_features::FeatureSet;
use nettraffic_flow::FlowConfig;
use nettraffic_sensor::Learning;

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
  nettraffic-train --live --benign monday.pcap -o sensor.ntm
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
    #[command(flatten)]
    tidying: Tidying,
    /// Tunnels to open: all, none, or some of ipip, 6in4, gre, erspan, vxlan, geneve, gtpu and teredo,
    /// separated by commas
    #[arg(long, value_name = "KINDS", default_value_t = Tunnels::ALL)]
    tunnels: Tunnels,
    /// The model that scores: fusion, kmeans, isolation, neighbours, histogram, autoencoder, or forest
    /// (needs labelled attacks)
    #[arg(long, default_value_t = ModelKind::default().name().to_owned())]
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
    /// For a sensor: judge flows two seconds after they begin and every minute while they last, as
    /// nettraffic-monitor does; without it they are judged when they end
    #[arg(long)]
    live: bool,
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
    let features = match &arguments.features {
        Some(names) => FeatureSet::named(names).map_err(Failure::usage)?,
        None => FeatureSet::default(),
    };
    let decode = features.decode_config(decode_config(arguments));
    let mut collector = Collector::new(features, decode, &arguments.reading, &arguments.tidying)
        .cutting(flow_config(arguments))
        .quiet(arguments.quiet);
    let mut benign = collector.flows(&arguments.benign)?;
    let (labelled, classes) = collector.labelled(
        &arguments.labelled,
        &arguments.labels,
        arguments.unmatched.into(),
    )?;
    let (usual, known): (Vec<usize>, Vec<usize>) =
        (0..labelled.len()).partition(|&index| classes[index] == BENIGN);
    benign.extend_from(&labelled.select(&usual));
    let attacks = labelled.select(&known);
    let classes: Vec<String> = known.iter().map(|&index| classes[index].clone()).collect();

    collector.step("training");
    let attacks = (!attacks.is_empty()).then_some(Labelled {
        flows: &attacks,
        classes: &classes,
    });
    let detector = training.fit(&benign, attacks).map_err(Failure::usage)?;
    let is_sound = collector.is_sound();
    drop(collector);
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
    Ok(is_sound)
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
    let training = Training::new(model)
        .seed(arguments.seed)
        .goal(goal)
        .flow_config(flow_config(arguments))
        .decode_config(decode_config(arguments))
        .tidy_config(arguments.tidying.asked());
    let is_asked = arguments.false_alarm_rate.is_some() || arguments.alerts_per_day.is_some();
    Ok(match arguments.live && !is_asked {
        // A sensor that can hardly alert is of no use, unless it was asked for.
        true => training.resolvable(),
        false => training,
    })
}

fn flow_config(arguments: &Arguments) -> FlowConfig {
    match arguments.live {
        true => Learning::flow_config(),
        false => FlowConfig::default(),
    }
}

fn decode_config(arguments: &Arguments) -> DecodeConfig {
    DecodeConfig::default().with_tunnels(arguments.tunnels)
}
