//! From rows to scores, by one model or several that are fused.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};
use nettraffic_features::{FeatureMatrix, FeatureSet, Preprocessor, Scale, Schema};
use nettraffic_models::{Calibration, Fusion, FusionRule};
use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::recipe::Ingredient;
use crate::{DetectError, ModelKind};

/// What gives a row its score: a model, or several members whose scores are fused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Scorer {
    pub(crate) members: Vec<Member>,
    /// How the scores of several members become one.
    pub(crate) fusion: Option<Fusion>,
}

/// A model with the preprocessing of its rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Member {
    /// The columns that it looks at, ascending.
    columns: Vec<usize>,
    pub(crate) preprocessor: Preprocessor,
    pub(crate) model: Model,
}

impl Scorer {
    /// The kind of detector that it makes.
    pub(crate) fn kind(&self) -> ModelKind {
        match &self.members[..] {
            [only] => only.model.kind(),
            _ => ModelKind::Fusion,
        }
    }

    /// One score per row.
    pub(crate) fn score(&self, rows: &FeatureMatrix) -> Result<Array1<f32>, DetectError> {
        let scores = member_scores(&self.members, rows)?;
        self.fuse(&scores)
    }

    /// The scores of rows from those of the members, shape `(rows, members)`.
    pub(crate) fn fuse(&self, scores: &Array2<f32>) -> Result<Array1<f32>, DetectError> {
        match &self.fusion {
            Some(fusion) => Ok(fusion.score_all(scores.view())?),
            None => Ok(scores.column(0).to_owned()),
        }
    }

    /// What each raw column adds to the score of a row: each member's part of the score, shared
    /// among the columns that raised the member's own; one that lowered it counts against the
    /// parts of other members.
    pub(crate) fn contributions(&self, row: &[f64]) -> Result<Vec<f64>, DetectError> {
        let Some(fusion) = &self.fusion else {
            return self.members[0].contributions(row);
        };
        let mut scores = Vec::with_capacity(self.members.len());
        for member in &self.members {
            scores.push(member.score_row(row)?);
        }
        let parts = fusion.shares(&scores)?;
        let mut sum = vec![0.0; row.len()];
        for (member, part) in self.members.iter().zip(parts) {
            let mut own = member.contributions(row)?;
            if own.iter().all(|share| *share <= 0.0) {
                // Nothing raised its score above where it starts: what moved it most counts.
                own.iter_mut().for_each(|share| *share = share.abs());
            }
            let raised: f64 = own.iter().filter(|share| **share > 0.0).sum();
            if raised > 0.0 {
                let per_unit = f64::from(part) / raised;
                (sum.iter_mut().zip(own)).for_each(|(sum, own)| *sum += own * per_unit);
            }
        }
        Ok(sum)
    }

    /// What does not fit together, if anything.
    pub(crate) fn check(&self, schema: &Schema) -> Result<(), &'static str> {
        let fused = self.fusion.as_ref().map_or(1, Fusion::members);
        if self.members.len() != fused || (fused == 1) != self.fusion.is_none() {
            return Err("its fusion is for another number of models");
        }
        (self.members.iter()).try_for_each(|member| member.check(schema))
    }
}

impl Member {
    /// Learns preprocessing and model from benign rows.
    pub(crate) fn fit(
        ingredient: &Ingredient,
        features: &FeatureSet,
        benign: &FeatureMatrix,
        seed: u64,
    ) -> Result<Self, DetectError> {
        let columns = ingredient.columns(features);
        let rows = select(benign, &columns);
        let preprocessor = Preprocessor::params().scale(Scale::MinMax).fit(&rows)?;
        let model = ingredient.fit(&preprocessor.apply(&rows)?, seed)?;
        Ok(Self {
            columns,
            preprocessor,
            model,
        })
    }

    /// A member that looks at all columns.
    pub(crate) fn whole(preprocessor: Preprocessor, model: Model) -> Self {
        Self {
            columns: (0..preprocessor.schema().len()).collect(),
            preprocessor,
            model,
        }
    }

