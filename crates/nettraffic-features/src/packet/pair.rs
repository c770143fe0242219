//! Two opposite streams, and how they move together.

use std::array::from_fn;

use super::moments::{DampedMoments, Damping, or_zero};

/// Which of the two streams of a pair a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// From the smaller end to the larger one.
    Up,
    /// Back.
    Down,
}

/// For each way one value, looked at from a packet's way.
#[derive(Clone, Copy, Debug)]
pub(super) struct BothWays<T>([T; 2]);

impl<T: Copy> BothWays<T> {
    pub(super) const fn new(each: T) -> Self {
        Self([each; 2])
    }
}

impl<T> BothWays<T> {
    #[inline(always)]
    pub(super) fn own_and_opposite(&self, way: Way) -> (&T, &T) {
        let [up, down] = &self.0;
        match way {
            Way::Up => (up, down),
            Way::Down => (down, up),
        }
    }

    #[inline(always)]
    pub(super) fn own_and_opposite_mut(&mut self, way: Way) -> (&mut T, &mut T) {
        let [up, down] = &mut self.0;
        match way {
            Way::Up => (up, down),
            Way::Down => (down, up),
        }
    }
}

/// The sizes of packets between two ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<const N: usize> {
    streams: BothWays<Stream<N>>,
    covariance: [f64; N],
}

/// The packets of one way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream<const N: usize> {
    pub(super) sizes: DampedMoments<N>,
    /// How far the last packet lay from the mean, less with every moment since.
    residual: [f64; N],
}

impl<const N: usize> Pair<N> {
    pub(super) const NEW: Self = Self {
        streams: BothWays::new(Stream {
            sizes: DampedMoments::NONE,
            residual: [0.0; N],
        }),
        covariance: [0.0; N],
    };

    /// Takes in a packet that went this `way`, `damping` after the one before it.
    ///
    /// The covariance is the mean of products: of each packet's residual with the one that the
    /// opposite stream's last packet left. Each packet brings one product, so the weight of all
    /// products is that of both streams, and no sum of products has to be kept beside it.
    #[inline]
    pub(super) fn push(&mut self, way: Way, size: f64, damping: &Damping<N>) {
        let (own, opposite) = self.streams.own_and_opposite_mut(way);
        own.sizes.damp(damping);
        opposite.sizes.damp(damping);
        damping.apply(&mut opposite.residual);
        own.sizes.add(size);
        own.residual = from_fn(|i| size - own.sizes.mean[i]);
        self.covariance = from_fn(|i| {
            let product = own.residual[i] * opposite.residual[i];
            let weight = own.sizes.weight[i] + opposite.sizes.weight[i];
            or_zero(self.covariance[i] + (product - self.covariance[i]) / weight)
        });
    }

    #[inline(always)]
    pub(super) fn own_and_opposite(&self, way: Way) -> (&DampedMoments<N>, &DampedMoments<N>) {
        let (own, opposite) = self.streams.own_and_opposite(way);
        (&own.sizes, &opposite.sizes)
    }

    #[inline(always)]
    pub(super) fn covariance(&self) -> &[f64; N] {
        &self.covariance
    }
}
