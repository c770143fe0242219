//! Flow tables of others, and our own.

mod corpus;
mod formats;
mod hostile;
#[cfg(feature = "flow")]
mod own;

use nettraffic_features::{ColumnKind, Table, TableAccount};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn assert_closes(account: &TableAccount) {
    let parts = account.headings + account.blank + account.passed_over + account.rows;
    assert_eq!(account.lines, parts, "{account:?}");
    assert_eq!(account.rows, account.kept + account.refused, "{account:?}");
    let by_reason: u64 = account.refused_by_reason.values().sum();
    assert_eq!(account.refused, by_reason, "{account:?}");
    let kept_in_full = account.refusals.len() as u64;
    assert_eq!(account.refused.min(100), kept_in_full, "{account:?}");
}

/// Names of the features, categories with theirs: `bytes proto=tcp|udp`.
fn columns(table: &Table) -> String {
    let columns = table.matrix.schema().columns().iter();
    let names: Vec<String> = columns
        .map(|column| match &column.kind {
            ColumnKind::Category(names) => format!("{}={}", column.name, names.join("|")),
            _ => column.name.to_string(),
        })
        .collect();
    names.join(" ")
}

/// The value of a row in the column of that name.
fn value(table: &Table, row: usize, name: &str) -> Option<f64> {
    let at = table.matrix.schema().position(name)?;
    table.matrix.row(row).get(at).copied()
}
