//! Models side by side in Markdown: per class of attack, and in pairs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use nettraffic_eval::{Spread, grouped};

use super::words::{bracketed, escaped, none, percent, range, short};
use crate::outcome::{ClassRun, ModelOutcome, Pair, StudyOutcome};

impl StudyOutcome {
    /// Area and recall per class of attack, a column for each model, for tests that hold several classes.
    pub(super) fn write_classes(&self, text: &mut String) {
        let mut is_first = true;
        for test in self.tests() {
            let models: Vec<&ModelOutcome> = self
                .of(test)
                .filter(|result| result.contamination == 0.0)
                .collect();
            let classes = classes(&models);
            if classes.len() < 2 {
                continue;
            }
            let rate = self.rates.first().copied().unwrap_or_default();
            if is_first {
                let _ = writeln!(
                    text,
                    "Per class of attack: ROC AUC against the benign rows / recall at {}, means. *New* classes are not trained on.\n",
                    percent(rate)
                );
                is_first = false;
            }
            let names: Vec<String> = models.iter().map(|result| escaped(&result.model)).collect();
            let head = if test.is_empty() {
                "class".to_owned()
            } else {
                format!("{}: class", escaped(test))
            };
            let _ = writeln!(
                text,
                "| {head} | rows | {} |\n|---|--:|{}",
                names.join(" | "),
                "---|".repeat(names.len())
            );
            for (class, runs) in &classes {
                let rows = range(runs.iter().flatten().map(|run| run.rows));
                let is_new = runs.iter().flatten().any(|run| run.is_unseen);
                let cells: Vec<String> = runs.iter().map(|runs| cell(runs)).collect();
                let _ = writeln!(
                    text,
                    "| {}{} | {rows} | {} |",
                    escaped(class),
                    if is_new { " (*new*)" } else { "" },
                    cells.join(" | ")
                );
            }
            text.push('\n');
        }
    }

    /// The best model of each test against every other.
    pub(super) fn write_pairs(&self, text: &mut String) {
        let mut rows = Vec::new();
        for test in self.tests() {
            let area = |result: &ModelOutcome| {
                result
                    .spread(|run| run.roc_auc.value)
                    .map(|spread| spread.mean)
            };
            let plain = self.of(test).filter(|result| result.contamination == 0.0);
            let Some((_, best)) = plain
                .filter_map(|result| Some((area(result)?, result)))
                .reduce(|best, other| if other.0 > best.0 { other } else { best })
            else {
                continue;
            };
            let pairs = self
                .pairs
                .iter()
                .filter(|pair| pair.test == test && pair.fold.is_none());
            rows.extend(pairs.filter_map(|pair| against(pair, &best.model)));
        }
        if rows.is_empty() {
            return;
        }
        text.push_str(
            "The model with the greatest mean area of each test against the others, on the same rows with the first seed: \
             difference of the areas (DeLong), and rows that only one of the two judges right at the first threshold \
             (McNemar, exact). Every *p* is corrected for the number of all pairs of models of this study (Holm).\n\n\
             | test | best | other | difference | *p* | only the best is right | only the other is right | *p* |\n\
             |---|---|---|---|---|--:|--:|---|\n",
        );
        for row in rows {
            let _ = writeln!(text, "| {} |", row.join(" | "));
        }
        text.push('\n');
    }

    fn tests(&self) -> Vec<&str> {
        let mut tests: Vec<&str> = self.results.iter().map(|result| &*result.test).collect();
        tests.dedup();
        tests
    }

    fn of<'a>(&'a self, test: &'a str) -> impl Iterator<Item = &'a ModelOutcome> {
        self.results
            .iter()
            .filter(move |result| result.test == test)
    }
}

/// The runs of each class, for each model.
fn classes<'a>(models: &[&'a ModelOutcome]) -> BTreeMap<&'a str, Vec<Vec<&'a ClassRun>>> {
    let mut classes: BTreeMap<&str, Vec<Vec<&ClassRun>>> = BTreeMap::new();
    for (place, result) in models.iter().enumerate() {
        for run in result.runs.iter().flat_map(|run| &run.classes) {
            let by_model = classes
                .entry(&run.class)
                .or_insert_with(|| vec![Vec::new(); models.len()]);
            by_model[place].push(run);
        }
    }
    classes
}

fn cell(runs: &[&ClassRun]) -> String {
    let mean = |value: fn(&ClassRun) -> Option<f64>| {
        let values: Option<Vec<f64>> = runs.iter().map(|run| value(run)).collect();
        let spread = values.and_then(|values| Spread::of(&values));
        spread.map_or_else(none, |spread| short(spread.mean))
    };
    format!(
        "{} / {}",
        mean(|run| run.roc_auc),
        mean(|run| run.recall.first().copied().flatten())
    )
}

/// The cells of a pair as the best model sees it; `None` when it is another's pair.
fn against(pair: &Pair, best: &str) -> Option<Vec<String>> {
    let is_first = pair.first == best;
    if !is_first && pair.second != best {
        return None;
    }
    let turned = |value: f64| if is_first { value } else { -value };
    let other = if is_first { &pair.second } else { &pair.first };
    let mut difference = pair
        .areas
        .difference
        .map_or_else(none, |value| short(turned(value)));
    if let Some(interval) = pair.areas.interval {
        let (low, high) = match is_first {
            true => (interval.low, interval.high),
            false => (-interval.high, -interval.low),
        };
        let interval = nettraffic_eval::Interval::new(low, high, interval.confidence);
        difference += &format!(" {}", bracketed(interval));
    }
    let (mine, theirs) = match is_first {
        true => (pair.alerts.only_first, pair.alerts.only_second),
        false => (pair.alerts.only_second, pair.alerts.only_first),
    };
    Some(vec![
        escaped(&pair.test),
        escaped(best),
        escaped(other),
        difference,
        pair.areas_holm_p.map_or_else(none, probability),
        grouped(mine),
        grouped(theirs),
        pair.alerts_holm_p.map_or_else(none, probability),
    ])
}

fn probability(p: f64) -> String {
    if p < 0.001 {
        "< .001".to_owned()
    } else {
        short(p)
    }
}
