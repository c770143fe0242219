//! Detectors over time: what they are, whether they still fit, and what replaces them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use nettraffic_detect::{
    BENIGN, Canaries, Decision, DetectError, Detector, DriftMonitor, DriftReport, Labelled,
    Metrics, ModelCard, ModelStore, Update,
};
use nettraffic_examples::{
    Collector, DatedRelease, Failure, FoundCanaries, Output, Promotion, Reading, Tidying,
    UnmatchedArgument, card_page, check_outputs, describe_drift, describe_trial, read_detector,
    rules_json, run_tool, write_file,
};
use serde::Serialize;

/// Fewer flows say too little about how traffic is now.
const LEAST_FLOWS: usize = 50;

/// Look after detectors: print their cards, see whether traffic has drifted away from them, train
/// successors, go back.
///
/// A folder of models holds current.ntm, which serves, the last five releases as 0001.ntm and so
/// on, and canaries.ntc, the attacks that every successor must still find.
#[derive(Parser)]
#[command(
    name = "nettraffic-models",
    version,
    after_help = "Examples:
  nettraffic-models card office.ntm
  nettraffic-models card office.ntm --report office.html
  nettraffic-models promote models/ office.ntm --labelled lab.pcap --labels lab.csv
  nettraffic-models rules office.ntm --traffic friday.pcap
  nettraffic-models check models/current.ntm --benign today.pcap
  nettraffic-models update models/ --benign last-week/*.pcap
  nettraffic-models update models/ --benign last-week/*.pcap --known other-lab.pcap --known-labels other-lab.csv
  nettraffic-models history models/
  nettraffic-models rollback models/

Exit codes: 0 done, whether there is drift, or a successor, or not; 1 something in the input was
damaged; 2 usage, a damaged model, or too little to learn from; 3 the output could not be written."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON object
    #[arg(long, global = true)]
    json: bool,
    /// Do not print the account of what was read on standard error
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Print a detector's card: what it learned from and what it promises (Markdown)
    Card {
        /// The detector
        model: PathBuf,
        /// Measure it on labelled captures that it did not learn from
        #[command(flatten)]
        labelled: LabelledCaptures,
        /// Write the card as a page to look at, too
        #[arg(long, value_name = "FILE.html")]
        report: Option<PathBuf>,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        tidying: Tidying,
    },
    /// Print a few rules that decide nearly as a detector does on some traffic
    ///
    /// They show what it pays heed to. Give it traffic that holds alerts; how far the rules agree with the
    /// detector stands above them.
    Rules {
        /// The detector
        model: PathBuf,
        /// Captures to decide on
        #[arg(long, num_args = 1.., value_name = "CAPTURE", required = true)]
        traffic: Vec<PathBuf>,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        tidying: Tidying,
    },
    /// Say whether recent traffic still looks like what a detector learned from
    Check {
        /// The detector
        model: PathBuf,
        /// Captures of recent traffic without known attacks
        #[arg(long, num_args = 1.., value_name = "CAPTURE", required = true)]
        benign: Vec<PathBuf>,
        /// Write the detector's card with the drift as a page to look at, too
        #[arg(long, value_name = "FILE.html")]
        report: Option<PathBuf>,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        tidying: Tidying,
    },
    /// Make a detector the serving one of a folder
    ///
    /// It is tried on the canaries first. Where it finds fewer of a class than the serving one does (below the
    /// 95 % interval of its share), nothing is changed.
    Promote {
        /// The folder, made when it is not there
        folder: PathBuf,
        /// The detector
        model: PathBuf,
        /// Labelled captures whose attacks every successor must find
        #[command(flatten)]
        canaries: LabelledCaptures,
        /// Promote also when it finds fewer canaries than the serving one
        #[arg(long)]
        even_if_worse: bool,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        tidying: Tidying,
    },
    /// Train a successor on recent traffic; it replaces the serving detector if it is not worse
    ///
    /// It learns the traffic as usual, attacks in it too. Where the serving detector raises more alarms
    /// there than it promised, the successor is not taken unless --even-if-unusual says that
    /// somebody has looked at them.
    Update {
        /// The folder
        folder: PathBuf,
        /// Captures of recent traffic without known attacks
        #[arg(long, num_args = 1.., value_name = "CAPTURE", required = true)]
        benign: Vec<PathBuf>,
        /// Labelled captures whose attacks it must find, instead of those that the folder keeps
        #[command(flatten)]
        canaries: LabelledCaptures,
        #[command(flatten)]
        known: KnownCaptures,
        /// Replace also when the traffic raises more alarms than the serving detector promised: they
        /// were looked at, and are no attacks
        #[arg(long)]
        even_if_unusual: bool,
        /// Compare only, replace nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        tidying: Tidying,
    },
    /// Make the release before the serving one serve again
    Rollback {
        /// The folder
        folder: PathBuf,
    },
    /// List the releases that are kept
    History {
        /// The folder
        folder: PathBuf,
    },
}

#[derive(Args)]
struct LabelledCaptures {
    /// Labelled captures (pcap or pcapng): their attacks, and for a card their benign flows too
    #[arg(long, num_args = 1.., value_name = "CAPTURE", requires = "labels")]
    labelled: Vec<PathBuf>,
    /// Label rules: one file per labelled capture, in their order
    #[arg(long, num_args = 1.., value_name = "RULES", requires = "labelled")]
    labels: Vec<PathBuf>,
    /// What flows of labelled captures are that no rule matches
    #[arg(long, value_enum, default_value_t = UnmatchedArgument::Benign)]
    unmatched: UnmatchedArgument,
}

/// What a successor learns attacks from: other captures than the canaries, since it finds what it
/// learned from anyway.
#[derive(Args)]
struct KnownCaptures {
    /// Labelled captures to learn known attacks from, needed when the serving detector knows attacks;
    /// not those of --labelled here or at promote: it finds what it learned from anyway
    #[arg(long, num_args = 1.., value_name = "CAPTURE", requires = "known_labels")]
    known: Vec<PathBuf>,
    /// Label rules: one file per capture of --known, in their order
    #[arg(long, num_args = 1.., value_name = "RULES", requires = "known")]
    known_labels: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    run_tool("nettraffic-models", || run(&arguments))
}

fn run(arguments: &Arguments) -> Result<bool, Failure> {
    let Arguments { json, quiet, .. } = *arguments;
    match &arguments.command {
        Command::Card {
            model,
            labelled,
            report,
            reading,
            tidying,
        } => {
            check_page(report.as_deref(), model)?;
            let detector = read_detector(model)?;
            let mut collector = Collector::of(&detector, reading, tidying).quiet(quiet);
            let mut card = detector.card();
            if let Some((flows, classes)) = labelled.read(&mut collector)? {
                let flows = Labelled {
                    flows: &flows,
                    classes: &classes,
                };
                let metrics = Metrics::of(&detector, flows, labelled.name());
                card = card.with_metrics(metrics.map_err(Failure::usage)?);
            }
            write_page(report.as_deref(), model, &detector, &card, None)?;
            print(json, &card, || card.to_markdown())?;
            Ok(collector.is_sound())
        }
        Command::Check {
            model,
            benign,
            report: page,
            reading,
            tidying,
        } => {
            check_page(page.as_deref(), model)?;
            let detector = read_detector(model)?;
            let mut collector = Collector::of(&detector, reading, tidying).quiet(quiet);
            let flows = collector.flows(benign)?;
            if flows.len() < LEAST_FLOWS {
                return Err(Failure::usage(format!(
                    "{} recent flows are too few to tell drift from chance: at least {LEAST_FLOWS} are needed",
                    flows.len()
                )));
            }
            let detector = Arc::new(detector);
            let mut monitor = DriftMonitor::new(Arc::clone(&detector));
            monitor.push(&flows).map_err(Failure::usage)?;
            let report = monitor.report();
            write_page(
                page.as_deref(),
                model,
                &detector,
                &detector.card(),
                Some(&report),
            )?;
            print(json, &report, || describe_drift(&report))?;
            Ok(collector.is_sound())
        }
        Command::Rules {
            model,
            traffic,
            reading,
            tidying,
        } => {
            let detector = read_detector(model)?;
            let mut collector = Collector::of(&detector, reading, tidying).quiet(quiet);
            let flows = collector.flows(traffic)?;
            let rules = detector.rules(&flows).map_err(Failure::usage)?;
            print(json, &rules_json(&rules), || rules.to_string())?;
            Ok(collector.is_sound())
        }
        Command::Promote {
            folder,
            model,
            canaries,
            even_if_worse,
            reading,
            tidying,
        } => {
            let detector = read_detector(model)?;
            let mut collector = Collector::of(&detector, reading, tidying).quiet(quiet);
            let given = canaries.read_canaries(&mut collector)?;
            let store = made(folder)?;
            let kept = match given {
                Some(_) => None,
                None => store.canaries().map_err(|error| about(folder, &error))?,
            };
            let found = match given.as_ref().or(kept.as_ref()) {
                // A serving one that is damaged finds nothing.
                Some(canaries) => {
                    FoundCanaries::of(canaries, &detector, store.current().ok().flatten().as_ref())?
                }
                None => Vec::new(),
            };
            let worse: Vec<String> = (found.iter().filter(|found| found.is_worse()))
                .map(FoundCanaries::describe)
                .collect();
            if !worse.is_empty() && !even_if_worse {
                return Err(Failure::usage(format!(
                    "it finds fewer attacks than the serving one, and nothing was changed:\n  {}\npromote it all the same with \
                     --even-if-worse",
                    worse.join("\n  ")
                )));
            }
            if let Some(canaries) = &given {
                store.store_canaries(canaries).map_err(Failure::usage)?;
            }
            let release = (store.promote(&detector)).map_err(|error| about(folder, &error))?;
            let promotion = Promotion::new(release, found);
            print(json, &promotion, || promotion.describe())?;
            Ok(collector.is_sound())
        }
        Command::Update {
            folder,
            benign,
            canaries: labelled,
            known,
            even_if_unusual,
            dry_run,
            reading,
            tidying,
        } => {
            let store = open(folder)?;
            let serving = serving(&store)?;
            let mut collector = Collector::of(&serving, reading, tidying).quiet(quiet);
            let canaries = match labelled.read_canaries(&mut collector)? {
                Some(given) => Some(given),
                None => store.canaries().map_err(|error| about(folder, &error))?,
            };
            let (known, known_classes) =
                collector.labelled(&known.known, &known.known_labels, labelled.unmatched.into())?;
            let recent = collector.flows(benign)?;
            let mut update = Update::new(&serving, &recent);
            if !known.is_empty() {
                update = update.labelled(Labelled {
                    flows: &known,
                    classes: &known_classes,
                });
            }
            if *even_if_unusual {
                update = update.even_if_unusual();
            }
            if let Some(canaries) = &canaries {
                update = update.canaries(canaries);
            }
            let trial = update.run().map_err(Failure::usage)?;
            if trial.decision == Decision::Replace && !dry_run {
                store.promote(&trial.successor).map_err(Failure::usage)?;
            }
            print(json, &trial, || describe_trial(&trial, *dry_run))?;
            Ok(collector.is_sound())
        }
        Command::Rollback { folder } => {
            let release = (open(folder)?.rollback()).map_err(|error| about(folder, &error))?;
            let release = DatedRelease::of(release);
            print(json, &release, || release.describe())?;
            Ok(true)
        }
        Command::History { folder } => {
            let store = open(folder)?;
            let history = store.history().map_err(|error| about(folder, &error))?;
            let history: Vec<DatedRelease> = history.into_iter().map(DatedRelease::of).collect();
            print(json, &history, || {
                let lines: Vec<String> = history.iter().map(DatedRelease::describe).collect();
                lines.join("\n")
            })?;
            let damage = store.current().err();
            if let Some(error) = &damage {
                eprintln!(
                    "{}: {error}; rollback puts the latest release in its place",
                    store.current_path().display()
                );
            }
            Ok(damage.is_none())
        }
    }
}

impl LabelledCaptures {
    /// The flows with their classes, when any were named.
    fn read(
        &self,
        collector: &mut Collector<'_>,
    ) -> Result<Option<(nettraffic_detect::FlowRows, Vec<String>)>, Failure> {
        if self.labelled.is_empty() {
            return Ok(None);
        }
        let read = collector.labelled(&self.labelled, &self.labels, self.unmatched.into());
        read.map(Some)
    }

    fn read_canaries(&self, collector: &mut Collector<'_>) -> Result<Option<Canaries>, Failure> {
        let Some((flows, classes)) = self.read(collector)? else {
            return Ok(None);
        };
        if classes.iter().all(|class| class == BENIGN) {
            return Err(Failure::usage(
                "by the label rules no flow of the labelled captures is an attack: nothing was changed",
            ));
        }
        let canaries = Canaries::new(Labelled {
            flows: &flows,
            classes: &classes,
        });
        canaries.map(Some).map_err(Failure::usage)
    }

    fn name(&self) -> String {
        let names: Vec<String> = (self.labelled.iter())
            .map(|path| path.display().to_string())
            .collect();
        names.join(", ")
    }
}

/// The store in a folder that must be there.
fn open(folder: &Path) -> Result<ModelStore, Failure> {
    if !folder.is_dir() {
        return Err(Failure::usage(format!(
            "{}: is no folder",
            folder.display()
        )));
    }
    made(folder)
}

/// The store in a folder that is made when it is not there.
fn made(folder: &Path) -> Result<ModelStore, Failure> {
    let failed = |error: DetectError| Failure::output(folder.display(), error);
    ModelStore::open(folder).map_err(failed)
}

/// What is wrong with something in a folder.
fn about(folder: &Path, error: &DetectError) -> Failure {
    Failure::usage(format!("{}: {error}", folder.display()))
}

fn serving(store: &ModelStore) -> Result<Detector, Failure> {
    let path = store.current_path();
    let about =
        |what: &dyn std::fmt::Display| Failure::usage(format!("{}: {what}", path.display()));
    let current = (store.current()).map_err(|error| {
        about(&format!(
            "{error}; rollback puts the latest release in its place"
        ))
    })?;
    current.ok_or_else(|| about(&"not there; promote a model first"))
}

fn print(
    json: bool,
    value: &impl Serialize,
    words: impl FnOnce() -> String,
) -> Result<(), Failure> {
    let mut output = Output::to(None)?;
    if json {
        output.line(&serde_json::to_string(value).map_err(Failure::usage)?)?;
    } else {
        output.line(words().trim_end())?;
    }
    output.finish()
}

/// Refuses to write a page over the detector.
fn check_page(page: Option<&Path>, model: &Path) -> Result<(), Failure> {
    check_outputs([model], page)
}

/// Writes a card as a page, where that was asked for.
fn write_page(
    page: Option<&Path>,
    model: &Path,
    detector: &Detector,
    card: &ModelCard,
    drift: Option<&DriftReport>,
) -> Result<(), Failure> {
    page.map_or(Ok(()), |path| {
        let page = card_page(model, detector, card, drift);
        write_file(path, |file| page.write_html(file))
    })
}
