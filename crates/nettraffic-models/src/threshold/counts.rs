//! How many false alarms there may be among further rows.

/// Quantile of the normal distribution at 97.5 %.
const NORMAL: f64 = 1.959_963_984_540_054;
/// Larger counts are treated as numbers on a line.
const COUNTED: f64 = 10_000.0;

/// The least and the greatest of the central 95 % of counts from 0 to `most`, where the chance of
/// `count + 1` is `ratio(count)` times that of `count` and `mean` lies where chances are high.
fn central(mean: f64, most: f64, ratio: impl Fn(f64) -> f64) -> (f64, f64) {
    let start = mean.round().clamp(0.0, most);
    let (mut below, mut above) = (Vec::new(), vec![1.0]);
    let (mut at, mut chance) = (start, 1.0);
    while at > 0.0 && chance > 1e-14 {
        at -= 1.0;
        chance /= ratio(at);
        below.push(chance);
    }
    let lowest = at;
    (at, chance) = (start, 1.0);
    while at < most && (chance > 1e-14 || at < 2.0 * mean) {
        chance *= ratio(at);
        at += 1.0;
        above.push(chance);
    }
    let chances: Vec<f64> = below.into_iter().rev().chain(above).collect();
    let sum: f64 = chances.iter().sum();
    let quantile = |share: f64| {
        let mut reached = 0.0;
        let at = chances.iter().position(|chance| {
            reached += chance;
            reached >= share * sum
        });
        lowest + at.unwrap_or(chances.len() - 1) as f64
    };
    (quantile(0.025), quantile(0.975))
}

/// The central 95 % of alarms among `rows`, each raised with a chance that is the same for all
/// and itself distributed as Beta(`a`, `b`): the beta-binomial distribution. `ends` are the central 95 % of that chance.
pub(super) fn beta_binomial(rows: f64, a: f64, b: f64, ends: (f64, f64)) -> (f64, f64) {
    let chance = a / (a + b);
    let mean = rows * chance;
    if mean > COUNTED {
        let noise = NORMAL * NORMAL * mean * (1.0 - chance);
        let off = |end: f64| ((mean - rows * end).powi(2) + noise).sqrt();
        return (
            (mean - off(ends.0)).max(0.0).round(),
            (mean + off(ends.1)).min(rows).round(),
        );
    }
    central(mean, rows, |count| {
        (rows - count) * (a + count) / ((count + 1.0) * (b + rows - count - 1.0))
    })
}

/// The central 95 % of alarms where `mean` are expected of very many rows: Poisson's distribution.
pub(super) fn poisson(mean: f64) -> (f64, f64) {
    if mean > COUNTED {
        let off = NORMAL * mean.sqrt();
        return ((mean - off).round(), (mean + off).round());
    }
    central(mean, f64::INFINITY, |count| mean / (count + 1.0))
}
