//! An outcome as Markdown.

use std::fmt::Write as _;

use crate::outcome::{ClassRun, Measured, Outcome, Row, Run, StudyOutcome};
use crate::{Unit, tables};

impl Outcome {
    /// The results as a Markdown document.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n\n", self.title);
        if !self.note.is_empty() {
            paragraph(&mut text, &self.note);
        }
        if !self.studies.is_empty() {
            self.write_legend(&mut text);
        }
        for study in &self.studies {
            study.write(&mut text);
        }
        if !self.tables.is_empty() {
            tables::legend(&mut text, &self.seeds);
        }
        for table in &self.tables {
            table.write(&mut text);
        }
        text
    }

    /// How the tables of captures are to be read.
    fn write_legend(&self, text: &mut String) {
        let seeds: Vec<String> = self.seeds.iter().map(ToString::to_string).collect();
        let rate = self.false_alarm_rate * 100.0;
        paragraph(
            text,
            &format!(
                "Each value is the mean over the seeds {} (least–greatest), then the 95 % interval of \
                 the first seed's run: DeLong for ROC AUC, stratified bootstrap for PR AUC (average \
                 precision), Wilson for the rates. The intervals take flows for independent, which \
                 those of one scan or flood are not: they are too narrow rather than too wide. \
                 Thresholds aim at {rate} % false alarms and were set on benign training flows that \
                 the scoring model had not seen; *false alarms* is what they turned out to be on the \
                 test, and *recall at 2 %* what the best threshold for the test itself would find with at \
                 most 2 % of them. Flows of unknown truth are left out.",
                seeds.join(", ")
            ),
        );
    }
}

impl StudyOutcome {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "## {}\n", self.name);
        if !self.note.is_empty() {
            paragraph(text, &self.note);
        }
        let flows: Vec<String> = self.trained_on.iter().map(ToString::to_string).collect();
        paragraph(
            text,
            &format!(
                "Features: `{}`. Benign flows to train on, per seed: {}.{}",
                self.features,
                flows.join(", "),
                match self.unit {
                    Unit::Flow => "",
                    Unit::Conversation => {
                        " One row of a test is a conversation: all flows between the same two ends; its score is \
                         the highest of theirs."
                    }
                }
            ),
        );
        text.push_str(
            "| test | model | benign | attacks | ROC AUC | PR AUC | recall | false alarms | recall at 2 % |\n\
             |---|---|--:|--:|---|---|---|---|---|\n",
        );
        for row in &self.rows {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                escaped(&row.test),
                row.model,
                range(row.runs.iter().map(|run| run.benign)),
                range(row.runs.iter().map(|run| run.attacks)),
                cell(row, |run| &run.roc_auc),
                cell(row, |run| &run.pr_auc),
                cell(row, |run| &run.recall),
                cell(row, |run| &run.false_alarm_rate),
                cell(row, |run| &run.recall_at_2_percent),
            );
        }
        text.push('\n');
        self.write_classes(text);
    }

    /// Recall per class of attack, for the tests that hold several.
    fn write_classes(&self, text: &mut String) {
        let several: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.runs.first().is_some_and(|run| run.classes.len() > 1))
            .collect();
        if several.is_empty() {
            return;
        }
        text.push_str(
            "Per class of attack, for the tests that hold several:\n\n\
             | test | class | flows | model | ROC AUC | recall |\n|---|---|--:|---|---|---|\n",
        );
        for row in several {
            let Some(first) = row.runs.first() else {
                continue;
            };
            for (index, class) in first.classes.iter().enumerate() {
                let mean = |value: fn(&ClassRun) -> Option<f64>| {
                    row.spread(|run| run.classes.get(index).and_then(value))
                        .map_or_else(none, |spread| short(spread.mean))
                };
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {} | {} | {} |",
                    escaped(&row.test),
                    escaped(&class.class),
                    class.flows,
                    row.model,
                    mean(|class| class.roc_auc),
                    mean(|class| class.recall),
                );
            }
        }
        text.push('\n');
    }
}

pub(crate) fn paragraph(text: &mut String, words: &str) {
    text.push_str(words.trim());
    text.push_str("\n\n");
}

fn cell(row: &Row, measured: impl Fn(&Run) -> &Measured) -> String {
    let Some(spread) = row.spread(|run| measured(run).value) else {
        return none();
    };
    let mut cell = short(spread.mean);
    if spread.max - spread.min >= 0.0005 {
        let _ = write!(cell, " ({}–{})", short(spread.min), short(spread.max));
    }
    if let Some(interval) = row.runs.first().and_then(|run| measured(run).interval) {
        let _ = write!(cell, " [{}, {}]", short(interval.low), short(interval.high));
    }
    cell
}

