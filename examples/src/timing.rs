//! How long the models of a comparison took: a page of its own, since it differs from run to run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use nettraffic_experiment::{Outcome, StudyOutcome};
use nettraffic_viz::{Better, Comparison, Fact, Measure, ModelOutcome, Study, Unit};
use serde::Deserialize;

/// How to read the figures, each with what it is about.
const READ_AS: [(&str, &str); 4] = [
    (
        "Seconds",
        "of the clock, one model at a time on as many threads as it takes, among whatever else the machine did: compare rows, \
         not pages",
    ),
    (
        "Fitting and scoring",
        "of prepared rows, all together; detectors prepare their own, and fitting them sets their threshold, too",
    ),
    (
        "Fusions of models",
        "what they add to members that were fitted before, and the members that were not; a fusion that is a detector fits its own",
    ),
    (
        "Rows scored",
        "those that are tested on, and those that thresholds are set on",
    ),
];

/// What the log of runs tells of the units of a comparison.
#[derive(Debug, Default)]
pub(crate) struct Timing {
    /// The latest fit of each unit.
    units: BTreeMap<String, UnitLine>,
    machines: BTreeSet<String>,
    last: Option<u64>,
}

/// A line of the log, of what is needed of it; older logs tell less.
#[derive(Debug, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum Line {
    Began {
        unix_seconds: u64,
        os: String,
        arch: String,
        cpu: Option<String>,
        threads: usize,
    },
    Unit(UnitLine),
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct UnitLine {
    unit: String,
    study: String,
    model: String,
    fit: Span,
    score: Span,
}

/// How long a number of rows took.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) seconds: f64,
    pub(crate) rows: u64,
}

impl Timing {
    /// Reads a log, of which only `units` count. Lines that tell nothing of times, such as those of older
    /// versions or of units that were kept, are passed over.
    pub(crate) fn read(log: &str, units: &BTreeSet<String>) -> Self {
        let mut timing = Self::default();
        let mut machine = (String::new(), 0);
        for line in log.lines() {
            match serde_json::from_str(line) {
                Ok(Line::Began {
                    unix_seconds,
                    os,
                    arch,
                    cpu,
                    threads,
                }) => {
                    let cpu = cpu.map_or_else(String::new, |cpu| format!("{cpu}, "));
                    let words = format!("{cpu}{arch}, {os}, {threads} threads");
                    machine = (words, unix_seconds);
                }
                Ok(Line::Unit(unit)) if units.contains(&unit.unit) => {
                    timing.machines.insert(machine.0.clone());
                    timing.last = timing.last.max(Some(machine.1));
                    timing.units.insert(unit.unit.clone(), unit);
                }
                _ => {}
            }
        }
        timing
    }

    /// Whether nothing is known of any unit.
    pub(crate) fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// As a page; the order is that of the outcome.
    pub(crate) fn page(&self, outcome: &Outcome) -> Comparison {
        Comparison {
            facts: self.facts(),
            studies: outcome
                .studies
                .iter()
                .map(|study| self.study(study))
                .collect(),
            ..Comparison::new(format!("{}: how long it took", outcome.title))
        }
    }

    /// As Markdown, with the same figures.
    pub(crate) fn to_markdown(&self, outcome: &Outcome) -> String {
        let page = self.page(outcome);
        let mut text = format!("# {}\n\n", page.title);
        for fact in &page.facts {
            let _ = writeln!(text, "- {}: {}", fact.name, fact.value);
        }
        for study in &page.studies {
            let _ = writeln!(text, "\n## {}\n", study.name);
            let heads = study.models.first().map_or(&[][..], |model| &model.timing);
            let heads: Vec<&str> = heads.iter().map(|measure| &*measure.name).collect();
            let _ = writeln!(
                text,
                "| model | {} |\n|---|{}",
                heads.join(" | "),
                "--:|".repeat(heads.len())
            );
            for model in &study.models {
                let cells: Vec<String> = model.timing.iter().map(Measure::describe).collect();
                let name = model.name.replace('|', "\\|");
                let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
            }
        }
        text
    }

