//! The page that tells how the columns compare.

use super::theirs::Reason;

/// One column.
pub(super) struct Comparison {
    pub(super) name: String,
    /// Rows in which both are equal.
    pub(super) equal: usize,
    /// Why the others differ.
    pub(super) reason: Option<Reason>,
}

/// The records as a whole.
pub(super) struct Summary {
    pub(super) packets: usize,
    pub(super) flows: usize,
    pub(super) rows: usize,
    /// Records that are whole flows of ours.
    pub(super) whole: usize,
    /// Records whose source is our responder.
    pub(super) turned: usize,
}

/// The document.
pub(super) fn page(summary: &Summary, columns: &[Comparison]) -> String {
    let Summary {
        packets,
        flows,
        rows,
        whole,
        turned,
    } = summary;
    let agree = columns
        .iter()
        .filter(|column| column.equal == *rows)
        .count();
    let lines: String = columns.iter().map(|column| line(column, *rows)).collect();
    let replace = [
        ("{packets}", packets.to_string()),
        ("{flows}", flows.to_string()),
        ("{rows}", rows.to_string()),
        ("{whole}", whole.to_string()),
        ("{turned}", turned.to_string()),
        ("{parts}", (rows - whole).to_string()),
        ("{columns}", columns.len().to_string()),
        ("{agree}", agree.to_string()),
        ("{differ}", (columns.len() - agree).to_string()),
        ("{lines}", lines),
    ];
    replace
        .into_iter()
        .fold(include_str!("page.md").to_owned(), |page, (place, text)| {
            page.replace(place, &text)
        })
}

fn line(column: &Comparison, rows: usize) -> String {
    let (error, what) = match &column.reason {
        Some(reason) => (reason.error.to_string(), reason.what),
        None => (String::new(), ""),
    };
    let differ = rows - column.equal;
    format!(
        "| {} | {} | {differ} | {error} | {what} |\n",
        column.name, column.equal
    )
}
