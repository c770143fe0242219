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
        let high = if high > low { high } else { low + 1.0 };
        Self {
            low,
            high,
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

    /// Logarithmic, widened to whole powers of ten. Both ends must be above 0.
    pub(crate) fn decades(low: f64, high: f64) -> Self {
        let (low, high) = (low.log10().floor(), high.log10().ceil());
        Self {
            low: 10_f64.powf(low),
            high: 10_f64.powf(high.max(low + 1.0)),
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

    /// Round values between the ends: about `wanted`, or the powers of ten.
    pub(crate) fn ticks(&self, wanted: u32) -> Vec<f64> {
        if self.logarithmic {
            let (low, high) = (
                self.low.log10().round() as i32,
                self.high.log10().round() as i32,
            );
            let every = ((high - low) as usize).div_ceil(wanted as usize).max(1);
            return (low..=high)
                .step_by(every)
                .map(|power| 10_f64.powi(power))
                .collect();
        }
        let step = self.step(wanted);
        let first = (self.low / step - 1e-9).ceil();
        let last = (self.high / step + 1e-9).floor();
        let count = (last - first).clamp(0.0, 100.0) as u32;
        (0..=count)
            .map(|tick| (first + f64::from(tick)) * step)
            .collect()
    }

    /// 1, 2 or 5 times a power of ten, so that about `wanted` steps fit.
    fn step(&self, wanted: u32) -> f64 {
        let rough = (self.high - self.low) / f64::from(wanted);
        let power = 10_f64.powf(rough.log10().floor());
        let factor = [1.0, 2.0, 5.0]
            .into_iter()
            .find(|factor| factor * power >= rough * 0.999);
        factor.unwrap_or(10.0) * power
    }
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
            (
                Scale::decades(0.02, 300.0),
                &[0.01, 0.1, 1.0, 10.0, 100.0, 1000.0],
            ),
            (Scale::decades(1.0, 1.0), &[1.0, 10.0]),
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
        let scale = Scale::decades(0.1, 100.0);
        assert_eq!(
            [scale.at(-5.0), scale.at(0.0), scale.at(1e9)],
            [0.0, 0.0, 1.0]
        );
        assert!((scale.at(1.0) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(Scale::linear(3.0, 3.0).at(3.0), 0.0);
    }
}
