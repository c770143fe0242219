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
                let trivial = if result.is_trivial { " (trivial)" } else { "" };
                let mut row = vec![result.test.clone(), result.model.clone() + trivial];
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
            for sentence in study.unbeaten_sentences("") {
                let _ = writeln!(text, "{sentence}");
            }
            for warning in study.warnings() {
                let _ = writeln!(text, "warning: {warning}");
            }
        }
        text
    }
}

impl StudyOutcome {
    /// Whether every test has attacks that were trained on and such that were not, to be told apart.
    pub(super) fn has_unseen(&self) -> bool {
        let has_both =
            |fold: &crate::FoldOutcome| (1..fold.test_attacks).contains(&fold.unseen_attacks);
        self.folds.iter().all(has_both)
    }

    pub(super) fn has_contamination(&self) -> bool {
        self.results.iter().any(|result| result.contamination > 0.0)
    }

    /// What [`StudyOutcome::unbeaten_sentences`] are about.
    pub(super) fn how_unbeaten(&self) -> &'static str {
        match self.is_cross_validation {
            true => "Held against the better trivial model by the mean ROC AUC over all folds",
            false => {
                "Held against the better trivial model by the mean ROC AUC, and by DeLong's test with the first seed at 5 % \
                 after Holm, since chance may explain a small lead"
            }
        }
    }

    /// A sentence for each test on which models do not beat the better trivial one, names between `marks`.
    pub(crate) fn unbeaten_sentences(&self, marks: &str) -> Vec<String> {
        let mut tests: Vec<&str> = self.results.iter().map(|result| &*result.test).collect();
        tests.dedup();
        let sentence = |test: &&str| {
            let found = self.unbeaten(test)?;
            let quoted = |name: &&str| format!("{marks}{name}{marks}");
            let names: Vec<String> = found.models.iter().map(quoted).collect();
            let verb = match names.len() {
                0 => return None,
                1 => "does",
                _ => "do",
            };
            let on = match test.is_empty() {
                true => String::new(),
                false => format!("{test}: "),
            };
            Some(format!(
                "{on}{} {verb} not beat the trivial {} (ROC AUC {:.3})",
                names.join(", "),
                quoted(&found.baseline),
                found.area
            ))
        };
        tests.iter().filter_map(sentence).collect()
    }

    /// Whether there is nothing to name.
    pub(super) fn has_one_test(&self) -> bool {
        self.results.iter().all(|result| result.test.is_empty())
    }

    /// Each kind of leak once, with the tests that it concerns where these are not all; the numbers are those of
    /// the first one.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut by_kind: Vec<(String, Vec<String>, String)> = Vec::new();
        for (test, leak) in self.leaks() {
            let (test, words) = (self.test_name(test), leak.to_string());
            let kind = kind(&words);
            match by_kind.iter_mut().find(|(known, _, _)| *known == kind) {
                Some((_, tests, _)) => tests.push(test),
                None => by_kind.push((kind, vec![test], words)),
            }
        }
        let seed = self.folds.first().map(|fold| fold.seed);
        let folds = self
            .folds
            .iter()
            .filter(|fold| Some(fold.seed) == seed)
            .count();
        let warning = |(_, tests, words): (String, Vec<String>, String)| match &tests[..] {
            _ if folds == 1 => words,
            [test] => format!("{test}: {words}"),
            tests if tests.len() == folds => {
                format!("all {folds} tests, {} to begin with: {words}", tests[0])
            }
            tests => format!("{}: {words} (numbers of the first)", tests.join(", ")),
        };
        by_kind.into_iter().map(warning).collect()
    }
}

/// A sentence without its numbers; those of a name in quotes belong to the name.
fn kind(words: &str) -> String {
    let mut is_quoted = false;
    let mut is_kept = |letter: &char| {
        is_quoted ^= *letter == '"';
        is_quoted || !(letter.is_ascii_digit() || matches!(letter, '.' | ','))
    };
    words.chars().filter(|letter| is_kept(letter)).collect()
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
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    for row in rows {
        let cells = row.iter().enumerate();
        let cells = cells.map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaks_of_one_kind_differ_in_numbers_alone() {
        for (one, other, expected) in [
            ("3 of 40 rows (7.5 %)", "1,204 of 9,000 rows (13.4 %)", true),
            (
                "\"share_2s\" tells (area 0.99)",
                "\"share_2s\" tells (area 1)",
                true,
            ),
            (
                "\"share_2s\" tells (area 0.99)",
                "\"share_60s\" tells (area 0.99)",
                false,
            ),
        ] {
            assert_eq!(kind(one) == kind(other), expected, "{one} {other}");
        }
    }
}
