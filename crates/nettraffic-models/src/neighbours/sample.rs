//! The training rows that are remembered.

use rand::Rng;

/// `wanted` of the rows in `values`, in their order, each set of them equally likely
/// (Knuth, The Art of Computer Programming 3.4.2, algorithm S).
pub(super) fn sample(
    values: &[f32],
    columns: usize,
    wanted: usize,
    rng: &mut impl Rng,
) -> Vec<f32> {
    let rows = values.len() / columns;
    let mut missing = wanted.min(rows);
    let mut taken = Vec::with_capacity(missing * columns);
    for (index, row) in values.chunks_exact(columns).enumerate() {
        if rng.gen_range(0..rows - index) < missing {
            taken.extend_from_slice(row);
            missing -= 1;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn every_row_is_taken_equally_often_and_in_order() {
        let values: Vec<f32> = (0..10_u8).map(f32::from).collect();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut counts = [0_u32; 10];
        for _ in 0..10_000 {
            let taken = sample(&values, 1, 4, &mut rng);
            assert!(taken.len() == 4 && taken.is_sorted());
            for value in taken {
                counts[value as usize] += 1;
            }
        }
        // Each is binomial around 4,000 with a deviation of 49.
        assert!(counts.iter().all(|n| n.abs_diff(4_000) < 250), "{counts:?}");
        assert_eq!(sample(&values, 1, 99, &mut rng), values);
    }
}
