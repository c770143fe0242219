//! The tables that are known.

mod cicflowmeter;
mod flows;
mod kdd;
mod suricata;
mod unsw;
mod zeek;

pub(super) use cicflowmeter::layout as cicflowmeter;
pub(super) use flows::layout as flows;
pub(super) use kdd::layout as kdd;
pub(super) use suricata::layout as suricata;
pub(super) use unsw::{layout as unsw, raw as unsw_raw};
pub(super) use zeek::layout as zeek;

use super::layout::{ColumnRole, TableLayout};
use crate::{Missing, Unit};

/// A quantity of a known table: name, unit, and what an undefined value becomes.
type Quantity = (&'static str, Unit, Missing);

impl TableLayout {
    fn quantities(self, columns: &[Quantity]) -> Self {
        columns.iter().fold(self, |layout, (name, unit, missing)| {
            let (unit, missing) = (*unit, *missing);
            layout.column(*name, ColumnRole::Number { unit, missing })
        })
    }

    fn identities(self, names: &[&'static str]) -> Self {
        names
            .iter()
            .fold(self, |layout, name| layout.identity(*name))
    }

    fn all_left_out(self, names: &[&'static str]) -> Self {
        names
            .iter()
            .fold(self, |layout, name| layout.left_out(*name))
    }
}
