//! The results on a table as Markdown.

use std::fmt::Write as _;

use super::{Judgement, TableOutcome, TableRow};
use crate::markdown::{escaped, paragraph};

/// How the tables are to be read, once for all of them.
pub(crate) fn legend(text: &mut String, seeds: &[u64]) {
    let seeds: Vec<String> = seeds.iter().map(ToString::to_string).collect();
    paragraph(
        text,
        &format!(
            "Each value is the mean over the seeds {} (least–greatest). Models that learn what is usual are \
             fitted on 80 % of the benign training rows and set their thresholds on the other 20 %; a forest \
             is fitted on 80 % of all training rows and sets its threshold on the benign ones of the others. \
             *False alarms* is the share of benign test rows beyond a threshold that was set for the rate \
             above it. PR AUC is average precision.",
            seeds.join(", ")
        ),
    );
}

impl TableOutcome {
    pub(crate) fn write(&self, text: &mut String) {
        let _ = writeln!(text, "## {}\n", self.name);
        if !self.note.is_empty() {
            paragraph(text, &self.note);
        }
        self.write_counts(text);
        let columns = self.columns();
        let heads: Vec<&str> = columns.iter().map(|column| &*column.head).collect();
        let contaminated = self.rows.iter().any(|row| row.contamination > 0.0);
        let mixed = if contaminated {
            " attacks mixed in |"
        } else {
            ""
        };
        let _ = writeln!(text, "| model |{mixed} {} |", heads.join(" | "));
        let mixed = if contaminated { "--:|" } else { "" };
        let _ = writeln!(text, "|---|{mixed}{}", "---|".repeat(heads.len()));
        for row in &self.rows {
            let _ = write!(text, "| {} |", escaped(&row.model));
            if contaminated {
                let _ = write!(text, " {} |", percent(row.contamination));
            }
            for column in &columns {
                let _ = write!(text, " {} |", column.cell(row));
            }
            text.push('\n');
        }
        text.push('\n');
    }

    fn write_counts(&self, text: &mut String) {
        let counts = &self.counts;
        let mut words = format!(
            "Training rows: {} benign, {} attacks. Test rows: {} benign, {} attacks",
            counts.train_benign, counts.train_attacks, counts.test_benign, counts.test_attacks
        );
        if counts.unseen_attacks > 0 {
            let _ = write!(
                words,
                ", {} of them of kinds that no training row has (*new*)",
                counts.unseen_attacks
            );
        }
        let share =
            counts.repeated as f64 / (counts.test_benign + counts.test_attacks).max(1) as f64;
        let _ = write!(
            words,
            ". {:.1} % of the test rows repeat the features of a training row.",
            share * 100.0
        );
        for (at, rate) in self.rates.iter().enumerate() {
            let Some((low, high)) = self.expected(at) else {
                continue;
            };
            let _ = write!(
                words,
                " Were benign test rows like training rows, thresholds for {} would raise {:.2}–{:.2} % \
                 false alarms (the 95 % intervals of all runs together).",
                percent(*rate),
                low * 100.0,
                high * 100.0
            );
        }
        paragraph(text, &words);
    }

    /// The least low and the greatest high end of what the thresholds for a rate promise.
    fn expected(&self, rate: usize) -> Option<(f64, f64)> {
        let runs = self.rows.iter().flat_map(|row| &row.runs);
        runs.filter_map(|run| run.judgement.at.get(rate)?.expected)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::new("ROC AUC", |judged| judged.roc_auc),
            Column::new("PR AUC", |judged| judged.average_precision),
        ];
        for (at, rate) in self.rates.iter().enumerate() {
            let rate = percent(*rate);
            columns.push(Column::new(format!("recall at {rate}"), move |judged| {
                judged.at.get(at)?.recall
            }));
            if self.counts.unseen_attacks > 0 {
                columns.push(Column::new("recall, new", move |judged| {
                    judged.at.get(at)?.unseen_recall
                }));
            }
            columns.push(Column::new("F1", move |judged| judged.at.get(at)?.f1));
            columns.push(Column::share("false alarms", move |judged| {
                judged.at.get(at)?.false_alarm_rate
            }));
        }
        columns
    }
}

