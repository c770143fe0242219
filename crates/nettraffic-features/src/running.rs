//! What the columns of a stream of rows look like.

use std::sync::Arc;

use crate::{ColumnKind, Schema};

/// Range, mean and spread of each column of rows that are not kept: for any number of them, where a
/// [`Summary`](crate::Summary) needs all at once.
///
/// ```
/// use nettraffic_features::{Column, RunningSummary, Schema, Unit};
/// use std::sync::Arc;
///
/// let schema = Arc::new(Schema::new(vec![Column::number("bytes", Unit::Bytes)])?);
/// let mut summary = RunningSummary::new(schema);
/// for bytes in [10.0, 30.0] {
///     summary.add(&[bytes]);
/// }
/// let bytes = &summary.columns()[0];
/// assert_eq!((bytes.mean(), bytes.population_std()), (Some(20.0), Some(10.0)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunningSummary {
    schema: Arc<Schema>,
    columns: Vec<RunningColumn>,
    rows: u64,
}

/// What one column looks like so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunningColumn {
    count: u64,
    not_zero: u64,
    mean: f64,
    /// Sum of squared differences from the mean.
    deviations: f64,
    min: f64,
    max: f64,
}

impl RunningSummary {
    /// Of no rows yet.
    #[must_use]
    pub fn new(schema: Arc<Schema>) -> Self {
        let columns = vec![RunningColumn::EMPTY; schema.len()];
        Self {
            schema,
            columns,
            rows: 0,
        }
    }

    /// Takes in one row; values beyond its columns count for nothing.
    pub fn add(&mut self, row: &[f64]) {
        self.rows += 1;
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.add(*value);
        }
    }

    /// Rows so far.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// One for each column of the schema, in its order; those of categories speak of their numbers.
    #[must_use]
    pub fn columns(&self) -> &[RunningColumn] {
        &self.columns
    }

    /// A table for people: a line for each quantity, with its unit.
    #[must_use]
    pub fn table(&self) -> String {
        let columns = self.schema.columns().iter().zip(&self.columns);
        let quantities = columns.filter(|(column, _)| column.kind == ColumnKind::Number);
        let mut text = format!(
            "{:<34} {:>12} {:>12} {:>12} {:>12} {:>7}  unit\n",
            "feature", "min", "mean", "deviation", "max", "not 0"
        );
        for (column, found) in quantities {
            let number = |value: Option<f64>| value.map_or("-".to_owned(), short);
            let share = |part: u64| format!("{:.1} %", 100.0 * part as f64 / found.count as f64);
            text.push_str(&format!(
                "{:<34} {:>12} {:>12} {:>12} {:>12} {:>7}  {}\n",
                column.name,
                number(found.min()),
                number(found.mean()),
                number(found.population_std()),
                number(found.max()),
                if found.count > 0 {
                    share(found.not_zero)
                } else {
                    "-".to_owned()
                },
                column.unit
            ));
        }
        text
    }
}

impl RunningColumn {
    const EMPTY: Self = Self {
        count: 0,
        not_zero: 0,
        mean: 0.0,
        deviations: 0.0,
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
    };

    /// By the recurrence of Welford (1962), which loses no small spread around a large mean.
    fn add(&mut self, value: f64) {
        self.count += 1;
        self.not_zero += u64::from(value != 0.0);
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.deviations += before * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// The smallest value; `None` without rows, as all the others.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        self.defined(self.min)
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        self.defined(self.max)
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.defined(self.mean)
    }

    /// The standard deviation of these values as a whole population.
    #[must_use]
    pub fn population_std(&self) -> Option<f64> {
        self.defined((self.deviations / self.count as f64).sqrt())
    }

    /// Rows whose value is not 0.
    #[must_use]
    pub const fn not_zero(&self) -> u64 {
        self.not_zero
    }

    fn defined(&self, value: f64) -> Option<f64> {
        (self.count > 0).then_some(value)
    }
}

/// Four digits that count.
fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&size) {
        let digits = match size {
            _ if value.fract() == 0.0 => 0,
            ..1.0 => 4,
            1.0..1000.0 => 2,
            _ => 0,
        };
        format!("{value:.digits$}")
    } else {
        format!("{value:.3e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Column, Unit};

    fn schema() -> Arc<Schema> {
        let columns = vec![
            Column::number("bytes", Unit::Bytes),
            Column::category("protocol", ["tcp", "udp"]),
            Column::number("duration", Unit::Seconds),
        ];
        Arc::new(Schema::new(columns).unwrap_or_else(|twice| panic!("{twice}")))
    }

    #[test]
    fn columns_are_those_of_a_summary_of_all_rows() {
        let mut running = RunningSummary::new(schema());
        let rows = [
            [1e9 + 4.0, 0.0, 0.0],
            [1e9 + 7.0, 1.0, 0.25],
            [1e9 + 13.0, 0.0, 0.0],
        ];
        rows.iter().for_each(|row| running.add(row));
        assert_eq!(running.rows(), 3);
        let [bytes, _, duration] = running.columns() else {
            panic!("three columns");
        };
        assert_eq!(
            (bytes.min(), bytes.max()),
            (Some(1e9 + 4.0), Some(1e9 + 13.0))
        );
        assert_eq!(bytes.mean(), Some(1e9 + 8.0));
        let spread = bytes.population_std().unwrap_or_default();
        assert!((spread - 14.0_f64.sqrt()).abs() < 1e-6, "{spread}");
        assert_eq!((bytes.not_zero(), duration.not_zero()), (3, 1));
    }

    #[test]
    fn the_table_has_a_line_for_each_quantity() {
        let mut running = RunningSummary::new(schema());
        running.add(&[10.0, 1.0, 0.0]);
        running.add(&[30.0, 1.0, 0.5]);
        let table = running.table();
        let lines: Vec<Vec<&str>> = (table.lines())
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            lines[1],
            ["bytes", "10", "20", "10", "30", "100.0", "%", "bytes"]
        );
        assert_eq!(
            lines[2],
            [
                "duration", "0", "0.2500", "0.2500", "0.5000", "50.0", "%", "seconds"
            ]
        );
        assert_eq!(lines.len(), 3);
        assert!(RunningSummary::new(schema()).table().contains(" - "));
    }
}
