//! Models side by side on labelled captures and tables.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use nettraffic_examples::{
    Failure, Output, Progress, Summary, check_outputs, run_tool, write_file,
};
use nettraffic_experiment::tables::TableStudy;
use nettraffic_experiment::{Plan, Study, Test, run};
use nettraffic_synth::Scenario;

/// Compare models on labelled captures or flow tables: how much they find, and at how many false
/// alarms.
///
/// Models learn from benign traffic alone; on captures the forest also learns the attacks of the
/// other tests, never those of the capture that it is tested on. Without arguments it compares on
/// built-in synthetic traffic.
#[derive(Parser)]
#[command(
    name = "nettraffic-compare",
    version,
    after_help = "Examples:
  nettraffic-compare
  nettraffic-compare --benign monday.pcap --test friday.pcap=friday.csv
  nettraffic-compare --plan examples/compare/captures.toml --root captures/ -o results.md
  nettraffic-compare --plan examples/compare/tables.toml --root tables/ --seeds 42 --models forest

A plan is a TOML file; see examples/compare/. Label rules are CSV with the columns
start,end,src,dst,proto,sport,dport,label.

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
    /// Models, separated by commas; on tables by the names that the plan gives them
    #[arg(long, value_delimiter = ',', value_name = "MODEL,…")]
    models: Vec<String>,
    /// Seeds, separated by commas: every model is trained once per seed
    #[arg(long, value_delimiter = ',', value_name = "SEED,…")]
    seeds: Vec<u64>,
    /// Share of benign flows that may alert (default: 0.01, or as the plan says)
    #[arg(long, value_name = "RATE")]
    false_alarm_rate: Option<f64>,
    /// Feature sets, separated by commas
    #[arg(long, value_name = "SET[,SET]")]
    features: Option<String>,
    /// Write the results here as Markdown instead of printing them
    #[arg(short, long, value_name = "FILE.md")]
    output: Option<PathBuf>,
    /// Print the results as one JSON object, with every seed
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-compare", || compare(&arguments))
}

fn compare(arguments: &Arguments) -> Result<bool, Failure> {
    // Lives as long as the run that reads what lies in it.
    let mut built_in = None;
    let mut plan = match &arguments.plan {
        Some(path) => read_plan(path, arguments.root.as_deref())?,
        None if arguments.test.is_empty() => synthetic(built_in.insert(folder()?).path())?,
        None => Plan::of("Comparison", study(arguments)?),
    };
    if !arguments.models.is_empty() {
        plan.choose_models(&arguments.models);
    } else if arguments.test.len() == 1 {
        eprintln!(
            "nettraffic-compare: the forest is left out: it learns the attacks of other tests, and \
             there is one test"
        );
        plan.models.retain(|model| model != "forest");
    }
    if !arguments.seeds.is_empty() {
        plan.seeds.clone_from(&arguments.seeds);
    }
    if let Some(rate) = arguments.false_alarm_rate {
        plan.false_alarm_rate = rate;
        plan.tables
            .iter_mut()
            .for_each(|table| table.rates = vec![rate]);
    }
    if let Some(features) = &arguments.features {
        plan.features.clone_from(features);
    }

    let studies = plan.studies.iter();
    let inputs = studies.flat_map(|study| {
        let tests = study
            .tests
            .iter()
            .flat_map(|test| [&test.capture, &test.labels]);
        study.benign.iter().chain(tests)
    });
    let inputs = inputs.chain(plan.tables.iter().flat_map(TableStudy::files));
    check_outputs(
        inputs.chain(&arguments.plan).map(PathBuf::as_path),
        arguments.output.iter().map(PathBuf::as_path),
    )?;

    let progress = Progress::over_steps(plan.steps() as u64);
    let outcome = run(&plan, |step| progress.step(step)).map_err(Failure::usage)?;
    drop(progress);
    for (capture, account) in &outcome.captures {
        eprintln!("{}: {}", capture.display(), Summary::of(account).describe());
    }
    if let Some(path) = &arguments.output {
        write_file(path, |file| {
            file.write_all(outcome.to_markdown().as_bytes())
        })?;
    }
    let mut output = Output::to(None)?;
    if arguments.json {
        let json = serde_json::to_string(&outcome).map_err(|e| Failure::output("JSON", e))?;
        output.line(&json)?;
    } else if arguments.output.is_none() {
        output.write(outcome.to_markdown().as_bytes())?;
    }
    output.finish()?;
    Ok(true)
}

fn read_plan(path: &Path, root: Option<&Path>) -> Result<Plan, Failure> {
    let wrong =
        |error: &dyn std::fmt::Display| Failure::usage(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let plan = Plan::parse(&text).map_err(|error| wrong(&error))?;
    let root = root.or(path.parent()).unwrap_or(Path::new("."));
    Ok(plan.rooted(root))
}

fn study(arguments: &Arguments) -> Result<Study, Failure> {
    let tests = arguments
        .test
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((capture, labels)) => Ok(Test::new(capture.into(), labels.into())),
            None => Err(Failure::usage(format!(
                "--test {pair}: a capture and its label rules are given as CAPTURE=RULES"
            ))),
        })
        .collect::<Result<_, _>>()?;
    Ok(Study::new("Captures", arguments.benign.clone(), tests))
}

fn folder() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir().map_err(|error| Failure::output("a temporary folder", error))
}

/// Usual traffic to learn from, and two runs of the same attacks among other usual traffic.
fn synthetic(folder: &Path) -> Result<Plan, Failure> {
    let write = |name: &str, seed: u64| {
        let capture = folder.join(format!("{name}-{seed}.pcap"));
        let labels = folder.join(format!("{name}-{seed}.csv"));
        let made = Scenario::named(name, seed)
            .map_err(Failure::usage)?
            .synthesize();
        std::fs::write(&capture, &made.pcap)
            .and_then(|()| std::fs::write(&labels, made.truth.rules_csv()))
            .map_err(|error| Failure::output(folder.display(), error))?;
        Ok((capture, labels))
    };
    let (benign, _) = write("benign", 1)?;
    let tests = [2, 3]
        .into_iter()
        .map(|seed| write("demo", seed).map(|(capture, labels)| Test::new(capture, labels)))
        .collect::<Result<_, Failure>>()?;
    let mut plan = Plan::of(
        "Models on built-in synthetic traffic",
        Study::new("Synthetic office traffic with attacks", vec![benign], tests),
    );
    plan.note = "Synthetic traffic shows that the pipeline works; it says little about a real \
                 network."
        .to_owned();
    Ok(plan)
}
