//! A small autoencoder, and its step of learning.

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::sigmoid::{LANES, Lanes, sigmoids};

/// Learning never takes a weight further from 0: sums of them stay numbers, whatever rows come.
pub(super) const MOST_WEIGHT: f32 = 1e4;

/// An autoencoder with one hidden layer of sigmoids and a sigmoid for each input, whose weights
/// serve both ways: h = σ(W·x + b), z = σ(Wᵀ·h + c).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Coder {
    pub(super) hidden: usize,
    hidden_bias: Vec<Lanes>,
    pub(super) output_bias: Vec<f32>,
    /// For each block of [`LANES`] hidden units, of which the last is filled up with idle ones of
    /// weight 0: for each input, its weights to them. Both ways run along memory.
    pub(super) weights: Vec<Lanes>,
}

/// What a coder computes on its way, for coders up to some size.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    hidden: Vec<Lanes>,
    /// What each input was more than its reconstruction.
    errors: Vec<Lanes>,
}

impl Scratch {
    pub(super) fn new(inputs: usize) -> Self {
        let blocks = vec![[0.0; LANES]; inputs.div_ceil(LANES)];
        Self {
            hidden: blocks.clone(),
            errors: blocks,
        }
    }

    /// Of the row that was reconstructed last, and of no meaning beyond its inputs.
    pub(super) fn errors(&self) -> &[f32] {
        self.errors.as_flattened()
    }
}

impl Coder {
    /// Weights between ∓1/inputs at random, no bias.
    pub(super) fn new(inputs: usize, hidden_ratio: f64, rng: &mut impl Rng) -> Self {
        let hidden = ((inputs as f64 * hidden_ratio).ceil() as usize).clamp(1, inputs);
        let blocks = hidden.div_ceil(LANES);
        let bound = 1.0 / inputs as f32;
        let mut weights = vec![[0.0; LANES]; blocks * inputs];
        for (block, weights) in weights.chunks_exact_mut(inputs).enumerate() {
            for lanes in weights {
                for weight in lanes.iter_mut().take(hidden - block * LANES) {
                    *weight = rng.gen_range(-bound..bound);
                }
            }
        }
        Self {
            hidden,
            hidden_bias: vec![[0.0; LANES]; blocks],
            output_bias: vec![0.0; inputs],
            weights,
        }
    }

    pub(super) fn inputs(&self) -> usize {
        self.output_bias.len()
    }

    /// Reconstructs `x`, and tells the root of the mean squared error; the errors themselves are in
    /// `scratch`.
    #[inline]
    pub(super) fn error(&self, x: &[f32], scratch: &mut Scratch) -> f32 {
        self.encode(x, &mut scratch.hidden);
        self.decode(&scratch.hidden, &mut scratch.errors);
        let mut sum = 0.0;
        for (error, x) in scratch.errors.as_flattened_mut().iter_mut().zip(x) {
            *error = x - *error;
            sum += *error * *error;
        }
        (sum / x.len() as f32).sqrt()
    }

    /// [`Coder::error`], and then one step down the gradient of the cross-entropy between `x` and
    /// its reconstruction, `rate` long. The error is that from before the step.
    pub(super) fn learn(&mut self, x: &[f32], rate: f32, scratch: &mut Scratch) -> f32 {
        let error = self.error(x, scratch);
        let errors = scratch.errors.as_flattened();
        let blocks = self.weights.chunks_exact_mut(x.len());
        let blocks = blocks.zip(&mut self.hidden_bias).zip(&scratch.hidden);
        for ((weights, bias), hidden) in blocks {
            let mut back = [0.0; LANES];
            for (lanes, error) in weights.iter().zip(errors) {
                add_product(&mut back, *error, lanes);
            }
            for (back, hidden) in back.iter_mut().zip(hidden) {
                *back *= hidden * (1.0 - hidden);
            }
            for ((lanes, error), x) in weights.iter_mut().zip(errors).zip(x) {
                let mut step = [0.0; LANES];
                add_product(&mut step, *x, &back);
                add_product(&mut step, *error, hidden);
                move_by(lanes, rate, &step);
            }
            move_by(bias, rate, &back);
        }
        move_by(&mut self.output_bias, rate, errors);
        error
    }