    fn facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = READ_AS.map(|(what, words)| Fact::new(what, words)).into();
        let machines: Vec<&str> = self.machines.iter().map(String::as_str).collect();
        facts.push(Fact::new("Machine", machines.join("; ")));
        let time = i64::try_from(self.last.unwrap_or_default())
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        if let Some(time) = time {
            let time = time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
            facts.push(Fact::new("Last run that fitted a model", time));
        }
        facts
    }

    fn study(&self, study: &StudyOutcome) -> Study {
        let mut names: Vec<(&str, bool)> = (study.results.iter())
            .map(|result| (&*result.model, result.is_trivial))
            .collect();
        let mut seen = BTreeSet::new();
        names.retain(|(name, _)| seen.insert(*name));
        let models = names.into_iter().filter_map(|(name, is_trivial)| {
            let of = |unit: &&UnitLine| unit.study == study.name && unit.model == name;
            let units: Vec<&UnitLine> = self.units.values().filter(of).collect();
            (!units.is_empty()).then(|| ModelOutcome {
                is_trivial,
                timing: measures(&units),
                ..ModelOutcome::new(name)
            })
        });
        Study {
            models: models.collect(),
            ..Study::new(study.name.clone())
        }
    }
}

fn measures(units: &[&UnitLine]) -> Vec<Measure> {
    let per_second = |span: Span| (span.seconds > 0.0).then(|| span.rows as f64 / span.seconds);
    let measure = |name: &str, unit, better, value: &dyn Fn(&UnitLine) -> Option<f64>| Measure {
        values: units.iter().map(|unit| value(unit)).collect(),
        ..Measure::new(name, unit, better, Vec::new())
    };
    let fits = vec![units.len() as f64];
    vec![
        Measure::new("Fits", Unit::Count, Better::Neither, fits),
        measure("Rows fitted on", Unit::Count, Better::Neither, &|unit| {
            Some(unit.fit.rows as f64)
        }),
        measure("Fitting", Unit::Seconds, Better::Lower, &|unit| {
            Some(unit.fit.seconds)
        }),
        measure("Rows scored", Unit::Count, Better::Neither, &|unit| {
            Some(unit.score.rows as f64)
        }),
        measure("Scoring", Unit::Seconds, Better::Lower, &|unit| {
            Some(unit.score.seconds)
        }),
        measure("Scoring rate", Unit::PerSecond, Better::Higher, &|unit| {
            per_second(unit.score)
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_fit_of_each_unit_counts() {
        let unit = |unit: &str, seconds: f64| {
            format!(
                "{{\"what\":\"unit\",\"unit\":\"{unit}\",\"study\":\"s\",\"model\":\"m\",\"seconds\":9.0,\"is_kept\":false,\
                 \"fit\":{{\"seconds\":{seconds},\"rows\":10}},\"score\":{{\"seconds\":0.5,\"rows\":100}}}}"
            )
        };
        let log = [
            "{\"what\":\"began\",\"unix_seconds\":1,\"version\":\"0\",\"os\":\"linux\",\"arch\":\"x\",\"cpu\":null,\"threads\":2}".to_owned(),
            unit("one", 1.0),
            unit("one", 3.0),
            unit("two", 5.0),
            unit("of another plan", 9.0),
            // Kept, by an older version, cut short.
            "{\"what\":\"unit\",\"unit\":\"one\",\"study\":\"s\",\"model\":\"m\",\"seconds\":0.0,\"is_kept\":true}".to_owned(),
            "{\"what\":\"unit\",\"unit\":\"one\",\"seconds\":1.0,\"is_kept\":false}".to_owned(),
            "{\"what\":\"un".to_owned(),
        ];
        let units = ["one", "two"].map(str::to_owned).into();
        let timing = Timing::read(&log.join("\n"), &units);
        let units: Vec<&UnitLine> = timing.units.values().collect();
        let told: Vec<String> = measures(&units).iter().map(Measure::describe).collect();
        assert_eq!(
            told,
            [
                "2",
                "10",
                "4 s ± 1.41 s",
                "100",
                "500 ms ± 0 s",
                "200/s ± 0/s"
            ]
        );
        assert_eq!(timing.machines, ["x, linux, 2 threads".to_owned()].into());
        assert!(Timing::read("", &BTreeSet::new()).is_empty());
    }
}
