//! Models side by side on labelled captures, flow tables and synthetic traffic.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use nettraffic_examples::{
    Comparing, ComparisonFolder, Failure, Output, Summary, check_outputs, run_tool,
};
use nettraffic_experiment::{Attacks, Data, Outcome, Plan, Study, run};

/// Compare models on labelled captures, flow tables or synthetic traffic: how much they find, and at how
/// many false alarms.
///
/// Models learn from benign traffic alone; a forest also learns attacks, never those that it is tested
/// on. Trivial models stand beside all others, and leaks between training and test are named.
/// With a folder for the results, a comparison that was interrupted goes on where it was.
/// Without arguments it compares on built-in synthetic traffic.
#[derive(Parser)]
#[command(
    name = "nettraffic-compare",
    version,
    after_help = "Examples:
  nettraffic-compare
  nettraffic-compare --benign monday.pcap --test friday.pcap=friday.csv
  nettraffic-compare --plan examples/compare/captures.toml --root captures/ -o results/
  nettraffic-compare --plan examples/compare/nsl-kdd.toml --root tables/ --seeds 42 --models forest

A plan is a TOML file; see examples/compare/. Label rules are CSV with the columns
start,end,src,dst,proto,sport,dport,label.

The folder of results holds report.html, results.md, results.json, results.csv, classes.csv, pairs.csv and
importance.csv, which are the same however often and on how many threads they are made; timing.html, timing.md and
runs.jsonl, which tell how fast, where and when; and units/, from where an interrupted comparison goes on.

Exit codes: 0 compared; 2 usage, or an input that cannot be used; 3 the results could not
be written."
)]
struct Arguments {
    /// Benign captures, or folders of them, to learn from
    #[arg(long, num_args = 1.., value_name = "CAPTURE", requires = "test")]
    benign: Vec<PathBuf>,
    /// Labelled captures to test on, each with its label rules
    #[arg(long, num_args = 1.., value_name = "CAPTURE=RULES", requires = "benign")]
    test: Vec<String>,
    /// A file that states the whole comparison
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["benign", "test"])]
    plan: Option<PathBuf>,
    /// The folder that a plan's paths start from (default: the plan's own)
    #[arg(long, value_name = "FOLDER", requires = "plan")]
    root: Option<PathBuf>,
    /// Models, separated by commas: those of a plan by its names, else detectors
    #[arg(long, value_delimiter = ',', value_name = "MODEL,…")]
    models: Vec<String>,
    /// Seeds, separated by commas: every model is fitted once per seed
    #[arg(long, value_delimiter = ',', value_name = "SEED,…")]
    seeds: Vec<u64>,
    /// Share of benign rows that may alert (default: 0.01, or as the plan says)
    #[arg(long, value_name = "RATE")]
    false_alarm_rate: Option<f64>,
    /// Feature sets of flows, separated by commas
    #[arg(long, value_name = "SET[,SET]")]
    features: Option<String>,
    /// Write the results into this folder, and go on there when interrupted
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Fit everything again, whatever an earlier run has kept
    #[arg(long, requires = "output")]
    afresh: bool,
    /// Print the results as one JSON object, with every seed
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-compare", || compare(&arguments))
}

fn compare(arguments: &Arguments) -> Result<bool, Failure> {
    let plan = plan(arguments)?;
    let inputs = plan.data.iter().flat_map(Data::files);
    check_outputs(
        inputs.chain(&arguments.plan).map(PathBuf::as_path),
        arguments.output.iter().map(PathBuf::as_path),
    )?;
    let folder = (arguments.output.as_deref())
        .map(|folder| ComparisonFolder::open(folder, arguments.afresh))
        .transpose()?;

    let mut comparing = Comparing::new(folder.as_ref())?;
    let store = folder.as_ref().map(ComparisonFolder::store);
    let outcome = run(&plan, store, |event| comparing.tell(event)).map_err(Failure::usage)?;
    let units = comparing.finish()?;
    for (capture, account) in &outcome.captures {
        eprintln!("{}: {}", capture.display(), Summary::of(account).describe());
    }
    if let Some(folder) = &folder {
        folder.write(&outcome, &units)?;
    }
    print(&outcome, arguments.json)?;
    Ok(true)
}

