//! Many columns as two, for a map.

/// Rounds of the power iteration; it ends earlier once the direction stands.
const ROUNDS: usize = 300;
/// A change of direction below this is none.
const SETTLED: f64 = 1e-12;

/// Rows in the plane of their two principal components: the directions in which they differ most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Components {
    /// Place of each row.
    pub places: Vec<[f64; 2]>,
    /// Share of all variance that each direction has, 0 to 1; 0 where the rows are alike.
    pub explained: [f64; 2],
    /// What each column counts in each direction; the largest is above 0.
    pub loadings: [Vec<f64>; 2],
}

/// The principal components of `rows`, whose columns are first brought to mean 0 and variance 1; columns
/// that are constant or hold values that are not finite count for nothing. Rows shorter than the first
/// one count as ending in zeros.
///
/// The same rows give the same places, their signs included. It costs time and memory in the order of
/// rows × columns + columns².
///
/// ```
/// use nettraffic_viz::principal_components;
///
/// let rows = [vec![0.0, 1.0], vec![1.0, 3.0], vec![2.0, 5.0]];
/// let found = principal_components(&rows);
/// assert!(found.explained[0] > 0.999);
/// assert!(found.places[0][0] < found.places[1][0]);
/// ```
#[must_use]
pub fn principal_components(rows: &[Vec<f64>]) -> Components {
    let width = rows.first().map_or(0, Vec::len);
    let columns: Vec<Vec<f64>> = (0..width)
        .map(|column| standardised(rows, column))
        .collect();
    let mut covariance = covariance(&columns);
    let total: f64 = (covariance.iter().enumerate())
        .map(|(at, row)| row.get(at).copied().unwrap_or(0.0))
        .sum();
    let mut found = Components {
        places: vec![[0.0; 2]; rows.len()],
        ..Components::default()
    };
    for axis in 0..2 {
        let (direction, variance) = strongest(&covariance);
        for (column, weight) in columns.iter().zip(&direction) {
            for (place, value) in found.places.iter_mut().zip(column) {
                place[axis] += weight * value;
            }
        }
        // The next direction is sought in what this one leaves.
        for (row, left) in covariance.iter_mut().zip(&direction) {
            for (value, right) in row.iter_mut().zip(&direction) {
                *value -= variance * left * right;
            }
        }
        found.explained[axis] = if total > 0.0 { variance / total } else { 0.0 };
        found.loadings[axis] = direction;
    }
    found
}

/// A column with mean 0 and variance 1, or zeros.
fn standardised(rows: &[Vec<f64>], column: usize) -> Vec<f64> {
    let value = |row: &Vec<f64>| row.get(column).copied().unwrap_or(0.0);
    let count = rows.len().max(1) as f64;
    let mean = rows.iter().map(value).sum::<f64>() / count;
    let spread = rows
        .iter()
        .map(|row| (value(row) - mean).powi(2))
        .sum::<f64>()
        / count;
    let unit = spread.sqrt();
    // Rounding leaves a constant column with a spread far below its size.
    if !unit.is_finite() || unit <= 1e-9 * mean.abs().max(1e-300) {
        return vec![0.0; rows.len()];
    }
    rows.iter().map(|row| (value(row) - mean) / unit).collect()
}

fn covariance(columns: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let count = columns.first().map_or(1, Vec::len).max(1) as f64;
    let product = |a: &Vec<f64>, b: &Vec<f64>| -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / count
    };
    columns
        .iter()
        .map(|a| columns.iter().map(|b| product(a, b)).collect())
        .collect()
}

/// The direction of the largest variance, of length 1, and that variance; zeros where there is none.
fn strongest(covariance: &[Vec<f64>]) -> (Vec<f64>, f64) {
    let width = covariance.len();
    // A start that no symmetry of the columns makes orthogonal to what is sought.
    let mut direction: Vec<f64> = (0..width).map(|at| 1.0 + at as f64 / 7.0).collect();
    normalise(&mut direction);
    let mut variance = 0.0;
    for _ in 0..ROUNDS {
        let mut next: Vec<f64> = (covariance.iter())
            .map(|row| row.iter().zip(&direction).map(|(a, b)| a * b).sum())
            .collect();
        variance = normalise(&mut next);
        if variance <= 1e-9 {
            return (vec![0.0; width], 0.0);
        }
        let change: f64 = (next.iter().zip(&direction))
            .map(|(a, b)| (a - b).abs())
            .sum();
        direction = next;
        if change < SETTLED {
            break;
        }
    }
    let largest = direction.iter().copied().fold(0.0_f64, |largest, value| {
        if value.abs() > largest.abs() + 1e-9 {
            value
        } else {
            largest
        }
    });
    if largest < 0.0 {
        direction.iter_mut().for_each(|value| *value = -*value);
    }
    (direction, variance)
}

/// Brings a vector to length 1 and tells its length before.
fn normalise(vector: &mut [f64]) -> f64 {
    let length = vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ellipse of points, long in the direction (1, 1), with a constant column beside it.
    fn ellipse() -> Vec<Vec<f64>> {
        let point = |step: u32| {
            let angle = f64::from(step) / 50.0 * std::f64::consts::TAU;
            let (long, short) = (5.0 * angle.cos(), angle.sin());
            vec![long + short, long - short, 42.0]
        };
        (0..50).map(point).collect()
    }

    #[test]
    fn the_long_direction_comes_first() {
        let found = principal_components(&ellipse());
        let [first, second] = found.explained;
        assert!((first - 25.0 / 26.0).abs() < 1e-6 && (second - 1.0 / 26.0).abs() < 1e-6);
        for (column, expected) in [0.5_f64.sqrt(), 0.5_f64.sqrt(), 0.0]
            .into_iter()
            .enumerate()
        {
            assert!((found.loadings[0][column] - expected).abs() < 1e-6);
        }
        let variance = |axis: usize| -> f64 {
            found
                .places
                .iter()
                .map(|place| place[axis].powi(2))
                .sum::<f64>()
                / 50.0
        };
        assert!((variance(0) / variance(1) - 25.0).abs() < 1e-3);
    }

    #[test]
    fn rows_that_say_nothing_lie_at_the_origin() {
        for rows in [
            vec![],
            vec![vec![]],
            vec![vec![1.0, 2.0]],
            vec![vec![0.1 + 0.2, 5.0]; 9],
            vec![vec![f64::NAN], vec![1.0]],
            vec![vec![f64::MAX], vec![-f64::MAX]],
        ] {
            let found = principal_components(&rows);
            assert_eq!(found.places, vec![[0.0; 2]; rows.len()], "{rows:?}");
            assert_eq!(found.explained, [0.0; 2]);
        }
    }
}
