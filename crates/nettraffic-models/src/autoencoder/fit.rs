//! The course of training: epochs until the held-out rows gain nothing more.

use ndarray::{Array2, ArrayView2, Axis};
use nettraffic_features::PreparedMatrix;

use super::batches::{Batches, Split};
use super::burn::Trainer;
use super::initial::{self, Purpose};
use super::model::{Autoencoder, ColumnRange};
use super::network::{MAX_WIDTH, Network};
use super::params::AutoencoderParams;
use crate::ModelError;

/// Fewest rows to train on.
const MIN_ROWS: usize = 20;

/// Least expected error of a column, as a share of the mean over all columns: below it an
/// error is rounding, not a sign.
const EXPECTED_FLOOR: f64 = 0.01;

/// An error counts as better when it is lower by this share.
const WORTH_WAITING: f64 = 1e-3;

pub(super) fn fit(
    params: &AutoencoderParams,
    rows: &PreparedMatrix,
) -> Result<Autoencoder, ModelError> {
    let x = rows.view();
    if x.nrows() < MIN_ROWS {
        return Err(ModelError::TooFewRows {
            what: "autoencoder",
            needed: MIN_ROWS,
            found: x.nrows(),
        });
    }
    if !(1..=MAX_WIDTH).contains(&x.ncols()) {
        return Err(ModelError::Parameter {
            name: "columns",
            value: x.ncols().to_string(),
            expected: "within 1 and 16384",
        });
    }
    let Split { learn, held_out } = Split::new(x.nrows(), params.held_out, params.seed);
    let held_out = x.select(Axis(0), &held_out);
    let seen = Seen::of(x, &learn);
    let columns = seen.ranges();

    let first = initial::layers(
        &params.widths(x.ncols()),
        &seen.means,
        &mut initial::stream(params.seed, Purpose::Weights),
    );
    let size = params.batch.unwrap_or((learn.len() / 50).clamp(16, 256));
    let mut batches = Batches::new(x, learn, size, params.noise, params.seed);
    let mut trainer = Trainer::new(&first, params.device)?;
    let mut rate = params.learning_rate;
    let mut best: Option<Candidate> = None;
    let mut waited = 0;
    for _ in 0..params.epochs {
        for batch in batches.epoch() {
            trainer = trainer.step(batch, rate);
        }
        let candidate = Candidate::new(&trainer, &columns, held_out.view())?;
        let gained = best
            .as_ref()
            .is_none_or(|best| candidate.error < best.error * (1.0 - WORTH_WAITING));
        if best
            .as_ref()
            .is_none_or(|best| candidate.error < best.error)
        {
            best = Some(candidate);
        }
        waited = if gained { 0 } else { waited + 1 };
        if waited >= params.patience {
            break;
        }
        if waited > 0 && waited == params.patience.div_ceil(2) {
            rate /= 2.0;
        }
    }
    match best {
        Some(best) => best.finish(seen.limit(held_out.view())),
        None => Err(not_converged("no epoch was trained".to_owned())),
    }
}

/// What the rows to learn from tell about each column.
struct Seen {
    means: Vec<f32>,
    least: Vec<f32>,
    greatest: Vec<f32>,
}

impl Seen {
    fn of(x: ArrayView2<'_, f32>, rows: &[usize]) -> Self {
        let mut sums = vec![0.0_f64; x.ncols()];
        let mut least = vec![f32::MAX; x.ncols()];
        let mut greatest = vec![f32::MIN; x.ncols()];
        for row in rows {
            for (column, value) in x.row(*row).iter().enumerate() {
                sums[column] += f64::from(*value);
                least[column] = least[column].min(*value);
                greatest[column] = greatest[column].max(*value);
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a mean of f32 is within f32"
        )]
        let means = sums
            .iter()
            .map(|sum| (sum / rows.len() as f64) as f32)
            .collect();
        Self {
            means,
            least,
            greatest,
        }
    }

