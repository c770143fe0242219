//! Many dots drawn as few.

use std::collections::BTreeMap;

/// Columns and rows of the grid in which dots that would cover each other become one.
const COLUMNS: f64 = 300.0;
const ROWS: f64 = 80.0;

/// Places of dots, at most one in each cell of a grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dots {
    cells: BTreeMap<(u32, u32), (f64, f64)>,
    pushed: usize,
}

impl Dots {
    /// Adds a dot at a place, both coordinates 0 to 1. Of the dots of one cell the highest stays
    /// at its exact place, so the highest of each column is always true.
    pub(crate) fn push(&mut self, x: f64, y: f64) {
        self.pushed += 1;
        let cell = ((x * COLUMNS) as u32, (y * ROWS) as u32);
        let highest = self.cells.entry(cell).or_insert((x, y));
        if y > highest.1 {
            *highest = (x, y);
        }
    }

    /// Dots that were added.
    pub(crate) fn pushed(&self) -> usize {
        self.pushed
    }

    /// Dots that are left.
    pub(crate) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.cells.values().copied()
    }
}

impl FromIterator<(f64, f64)> for Dots {
    fn from_iter<I: IntoIterator<Item = (f64, f64)>>(places: I) -> Self {
        let mut dots = Self::default();
        for (x, y) in places {
            dots.push(x, y);
        }
        dots
    }
}

/// Leaves out points of a line that lie closer than `step` to the one before, never the last.
pub(crate) fn thin(points: impl IntoIterator<Item = (f64, f64)>, step: f64) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut waiting = None;
    for point in points {
        let near = |last: &(f64, f64)| (point.0 - last.0).abs() + (point.1 - last.1).abs() < step;
        if kept.last().is_some_and(near) {
            waiting = Some(point);
        } else {
            kept.push(point);
            waiting = None;
        }
    }
    kept.extend(waiting);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_of_each_column_keeps_its_place() {
        let mut dots = Dots::default();
        let all: Vec<(f64, f64)> = (0..50_000_u32)
            .map(|i| {
                (
                    f64::from(i) / 50_000.0,
                    f64::from(i.wrapping_mul(2_654_435_761)) / f64::from(u32::MAX),
                )
            })
            .collect();
        for &(x, y) in &all {
            dots.push(x, y);
        }
        assert!(dots.len() <= (COLUMNS * ROWS) as usize && dots.len() > 20_000);
        for column in 0..300_u32 {
            let of_column = |(x, _): &&(f64, f64)| (x * COLUMNS) as u32 == column;
            let highest = all
                .iter()
                .filter(of_column)
                .map(|dot| dot.1)
                .fold(0.0, f64::max);
            assert!(
                dots.places()
                    .any(|(x, y)| (x * COLUMNS) as u32 == column && y == highest)
            );
        }
    }

    #[test]
    fn a_thinned_line_keeps_its_ends() {
        let line: Vec<(f64, f64)> = (0..=10_000)
            .map(|i| (f64::from(i) / 10_000.0, 0.5))
            .collect();
        let thinned = thin(line.iter().copied(), 0.002);
        assert!(thinned.len() < 510);
        assert_eq!(
            (thinned.first(), thinned.last()),
            (line.first(), line.last())
        );
        assert!(thin([], 0.1).is_empty());
    }
}
