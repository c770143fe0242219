//! How long paths are in a tree that knows nothing.

/// Average path length of an unsuccessful search in a binary search tree of `n` points, for all
/// `n` up to a bound (Liu, Ting and Zhou 2008, equation 1): `2 H(n - 1) - 2 (n - 1) / n`, with the
/// harmonic numbers `H` summed exactly, where the paper takes a logarithm.
///
/// It stands for the part of a path that a tree of limited height cuts off, and makes the
/// lengths of trees from samples of different size comparable.
#[derive(Clone, Debug)]
pub(super) struct AverageLengths(Vec<f64>);

impl AverageLengths {
    pub(super) fn up_to(rows: usize) -> Self {
        let mut harmonic = 0.0;
        let longer = (2..=rows).map(|n| {
            let before = (n - 1) as f64;
            harmonic += 1.0 / before;
            2.0 * (harmonic - before / n as f64)
        });
        Self([0.0, 0.0].into_iter().chain(longer).collect())
    }

    /// For `rows` points, at most as many as the bound.
    pub(super) fn of(&self, rows: u32) -> f64 {
        self.0[rows as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_paper() {
        let lengths = AverageLengths::up_to(256);
        for (rows, expected) in [
            (0, 0.0),
            (1, 0.0),
            (2, 1.0),
            (3, 5.0 / 3.0),
            (4, 13.0 / 6.0),
        ] {
            assert!((lengths.of(rows) - expected).abs() < 1e-12, "{rows}");
        }
        // With Euler's constant for the harmonic number.
        let paper = 2.0 * (255.0_f64.ln() + 0.577_215_664_9) - 2.0 * 255.0 / 256.0;
        assert!((lengths.of(256) - paper).abs() < 0.01);
    }
}