    /// The range of each column, widened by itself on either side; no expectation yet.
    fn ranges(&self) -> Vec<ColumnRange> {
        self.least
            .iter()
            .zip(&self.greatest)
            .map(|(least, greatest)| {
                let width = (greatest - least).min(f32::MAX);
                ColumnRange {
                    lower: (least - width).max(f32::MIN),
                    upper: (greatest + width).min(f32::MAX),
                    expected: 1.0,
                }
            })
            .collect()
    }

    /// The mean squared error that a network must stay below to have learned anything: a
    /// little more than that of always answering the means. Not exactly that, because columns
    /// that do not hang together cannot be compressed, and because the error of columns that
    /// never change is 0.
    fn limit(&self, x: ArrayView2<'_, f32>) -> f64 {
        let means = Array2::from_shape_fn(x.dim(), |(_, column)| self.means[column]);
        let nothing = Array2::zeros(x.dim());
        1.05 * mean(&squared_errors(x, &means)) + 1e-3 * mean(&squared_errors(x, &nothing))
    }
}

/// A network after an epoch, with its errors on the held-out rows.
struct Candidate {
    model: Autoencoder,
    errors: Vec<f64>,
    error: f64,
}

impl Candidate {
    fn new(
        trainer: &Trainer,
        columns: &[ColumnRange],
        held_out: ArrayView2<'_, f32>,
    ) -> Result<Self, ModelError> {
        let model = Autoencoder {
            network: Network::new(trainer.layers()).map_err(not_converged)?,
            columns: columns.to_vec(),
        };
        let errors = squared_errors(held_out, &model.reconstruct(held_out)?);
        let error = mean(&errors);
        Ok(Self {
            model,
            errors,
            error,
        })
    }

    /// The model with its expectations, if it learned anything.
    fn finish(self, limit: f64) -> Result<Autoencoder, ModelError> {
        let Self {
            mut model,
            errors,
            error,
        } = self;
        if error.is_nan() || error > limit {
            return Err(not_converged(format!(
                "the mean squared error on held-out rows is {error:.3e}, \
                 always answering the means reaches about {limit:.3e}"
            )));
        }
        let floor = (EXPECTED_FLOOR * error).max(f64::from(f32::MIN_POSITIVE));
        for (column, error) in model.columns.iter_mut().zip(errors) {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "clamped to the range of f32"
            )]
            {
                column.expected = error.clamp(floor, f64::from(f32::MAX)) as f32;
            }
        }
        Ok(model)
    }
}

fn not_converged(reason: String) -> ModelError {
    ModelError::NotConverged {
        what: "autoencoder",
        reason,
    }
}

