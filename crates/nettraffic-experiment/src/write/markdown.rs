//! An outcome as a Markdown document.

use std::fmt::Write as _;

use nettraffic_eval::grouped;

use super::columns::Column;
use super::words::{escaped, percent, range};
use crate::Unit;
use crate::outcome::{FoldOutcome, Outcome, StudyOutcome};
use crate::plan::Metric;

impl Outcome {
    /// The results as a Markdown document.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n\n", self.title);
        paragraph(&mut text, &self.note);
        paragraph(&mut text, &self.legend());
        for study in &self.studies {
            study.write(&mut text, &self.metrics);
        }
        self.write_data(&mut text);
        text
    }

    /// How the tables are to be read.
    fn legend(&self) -> String {
        let seeds: Vec<String> = self.seeds.iter().map(ToString::to_string).collect();
        let knows_hosts = |study: &StudyOutcome| study.interval_note(None).is_some();
        let drawn = match self.studies.iter().any(knows_hosts) {
            true => {
                "Where a study says so, intervals draw whole hosts instead; the others, and the paired tests, take rows for independent, which \
                 those of one scan or flood are not: they are too narrow rather than too wide."
            }
            false => {
                "The intervals take rows for independent, which those of one scan or flood are not: they are too narrow rather \
                 than too wide."
            }
        };
        format!(
            "Each value is the mean over the seeds {} (least–greatest), then the 95 % interval of the first seed's run: \
             DeLong for ROC AUC, stratified bootstrap for PR AUC (average precision), Wilson for recall. {drawn} \
             Thresholds were set on benign training rows that the scoring model was not fitted on; *false alarms* is \
             the share of benign test rows beyond them. `histogram` and `single-feature` are trivial: the one looks at each \
             value by itself, the other is the one feature that ranks the training rows best. Rows of unknown truth are left out.",
            seeds.join(", ")
        )
    }

    /// What was read.
    fn write_data(&self, text: &mut String) {
        text.push_str("## Data\n\n| data set | kind | benign | attacks | unknown | SHA-256 |\n|---|---|--:|--:|--:|---|\n");
        for data in &self.data {
            let digest = data.sha256.get(..16).unwrap_or(&data.sha256);
            let name = escaped(&data.name);
            let _ = writeln!(
                text,
                "| {name} | {} | {} | {} | {} | `{digest}…` |",
                data.kind,
                grouped(data.benign),
                grouped(data.attacks),
                grouped(data.unknown)
            );
        }
        let _ = writeln!(text, "\nMade by nettraffic {}.", self.version);
    }
}

impl StudyOutcome {
    fn write(&self, text: &mut String, metrics: &[Metric]) {
        let _ = writeln!(text, "## {}\n", self.name);
        paragraph(text, &self.note);
        paragraph(text, &self.describe());
        let warnings = self.warnings();
        if !warnings.is_empty() {
            text.push_str("What makes these results look better than they are:\n\n");
            for warning in warnings {
                let _ = writeln!(text, "- {}", warning.replace(['\r', '\n'], " "));
            }
            text.push('\n');
        }
        self.write_results(text, metrics);
        self.write_unbeaten(text);
        self.write_classes(text);
        self.write_pairs(text);
    }

    /// Data, features, split and counts in words.
    fn describe(&self) -> String {
        let mut words = vec![match self.test.is_empty() {
            true => format!("Data: {}. {}", self.train.join(", "), self.split),
            false => format!("Trained on: {}.", self.train.join(", ")),
        }];
        if let Some(features) = &self.features {
            words.push(format!("Features: `{features}`."));
        }
        words.push(self.one_row().to_owned());
        words.extend(self.interval_note(None));
        let count = |value: fn(&FoldOutcome) -> u64| range(self.folds.iter().map(value));
        words.push(format!(
            "Rows to train on: {} benign, {} attacks; to test on: {} benign, {} attacks{}.",
            count(|fold| fold.train_benign),
            count(|fold| fold.train_attacks),
            count(|fold| fold.test_benign),
            count(|fold| fold.test_attacks),
            match self.folds.iter().any(|fold| fold.unseen_attacks > 0) {
                true => format!(
                    ", {} of them of kinds that are not trained on (*new*)",
                    count(|fold| fold.unseen_attacks)
                ),
                false => String::new(),
            }
        ));
        for (at, rate) in self.rates.iter().enumerate() {
            if let Some((low, high)) = self.expected(at) {
                words.push(format!(
                    "Were benign test rows like training rows, thresholds for {} would raise {:.2}–{:.2} % false alarms (the \
                     95 % intervals of all runs together).",
                    percent(*rate),
                    low * 100.0,
                    high * 100.0
                ));
            }
        }
        words.join(" ")
    }

    /// What is judged once.
    fn one_row(&self) -> &'static str {
        match (&self.features, self.unit) {
            (_, Unit::Conversation) => {
                "One row of a test is a conversation: all flows between the same two ends; its score is the highest of \
                 theirs. The counts of rows to train and to test on are flows."
            }
            (Some(_), Unit::Flow) => "One row of a test is one flow record.",
            (None, Unit::Flow) => "One row of a test is one row of the table.",
        }
    }

    /// What does not beat the better trivial model.
    fn write_unbeaten(&self, text: &mut String) {
        let sentences = self.unbeaten_sentences("`");
        if sentences.is_empty() {
            return;
        }
        text.push_str(self.how_unbeaten());
        text.push_str(":\n\n");
        for sentence in sentences {
            let _ = writeln!(text, "- {}", sentence.replace(['\r', '\n'], " "));
        }
        text.push('\n');
    }

    /// The least low and the greatest high end of what the thresholds for a rate promise.
    fn expected(&self, rate: usize) -> Option<(f64, f64)> {
        let runs = self.results.iter().flat_map(|result| &result.runs);
        runs.filter_map(|run| run.at.get(rate)?.expected)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    fn write_results(&self, text: &mut String, metrics: &[Metric]) {
        let columns = Column::all(metrics, &self.rates, self.has_unseen());
        let (has_tests, is_mixed) = (!self.has_one_test(), self.has_contamination());
        let mut heads = Vec::new();
        if has_tests {
            heads.push("test");
        }
        heads.push("model");
        if has_tests {
            heads.extend(["benign", "attacks"]);
        }
        if is_mixed {
            heads.push("attacks mixed in");
        }
        heads.extend(columns.iter().map(|column| &*column.head));
        let _ = writeln!(
            text,
            "| {} |\n|{}",
            heads.join(" | "),
            "---|".repeat(heads.len())
        );
        for result in &self.results {
            let mut cells = Vec::new();
            if has_tests {
                cells.push(escaped(&result.test));
            }
            let trivial = if result.is_trivial {
                " (*trivial*)"
            } else {
                ""
            };
            cells.push(escaped(&result.model) + trivial);
            if has_tests {
                cells.push(range(result.runs.iter().map(|run| run.benign)));
                cells.push(range(result.runs.iter().map(|run| run.attacks)));
            }
            if is_mixed {
                cells.push(percent(result.contamination));
            }
            cells.extend(columns.iter().map(|column| column.cell(result)));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.push('\n');
    }
}

/// Words with a blank line after them; nothing for none.
pub(super) fn paragraph(text: &mut String, words: &str) {
    if !words.trim().is_empty() {
        text.push_str(words.trim());
        text.push_str("\n\n");
    }
}
