//! A report as tables for a terminal.

use std::fmt::{self, Display, Formatter, Write as _};

use super::{Comparison, Estimate, ModelReport, ScoreReport};
use crate::Interval;
use crate::words::grouped;

/// Classes and groups that are shown; all are in the data.
const SHOWN: usize = 40;
/// Refused rows that are shown.
const REFUSED: usize = 5;

impl Display for ScoreReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let rows = &self.rows;
        writeln!(
            f,
            "{} rows judged: {} attacks, {} benign; left out: {} unknown, {} refused",
            grouped(rows.judged),
            grouped(rows.attacks),
            grouped(rows.benign),
            grouped(rows.unknown),
            grouped(rows.refused_rows)
        )?;
        for refused in rows.refused.iter().take(REFUSED) {
            writeln!(f, "  {refused}")?;
        }
        if rows.refused_rows > REFUSED as u64 {
            writeln!(
                f,
                "  and {} more",
                grouped(rows.refused_rows - REFUSED as u64)
            )?;
        }
        writeln!(
            f,
            "values with intervals of {} %\n",
            self.confidence * 100.0
        )?;
        figures(&self.models).fmt(f)?;
        for model in &self.models {
            writeln!(f, "\n{}, by class of attack", shown(&model.score))?;
            classes(model).fmt(f)?;
            if let Some(groups) = groups(model) {
                writeln!(f, "\n{}, by group", shown(&model.score))?;
                groups.fmt(f)?;
            }
        }
        for comparison in &self.comparisons {
            writeln!(f, "\n{}", sentence(comparison, self.comparisons.len()))?;
        }
        Ok(())
    }
}

