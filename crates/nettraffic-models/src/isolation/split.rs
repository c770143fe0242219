//! Where a node parts its rows: at a value of one column, or at a slanted plane.

use rand::Rng;
use rand::distributions::{Distribution, Open01};
use serde::{Deserialize, Serialize};

use super::params::MAX_SPLIT_COLUMNS;
use super::sample::Sample;

/// A question with two answers about a row.
pub(super) trait Split: Clone + Send + Sync {
    /// The question of a node that parts nothing: no row is beyond it.
    fn none() -> Self;

    /// A random question that has both answers among `members`, of at most `columns` columns;
    /// `None` when all of them are equal.
    fn draw(sample: &Sample, members: &[u32], columns: usize, rng: &mut impl Rng) -> Option<Self>;

    /// Whether a row, of which `value` gives the columns, lies on the far side.
    fn is_beyond(&self, value: impl Fn(u32) -> f32) -> bool;

    /// Whether it parts anything.
    fn is_some(&self) -> bool;

    /// Whether it can be asked of any row of `columns` finite values.
    fn is_sound(&self, columns: usize) -> bool;

    /// Hands out `credit` for the side on which `row` lies to the columns that put it there.
    fn credit(&self, row: &[f32], credit: f64, to: &mut [f64]);
}

/// One column against a threshold (Liu, Ting and Zhou 2008).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Threshold {
    column: u32,
    /// Below the largest number where the node parts rows; that number, which none exceeds, elsewhere.
    threshold: f32,
}

impl Split for Threshold {
    fn none() -> Self {
        Self {
            column: 0,
            threshold: f32::MAX,
        }
    }

    fn draw(sample: &Sample, members: &[u32], _: usize, rng: &mut impl Rng) -> Option<Self> {
        let mut left = sample.all_columns();
        let (column, low, high) = sample.draw_varying(members, &mut left, rng)?;
        let threshold = between(low, high, Open01.sample(rng)) as f32;
        Some(Self {
            column,
            // Rounding may have reached the upper end, and beyond it there is nothing.
            threshold: if threshold < high { threshold } else { low },
        })
    }

    fn is_beyond(&self, value: impl Fn(u32) -> f32) -> bool {
        value(self.column) > self.threshold
    }

    fn is_some(&self) -> bool {
        self.threshold < f32::MAX
    }

    fn is_sound(&self, columns: usize) -> bool {
        (self.column as usize) < columns && self.threshold.is_finite()
    }

    fn credit(&self, _: &[f32], credit: f64, to: &mut [f64]) {
        to[self.column as usize] += credit;
    }
}

/// A plane through a point, at a random slant (Hariri, Carrasco Kind and Brunner 2019).
///
/// The point is drawn on the line between the two members that lie farthest apart across the plane,
/// so that both sides have members; the paper's may leave one empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Plane(Vec<Term>);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Term {
    column: u32,
    /// Of the plane's normal.
    weight: f32,
    /// Of the point.
    at: f32,
}

impl Term {
    fn of(&self, value: f32) -> f64 {
        f64::from(self.weight) * (f64::from(value) - f64::from(self.at))
    }
}

impl Split for Plane {
    fn none() -> Self {
        Self(Vec::new())
    }

    fn draw(sample: &Sample, members: &[u32], columns: usize, rng: &mut impl Rng) -> Option<Self> {
        let mut left = sample.all_columns();
        let varying = std::iter::from_fn(|| {
            let (column, ..) = sample.draw_varying(members, &mut left, rng)?;
            let weight = normal(rng);
            Some(Term {
                column,
                weight,
                at: 0.0,
            })
        });
        let mut plane = Self(varying.take(columns).collect());
        let height = |member: u32| plane.height(|column| sample.value(member, column));
        let mut heights = members.iter().map(|member| (height(*member), *member));
        let first = heights.next()?;
        let (low, high) = heights.fold((first, first), |(low, high), next| {
            let low = if next.0 < low.0 { next } else { low };
            (low, if next.0 > high.0 { next } else { high })
        });
        let share = Open01.sample(rng);
        for term in &mut plane.0 {
            let value = |member: u32| sample.value(member, term.column);
            term.at = between(value(low.1), value(high.1), share) as f32;
        }
        // Columns may cancel each other, and rounding may move the point past a member.
        let is_beyond = |member| plane.is_beyond(|column| sample.value(member, column));
        (is_beyond(high.1) && !is_beyond(low.1)).then_some(plane)
    }

    fn is_beyond(&self, value: impl Fn(u32) -> f32) -> bool {
        self.height(value) > 0.0
    }

    fn is_some(&self) -> bool {
        !self.0.is_empty()
    }

    fn is_sound(&self, columns: usize) -> bool {
        let term = |term: &Term| {
            (term.column as usize) < columns && term.weight.is_finite() && term.at.is_finite()
        };
        self.0.len() <= MAX_SPLIT_COLUMNS && self.0.iter().all(term)
    }

    /// Columns that pull to the other side get nothing.
    fn credit(&self, row: &[f32], credit: f64, to: &mut [f64]) {
        let value = |column: u32| row[column as usize];
        let side = if self.is_beyond(value) { 1.0 } else { -1.0 };
        let pull = |term: &Term| (side * term.of(value(term.column))).max(0.0);
        let pulls: f64 = self.0.iter().map(pull).sum();
        for term in &self.0 {
            let share = if pulls > 0.0 {
                pull(term) / pulls
            } else {
                1.0 / self.0.len() as f64
            };
            to[term.column as usize] += credit * share;
        }
    }
}

impl Plane {
    /// How far `row` lies above the plane, times the length of the normal.
    fn height(&self, value: impl Fn(u32) -> f32) -> f64 {
        let terms = self.0.iter();
        terms.map(|term| term.of(value(term.column))).sum()
    }
}

fn between(low: f32, high: f32, share: f64) -> f64 {
    let (low, high) = (f64::from(low), f64::from(high));
    low + share * (high - low)
}

/// A draw from the normal distribution (Box and Muller 1958).
fn normal(rng: &mut impl Rng) -> f32 {
    let radius: f64 = Open01.sample(rng);
    let turn: f64 = rng.r#gen();
    ((-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()) as f32
}
