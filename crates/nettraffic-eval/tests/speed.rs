//! Curves of ten million scores beside sorting them: `cargo test --release -p nettraffic-eval --test speed -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use nettraffic_eval::Ranking;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const ROWS: usize = 10_000_000;

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let found = work();
    (start.elapsed(), found)
}

#[test]
#[ignore = "ten million rows take ten seconds and a quiet machine"]
fn curves_take_at_most_twice_the_time_of_sorting() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(42);
    let labels: Vec<bool> = (0..ROWS).map(|_| rng.gen_bool(0.1)).collect();
    let smooth: Vec<f64> = labels
        .iter()
        .map(|label| rng.r#gen::<f64>() + f64::from(u8::from(*label)) / 2.0)
        .collect();
    let tied: Vec<f64> = smooth
        .iter()
        .map(|score| (score * 1000.0).round())
        .collect();
    for (name, scores) in [("smooth", smooth), ("tied", tied)] {
        let mut ratios: Vec<f64> = (0..5)
            .map(|_| {
                let mut sorted = scores.clone();
                let (sorting, ()) = timed(|| sorted.sort_unstable_by(f64::total_cmp));
                let (judging, found) = timed(|| {
                    let ranking = Ranking::new(&scores, &labels).ok()?;
                    Some((ranking.roc().area()?, ranking.pr().average_precision()?))
                });
                assert!(found.is_some_and(|(area, precision)| area > 0.8 && precision < area));
                println!("{name}: sorting {sorting:?}, curves {judging:?}");
                judging.as_secs_f64() / sorting.as_secs_f64()
            })
            .collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "{name}: {:.2} times the time of sorting (median of 5)",
            ratios[2]
        );
        assert!(ratios[2] <= 2.0, "{name}: {ratios:?}");
    }
}