fn range(values: impl Iterator<Item = u64> + Clone) -> String {
    match (values.clone().min(), values.max()) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least}–{most}"),
        _ => none(),
    }
}

/// What breaks neither the cell nor the row of a table.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\r', '\n'], " ")
}

fn short(value: f64) -> String {
    format!("{value:.3}")
}

fn none() -> String {
    "none".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_eval::{Confidence, Interval};

    fn outcome() -> Outcome {
        let class = |class: &str, flows, recall| ClassRun {
            class: class.into(),
            flows,
            recall,
            roc_auc: None,
        };
        let run = |seed, area, classes: &[ClassRun]| Run {
            seed,
            benign: 100 + seed,
            attacks: 5,
            unknown: 0,
            roc_auc: Measured {
                value: Some(area),
                interval: Some(Interval::new(0.5, 1.0, Confidence::PERCENT_95)),
            },
            pr_auc: Measured {
                value: Some(1.0),
                interval: None,
            },
            recall: Measured {
                value: None,
                interval: None,
            },
            recall_at_2_percent: Measured {
                value: Some(0.25),
                interval: None,
            },
            false_alarm_rate: Measured {
                value: Some(0.1 + 0.2),
                interval: None,
            },
            precision: None,
            f1: None,
            classes: classes.to_vec(),
        };
        let several = [class("scan", 4, Some(0.5)), class("flood", 1, None)];
        let row = |test: &str, runs| Row {
            test: test.into(),
            model: "kmeans".into(),
            runs,
        };
        Outcome {
            title: "Results".into(),
            note: "\nA note.\n".into(),
            seeds: vec![1, 2],
            false_alarm_rate: 0.01,
            tables: Vec::new(),
            captures: Vec::new(),
            studies: vec![StudyOutcome {
                name: "One".into(),
                note: String::new(),
                features: "basic".into(),
                unit: Unit::Conversation,
                trained_on: vec![10, 20],
                rows: vec![
                    row("a|b", vec![run(1, 0.75, &several), run(2, 0.5, &several)]),
                    row("c", vec![run(1, 0.75, &several[..1])]),
                ],
            }],
        }
    }

    #[test]
    fn an_outcome_reads_as_a_document() {
        let expected = "\
# Results

A note.

Each value is the mean over the seeds 1, 2 (least–greatest), then the 95 % interval of the first seed's run: DeLong for ROC AUC, stratified bootstrap for PR AUC (average precision), Wilson for the rates. The intervals take flows for independent, which those of one scan or flood are not: they are too narrow rather than too wide. Thresholds aim at 1 % false alarms and were set on benign training flows that the scoring model had not seen; *false alarms* is what they turned out to be on the test, and *recall at 2 %* what the best threshold for the test itself would find with at most 2 % of them. Flows of unknown truth are left out.

## One

Features: `basic`. Benign flows to train on, per seed: 10, 20. One row of a test is a conversation: all flows between the same two ends; its score is the highest of theirs.

| test | model | benign | attacks | ROC AUC | PR AUC | recall | false alarms | recall at 2 % |
|---|---|--:|--:|---|---|---|---|---|
| a\\|b | kmeans | 101–102 | 5 | 0.625 (0.500–0.750) [0.500, 1.000] | 1.000 | none | 0.300 | 0.250 |
| c | kmeans | 101 | 5 | 0.750 [0.500, 1.000] | 1.000 | none | 0.300 | 0.250 |

Per class of attack, for the tests that hold several:

| test | class | flows | model | ROC AUC | recall |
|---|---|--:|---|---|---|
| a\\|b | scan | 4 | kmeans | none | 0.500 |
| a\\|b | flood | 1 | kmeans | none | none |

";
        assert_eq!(outcome().to_markdown(), expected);
    }

    #[test]
    fn json_keeps_every_digit_and_tells_what_is_undefined() {
        let json: serde_json::Value =
            serde_json::from_str(&serde_json::to_string(&outcome()).unwrap()).unwrap();
        let run = &json["studies"][0]["rows"][0]["runs"][0];
        assert_eq!(run["false_alarm_rate"]["value"].as_f64(), Some(0.1 + 0.2));
        assert_eq!(run["recall"]["value"], serde_json::Value::Null);
        assert_eq!(run["roc_auc"]["interval"]["low"].as_f64(), Some(0.5));
        assert_eq!(run["benign"].as_u64(), Some(101));
        assert_eq!(json["seeds"], serde_json::json!([1, 2]));
    }
}
