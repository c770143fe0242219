//! Anybody's scores, judged.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use nettraffic_eval::{Judge, ScoreColumns, ScoreTable};
use nettraffic_examples::{Failure, Output, run_tool};

/// Judge scores of any tool: areas, recall, false alarms, each class of attack, with intervals.
///
/// The table is comma-separated text; its first line names the columns. A row needs a score, higher is
/// stranger, and a label. Benign are benign, normal, 0, false and the like, unknown is left out, and
/// every other label is a class of attack, unless --positive names the one that is. Rows with more fields
/// than line 1 has names are refused, and so are those whose label is a mark for nothing: -, ?, (empty),
/// n/a, nan, null.
#[derive(Parser)]
#[command(
    name = "nettraffic-evaluate",
    version,
    arg_required_else_help = true,
    after_help = "Examples:
  printf 'score,label\\n0.1,benign\\n0.3,benign\\n0.2,scan\\n0.9,scan\\n0.8,flood\\n' | nettraffic-evaluate - --score score --label label
  nettraffic-evaluate scores.csv --score forest --score kmeans --label class --false-alarm-rate 0.001
  nettraffic-evaluate scores.csv --score anomaly --label Label --positive DDoS --group host --time start
  nettraffic-evaluate scores.csv --score anomaly --alert is_alert --label class
  nettraffic-evaluate scores.csv --score score_samples --lower-is-stranger --label y --json

Several --score columns are judged on the same rows and compared two by two (DeLong, McNemar; after
Holm for their number). With --alert, alerts are what the tool decided itself, not what a threshold
would; a tool that gives no scores is judged by --alert alone.
With --group, intervals come from drawing whole groups, since rows of one host or capture are not
independent of each other. With --time, false alarms are told by hour and day, and how soon each
class of attack is noticed.

Exit codes: 0 judged; 1 judged, but rows were refused; 2 usage, or a table that cannot be judged;
3 the results could not be written."
)]
struct Arguments {
    /// The table (CSV); - is standard input
    scores: PathBuf,
    /// Column of scores; several to compare them
    #[arg(long, value_name = "COLUMN", required_unless_present = "alert")]
    score: Vec<String>,
    /// Column of the tool's own decisions, instead of a threshold: 1 or 0, true or false, yes or no; one
    /// for each --score, in their order
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["threshold", "false_alarm_rate"])]
    alert: Vec<String>,
    /// Column that says what each row is
    #[arg(long, value_name = "COLUMN")]
    label: String,
    /// The label of attacks; all others but unknown are benign then
    #[arg(long, value_name = "NAME")]
    positive: Option<String>,
    /// Column of what rows belong together: host, capture, conversation
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// Column of times in seconds
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// Scores of at least this raise an alert
    #[arg(
        long,
        value_name = "X",
        allow_negative_numbers = true,
        conflicts_with = "false_alarm_rate"
    )]
    threshold: Option<f64>,
    /// Choose the threshold on these rows, for at most this share of false alarms
    #[arg(long, value_name = "RATE", default_value_t = 0.01)]
    false_alarm_rate: f64,
    /// Lower scores are the stranger ones; those of at most a --threshold raise an alert
    #[arg(long)]
    lower_is_stranger: bool,
    /// Draws of each bootstrap; 0 for none
    #[arg(long, value_name = "N", default_value_t = 1000,
        value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    replicates: u32,
    /// Seed of the draws
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-evaluate", || run(arguments))
}

fn run(arguments: Arguments) -> Result<bool, Failure> {
    let place = arguments.scores.display().to_string();
    let about = |error: &dyn std::fmt::Display| Failure::usage(format!("{place}: {error}"));
    let judge = match arguments.threshold {
        _ if !arguments.alert.is_empty() => Judge::by_decisions(),
        Some(threshold) => Judge::at_threshold(threshold),
        None => Judge::at_false_alarm_rate(arguments.false_alarm_rate),
    };
    let judge = judge.seed(arguments.seed).replicates(arguments.replicates);

    let mut columns = ScoreColumns::new("", arguments.label);
    columns.scores = arguments.score;
    columns.alerts = arguments.alert;
    columns.positive = arguments.positive;
    columns.group = arguments.group;
    columns.time = arguments.time;
    columns.lower_is_stranger = arguments.lower_is_stranger;

    let reader = open(&arguments.scores).map_err(|error| about(&error))?;
    let table = ScoreTable::read(reader, &columns).map_err(|error| about(&error))?;
    let report = table.judge(&judge).map_err(|error| about(&error))?;
    let mut output = Output::to(None)?;
    if arguments.json {
        output.line(&serde_json::to_string(&report).map_err(Failure::usage)?)?;
    } else {
        output.line(report.to_string().trim_end())?;
    }
    output.finish()?;
    Ok(report.rows.refused_rows == 0)
}

fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    Ok(Box::new(File::open(path)?))
}