/// Takes a value out of a judgement.
type Value = dyn Fn(&Judgement) -> Option<f64>;

/// A column of values of a judgement.
struct Column {
    head: String,
    value: Box<Value>,
    show: fn(f64) -> String,
}

impl Column {
    fn new(head: impl Into<String>, value: impl Fn(&Judgement) -> Option<f64> + 'static) -> Self {
        Self {
            head: head.into(),
            value: Box::new(value),
            show: |value| format!("{value:.3}"),
        }
    }

    fn share(head: &str, value: impl Fn(&Judgement) -> Option<f64> + 'static) -> Self {
        Self {
            show: |value| format!("{:.1} %", value * 100.0),
            ..Self::new(head, value)
        }
    }

    fn cell(&self, row: &TableRow) -> String {
        let Some(spread) = row.spread(&self.value) else {
            return "none".to_owned();
        };
        let [mean, least, most] = [spread.mean, spread.min, spread.max].map(self.show);
        if least == most {
            return mean;
        }
        format!(
            "{mean} ({}–{})",
            least.trim_end_matches(" %"),
            most.trim_end_matches(" %")
        )
    }
}

/// A share with as many digits as it needs.
fn percent(share: f64) -> String {
    // Rounded, so that 0.07 is not 7.000000000000001 %.
    format!("{} %", (share * 1e6).round() / 1e4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{AtRate, TableCounts, TableRun};

    #[test]
    fn an_outcome_reads_as_a_table() {
        let run = |seed, area, alarms, expected| TableRun {
            seed,
            judgement: Judgement {
                roc_auc: Some(area),
                average_precision: None,
                at: vec![AtRate {
                    rate: 0.07,
                    expected: Some(expected),
                    false_alarm_rate: Some(alarms),
                    recall: Some(0.5),
                    f1: Some(0.6),
                    unseen_recall: Some(0.25),
                }],
            },
        };
        let mut outcome = TableOutcome {
            name: "A table".into(),
            note: "A note.".into(),
            rates: vec![0.07],
            counts: TableCounts {
                train_benign: 10,
                train_attacks: 5,
                test_benign: 20,
                test_attacks: 12,
                unseen_attacks: 3,
                repeated: 8,
            },
            rows: vec![TableRow {
                model: "a|b".into(),
                contamination: 0.0,
                runs: vec![
                    run(1, 0.5, 0.01, (0.055, 0.0912)),
                    run(2, 0.75, 0.02, (0.05, 0.09)),
                ],
            }],
        };
        let mut text = String::new();
        outcome.write(&mut text);
        let expected = "\
## A table

A note.

Training rows: 10 benign, 5 attacks. Test rows: 20 benign, 12 attacks, 3 of them of kinds that no training row has (*new*). 25.0 % of the test rows repeat the features of a training row. Were benign test rows like training rows, thresholds for 7 % would raise 5.00–9.12 % false alarms (the 95 % intervals of all runs together).

| model | ROC AUC | PR AUC | recall at 7 % | recall, new | F1 | false alarms |
|---|---|---|---|---|---|---|
| a\\|b | 0.625 (0.500–0.750) | none | 0.500 | 0.250 | 0.600 | 1.5 % (1.0–2.0) |

";
        assert_eq!(text, expected);

        outcome.rows[0].contamination = 0.05;
        outcome.counts.unseen_attacks = 0;
        text.clear();
        outcome.write(&mut text);
        assert!(
            text.contains("| model | attacks mixed in | ROC AUC | PR AUC | recall at 7 % | F1 |")
        );
        assert!(
            text.contains("\n|---|--:|---|---|---|---|---|\n| a\\|b | 5 % | 0.625 "),
            "{text}"
        );
    }
}
