//! A card as a page.

use std::fmt::Write as _;

use super::{ModelCard, UsualValues};

impl ModelCard {
    /// The card as Markdown, with a table of the features.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut page = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut page);
        page
    }

    fn write(&self, page: &mut String) -> std::fmt::Result {
        let (training, threshold) = (&self.training, &self.threshold);
        writeln!(page, "# Detector {}\n", self.id)?;
        writeln!(page, "- model: {}", self.model)?;
        writeln!(
            page,
            "- feature sets: {} (schema {})",
            self.feature_sets, self.schema
        )?;
        writeln!(
            page,
            "- trained by version {}, seed {}\n",
            training.program, training.seed
        )?;

        writeln!(page, "## Training\n")?;
        writeln!(page, "- {} benign flows fitted on", training.fitted)?;
        writeln!(
            page,
            "- {} held out for the threshold, by {}",
            training.held_out, training.held_out_by
        )?;
        if let Some((first, last)) = training.period {
            writeln!(
                page,
                "- flows that began from {} to {}, {:.0} s of active time",
                utc(first),
                utc(last),
                training.active_seconds
            )?;
        }
        for (class, flows) in &training.attacks {
            writeln!(page, "- {flows} flows of the known attack {}", cell(class))?;
        }
        writeln!(page, "- hash of the rows: {}\n", training.data_hash)?;

        writeln!(page, "## Threshold\n")?;
        let percent = |rate: f64| format!("{:.3} %", rate * 100.0);
        writeln!(page, "- a score above {} is an alert", threshold.value)?;
        let at_most = threshold.known_interval.map_or("", |_| "at most ");
        writeln!(
            page,
            "- false alarms to expect: {at_most}{} of benign flows; {} were asked for",
            percent(threshold.expected_rate),
            percent(threshold.asked_rate),
        )?;
        let intervals = [
            ("by the score", Some(threshold.interval)),
            ("by looking like a known attack", threshold.known_interval),
        ];
        for (what, interval) in intervals {
            if let Some((low, high)) = interval {
                let (low, high, rows) = (percent(low), percent(high), threshold.rows);
                writeln!(
                    page,
                    "- {what}: {low} to {high} (95 % interval, {rows} flows)"
                )?;
            }
        }
        if let Some(alerts) = threshold.alerts_per_day {
            writeln!(page, "- {alerts:.1} a day at the pace of the training")?;
        }

        for metrics in &self.metrics {
            writeln!(page, "\n## Measured on {}\n", cell(&metrics.data))?;
            writeln!(page, "- recall: {}", metrics.recall)?;
            writeln!(page, "- false alarms: {}", metrics.false_alarms)?;
            if let (Some(area), Some((low, high))) = (metrics.roc_area, metrics.roc_area_interval) {
                writeln!(
                    page,
                    "- ROC AUC: {area:.4} (95 % interval {low:.4} to {high:.4})"
                )?;
            }
            for (class, recall) in &metrics.recall_by_class {
                writeln!(page, "- recall of {}: {recall}", cell(class))?;
            }
        }

        writeln!(
            page,
            "\n## Features\n\n| feature | unit | usual values |\n|---|---|---|"
        )?;
        for feature in &self.features {
            let usual = match &feature.usual {
                UsualValues::Range(low, high) => format!("{low:.4} to {high:.4}"),
                UsualValues::Shares(shares) => {
                    let share = |(name, share): &(String, f64)| {
                        format!("{} {:.1} %", cell(name), share * 100.0)
                    };
                    shares.iter().map(share).collect::<Vec<_>>().join(", ")
                }
            };
            writeln!(
                page,
                "| {} | {} | {usual} |",
                cell(&feature.name),
                feature.unit
            )?;
        }
        Ok(())
    }
}

/// Seconds since 1970 as a date and a time of day.
fn utc(seconds: f64) -> String {
    match jiff::Timestamp::from_second(seconds as i64) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => format!("{seconds:.0} s after 1970"),
    }
}

/// Text of others in a table: what ends a cell or a line, or begins a tag, is not taken over.
fn cell(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let text: String = text.chars().map(plain).collect();
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
}