fn print(outcome: &Outcome, as_json: bool) -> Result<(), Failure> {
    let mut output = Output::to(None)?;
    if as_json {
        let json = serde_json::to_string(outcome).map_err(|e| Failure::output("JSON", e))?;
        output.line(&json)?;
    } else {
        output.write(outcome.to_text().as_bytes())?;
    }
    output.finish()
}

/// What the command line asks for.
fn plan(arguments: &Arguments) -> Result<Plan, Failure> {
    let mut plan = match &arguments.plan {
        Some(path) => read_plan(path, arguments.root.as_deref())?,
        None if arguments.test.is_empty() => synthetic(),
        None => captures(arguments)?,
    };
    if !arguments.models.is_empty() {
        let unknown = plan.choose_models(&arguments.models);
        if !unknown.is_empty() {
            let names = unknown.join(", ");
            return Err(Failure::usage(format!("no study has a model {names}")));
        }
    } else if arguments.test.len() == 1 {
        eprintln!(
            "nettraffic-compare: the forest is left out: it learns the attacks of other tests, and \
             there is one test"
        );
        plan.leave_out("forest");
    }
    if !arguments.seeds.is_empty() {
        plan.seeds.clone_from(&arguments.seeds);
    }
    if let Some(rate) = arguments.false_alarm_rate {
        plan.rates = vec![rate];
        plan.studies
            .iter_mut()
            .for_each(|study| study.rates.clear());
    }
    if let Some(features) = &arguments.features {
        plan.features.clone_from(features);
    }
    Ok(plan)
}

fn read_plan(path: &Path, root: Option<&Path>) -> Result<Plan, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let plan = Plan::parse(&text).map_err(|error| wrong(&error))?;
    let root = root.or(path.parent()).unwrap_or(Path::new("."));
    Ok(plan.rooted(root))
}

/// A study on the captures of the command line.
fn captures(arguments: &Arguments) -> Result<Plan, Failure> {
    let mut data = vec![Data::benign("benign", arguments.benign.clone())];
    let mut tests: Vec<String> = Vec::new();
    for pair in &arguments.test {
        let Some((capture, labels)) = pair.split_once('=') else {
            return Err(Failure::usage(format!(
                "--test {pair}: a capture and its label rules are given as CAPTURE=RULES"
            )));
        };
        let stem = Path::new(capture)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        // Captures of one name in several folders keep their whole paths.
        let is_taken = tests.iter().any(|known| *known == stem) || stem == "benign";
        let name = if is_taken {
            capture.to_owned()
        } else {
            stem.into_owned()
        };
        data.push(Data::labelled(name.clone(), capture.into(), labels.into()));
        tests.push(name);
    }
    Ok(one_study("Comparison", "Captures", data, tests))
}

/// Usual traffic to learn from, and two runs of the same attacks among other usual traffic.
fn synthetic() -> Plan {
    let data = vec![
        Data::scenario("benign", "benign", 1),
        Data::scenario("demo-2", "demo", 2),
        Data::scenario("demo-3", "demo", 3),
    ];
    let mut plan = one_study(
        "Models on built-in synthetic traffic",
        "Synthetic office traffic with attacks",
        data,
        vec!["demo-2".to_owned(), "demo-3".to_owned()],
    );
    plan.note = "Synthetic traffic shows that the pipeline works; it says little about a real \
                 network."
        .to_owned();
    plan
}

fn one_study(title: &str, name: &str, data: Vec<Data>, tests: Vec<String>) -> Plan {
    let several = tests.len() > 1;
    let mut study = Study::new(name, vec!["benign".to_owned()], tests);
    if several {
        study.attacks = Attacks::OfOtherTests;
    }
    Plan::of(title, data, study)
}
