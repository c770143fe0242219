//! Random streams, and the weights that training starts from.

use rand::RngCore;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::dense::Dense;

/// What random numbers are drawn for: each purpose has a stream of its own, so that the
/// number of draws for one does not shift the others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    HeldOut,
    Weights,
    Order,
    Noise,
}

/// The stream of `seed` for `purpose`; streams of one seed do not overlap.
pub(super) fn stream(seed: u64, purpose: Purpose) -> Xoshiro256PlusPlus {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    for _ in 0..purpose as usize {
        rng.jump();
    }
    rng
}

/// A number within 0 and 1, 1 excluded, on a grid of 2⁻²⁴.
pub(super) fn unit(rng: &mut impl RngCore) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32)
}

/// Layers of the given widths with weights drawn uniformly within ±√(6 / inputs), which keeps
/// the size of the values from layer to layer (He et al. 2015), the last ones a tenth of that;
/// biases 0, the last ones `means`: the network starts out near the mean row.
pub(super) fn layers(widths: &[usize], means: &[f32], rng: &mut impl RngCore) -> Vec<Dense> {
    let last = widths.len() - 2;
    widths
        .windows(2)
        .enumerate()
        .map(|(index, pair)| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let spread = if index == last { 0.1 } else { 1.0 };
            let bound = spread * (6.0 / inputs as f32).sqrt();
            let weights = (0..inputs * outputs)
                .map(|_| (2.0 * unit(rng) - 1.0) * bound)
                .collect();
            let bias = if index == last {
                means.to_vec()
            } else {
                vec![0.0; outputs]
            };
            Dense::new(inputs, weights, bias).expect("lengths are made to fit")
        })
        .collect()
}