/// Mean squared difference per column.
fn squared_errors(x: ArrayView2<'_, f32>, answers: &Array2<f32>) -> Vec<f64> {
    let mut sums = vec![0.0; x.ncols()];
    for (x, answers) in x.rows().into_iter().zip(answers.rows()) {
        for ((sum, x), answer) in sums.iter_mut().zip(x).zip(answers) {
            *sum += (f64::from(*x) - f64::from(*answer)).powi(2);
        }
    }
    for sum in &mut sums {
        *sum /= x.nrows() as f64;
    }
    sums
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AnomalyModel;

    /// Rows whose eight columns follow from two hidden numbers, and a ninth that is constant.
    fn rows(count: usize) -> PreparedMatrix {
        let mut rng = initial::stream(1, Purpose::Noise);
        let mut values = Vec::with_capacity(count * 9);
        for _ in 0..count {
            let (a, b) = (initial::unit(&mut rng), initial::unit(&mut rng));
            for column in 0..8_u8 {
                let share = f32::from(column) / 7.0;
                let jitter = 0.02 * (initial::unit(&mut rng) - 0.5);
                values.push(a * share + b * (1.0 - share) + jitter);
            }
            values.push(0.7);
        }
        PreparedMatrix::new(Array2::from_shape_vec((count, 9), values).unwrap()).unwrap()
    }

    fn quick() -> AutoencoderParams {
        Autoencoder::params().hidden(&[6, 2]).epochs(20).seed(7)
    }

    #[test]
    fn the_column_that_breaks_the_pattern_is_strange_and_named() {
        let model = Autoencoder::params()
            .hidden(&[6, 2])
            .seed(7)
            .fit(&rows(3000))
            .unwrap();
        assert_eq!(model.widths(), [9, 6, 2, 6, 9]);
        let mut x = rows(500).view().to_owned();
        let usual = model.score(x.view()).unwrap();
        // Every value stays within the range of its column: only the pattern is broken.
        for mut row in x.rows_mut() {
            row[4] = if row[4] < 0.5 {
                row[4] + 0.5
            } else {
                row[4] - 0.5
            };
        }
        let broken = model.score(x.view()).unwrap();
        let stranger = broken.iter().zip(&usual).filter(|(b, u)| b > u).count();
        assert!(stranger > 490, "{stranger} of 500");
        let named = x
            .rows()
            .into_iter()
            .filter(|row| {
                let parts = model.contributions(row.view()).unwrap();
                parts.iter().all(|part| *part <= parts[4])
            })
            .count();
        assert!(named > 450, "{named} of 500");
        let mean = usual.mean().unwrap();
        assert!(
            (0.2..1.0).contains(&mean),
            "ordinary rows score about 0.5, not {mean}"
        );
    }

    #[test]
    fn a_constant_column_is_strange_when_it_changes() {
        let model = quick().fit(&rows(1000)).unwrap();
        let mut row = rows(1).row(0).to_owned();
        row[8] = 0.9;
        let parts = model.contributions(row.view()).unwrap();
        assert!(parts.iter().all(|part| *part <= parts[8]), "{parts}");
    }

    #[test]
    fn the_same_seed_gives_the_same_model_on_any_threads_and_beside_other_training() {
        let x = rows(600);
        let train = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap()
                .install(|| quick().seed(seed).fit(&x).unwrap())
        };
        let alone = train(1, 7);
        let others: Vec<Autoencoder> = std::thread::scope(|scope| {
            let running: Vec<_> = [(2, 7), (1, 8), (2, 7), (1, 9)]
                .into_iter()
                .map(|(threads, seed)| scope.spawn(move || train(threads, seed)))
                .collect();
            running.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let bytes = |model: &Autoencoder| postcard::to_allocvec(model).unwrap();
        assert_eq!(bytes(&others[0]), bytes(&alone));
        assert_eq!(bytes(&others[2]), bytes(&alone));
        assert_ne!(others[1], alone);
        assert_ne!(others[3], others[1]);
    }

    #[test]
    fn patience_ends_training_before_the_last_epoch() {
        let x = rows(400);
        let patient = quick().patience(3).epochs(1000).fit(&x).unwrap();
        assert_eq!(quick().patience(3).epochs(2000).fit(&x).unwrap(), patient);
    }

    #[test]
    fn training_that_goes_nowhere_is_an_error() {
        let huge = PreparedMatrix::new(rows(100).view().mapv(|v| v * 1e25)).unwrap();
        let unscaled = PreparedMatrix::new(rows(100).view().mapv(|v| v * 1e6 - 3e5)).unwrap();
        for (x, params) in [
            (huge, quick()),
            (unscaled, quick().learning_rate(1.0).epochs(1)),
        ] {
            assert!(matches!(
                params.fit(&x),
                Err(ModelError::NotConverged { .. })
            ));
        }
    }

    #[test]
    fn rows_that_never_vary_can_be_learned() {
        let x = PreparedMatrix::new(Array2::from_elem((50, 3), 0.4)).unwrap();
        let model = quick().fit(&x).unwrap();
        let usual = model.score(x.view()).unwrap()[0];
        let other = model.score(Array2::from_elem((1, 3), 0.5).view()).unwrap()[0];
        assert!(other > usual + 1.0, "{other} against {usual}");
    }

    #[test]
    fn too_few_rows_and_no_columns_are_refused() {
        assert_eq!(
            quick().fit(&rows(19)),
            Err(ModelError::TooFewRows {
                what: "autoencoder",
                needed: 20,
                found: 19
            })
        );
        let empty = PreparedMatrix::new(Array2::zeros((30, 0))).unwrap();
        assert!(matches!(
            quick().fit(&empty),
            Err(ModelError::Parameter {
                name: "columns",
                ..
            })
        ));
    }
}
