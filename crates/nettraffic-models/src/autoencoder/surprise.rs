//! How far rows are from their answers, relative to what is to be expected, as sums of logarithms.

use std::f64::consts::LN_2;

use super::model::{ColumnRange, MAX_RATIO};

/// Factors that are multiplied side by side.
const LANES: usize = 8;

/// Factors in a row whose product stays a finite `f64`: each is at most `1 + MAX_RATIO`, and the
/// product starts below 2.
const FACTORS: usize = 8;

/// Fields of an `f64` (IEEE 754).
const FRACTION_BITS: u32 = 52;
const FRACTION: u64 = (1 << FRACTION_BITS) - 1;
const BIAS: u64 = 1023;

/// What is known of the columns, each kind in a row of its own, as vectors want it.
pub(super) struct Columns {
    lower: Vec<f32>,
    upper: Vec<f32>,
    /// One over the expected error.
    weights: Vec<f64>,
}

impl Columns {
    pub(super) fn of(columns: &[ColumnRange]) -> Self {
        Self {
            lower: columns.iter().map(|column| column.lower).collect(),
            upper: columns.iter().map(|column| column.upper).collect(),
            weights: (columns.iter())
                .map(|column| f64::from(column.expected).recip())
                .collect(),
        }
    }

    /// The values of a row as the network is shown them; a NaN, which extreme weights might
    /// answer, becomes a number.
    #[inline(always)]
    pub(super) fn clamp(&self, row: &[f32], to: &mut [f32]) {
        let ranges = self.lower.iter().zip(&self.upper);
        for ((to, value), (lower, upper)) in to.iter_mut().zip(row).zip(ranges) {
            *to = within(*value, *lower, *upper);
        }
    }

    /// The sum over columns of `ln(1 + error² / expected error)`.
    ///
    /// The logarithm of a product costs one logarithm: fractions are multiplied, and exponents,
    /// which are whole numbers, added up before they are too large.
    #[inline(always)]
    pub(super) fn surprise(&self, row: &[f32], answers: &[f32]) -> f64 {
        let mut products = Products::default();
        let (row, row_rest) = row.as_chunks::<LANES>();
        let (answers, answers_rest) = answers.as_chunks::<LANES>();
        let (lower, lower_rest) = self.lower.as_chunks::<LANES>();
        let (upper, upper_rest) = self.upper.as_chunks::<LANES>();
        let (weights, weights_rest) = self.weights.as_chunks::<LANES>();
        let ranges = lower.iter().zip(upper);
        for (((x, answer), (lower, upper)), weight) in
            row.iter().zip(answers).zip(ranges).zip(weights)
        {
            let mut factors = [1.0; LANES];
            for (lane, to) in factors.iter_mut().enumerate() {
                let answer = within(answer[lane], lower[lane], upper[lane]);
                *to = factor(x[lane], answer, weight[lane]);
            }
            products.multiply(factors);
        }
        let mut rest = [1.0; LANES];
        let ranges = lower_rest.iter().zip(upper_rest);
        for ((((to, x), answer), (lower, upper)), weight) in (rest.iter_mut().zip(row_rest))
            .zip(answers_rest)
            .zip(ranges)
            .zip(weights_rest)
        {
            *to = factor(*x, within(*answer, *lower, *upper), *weight);
        }
        products.multiply(rest);
        products.ln()
    }
}

/// Products of numbers from 1 to `1 + MAX_RATIO`, however many.
struct Products {
    products: [f64; LANES],
    since: usize,
    exponents: u64,
}

impl Default for Products {
    fn default() -> Self {
        Self {
            products: [1.0; LANES],
            since: 0,
            exponents: 0,
        }
    }
}

impl Products {
    #[inline(always)]
    fn multiply(&mut self, factors: [f64; LANES]) {
        for (product, factor) in self.products.iter_mut().zip(factors) {
            *product *= factor;
        }
        self.since += 1;
        if self.since == FACTORS {
            self.part();
        }
    }

    /// Takes the exponents out, so that each product is at least 1 and below 2.
    #[inline(always)]
    fn part(&mut self) {
        for product in &mut self.products {
            let bits = product.to_bits();
            self.exponents += (bits >> FRACTION_BITS) - BIAS;
            *product = f64::from_bits(bits & FRACTION | BIAS << FRACTION_BITS);
        }
        self.since = 0;
    }

    #[inline(always)]
    fn ln(mut self) -> f64 {
        self.part();
        // Below 2^8 again.
        let [a, b, c, d, e, f, g, h] = self.products;
        let product = ((a * e) * (c * g)) * ((b * f) * (d * h));
        product.ln() + self.exponents as f64 * LN_2
    }
}

#[inline(always)]
fn factor(value: f32, answer: f32, weight: f64) -> f64 {
    let error = f64::from(value) - f64::from(answer);
    let ratio = error * error * weight;
    1.0 + if ratio < MAX_RATIO { ratio } else { MAX_RATIO }
}

/// `value`, or the nearer end of the range; the lower one in place of a NaN.
#[inline(always)]
pub(super) fn within(value: f32, lower: f32, upper: f32) -> f32 {
    let value = if value > lower { value } else { lower };
    if value < upper { value } else { upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_of_a_product_is_the_sum_of_logarithms() {
        for (columns, expected) in [(1, 0.5), (7, 1e-3), (8, 1.0), (65, 1e-30), (700, 1e-38)] {
            let range = ColumnRange {
                lower: -2.0,
                upper: 2.0,
                expected,
            };
            let ranges = vec![range; columns];
            let row: Vec<f32> = (0..columns)
                .map(|at| (at % 13) as f32 / 6.0 - 1.0)
                .collect();
            let answers: Vec<f32> = (0..columns).map(|at| (at % 7) as f32 - 3.0).collect();
            let each = row.iter().zip(&answers);
            let sum: f64 = each.map(|(x, a)| range.ratio(*x, *a).ln_1p()).sum();
            let found = Columns::of(&ranges).surprise(&row, &answers);
            assert!(
                (found - sum).abs() <= 1e-12 * sum,
                "{columns}: {found}, {sum}"
            );
        }
    }
}
