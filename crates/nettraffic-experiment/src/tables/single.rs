//! The one feature that tells attacks best: what every model must beat.

use nettraffic_eval::RocCurve;
use nettraffic_features::FeatureMatrix;

use super::TableRows;
use crate::ExperimentError;

/// A feature whose value, or its negative, is the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SingleFeature {
    column: usize,
    /// Whether low values are the strange ones.
    is_falling: bool,
}

impl SingleFeature {
    /// The column with the greatest area under the ROC curve of the training rows, of equal ones the first.
    ///
    /// # Errors
    /// No benign rows or no attacks.
    pub(crate) fn choose(rows: &TableRows) -> Result<Self, ExperimentError> {
        let attacks = rows.attacks();
        let view = rows.features().view();
        let mut best: Option<(f64, Self)> = None;
        for (column, values) in view.columns().into_iter().enumerate() {
            let Some(area) = RocCurve::new(&values.to_vec(), &attacks)?.area() else {
                continue;
            };
            let is_falling = area < 0.5;
            let area = area.max(1.0 - area);
            if best.is_none_or(|(most, _)| area > most) {
                best = Some((area, Self { column, is_falling }));
            }
        }
        best.map(|(_, feature)| feature)
            .ok_or(ExperimentError::NoAttacks)
    }

    /// The place of the feature.
    pub(crate) fn column(self) -> usize {
        self.column
    }

    /// One score per row, higher is stranger.
    pub(crate) fn scores(self, rows: &FeatureMatrix) -> Vec<f32> {
        let sign = if self.is_falling { -1.0 } else { 1.0 };
        let values = rows.view().column(self.column).to_vec().into_iter();
        // No value that a matrix holds becomes infinite.
        let score =
            |value: f64| (sign * value).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
        values.map(score).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::testing::rows;

    #[test]
    fn the_best_column_is_chosen_with_its_direction() -> Result<(), ExperimentError> {
        let train = rows(&[
            ([1.0, 9.0], "benign"),
            ([3.0, 8.0], "benign"),
            ([2.0, 7.0], "scan"),
            ([4.0, 1e300], "scan"),
            ([5.0, 1.0], "scan"),
        ])?;
        // Areas: .83 rising, .67 falling.
        let rising = SingleFeature::choose(&train)?;
        assert_eq!(
            rising,
            SingleFeature {
                column: 0,
                is_falling: false
            }
        );
        assert_eq!(rising.scores(train.features()), [1.0, 3.0, 2.0, 4.0, 5.0]);
        let falling = SingleFeature {
            column: 1,
            is_falling: true,
        };
        assert_eq!(
            falling.scores(train.features())[2..],
            [-7.0, f32::MIN, -1.0]
        );
        assert!(SingleFeature::choose(&train.select(&[0, 1])).is_err());
        Ok(())
    }
}
