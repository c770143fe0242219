//! A comparison in the making: what it is at, what it leaves behind.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nettraffic_experiment::{Event, Outcome, Store};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::comparison_report::comparison_report;
use crate::timing::{Span, Timing};
use crate::{Failure, Progress, write_file};

/// Where times are written down, in the folder of results.
const LOG: &str = "runs.jsonl";
/// Between two lines where nobody watches a bar.
const PAUSE: Duration = Duration::from_secs(10);

/// The folder of results.
pub struct ComparisonFolder {
    folder: PathBuf,
    store: Store,
}

impl ComparisonFolder {
    /// The folder at `folder`, made where it is missing; what an earlier run has kept is thrown away
    /// when all is to be done `afresh`.
    ///
    /// # Errors
    /// It cannot be made or emptied.
    pub fn open(folder: &Path, afresh: bool) -> Result<Self, Failure> {
        let units = folder.join("units");
        if afresh && units.exists() {
            std::fs::remove_dir_all(&units)
                .map_err(|error| Failure::writing(units.display(), &error))?;
        }
        let store =
            Store::open(&units, program()).map_err(|error| Failure::Output(error.to_string()))?;
        Ok(Self {
            folder: folder.to_owned(),
            store,
        })
    }

    /// Where finished units are kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Writes the results; and of `units`, as [`Comparing::finish`] tells them, how long they took, as far as the log
    /// of runs knows.
    ///
    /// # Errors
    /// A file cannot be written; each is whole or as it was.
    pub fn write(&self, outcome: &Outcome, units: &BTreeSet<String>) -> Result<(), Failure> {
        self.write_results(outcome)?;
        let place = self.folder.join(LOG);
        let log =
            std::fs::read(&place).map_err(|error| Failure::writing(place.display(), &error))?;
        let timing = Timing::read(&String::from_utf8_lossy(&log), units);
        if timing.is_empty() {
            return Ok(());
        }
        let pages = [
            ("timing.html", timing.page(outcome).to_html()),
            ("timing.md", timing.to_markdown(outcome)),
        ];
        for (name, contents) in pages {
            let place = self.folder.join(name);
            write_file(&place, |file| file.write_all(contents.as_bytes()))?;
        }
        Ok(())
    }

    /// What is the same however often it is made.
    fn write_results(&self, outcome: &Outcome) -> Result<(), Failure> {
        let mut json = serde_json::to_string_pretty(outcome)
            .map_err(|error| Failure::output("JSON", error))?;
        json.push('\n');
        for (name, contents) in [
            ("results.md", outcome.to_markdown().into_bytes()),
            ("results.json", json.into_bytes()),
            ("results.csv", outcome.results_csv()),
            ("classes.csv", outcome.classes_csv()),
            ("pairs.csv", outcome.pairs_csv()),
            ("importance.csv", outcome.importance_csv()),
            (
                "report.html",
                comparison_report(outcome).to_html().into_bytes(),
            ),
        ] {
            write_file(&self.folder.join(name), |file| file.write_all(&contents))?;
        }
        Ok(())
    }
}

/// Tells how far a comparison is: on a bar, or with a line now and then; and writes down how long its units took.
pub struct Comparing {
    bar: Option<Progress>,
    log: Option<Log>,
    began: Instant,
    unit: Instant,
    /// What the unit in hand is at, since when.
    at: Option<(Step, Instant)>,
    fit: Span,
    score: Span,
    named: BTreeSet<String>,
    told: Instant,
    /// Units in all, done, and of these those that were not kept from an earlier run.
    units: usize,
    done: usize,
    fitted: usize,
}

/// A line of the log.
#[derive(Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum Line<'a> {
    Began {
        unix_seconds: u64,
        version: &'a str,
        os: &'a str,
        arch: &'a str,
        cpu: Option<String>,
        threads: usize,
    },
    Unit {
        unit: &'a str,
        study: &'a str,
        model: &'a str,
        seconds: f64,
        is_kept: bool,
        /// Of a unit that was fitted.
        #[serde(skip_serializing_if = "Option::is_none")]
        fit: Option<Span>,
        #[serde(skip_serializing_if = "Option::is_none")]
        score: Option<Span>,
    },
    Ended {
        unix_seconds: u64,
        seconds: f64,
    },
}

/// What takes time in a unit.
#[derive(Clone, Copy)]
enum Step {
    Fitting,
    Scoring,
}

/// Where times are written down.
struct Log {
    place: PathBuf,
    file: File,
    failed: Option<std::io::Error>,
}

