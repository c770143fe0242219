//! From values to places on a chart.

/// Maps values to 0 (low end) … 1 (high end); values beyond the ends are drawn at the ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    /// From `low` to `high` exactly.
    pub(crate) fn linear(low: f64, high: f64) -> Self {
        Self {
            low,
            high: if high > low { high } else { low + 1.0 },
            logarithmic: false,
        }
    }

    /// Linear, widened to whole ticks.
    pub(crate) fn nice(low: f64, high: f64) -> Self {
        let plain = Self::linear(low, high);
        let step = plain.step(5);
        Self::linear(
            (low / step).floor() * step,
            (plain.high / step).ceil() * step,
        )
    }

    /// Logarithmic, widened to 1, 2 or 5 times a power of ten. Both ends must be above 0.
    pub(crate) fn logarithmic(low: f64, high: f64) -> Self {
        let low = round_down(low);
        Self {
            low,
            // At least to the next round number, so that the axis has a length.
            high: round_up(high.max(low * 1.5)),
            logarithmic: true,
        }
    }

    pub(crate) fn low(&self) -> f64 {
        self.low
    }

    pub(crate) fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// The place of a value.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let place = if self.logarithmic {
            let value = value.max(self.low);
            (value.log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
        } else {
            (value - self.low) / (self.high - self.low)
        };
        place.clamp(0.0, 1.0)
    }

    /// Round values between the ends, about `wanted`.
    pub(crate) fn ticks(&self, wanted: u32) -> Vec<f64> {
        if self.logarithmic {
            return self.powers(wanted as usize);
        }
        let step = self.step(wanted);
        let first = (self.low / step - 1e-9).ceil();
        let last = (self.high / step + 1e-9).floor();
        let count = (last - first).clamp(0.0, 100.0) as u32;
        (0..=count)
            .map(|tick| (first + f64::from(tick)) * step)
            .collect()
    }

    /// Powers of ten; with 2 and 5 times them where there would be few.
    fn powers(&self, wanted: usize) -> Vec<f64> {
        let (low, high) = (self.low.log10(), self.high.log10());
        let every = ((high - low) as usize).div_ceil(wanted).max(1);
        let factors: &[f64] = if high - low < 2.0 { &FACTORS } else { &[1.0] };
        let powers = (low.floor() as i32..=high.ceil() as i32).step_by(every);
        let ticks = powers.flat_map(|power| {
            let power = 10_f64.powi(power);
            factors.iter().map(move |factor| factor * power)
        });
        let ends = self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9);
        ticks.filter(|tick| ends.contains(tick)).collect()
    }

    /// 1, 2 or 5 times a power of ten, so that about `wanted` steps fit.
    fn step(&self, wanted: u32) -> f64 {
        round_up((self.high - self.low) / f64::from(wanted) * 0.999)
    }
}

/// What people count in.
const FACTORS: [f64; 3] = [1.0, 2.0, 5.0];

/// The next 1, 2 or 5 times a power of ten from `value` > 0 upwards.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let fits = |factor: &f64| factor * power >= value * (1.0 - 1e-9);
    FACTORS.into_iter().find(fits).unwrap_or(10.0) * power
}

/// The next 1, 2 or 5 times a power of ten from `value` > 0 downwards.
fn round_down(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    let fits = |factor: &f64| factor * power <= value * (1.0 + 1e-9);
    FACTORS.into_iter().rfind(fits).unwrap_or(1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        for (scale, expected) in [
            (Scale::linear(0.0, 1.0), &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0][..]),
            (Scale::nice(0.3, 47.0), &[0.0, 10.0, 20.0, 30.0, 40.0, 50.0]),
            (Scale::nice(-3.0, 4.0), &[-4.0, -2.0, 0.0, 2.0, 4.0]),
            (Scale::nice(5.0, 5.0), &[5.0, 5.2, 5.4, 5.6, 5.8, 6.0]),
            (Scale::logarithmic(0.02, 300.0), &[0.1, 1.0, 10.0, 100.0]),
            (Scale::logarithmic(0.06, 22.0), &[0.1, 1.0, 10.0]),
            (
                Scale::logarithmic(1.2, 22.0),
                &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0],
            ),
            (Scale::logarithmic(1.0, 1.0), &[1.0, 2.0]),
        ] {
            let ticks = scale.ticks(5);
            assert_eq!(ticks.len(), expected.len(), "{ticks:?}");
            for (tick, expected) in ticks.iter().zip(expected) {
                assert!((tick - expected).abs() < 1e-9, "{ticks:?}");
            }
        }
    }

    #[test]
    fn values_beyond_the_ends_stay_on_the_chart() {
        let scale = Scale::logarithmic(0.1, 100.0);
        let places = [-5.0, 0.0, 1e9].map(|value| scale.at(value));
        assert_eq!(places, [0.0, 0.0, 1.0]);
        assert!((scale.at(1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(Scale::linear(3.0, 3.0).at(3.0), 0.0);
    }
}
