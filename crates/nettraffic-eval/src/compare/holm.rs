//! Tests that are made many at a time.

/// *p*-values of several tests made together, corrected so that the chance of any false finding among all of them
/// stays below the level that the corrected ones are held against (Holm 1979): the least is multiplied by their
/// number, the next by one less, and so on, and none is below one that was smaller before. Tests may depend on
/// each other in any way. What is undefined stays so and counts for nothing. Costs O(n log n).
///
/// ```
/// use nettraffic_eval::holm;
///
/// let corrected = holm(&[Some(0.01), Some(0.04), None, Some(0.03)]);
/// assert_eq!(corrected, [Some(0.03), Some(0.06), None, Some(0.06)]);
/// ```
#[must_use]
pub fn holm(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut tests: Vec<(usize, f64)> = (p_values.iter().enumerate())
        .filter_map(|(place, p)| Some((place, (*p)?)))
        .collect();
    tests.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut corrected = vec![None; p_values.len()];
    let mut greatest = 0.0_f64;
    for (before, (place, p)) in tests.iter().enumerate() {
        greatest = greatest.max((p * (tests.len() - before) as f64).min(1.0));
        if let Some(slot) = corrected.get_mut(*place) {
            *slot = Some(greatest);
        }
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn agrees_with_hand_work() {
        for (p_values, expected) in [
            (&[][..], &[][..]),
            (&[None], &[None]),
            (&[Some(0.2)], &[Some(0.2)]),
            // 4 × .005, 3 × .01, 2 × .03, and .04 no less than .06.
            (
                &[Some(0.01), Some(0.04), Some(0.03), Some(0.005)],
                &[Some(0.03), Some(0.06), Some(0.06), Some(0.02)],
            ),
            (&[Some(0.5), Some(0.75)], &[Some(1.0), Some(1.0)]),
            (&[Some(0.0), None, Some(1.0)], &[Some(0.0), None, Some(1.0)]),
        ] {
            assert_eq!(holm(p_values), expected, "{p_values:?}");
        }
    }

    proptest! {
        #[test]
        fn corrected_values_keep_their_order_and_are_never_smaller(
            p_values in prop::collection::vec(0.0_f64..=1.0, 0..20),
        ) {
            let given: Vec<Option<f64>> = p_values.iter().copied().map(Some).collect();
            let mut both: Vec<(f64, f64)> = p_values.iter().copied().zip(holm(&given).into_iter().flatten()).collect();
            prop_assert_eq!(both.len(), p_values.len());
            both.sort_by(|a, b| a.0.total_cmp(&b.0));
            prop_assert!(both.iter().all(|(p, corrected)| p <= corrected && *corrected <= 1.0));
            prop_assert!(both.is_sorted_by(|a, b| a.1 <= b.1));
        }
    }
}
