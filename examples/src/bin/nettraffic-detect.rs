//! Traffic in, explained alerts out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use nettraffic_capture::{DecodeConfig, Tunnels};
use nettraffic_detect::{Detector, FalseAlarmGoal};
use nettraffic_examples::{
    Captures, Detection, Failure, Labels, Output, Reading, Tidying, Traffic, UnmatchedArgument,
    check_outputs, read_detector, read_rules, run_tool,
};

/// Find unusual flows in captures, and say why they are unusual.
///
/// With a model it judges every flow. Without one it learns from the first quarter of the
/// traffic's time, says so, and judges the rest. Without a capture it runs on built-in
/// synthetic traffic, names the attacks in it, and writes nettraffic-report.html.
#[derive(Parser)]
#[command(
    name = "nettraffic-detect",
    version,
    after_help = "Examples:
  nettraffic-detect
  nettraffic-detect friday.pcap --report friday.html
  nettraffic-detect --model office.ntm captures/
  nettraffic-detect --model office.ntm friday.pcap --json > alerts.ndjson
  nettraffic-detect --model office.ntm lab.pcap --labels lab.csv --scores scores.csv

Label rules are CSV with the columns start,end,src,dst,proto,sport,dport,label; blank is any,
times are epoch seconds, the first matching row wins. Flows labelled unknown are not scored.

Exit codes: 0 all was read, whether there are alerts or not; 1 something in the input was
damaged (what could be read is judged); 2 usage, or too little traffic to learn from; 3 the
output could not be written."
)]
struct Arguments {
    /// Captures (pcap or pcapng, also compressed with gzip, zstd or xz), woven into one stream by
    /// time: files, folders, patterns such as 'taps/*.pcap'; - is standard input
    captures: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    tidying: Tidying,
    /// Without a model: tunnels to open: all, none, or some of ipip, 6in4, gre, erspan, vxlan, geneve,
    /// gtpu and teredo, separated by commas (a model opens those that it was trained with)
    #[arg(long, value_name = "KINDS", default_value_t = Tunnels::ALL, conflicts_with = "model")]
    tunnels: Tunnels,
    /// A detector that nettraffic-train wrote
    #[arg(long, value_name = "FILE.ntm", requires = "captures")]
    model: Option<PathBuf>,
    /// Ground truth to hold the verdicts against
    #[arg(long, value_name = "RULES", requires = "captures")]
    labels: Option<PathBuf>,
    /// What flows are that no rule matches
    #[arg(long, value_enum, default_value_t = UnmatchedArgument::Benign, requires = "labels")]
    unmatched: UnmatchedArgument,
    /// Write every flow with its score here, as CSV
    #[arg(long, value_name = "FILE")]
    scores: Option<PathBuf>,
    /// Write a report here
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Print one alert per line as JSON; the account goes to standard error
    #[arg(long)]
    json: bool,
    /// Without a model: share of benign flows that may alert (default: 0.01)
    #[arg(long, value_name = "RATE", conflicts_with_all = ["model", "alerts_per_day"])]
    false_alarm_rate: Option<f64>,
    /// Without a model: false alarms in a day of active time
    #[arg(long, value_name = "N", conflicts_with = "model")]
    alerts_per_day: Option<f64>,
    /// Without a model: seed of all randomness
    #[arg(long, default_value_t = 42, conflicts_with = "model")]
    seed: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-detect", || run(&arguments))
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let captures = Captures::find(&arguments.captures)?;
    let inputs = (captures.files().iter())
        .chain(&arguments.model)
        .chain(&arguments.labels);
    let outputs = arguments.scores.iter().chain(&arguments.report);
    check_outputs(inputs.map(PathBuf::as_path), outputs.map(PathBuf::as_path))?;
    let detector: Option<Detector> = arguments.model.as_deref().map(read_detector).transpose()?;
    let decode = match &detector {
        Some(detector) => detector.decode_config(),
        None => DecodeConfig::default().with_tunnels(arguments.tunnels),
    };
    let tidying = match &detector {
        Some(detector) => {
            if let Some(note) = arguments.tidying.note(detector) {
                eprintln!("{note}");
            }
            arguments.tidying.or_of(detector)
        }
        None => arguments.tidying.clone(),
    };
    let traffic = if arguments.captures.is_empty() {
        Traffic::built_in(arguments.seed)?
    } else {
        Traffic::captures(
            &captures,
            &arguments.reading,
            &tidying,
            decode,
            labels(arguments)?,
        )
    };
    let built_in = arguments.captures.is_empty();
    let report = match &arguments.report {
        None if built_in => Some(PathBuf::from("nettraffic-report.html")),
        report => report.clone(),
    };
    let goal = match (arguments.false_alarm_rate, arguments.alerts_per_day) {
        (Some(rate), _) => FalseAlarmGoal::Rate(rate),
        (None, Some(alerts)) => FalseAlarmGoal::PerDay(alerts),
        // A quarter of a capture rarely holds flows enough to show what is rarer.
        (None, None) => FalseAlarmGoal::Rate(0.01),
    };
    let scores = arguments
        .scores
        .as_deref()
        .map(|path| Output::to(Some(path)));
    Detection {
        traffic,
        scores: scores.transpose()?,
        alerts: arguments.json.then(|| Output::to(None)).transpose()?,
        report,
    }
    .run(detector, goal, arguments.seed)
}

fn labels(arguments: &Arguments) -> Result<Option<Labels>, Failure> {
    let Some(path) = &arguments.labels else {
        return Ok(None);
    };
    Ok(Some(Labels {
        rules: read_rules(path)?,
        unmatched: arguments.unmatched.into(),
    }))
}
