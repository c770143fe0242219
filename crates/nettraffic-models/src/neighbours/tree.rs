//! A ball tree: rows that are near each other share a ball, so that most of them need not be looked at.

use super::distance::squared;
use super::nearest::Nearest;

/// Rows in a leaf, at most.
const LEAF: usize = 16;

/// Rows, ordered so that each ball's lie together, and the balls.
#[derive(Clone, Debug)]
pub(super) struct BallTree {
    columns: usize,
    values: Vec<f32>,
    balls: Vec<Ball>,
    /// One after another, as the balls.
    centres: Vec<f32>,
}

/// The rows from `first` to `end`. A ball of more than [`LEAF`] rows is parted into the next one
/// and the one at `second`.
#[derive(Clone, Copy, Debug)]
struct Ball {
    first: usize,
    end: usize,
    second: usize,
    /// No row is farther from the centre.
    radius: f64,
}

impl BallTree {
    pub(super) fn new(values: &[f32], columns: usize) -> Self {
        let mut members: Vec<usize> = (0..values.len() / columns).collect();
        let mut tree = Self {
            columns,
            values: Vec::with_capacity(values.len()),
            balls: Vec::new(),
            centres: Vec::new(),
        };
        tree.grow(values, &mut members);
        tree
    }

    pub(super) fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.columns..][..self.columns]
    }

    /// Puts into `nearest` the rows nearest to `row`.
    pub(super) fn search(&self, row: &[f32], nearest: &mut Nearest) {
        self.visit(0, self.beyond(0, row), row, nearest);
    }

    fn visit(&self, at: usize, least: f64, row: &[f32], nearest: &mut Nearest) {
        if least > nearest.bound() {
            return;
        }
        let ball = self.balls[at];
        if ball.end - ball.first <= LEAF {
            for index in ball.first..ball.end {
                nearest.offer(squared(row, self.row(index), nearest.bound()), index);
            }
            return;
        }
        let children = [at + 1, ball.second].map(|child| (child, self.beyond(child, row)));
        let [near, far] = if children[0].1 <= children[1].1 {
            children
        } else {
            [children[1], children[0]]
        };
        self.visit(near.0, near.1, row, nearest);
        self.visit(far.0, far.1, row, nearest);
    }

    /// The least squared distance that a row of the ball may have, and a hair less, because
    /// distances are rounded.
    fn beyond(&self, at: usize, row: &[f32]) -> f64 {
        let centre = &self.centres[at * self.columns..][..self.columns];
        let away = squared(row, centre, f64::INFINITY).sqrt() * (1.0 - 1e-9);
        let least = (away - self.balls[at].radius).max(0.0);
        least * least
    }

    fn grow(&mut self, values: &[f32], members: &mut [usize]) {
        let row = |member: usize| &values[member * self.columns..][..self.columns];
        let (first, at) = (self.values.len() / self.columns, self.balls.len());
        let (centre, widest) = middle(members, self.columns, row);
        let distances = members
            .iter()
            .map(|m| squared(row(*m), &centre, f64::INFINITY));
        let radius = distances.fold(0.0, f64::max).sqrt() * (1.0 + 1e-9);
        self.centres.extend(centre);
        self.balls.push(Ball {
            first,
            end: first + members.len(),
            second: 0,
            radius,
        });
        if members.len() <= LEAF {
            for member in members {
                let from = *member * self.columns;
                self.values
                    .extend_from_slice(&values[from..][..self.columns]);
            }
            return;
        }
        // Halves, so that the tree stays low whatever the rows are; ties by the order of the rows.
        let half = members.len() / 2;
        members.select_nth_unstable_by(half, |a, b| {
            row(*a)[widest].total_cmp(&row(*b)[widest]).then(a.cmp(b))
        });
        let (low, high) = members.split_at_mut(half);
        self.grow(values, low);
        self.balls[at].second = self.balls.len();
        self.grow(values, high);
    }
}

/// The middle of the ranges of the members' columns, and the column of the widest.
fn middle<'a>(
    members: &[usize],
    columns: usize,
    row: impl Fn(usize) -> &'a [f32],
) -> (Vec<f32>, usize) {
    let mut low = vec![f32::INFINITY; columns];
    let mut high = vec![f32::NEG_INFINITY; columns];
    for member in members {
        for ((low, high), value) in low.iter_mut().zip(&mut high).zip(row(*member)) {
            *low = low.min(*value);
            *high = high.max(*value);
        }
    }
    let ends = || low.iter().zip(&high);
    let widths = ends().map(|(low, high)| f64::from(*high) - f64::from(*low));
    let widest = widths.enumerate().fold(
        (0, -1.0),
        |widest, next| {
            if next.1 > widest.1 { next } else { widest }
        },
    );
    let centre = ends().map(|(low, high)| low / 2.0 + high / 2.0).collect();
    (centre, widest.0)
}
