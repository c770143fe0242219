//! Curves over several seeds.

use serde::Serialize;

use super::measure::{mean, spread};

/// Places on the axis to the right where curves are held against each other.
const PLACES: usize = 201;

/// The same curve once per seed or fold: points with both coordinates 0 to 1. A ROC curve has the
/// false-alarm rate to the right and recall upwards, a PR curve has recall to the right and precision
/// upwards; either goes from left to right or back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Curve {
    /// Points of each seed.
    pub seeds: Vec<Vec<(f64, f64)>>,
}

/// A curve's mean at each place, and its mean minus and plus the standard deviation over seeds.
pub(crate) struct Band {
    pub(crate) mean: Vec<(f64, f64)>,
    pub(crate) low: Vec<(f64, f64)>,
    pub(crate) high: Vec<(f64, f64)>,
}

impl Curve {
    /// A curve of one seed.
    #[must_use]
    pub fn once(points: Vec<(f64, f64)>) -> Self {
        Self {
            seeds: vec![points],
        }
    }

    /// Mean and band; `None` without points that can be drawn.
    pub(crate) fn band(&self) -> Option<Band> {
        let seeds: Vec<Vec<(f64, f64)>> = (self.seeds.iter())
            .map(|points| drawable(points))
            .filter(|points| !points.is_empty())
            .collect();
        if seeds.is_empty() {
            return None;
        }
        let mut band = Band {
            mean: Vec::new(),
            low: Vec::new(),
            high: Vec::new(),
        };
        for place in 0..PLACES {
            let x = place as f64 / (PLACES - 1) as f64;
            let heights: Vec<f64> = seeds.iter().map(|points| height(points, x)).collect();
            let middle = mean(&heights).unwrap_or(0.0);
            let around = spread(&heights).unwrap_or(0.0);
            band.mean.push((x, middle));
            band.low.push((x, (middle - around).max(0.0)));
            band.high.push((x, (middle + around).min(1.0)));
        }
        // A ROC curve begins with its ascent at nothing.
        if seeds
            .iter()
            .all(|points| points.first() == Some(&(0.0, 0.0)))
        {
            band.mean.insert(0, (0.0, 0.0));
        }
        Some(band)
    }
}

/// Points within the chart, from left to right.
fn drawable(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let inside = |&&(x, y): &&(f64, f64)| (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y);
    let mut points: Vec<(f64, f64)> = points.iter().filter(inside).copied().collect();
    if let (Some(first), Some(last)) = (points.first(), points.last())
        && first.0 > last.0
    {
        points.reverse();
    }
    // What stands upright keeps its order: the sort is stable.
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// The height at a place: of points there the last, between points on the line, beyond them the nearest.
fn height(points: &[(f64, f64)], x: f64) -> f64 {
    let after = points.partition_point(|point| point.0 <= x);
    match (
        after.checked_sub(1).and_then(|at| points.get(at)),
        points.get(after),
    ) {
        (Some(&(left, low)), Some(&(right, high))) if right > left => {
            low + (high - low) * (x - left) / (right - left)
        }
        (Some(point), _) | (None, Some(point)) => point.1,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_become_a_mean_and_a_band() {
        let curve = Curve {
            seeds: vec![
                vec![(0.0, 0.0), (0.0, 0.6), (1.0, 1.0)],
                vec![(1.0, 1.0), (0.0, 0.8), (0.0, 0.0)],
            ],
        };
        let Some(band) = curve.band() else {
            panic!("there are points")
        };
        assert_eq!(band.mean[0], (0.0, 0.0));
        assert!((band.mean[1].1 - 0.7).abs() < 1e-12 && band.mean[1].0 == 0.0);
        assert!((band.mean[101].1 - 0.85).abs() < 1e-12);
        let width = band.high[0].1 - band.low[0].1;
        assert!((width - 2.0 * 0.02_f64.sqrt()).abs() < 1e-12, "{width}");
        assert_eq!(band.mean.last(), Some(&(1.0, 1.0)));
    }

    #[test]
    fn odd_points_are_left_out() {
        for points in [vec![], vec![(f64::NAN, 0.5)], vec![(2.0, 0.5), (0.5, -1.0)]] {
            assert!(Curve::once(points).band().is_none());
        }
        let single = Curve::once(vec![(0.5, 0.25)]).band();
        assert!(single.is_some_and(|band| band.mean.iter().all(|point| point.1 == 0.25)));
    }
}