    #[cfg(test)]
    pub(crate) fn look_at(&mut self, columns: Vec<usize>) {
        self.columns = columns;
    }

    /// One score per row, of a matrix whose columns are those of the detector.
    pub(crate) fn score(&self, rows: &FeatureMatrix) -> Result<Array1<f32>, DetectError> {
        let prepared = self.preprocessor.apply_columns(rows, &self.columns)?;
        Ok(self.model.as_anomaly_model().score(prepared.view())?)
    }

    fn score_row(&self, row: &[f64]) -> Result<f32, DetectError> {
        let prepared = self.prepared(row)?;
        Ok((self.model.as_anomaly_model()).score_row(ArrayView1::from(&prepared))?)
    }

    /// What each raw column adds to its score; an indicator's part counts for its feature.
    pub(crate) fn contributions(&self, row: &[f64]) -> Result<Vec<f64>, DetectError> {
        let prepared = self.prepared(row)?;
        let model = self.model.as_anomaly_model();
        let parts = model.contributions(ArrayView1::from(&prepared))?;
        let mut by_column = vec![0.0; row.len()];
        for (place, part) in parts.iter().enumerate() {
            let column = self.columns[self.preprocessor.source_of(place)];
            // Far out, a contribution can be infinite in single precision.
            by_column[column] += f64::from(part.clamp(f32::MIN, f32::MAX));
        }
        Ok(by_column)
    }

    /// The row as its model takes it.
    pub(crate) fn prepared(&self, row: &[f64]) -> Result<Vec<f32>, DetectError> {
        let mut prepared = Vec::with_capacity(self.preprocessor.columns());
        if self.columns.len() == row.len() {
            self.preprocessor.apply_row(row, &mut prepared)?;
        } else {
            let seen: Vec<f64> = self.columns.iter().map(|column| row[*column]).collect();
            self.preprocessor.apply_row(&seen, &mut prepared)?;
        }
        Ok(prepared)
    }

    pub(crate) fn check(&self, schema: &Schema) -> Result<(), &'static str> {
        let ascending = self.columns.windows(2).all(|pair| pair[0] < pair[1]);
        if !ascending || self.columns.last().is_none_or(|last| *last >= schema.len()) {
            return Err("a model looks at columns that do not exist");
        }
        let seen = self.columns.iter().map(|column| &schema.columns()[*column]);
        if !seen.eq(self.preprocessor.schema().columns()) {
            return Err("a model is for other features");
        }
        if self.model.as_anomaly_model().columns() != self.preprocessor.columns() {
            return Err("a model is for another number of columns");
        }
        Ok(())
    }
}

/// The score that each member gives each row, shape `(rows, members)`.
pub(crate) fn member_scores(
    members: &[Member],
    rows: &FeatureMatrix,
) -> Result<Array2<f32>, DetectError> {
    let mut scores = Array2::zeros((rows.rows(), members.len()));
    for (member, mut column) in members.iter().zip(scores.axis_iter_mut(Axis(1))) {
        column.assign(&member.score(rows)?);
    }
    Ok(scores)
}

/// How members are fused whose scores of held-out benign rows these are; one needs no fusion.
pub(crate) fn fusion(held_out: ArrayView2<'_, f32>) -> Result<Option<Fusion>, DetectError> {
    if held_out.ncols() < 2 {
        return Ok(None);
    }
    let calibrations = (held_out.columns().into_iter())
        .map(|scores| Calibration::fit(&scores.to_vec()))
        .collect::<Result<_, _>>()?;
    Ok(Some(Fusion::new(calibrations, FusionRule::default())?))
}