    /// Idle units are 0, so that they have no part in anything.
    #[inline]
    fn encode(&self, x: &[f32], hidden: &mut [Lanes]) {
        let blocks = self.weights.chunks_exact(x.len()).zip(&self.hidden_bias);
        for ((weights, bias), hidden) in blocks.zip(hidden.iter_mut()) {
            let mut sums = *bias;
            for (lanes, x) in weights.iter().zip(x) {
                add_product(&mut sums, *x, lanes);
            }
            *hidden = sigmoids(sums);
        }
        let blocks = self.hidden_bias.len();
        for idle in &mut hidden[..blocks].as_flattened_mut()[self.hidden..] {
            *idle = 0.0;
        }
    }

    #[inline]
    fn decode(&self, hidden: &[Lanes], outputs: &mut [Lanes]) {
        let inputs = self.inputs();
        let sums = &mut outputs.as_flattened_mut()[..inputs];
        sums.copy_from_slice(&self.output_bias);
        for (weights, hidden) in self.weights.chunks_exact(inputs).zip(hidden) {
            for (sum, lanes) in sums.iter_mut().zip(weights) {
                *sum += product(lanes, hidden);
            }
        }
        for lanes in &mut outputs[..inputs.div_ceil(LANES)] {
            *lanes = sigmoids(*lanes);
        }
    }

    /// What is wrong with a stored coder.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let (inputs, hidden) = (self.inputs(), self.hidden);
        let is_sound = |weight: &f32| weight.abs() <= MOST_WEIGHT;
        let blocks = hidden.div_ceil(LANES);
        if !(1..=inputs).contains(&hidden) {
            return Some("no hidden unit, or more than inputs");
        }
        if self.hidden_bias.len() != blocks || self.weights.len() != blocks * inputs {
            return Some("not as many weights as the units of a network need");
        }
        let all = [&self.hidden_bias, &self.weights].map(|lanes| lanes.as_flattened());
        if !all
            .into_iter()
            .flatten()
            .chain(&self.output_bias)
            .all(is_sound)
        {
            return Some("a weight is not finite, or too large");
        }
        let last = (blocks - 1) * inputs;
        let used = hidden - (blocks - 1) * LANES;
        if (self.weights[last..].iter()).any(|lanes| lanes[used..].iter().any(|w| *w != 0.0)) {
            return Some("an idle unit has a weight");
        }
        None
    }
}

#[inline(always)]
fn add_product(sums: &mut Lanes, factor: f32, lanes: &Lanes) {
    for (sum, lane) in sums.iter_mut().zip(lanes) {
        *sum += factor * lane;
    }
}

/// Σ a·b, halves first: a fixed order that needs few steps.
#[inline(always)]
fn product(a: &Lanes, b: &Lanes) -> f32 {
    let p: Lanes = std::array::from_fn(|at| a[at] * b[at]);
    let [a, b, c, d] = std::array::from_fn(|at| p[at] + p[at + 4]);
    (a + c) + (b + d)
}