/// Rows of cells in aligned columns, the first to the left, the others to the right.
struct Table(Vec<Vec<String>>);

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells
                .map(|cell: &String| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.0 {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let _ = match column {
                    0 => write!(line, "{cell:<width$}"),
                    _ => write!(line, "  {cell:>width$}"),
                };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A model per column, a figure per row.
fn figures(models: &[ModelReport]) -> Table {
    let mut table = Vec::new();
    let mut add = |name: &str, cell: &dyn Fn(&ModelReport) -> String| {
        let cells = models.iter().map(cell);
        table.push([name.to_owned()].into_iter().chain(cells).collect());
    };
    add("", &|m| shown(&m.score));
    add("area under ROC", &|m| estimate(&m.area));
    add("area up to 1 % false alarms", &|m| value(m.partial_area));
    add("average precision", &|m| estimate(&m.average_precision));
    let rates: Vec<f64> = models.first().map_or_else(Vec::new, |m| {
        m.recall_at.iter().map(|at| at.false_alarm_rate).collect()
    });
    for (place, rate) in rates.iter().enumerate() {
        let name = format!("recall at {} % false alarms", percent(*rate));
        add(&name, &|m| {
            value(m.recall_at.get(place).and_then(|at| at.recall))
        });
    }
    let looked_at = models.first().map_or(0, |m| m.precision_at.len());
    for place in 0..looked_at {
        let at = |m: &ModelReport| m.precision_at.get(place).copied();
        if let Some(rows) = models
            .first()
            .and_then(at)
            .filter(|at| at.precision.is_some())
        {
            let name = format!("precision of the first {}", grouped(rows.rows));
            add(&name, &|m| value(at(m).and_then(|at| at.precision)));
        }
    }
    add("mean cost (of no use: 0.25)", &|m| value(m.mean_cost));
    if models.iter().any(|m| m.brier.is_some()) {
        add("Brier score, as probability", &|m| value(m.brier));
        add("calibration error", &|m| value(m.calibration_error));
    }
    add("", &|_| String::new());
    add("threshold", &|m| match m.threshold {
        _ if m.is_decided => "the tool's own decisions".to_owned(),
        Some(threshold) => number(threshold),
        None => "none keeps to it".to_owned(),
    });
    if !models.iter().any(|m| m.is_decided) {
        add("chosen on these rows for", &|m| {
            m.chosen_for_rate.map_or("given".into(), |rate| {
                format!("{} % false alarms", percent(rate))
            })
        });
    }
    add("alerts, of them attacks", &|m| {
        let alerts = m.true_positives + m.false_positives;
        format!("{}, {}", grouped(alerts), grouped(m.true_positives))
    });
    add("recall", &|m| estimate(&m.recall));
    add("false-alarm rate", &|m| estimate(&m.false_alarm_rate));
    add("precision", &|m| estimate(&m.precision));
    let bases: Vec<f64> = models.first().map_or_else(Vec::new, |m| {
        m.precision_at_base_rate
            .iter()
            .map(|(base, _)| *base)
            .collect()
    });
    for (place, base) in bases.iter().enumerate() {
        let name = format!("precision if {} % are attacks", percent(*base));
        add(&name, &|m| {
            value(m.precision_at_base_rate.get(place).and_then(|at| at.1))
        });
    }
    add("F1", &|m| value(m.f1));
    add("balanced accuracy", &|m| value(m.balanced_accuracy));
    add("Matthews correlation", &|m| value(m.mcc));
    if models.iter().any(|m| m.false_alarms.is_some()) {
        let pace = |m: &ModelReport, of: fn(&super::AlarmPace) -> Estimate| {
            m.false_alarms.as_ref().map_or(Estimate::default(), of)
        };
        add("false alarms an hour", &|m| {
            count(&pace(m, |pace| pace.per_hour))
        });
        add("false alarms a day", &|m| {
            count(&pace(m, |pace| pace.per_day))
        });
    }
    Table(table)
}

fn classes(model: &ModelReport) -> Table {
    let timed = model.false_alarms.is_some();
    let mut head = vec![
        "class",
        "rows",
        "alerts",
        "recall",
        "area",
        "average precision",
    ];
    head.extend(timed.then_some("seconds to alert"));
    let row = |class: &super::ClassReport| {
        let mut row = vec![
            shown(&class.class),
            grouped(class.rows),
            grouped(class.alerts),
            estimate(&class.recall),
            value(class.area),
            value(class.average_precision),
        ];
        let never = || "never".to_owned();
        let seconds = || {
            class
                .seconds_to_alert
                .map_or_else(never, |s| format!("{s:.3}"))
        };
        row.extend(timed.then(seconds));
        row
    };
    cut(head, model.classes.iter().map(row), model.classes.len())
}

fn groups(model: &ModelReport) -> Option<Table> {
    let groups = model.groups.as_ref()?;
    let head = vec![
        "group",
        "attacks",
        "benign",
        "area",
        "recall",
        "false-alarm rate",
    ];
    let row = |group: &super::GroupReport| {
        vec![
            shown(&group.group),
            grouped(group.attacks),
            grouped(group.benign),
            value(group.area),
            value(group.recall),
            value(group.false_alarm_rate),
        ]
    };
    Some(cut(head, groups.iter().map(row), groups.len()))
}

fn cut(head: Vec<&str>, rows: impl Iterator<Item = Vec<String>>, all: usize) -> Table {
    let mut table = vec![head.into_iter().map(str::to_owned).collect()];
    table.extend(rows.take(SHOWN));
    if all > SHOWN {
        table.push(vec![format!("and {} more", grouped((all - SHOWN) as u64))]);
    }
    Table(table)
}

/// One of `all` comparisons in words.
fn sentence(comparison: &Comparison, all: usize) -> String {
    let Comparison {
        first,
        second,
        areas,
        ..
    } = comparison;
    let (first, second) = (shown(first), shown(second));
    let difference = areas
        .difference
        .map_or("undefined".into(), |d| format!("{d:+.4}"));
    let interval = areas.interval.as_ref().map_or(String::new(), interval);
    let p = |p: Option<f64>| p.map_or("undefined".to_owned(), |p| format!("{p:.2e}"));
    // One comparison alone needs no correction for many.
    let holm = |corrected: Option<f64>| match all {
        0 | 1 => String::new(),
        _ => format!(", {} after Holm for {all} comparisons", p(corrected)),
    };
    format!(
        "{first} against {second}: area {difference}{interval}, p {}{} (DeLong, paired);\n  {} rows only {first} judges \
         right, {} only {second}, p {}{} (McNemar, exact)",
        p(areas.p_value),
        holm(comparison.areas_holm_p),
        grouped(comparison.only_first_right),
        grouped(comparison.only_second_right),
        p(Some(comparison.mcnemar_exact_p)),
        holm(comparison.mcnemar_holm_p),
    )
}

/// Of a share, without what doubles add to it: 0.07 is 7 %, not 7.000000000000001 %.
fn percent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

/// In full, with a power of ten where that would be many zeros.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 | 1e-6..1e15 => value.to_string(),
        _ => format!("{value:e}"),
    }
}

fn value(value: Option<f64>) -> String {
    value.map_or("–".into(), |value| format!("{value:.4}"))
}

fn estimate(estimate: &Estimate) -> String {
    value(estimate.value) + &estimate.interval.as_ref().map_or(String::new(), interval)
}

fn interval(interval: &Interval) -> String {
    format!(" [{:.4}, {:.4}]", interval.low, interval.high)
}

fn count(estimate: &Estimate) -> String {
    let interval = estimate.interval.as_ref();
    let interval = interval.map_or(String::new(), |i| format!(" [{:.1}, {:.1}]", i.low, i.high));
    estimate
        .value
        .map_or("–".into(), |value| format!("{value:.1}{interval}"))
}

/// A name from outside: without control characters, at most 32 characters long.
fn shown(name: &str) -> String {
    let clean = |letter: char| {
        if letter.is_control() {
            '\u{fffd}'
        } else {
            letter
        }
    };
    let mut letters = name.chars().map(clean);
    let mut text: String = letters.by_ref().take(32).collect();
    if letters.next().is_some() {
        text.pop();
        text.push('…');
    }
    text
}
