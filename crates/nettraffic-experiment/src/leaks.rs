//! What makes the results of a fold look better than they are.

use std::collections::BTreeSet;

use nettraffic_eval::{Leak, LeakCheck, Split, Truth};

use crate::ExperimentError;
use crate::data::Rows;

/// The leaks of a split: copies, telling features, what both sides share.
pub(crate) fn leaks(rows: &Rows, split: &Split) -> Result<Vec<Leak>, ExperimentError> {
    // What nobody knows of is neither learned nor judged.
    let known = |side: &[usize]| rows.where_truth(side, |truth| truth != Truth::Unknown);
    let split = Split::new(known(&split.train), known(&split.test));
    let attack = |row| rows.truth(row).is_attack() == Some(true);
    let attacks: Vec<bool> = (0..rows.len()).map(attack).collect();
    let columns = rows.columns();
    let mut check = LeakCheck::new(&split, &attacks)?
        .features(&columns, |row, column| rows.value(row, column))
        .files(rows.files())?;
    if let Some(conversations) = &rows.keys().conversations {
        check = check.group("conversation", conversations)?;
    }
    // Clocks of different captures tell nothing of each other: one may be made, or of another network.
    if let Some(times) = &rows.keys().times
        && parts_a_file(rows, &split)
    {
        check = check.times(times)?;
    }
    Ok(check.findings())
}

/// Whether rows of one file are on both sides.
fn parts_a_file(rows: &Rows, split: &Split) -> bool {
    let files = rows.files();
    let trained: BTreeSet<usize> = split.train.iter().map(|row| files[*row]).collect();
    (split.test.iter()).any(|row| trained.contains(&files[*row]))
}
