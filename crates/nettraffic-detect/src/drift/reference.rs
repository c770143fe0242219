//! How the training rows spread over bins, kept in the bundle to compare recent rows with.

use ndarray::ArrayView1;
use nettraffic_features::{ColumnKind, FeatureMatrix, Unit};
use serde::{Deserialize, Serialize};

use crate::Observed;

/// Numbers are parted into so many bins of about equal shares; one more on each side takes what
/// training never showed.
const PARTS: usize = 10;

/// Per raw column, the shares of the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reference {
    pub(crate) rows: u64,
    pub(crate) columns: Vec<Bins>,
}

/// The shares of one column. Categories are numbers from 0, so they have bins as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredBins")]
pub(crate) struct Bins {
    /// Upper ends, which belong to their bins, ascending; the last bin has none.
    edges: Vec<f64>,
    shares: Vec<f64>,
}

#[derive(Deserialize)]
struct StoredBins {
    edges: Vec<f64>,
    shares: Vec<f64>,
}

impl Reference {
    pub(crate) fn of(rows: &FeatureMatrix) -> Self {
        let view = rows.view();
        let columns = rows.schema().columns().iter().zip(view.columns());
        let bins = columns.map(|(column, values)| match &column.kind {
            ColumnKind::Category(names) => {
                Bins::count(values, (0..names.len()).map(|index| index as f64).collect())
            }
            _ => Bins::count(values, edges(values)),
        });
        Self {
            columns: bins.collect(),
            rows: rows.rows() as u64,
        }
    }
}

impl Bins {
    fn count(values: ArrayView1<'_, f64>, edges: Vec<f64>) -> Self {
        let shares = vec![0.0; edges.len() + 1];
        let mut bins = Self { edges, shares };
        let one = 1.0 / values.len().max(1) as f64;
        for value in values {
            let place = bins.place(*value);
            bins.shares[place] += one;
        }
        bins
    }

    /// The bin of a value.
    pub(crate) fn place(&self, value: f64) -> usize {
        self.edges.partition_point(|edge| *edge < value)
    }

    pub(crate) fn shares(&self) -> &[f64] {
        &self.shares
    }

    /// The numbers of a bin in words, in their unit.
    pub(crate) fn describe(&self, place: usize, unit: Unit) -> String {
        // Adding 0 makes -0 to 0.
        let told = |number: f64| Observed::Number(number + 0.0).describe(unit);
        let below = place.checked_sub(1);
        let low = below.and_then(|below| self.edges.get(below)).copied();
        let high = self.edges.get(place).copied();
        // The first edge lies just below the least value of the training.
        let least = self.edges.first().map(|edge| edge.next_up());
        match (low, high, least) {
            (None, Some(_), Some(least)) => format!("below {}", told(least)),
            (Some(_), Some(high), Some(least)) if place == 1 && told(least) == told(high) => {
                told(high)
            }
            (Some(_), Some(high), Some(least)) if place == 1 => {
                format!("{} to {}", told(least), told(high))
            }
            (Some(low), Some(high), _) => format!("above {}, at most {}", told(low), told(high)),
            (Some(low), None, Some(least)) if place == 1 => {
                format!("above {}", told(low.max(least)))
            }
            (Some(low), ..) => format!("above {}", told(low)),
            _ => "any value".to_owned(),
        }
    }
}

/// Just below the least value, the deciles and the greatest value, each once.
fn edges(values: ArrayView1<'_, f64>) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (Some(least), Some(last)) = (sorted.first(), sorted.len().checked_sub(1)) else {
        return Vec::new();
    };
    let below = least.next_down().max(f64::MIN);
    let parts = (0..=PARTS).map(|part| sorted[last * part / PARTS]);
    let mut edges: Vec<f64> = std::iter::once(below).chain(parts).collect();
    // `dedup` by value, so that 0 and -0 are one.
    edges.dedup_by(|next, before| *next <= *before);
    edges
}

impl TryFrom<StoredBins> for Bins {
    type Error = &'static str;

    fn try_from(stored: StoredBins) -> Result<Self, Self::Error> {
        let StoredBins { edges, shares } = stored;
        let ascending = edges.windows(2).all(|pair| pair[0] < pair[1]);
        // Each bin has a place of 16 bits in the monitor.
        if !ascending || shares.len() != edges.len() + 1 || shares.len() > usize::from(u16::MAX) {
            return Err("bins that are not in order");
        }
        if !shares
            .iter()
            .all(|share| (0.0..=1.0 + 1e-6).contains(share))
        {
            return Err("a share of a bin that is no share");
        }
        Ok(Self { edges, shares })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(values: &[f64]) -> Bins {
        let values = ArrayView1::from(values);
        Bins::count(values, edges(values))
    }

    #[test]
    fn every_value_has_a_bin_and_ties_share_one() {
        let uniform = bins(&(0..1000).map(f64::from).collect::<Vec<_>>());
        assert_eq!(uniform.shares.len(), PARTS + 3);
        assert_eq!((uniform.place(-1.0), uniform.shares[0]), (0, 0.0));
        assert_eq!(uniform.place(1e9), PARTS + 2);
        for share in &uniform.shares[2..PARTS + 2] {
            assert!((share - 0.1).abs() < 0.002, "{share}");
        }
        let zeros = bins(&[0.0, -0.0, 0.0]);
        assert_eq!(zeros.shares, [0.0, 1.0, 0.0]);
        assert_eq!([-1.0, 0.0, 1.0].map(|value| zeros.place(value)), [0, 1, 2]);
        assert_eq!(bins(&[]).shares, [0.0]);
        assert_eq!(bins(&[f64::MIN]).shares, [1.0, 0.0]);
    }

    #[test]
    fn a_bin_is_told_by_what_training_showed() {
        let zeros = bins(&[0.0, -0.0, 0.0]);
        let told = |bins: &Bins, unit: Unit| -> Vec<String> {
            (0..bins.shares.len())
                .map(|place| bins.describe(place, unit))
                .collect()
        };
        assert_eq!(
            told(&zeros, Unit::Seconds),
            ["below 0 s", "0 s", "above 0 s"]
        );
        assert_eq!(
            told(&bins(&[5.0, 5.0, 5.0, 8.5]), Unit::Bytes),
            [
                "below 5 B",
                "5 B",
                "above 5 B, at most 8.50 B",
                "above 8.50 B"
            ]
        );
        let many: Vec<f64> = (10..=110).map(f64::from).collect();
        let many = told(&bins(&many), Unit::Count);
        assert_eq!(many[..3], ["below 10", "10", "above 10, at most 20"]);
        assert_eq!(many.last().map(|text| &**text), Some("above 110"));
        assert_eq!(told(&bins(&[]), Unit::Count), ["any value"]);
        assert!(
            !told(&bins(&[f64::MIN, 1.0]), Unit::Count)
                .iter()
                .any(|text| text.contains("-0"))
        );
    }

    #[test]
    fn stored_bins_must_be_in_order() {
        for (edges, shares) in [
            (vec![1.0, 1.0], vec![0.0; 3]),
            (vec![2.0, 1.0], vec![0.0; 3]),
            (vec![1.0], vec![0.0; 3]),
            (vec![1.0], vec![0.5, 1.5]),
            (vec![1.0], vec![-0.5, 0.5]),
        ] {
            assert!(Bins::try_from(StoredBins { edges, shares }).is_err());
        }
    }
}