/// The score of each held-out row as if it were a fresh one, to set a threshold on. A row that a
/// calibration knows looks more usual to it than a fresh one would: each fifth goes through
/// calibrations of the others.
pub(crate) fn scores_as_if_fresh(held_out: ArrayView2<'_, f32>) -> Result<Vec<f32>, DetectError> {
    const PARTS: usize = 5;
    if held_out.ncols() < 2 {
        return Ok(held_out.iter().copied().collect());
    }
    let rows = held_out.nrows();
    let mut scores = Vec::with_capacity(rows);
    for part in 0..PARTS {
        let (from, to) = (rows * part / PARTS, rows * (part + 1) / PARTS);
        let own = held_out.slice_axis(Axis(0), Slice::from(from..to));
        let (before, behind) = (0..from, to..rows);
        let others: Vec<usize> = before.chain(behind).collect();
        if let Some(fusion) = fusion(held_out.select(Axis(0), &others).view())? {
            scores.extend(fusion.score_all(own)?);
        }
    }
    Ok(scores)
}

fn select<'a>(rows: &'a FeatureMatrix, columns: &[usize]) -> std::borrow::Cow<'a, FeatureMatrix> {
    if columns.len() == rows.schema().len() {
        std::borrow::Cow::Borrowed(rows)
    } else {
        std::borrow::Cow::Owned(rows.select_columns(columns))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{attacked, fusion, office, rows};
    use crate::{FlowRows, ModelKind};
    use ndarray::Array2;
    use nettraffic_models::Threshold;

    #[test]
    fn members_look_at_their_columns_and_their_parts_make_the_score() {
        let detector = fusion();
        assert_eq!(detector.model(), ModelKind::Fusion);
        let scorer = &detector.stored.scorer;
        let widths: Vec<usize> = (scorer.members.iter())
            .map(|member| member.preprocessor.schema().len())
            .collect();
        let (all, own) = (
            detector.features().schema().len(),
            detector.features().flow_columns().len(),
        );
        assert_eq!(widths, [all, all, own]);
        assert!(own < all);

        let flows: FlowRows = rows(&attacked(3));
        let scores = detector.scores(&flows).unwrap();
        for (index, score) in scores.iter().enumerate().step_by(37) {
            let parts = scorer.contributions(flows.row(index)).unwrap();
            // A column that lowers one member's score lowers the sum, so it may fall short.
            let raised: f64 = parts.iter().filter(|part| **part > 0.0).sum();
            assert!(parts.iter().sum::<f64>() <= f64::from(*score) * 1.000_01);
            assert!(raised <= f64::from(*score) * 1.000_01, "{raised} {score}");
            assert!(raised >= f64::from(*score) * 0.3, "{raised} {score}");
        }
    }

    #[test]
    fn a_fused_score_tells_how_rare_a_flow_is() {
        let detector = fusion();
        let usual = detector.scores(&rows(&office(9))).unwrap();
        let mean = usual.iter().sum::<f32>() / usual.len() as f32;
        // The mean of −ln p is 1 for each member, and so for all of them.
        assert!((0.8..1.5).contains(&mean), "{mean}");
    }

    /// Uniform on 0 to 1, the three members' scores of each row apart.
    fn draw(rows: usize, state: &mut u64) -> Array2<f32> {
        Array2::from_shape_simple_fn((rows, 3), || {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (*state >> 40) as f32 / (1 << 24) as f32
        })
    }

    #[test]
    fn a_fused_threshold_keeps_its_promise() {
        let (mut alarms, mut promised, mut state) = (0, 0.0, 7);
        for _ in 0..150 {
            let held_out = draw(400, &mut state);
            let fusion = super::fusion(held_out.view()).unwrap().unwrap();
            let scores = super::scores_as_if_fresh(held_out.view()).unwrap();
            assert_eq!(scores.len(), 400);
            let threshold = Threshold::beyond(&scores, 0.01).unwrap();
            let fresh = fusion.score_all(draw(2_000, &mut state).view()).unwrap();
            alarms += fresh
                .iter()
                .filter(|score| threshold.is_alert(**score))
                .count();
            promised += threshold.expected_rate() * 2_000.0;
        }
        // Through calibrations that know the rows themselves it would be 1.4.
        let ratio = alarms as f64 / promised;
        assert!((0.85..1.15).contains(&ratio), "{ratio}");
    }
}