impl Comparing {
    /// Begins; times go to `runs.jsonl` in the folder of results.
    ///
    /// # Errors
    /// That file cannot be written.
    pub fn new(folder: Option<&ComparisonFolder>) -> Result<Self, Failure> {
        let mut log = folder
            .map(|folder| Log::open(folder.folder.join(LOG)))
            .transpose()?;
        if let Some(log) = &mut log {
            log.line(&Line::Began {
                unix_seconds: unix_seconds(),
                version: env!("CARGO_PKG_VERSION"),
                os: std::env::consts::OS,
                arch: std::env::consts::ARCH,
                cpu: cpu(),
                threads: std::thread::available_parallelism().map_or(1, usize::from),
            });
        }
        let now = Instant::now();
        Ok(Self {
            bar: None,
            log,
            began: now,
            unit: now,
            at: None,
            fit: Span::default(),
            score: Span::default(),
            named: BTreeSet::new(),
            told: now,
            units: 0,
            done: 0,
            fitted: 0,
        })
    }

    /// Takes in what the comparison is at.
    pub fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Reading(data) => self.say(&format!("reading {data}")),
            Event::Planned(units) => {
                self.units = units;
                self.began = Instant::now();
                if std::io::stderr().is_terminal() {
                    self.bar = Some(Progress::over_steps(units as u64));
                }
            }
            Event::Began(unit) => {
                self.unit = Instant::now();
                (self.at, self.fit, self.score) = (None, Span::default(), Span::default());
                match &self.bar {
                    Some(bar) => bar.step(unit),
                    None => self.say(unit),
                }
            }
            Event::Fitting(rows) => self.step(Some((Step::Fitting, rows))),
            Event::Scoring(rows) => self.step(Some((Step::Scoring, rows))),
            Event::Scored => self.step(None),
            Event::Done {
                unit,
                study,
                model,
                is_kept,
            } => {
                self.step(None);
                self.done += 1;
                self.fitted += usize::from(!is_kept);
                self.named.insert(unit.to_owned());
                let seconds = self.unit.elapsed().as_secs_f64();
                if let Some(log) = &mut self.log {
                    log.line(&Line::Unit {
                        unit,
                        study,
                        model,
                        seconds,
                        is_kept,
                        fit: (!is_kept).then_some(self.fit),
                        score: (!is_kept).then_some(self.score),
                    });
                }
            }
            _ => {}
        }
    }

    /// Counts the time of the step that ends to what it was, and begins another.
    fn step(&mut self, next: Option<(Step, u64)>) {
        let now = Instant::now();
        if let Some((step, since)) = self.at.take() {
            self.span(step).seconds += now.duration_since(since).as_secs_f64();
        }
        if let Some((step, rows)) = next {
            // Of a fusion its own, which come after those of its members.
            self.span(step).rows = rows;
            self.at = Some((step, now));
        }
    }

    fn span(&mut self, step: Step) -> &mut Span {
        match step {
            Step::Fitting => &mut self.fit,
            Step::Scoring => &mut self.score,
        }
    }

    /// Ends; gives the names of all units that were done.
    ///
    /// # Errors
    /// Times could not be written down.
    pub fn finish(mut self) -> Result<BTreeSet<String>, Failure> {
        let seconds = self.began.elapsed().as_secs_f64();
        let Some(mut log) = self.log.take() else {
            return Ok(self.named);
        };
        let unix_seconds = unix_seconds();
        log.line(&Line::Ended {
            unix_seconds,
            seconds,
        });
        match log.failed {
            Some(error) => Err(Failure::writing(log.place.display(), &error)),
            None => Ok(self.named),
        }
    }

    /// A line on standard error, if the last one is long enough ago.
    fn say(&mut self, what: &str) {
        if self.told.elapsed() < PAUSE || std::io::stderr().is_terminal() {
            return;
        }
        self.told = Instant::now();
        let left = self.left().map_or_else(String::new, |left| {
            format!(", about {} left", in_words(left))
        });
        eprintln!(
            "nettraffic-compare: {} of {} units{left}: {what}",
            self.done, self.units
        );
    }

    /// The time to go, if what is left is as slow as what was fitted.
    fn left(&self) -> Option<Duration> {
        let of_one = self
            .began
            .elapsed()
            .checked_div(u32::try_from(self.fitted).ok()?)?;
        of_one.checked_mul(u32::try_from(self.units.saturating_sub(self.done)).ok()?)
    }
}

impl Log {
    fn open(place: PathBuf) -> Result<Self, Failure> {
        let file = File::options().create(true).append(true).open(&place);
        let file = file.map_err(|error| Failure::writing(place.display(), &error))?;
        Ok(Self {
            place,
            file,
            failed: None,
        })
    }

    /// Writes a line at once; the first error is kept for the end.
    fn line(&mut self, line: &Line<'_>) {
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::other)
            .and_then(|line| writeln!(self.file, "{line}"));
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }
}

/// A digest of this very program: another build may compute other scores.
fn program() -> String {
    let bytes = std::env::current_exe()
        .and_then(std::fs::read)
        .unwrap_or_default();
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// What the processor calls itself, where the system says so.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn in_words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=99 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}
