//! One rule: what a row must be like, and what then is decided.

use std::fmt;

use ndarray::{ArrayView1, ArrayView2};

use crate::forest::{RandomForest, Step};

/// All of its conditions, and what a row that meets them is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rule {
    /// Whether such rows are anomalous.
    pub anomalous: bool,
    /// One for each column that is asked, in the order of asking.
    pub conditions: Vec<Condition>,
    /// Rows that meet the conditions, of those that the rules were made from.
    pub rows: u64,
    /// How many of them the detector alarms on.
    pub alarms: u64,
}

/// The range in which a column's value must lie.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Condition {
    /// Name of the column.
    pub name: String,
    /// The value must be above; −∞ asks that there is a value.
    pub above: Option<f32>,
    /// The value must be at most this, or missing; −∞ asks that it is missing.
    pub at_most: Option<f32>,
    /// Whether a missing value meets the condition, and the column has some among the rows that
    /// the rules were made from.
    pub or_missing: bool,
    /// Whether the column holds nothing but 0 and 1 among the rows that the rules were made from: it is
    /// then so, or not so.
    pub is_flag: bool,
}

/// What rules say of a column.
struct Column<'a> {
    name: &'a str,
    has_missing: bool,
    is_flag: bool,
}

/// The rules of a tree's leaves; neighbours that decide alike are one rule.
pub(super) fn of(
    tree: &RandomForest,
    rows: ArrayView2<'_, f32>,
    decisions: &[bool],
    names: &[String],
) -> Vec<Rule> {
    let columns: Vec<Column<'_>> = (names.iter().zip(rows.columns()))
        .map(|(name, values)| Column {
            name,
            has_missing: values.iter().any(|value| value.is_nan()),
            is_flag: values.iter().all(|&value| value == 0.0 || value == 1.0),
        })
        .collect();
    let mut ways: Vec<(Vec<Step>, bool)> = Vec::new();
    for (way, shares) in tree.ways() {
        ways.push((way, alarms(shares)));
        while let [.., (low, low_alarms), (high, high_alarms)] = ways.as_slice()
            && low_alarms == high_alarms
            && are_siblings(low, high)
        {
            ways.pop();
            if let Some((way, _)) = ways.last_mut() {
                way.pop();
            }
        }
    }
    let mut rules: Vec<Rule> = ways
        .into_iter()
        .map(|(way, anomalous)| {
            let inside = rows.outer_iter().zip(decisions);
            let inside = inside.filter(|(row, _)| way.iter().all(|step| leads(step, row)));
            let (mut rows, mut alarms) = (0, 0);
            for (_, alarm) in inside {
                rows += 1;
                alarms += u64::from(*alarm);
            }
            Rule {
                anomalous,
                conditions: conditions(&way, &columns),
                rows,
                alarms,
            }
        })
        .collect();
    rules.sort_by_key(|rule| (!rule.anomalous, u64::MAX - rule.rows));
    rules
}

/// Whether a leaf of these shares of normal and anomalous rows alarms.
pub(super) fn alarms(shares: &[f32]) -> bool {
    matches!(shares, [normal, anomalous] if anomalous > normal)
}

pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of rows, far below 2^53")]
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Whether two ways part at their last step only.
fn are_siblings(low: &[Step], high: &[Step]) -> bool {
    match (low.split_last(), high.split_last()) {
        (Some((low, before_low)), Some((high, before_high))) => {
            before_low == before_high && low.column == high.column && low.above != high.above
        }
        _ => false,
    }
}

fn leads(step: &Step, row: &ArrayView1<'_, f32>) -> bool {
    (row[step.column] > step.edge) == step.above
}

/// The steps, with all that ask one column taken together: a later one is the narrower.
fn conditions(way: &[Step], columns: &[Column<'_>]) -> Vec<Condition> {
    let mut conditions: Vec<(usize, Condition)> = Vec::new();
    for step in way {
        let known = conditions
            .iter()
            .position(|(column, _)| *column == step.column);
        let place = known.unwrap_or_else(|| {
            let column = &columns[step.column];
            let condition = Condition {
                name: column.name.to_owned(),
                above: None,
                at_most: None,
                or_missing: column.has_missing,
                is_flag: column.is_flag,
            };
            conditions.push((step.column, condition));
            conditions.len() - 1
        });
        let condition = &mut conditions[place].1;
        if step.above {
            condition.above = Some(step.edge);
            condition.or_missing = false;
        } else {
            condition.at_most = Some(step.edge);
        }
    }
    conditions
        .into_iter()
        .map(|(_, condition)| condition)
        .collect()
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({} rows, {:.1} % of them alarms): ",
            if self.anomalous {
                "anomalous"
            } else {
                "normal"
            },
            self.rows,
            100.0 * share(self.alarms, self.rows).unwrap_or_default(),
        )?;
        if self.conditions.is_empty() {
            return f.write_str("always");
        }
        for (index, condition) in self.conditions.iter().enumerate() {
            let and = if index > 0 { " and " } else { "" };
            write!(f, "{and}{condition}")?;
        }
        Ok(())
    }
}

/// Numbers with four digits that count.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            above,
            at_most,
            or_missing,
            is_flag,
        } = self;
        match (above, at_most) {
            (Some(_), _) if *is_flag => write!(f, "{name}"),
            (None, Some(_)) if *is_flag => write!(f, "not {name}"),
            (_, Some(f32::NEG_INFINITY)) => write!(f, "{name} is missing"),
            (Some(f32::NEG_INFINITY), None) => write!(f, "{name} is there"),
            (Some(f32::NEG_INFINITY), Some(most)) => {
                write!(f, "{name} is there and ≤ {}", digits(*most))
            }
            (Some(least), None) => write!(f, "{name} > {}", digits(*least)),
            (Some(least), Some(most)) => {
                write!(f, "{} < {name} ≤ {}", digits(*least), digits(*most))
            }
            (None, Some(most)) => {
                let missing = if *or_missing { " or missing" } else { "" };
                write!(f, "{name} ≤ {}{missing}", digits(*most))
            }
            (None, None) => write!(f, "{name} is anything"),
        }
    }
}

/// Four digits that count, all those before the point, no zeros at the end.
fn digits(value: f32) -> String {
    if value == 0.0 || !(1e-4..1e15).contains(&value.abs()) {
        return format!("{value:.3e}");
    }
    let before_point = value.abs().log10().floor();
    let decimals = [3.0, 2.0, 1.0, 0.0]
        .iter()
        .position(|places| before_point >= *places);
    let decimals = decimals.unwrap_or(7);
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
