//! The results as plain text for a terminal.

use std::fmt::Write as _;

use super::columns::Column;
use super::words::percent;
use crate::outcome::{Outcome, StudyOutcome};

impl Outcome {
    /// The means alone, in columns.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for study in &self.studies {
            let _ = write!(text, "\n{}\n", study.name);
            let mut rows = vec![heads(study, &self.metrics)];
            let columns = Column::all(&self.metrics, &study.rates, study.has_unseen());
            for result in &study.results {
                let mut row = vec![result.test.clone(), result.model.clone()];
                if study.has_contamination() {
                    row.push(percent(result.contamination));
                }
                row.extend(columns.iter().map(|column| column.mean(result)));
                rows.push(row);
            }
            if study.has_one_test() {
                rows.iter_mut().for_each(|row| drop(row.remove(0)));
            }
            aligned(&mut text, &rows);
            for warning in study.warnings() {
                let _ = writeln!(text, "warning: {warning}");
            }
        }
        text
    }
}

impl StudyOutcome {
    /// Whether attacks were tested on that were not trained on, beside others that were.
    pub(super) fn has_unseen(&self) -> bool {
        let seen = |fold: &crate::FoldOutcome| fold.test_attacks > fold.unseen_attacks;
        self.folds.iter().any(|fold| fold.unseen_attacks > 0) && self.folds.iter().any(seen)
    }

    pub(super) fn has_contamination(&self) -> bool {
        self.results.iter().any(|result| result.contamination > 0.0)
    }

    /// Whether there is nothing to name.
    pub(super) fn has_one_test(&self) -> bool {
        self.results.iter().all(|result| result.test.is_empty())
    }

    /// Each leak once, with the tests that it concerns where these are not all.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut by_leak: Vec<(String, Vec<&str>)> = Vec::new();
        for (test, leak) in self.leaks() {
            let words = leak.to_string();
            match by_leak.iter_mut().find(|(known, _)| *known == words) {
                Some((_, tests)) => tests.push(test),
                None => by_leak.push((words, vec![test])),
            }
        }
        let seed = self.folds.first().map(|fold| fold.seed);
        let folds = self.folds.iter().filter(|fold| Some(fold.seed) == seed).count();
        let warning = |(words, tests): (String, Vec<&str>)| match tests.len() == folds {
            true => words,
            false => format!("{}: {words}", tests.join(", ")),
        };
        by_leak.into_iter().map(warning).collect()
    }
}

fn heads(study: &StudyOutcome, metrics: &[crate::Metric]) -> Vec<String> {
    let mut heads = vec!["test".to_owned(), "model".to_owned()];
    if study.has_contamination() {
        heads.push("mixed in".to_owned());
    }
    let columns = Column::all(metrics, &study.rates, study.has_unseen());
    heads.extend(columns.into_iter().map(|column| column.head));
    heads
}

/// Writes rows in columns as wide as their widest cell.
fn aligned(text: &mut String, rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    for row in rows {
        let cells = row.iter().enumerate();
        let cells = cells.map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}
