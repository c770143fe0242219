//! Features that separate alone.

use super::LEAST_ROWS;
use super::check::Sides;
use super::finding::{Direction, Leak};
use crate::RocCurve;

/// No single honest feature of network traffic comes near this area on a broad mix of attacks.
const LEAST_AREA: f64 = 0.99;

pub(super) fn find(sides: Sides<'_>, feature: &str, value: impl Fn(usize) -> f64) -> Option<Leak> {
    // A missing value below all others: missing may tell, too.
    let value = |row: &usize| {
        Some(value(*row))
            .filter(|v| !v.is_nan())
            .unwrap_or(f64::NEG_INFINITY)
    };
    let (area, direction) = by_order(sides, value)
        .filter(|(area, _)| *area >= LEAST_AREA)
        .or_else(|| by_value(sides, value).map(|area| (area, Direction::ByValue)))?;
    (area >= LEAST_AREA).then(|| Leak::Shortcut {
        feature: feature.to_owned(),
        area,
        direction,
    })
}

/// The area of the values as scores, turned round where attacks have the lower ones.
fn by_order(sides: Sides<'_>, value: impl Fn(&usize) -> f64) -> Option<(f64, Direction)> {
    let rows = || sides.train.iter().chain(sides.test);
    let scores: Vec<f64> = rows().map(value).collect();
    let labels: Vec<bool> = rows().map(|row| sides.is_attack(*row)).collect();
    let area = area(&scores, &labels)?;
    Some(if area < 0.5 {
        (1.0 - area, Direction::AttacksLower)
    } else {
        (area, Direction::AttacksHigher)
    })
}

/// The area on the test rows of the share of attacks that each value has among the training rows: a
/// number that stands for a kind of attack tells, although in no order.
fn by_value(sides: Sides<'_>, value: impl Fn(&usize) -> f64) -> Option<f64> {
    let mut trained: Vec<(f64, bool)> = (sides.train.iter())
        .map(|row| (value(row), sides.is_attack(*row)))
        .collect();
    trained.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let share = |rows: &[(f64, bool)]| {
        rows.iter().filter(|row| row.1).count() as f64 / rows.len().max(1) as f64
    };
    let usual = share(&trained);
    let shares: Vec<(f64, f64)> = (trained.chunk_by(|a, b| a.0 == b.0))
        .filter_map(|rows| Some((rows.first()?.0, share(rows))))
        .collect();
    let of_value = |value: f64| {
        let found = shares.partition_point(|(other, _)| *other < value);
        let found = shares.get(found).filter(|(other, _)| *other == value);
        found.map_or(usual, |(_, share)| *share)
    };
    let scores: Vec<f64> = sides.test.iter().map(|row| of_value(value(row))).collect();
    let labels: Vec<bool> = sides.test.iter().map(|row| sides.is_attack(*row)).collect();
    area(&scores, &labels)
}

/// `None` where there are too few rows of a kind: among many features one would separate them by chance.
fn area(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let roc = RocCurve::new(scores, labels).ok()?;
    let enough = roc.positives().min(roc.negatives()) >= LEAST_ROWS as u64;
    roc.area().filter(|_| enough)
}