#[inline(always)]
fn move_by(weights: &mut [f32], rate: f32, steps: &[f32]) {
    for (weight, step) in weights.iter_mut().zip(steps) {
        *weight = (*weight + rate * step).clamp(-MOST_WEIGHT, MOST_WEIGHT);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn by_hand() -> Coder {
        Coder {
            hidden: 1,
            hidden_bias: vec![[0.0; LANES]],
            output_bias: vec![0.0, 0.0],
            weights: [2.0, -1.0]
                .map(|w| [w, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
                .to_vec(),
        }
    }

    /// x = (0.5, 1): W·x = 0, so h = 1/2; z = (σ(1), σ(-1/2)); the rest is the chain rule.
    #[test]
    fn a_step_by_hand() {
        let mut coder = by_hand();
        let mut scratch = Scratch::new(2);
        let found = coder.learn(&[0.5, 1.0], 0.1, &mut scratch);
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let e = [0.5 - sigmoid(1.0), 1.0 - sigmoid(-0.5)];
        let back = (e[0] * 2.0 - e[1]) * 0.25;
        let close = |found: f32, expected: f64| {
            assert!(
                (f64::from(found) - expected).abs() < 3e-7,
                "{found}, not {expected}"
            );
        };
        close(found, ((e[0] * e[0] + e[1] * e[1]) / 2.0).sqrt());
        close(scratch.errors()[0], e[0]);
        close(scratch.errors()[1], e[1]);
        close(coder.weights[0][0], 2.0 + 0.1 * (0.5 * back + e[0] * 0.5));
        close(coder.weights[1][0], -1.0 + 0.1 * (back + e[1] * 0.5));
        close(coder.hidden_bias[0][0], 0.1 * back);
        close(coder.output_bias[0], 0.1 * e[0]);
        close(coder.output_bias[1], 0.1 * e[1]);
        assert_eq!(coder.fault(), None);
    }

    /// The step against finite differences of the cross-entropy, with two blocks of hidden units.
    #[test]
    fn steps_go_down_the_gradient() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let before = Coder::new(13, 0.75, &mut rng);
        let x: Vec<f32> = (0..13).map(|at| at as f32 / 13.0).collect();
        let mut scratch = Scratch::new(13);
        let mut after = before.clone();
        after.learn(&x, 1.0, &mut scratch);
        let mut entropy = |coder: &Coder| {
            coder.error(&x, &mut scratch);
            let errors = scratch.errors().iter().zip(&x);
            let terms = errors.map(|(error, x)| {
                let (x, z) = (f64::from(*x), f64::from(*x - *error));
                -(x * z.ln() + (1.0 - x) * (1.0 - z).ln())
            });
            terms.sum::<f64>()
        };
        const STEP: f32 = 1e-2;
        let mut check = |place: fn(&mut Coder) -> &mut f32| {
            let (mut less, mut more, mut moved) = (before.clone(), before.clone(), after.clone());
            let start = *place(&mut less);
            *place(&mut less) -= STEP;
            *place(&mut more) += STEP;
            let slope = (entropy(&more) - entropy(&less)) / (2.0 * f64::from(STEP));
            let step = f64::from(*place(&mut moved) - start);
            assert!(
                (slope + step).abs() < 1e-3 + 1e-2 * slope.abs(),
                "{step} against {slope}"
            );
        };
        check(|coder| &mut coder.weights[0][0]);
        check(|coder| &mut coder.weights[7][3]);
        check(|coder| &mut coder.weights[13 + 12][1]);
        check(|coder| &mut coder.hidden_bias[1][0]);
        check(|coder| &mut coder.output_bias[12]);
        assert_eq!(after.fault(), None);
    }

    #[test]
    fn learning_brings_the_error_down() {
        for inputs in [1, 2, 8, 9, 40] {
            let mut coder = Coder::new(inputs, 0.75, &mut Xoshiro256PlusPlus::seed_from_u64(7));
            let mut scratch = Scratch::new(inputs);
            let row = |at: usize| -> Vec<f32> {
                let phase = at as f32 * 0.1;
                (0..inputs)
                    .map(|i| 0.5 + 0.4 * (phase + i as f32).sin())
                    .collect()
            };
            let mut mean = |rows: std::ops::Range<usize>| {
                let count = rows.len() as f32;
                rows.map(|at| coder.learn(&row(at), 0.1, &mut scratch))
                    .sum::<f32>()
                    / count
            };
            let (first, _, last) = (mean(0..100), mean(100..20_000), mean(20_000..20_100));
            assert!(last < first / 2.0, "{inputs}: {first} to {last}");
        }
    }
}
