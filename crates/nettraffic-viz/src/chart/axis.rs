//! An axis: places with labels.

use super::Scale;
use crate::{number, time};

/// A labelled place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    /// 0 to 1.
    pub(crate) at: f64,
    pub(crate) label: String,
}

/// An axis with its title, which names the unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) title: String,
    pub(crate) ticks: Vec<Tick>,
}

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Steps between ticks of time that people count in.
const TIME_STEPS: [i64; 31] = [
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    60 * SECOND,
    120 * SECOND,
    300 * SECOND,
    600 * SECOND,
    900 * SECOND,
    1800 * SECOND,
    3600 * SECOND,
    2 * 3600 * SECOND,
    3 * 3600 * SECOND,
    6 * 3600 * SECOND,
    12 * 3600 * SECOND,
    DAY,
    2 * DAY,
    7 * DAY,
    30 * DAY,
    365 * DAY,
];

impl Axis {
    /// Numbers.
    pub(crate) fn numbers(title: impl Into<String>, scale: &Scale) -> Self {
        let ticks = scale.ticks(5).into_iter().map(|value| Tick {
            at: scale.at(value),
            label: number::tick(value),
        });
        Self {
            title: title.into(),
            ticks: ticks.collect(),
        }
    }

    /// Shares, 0 to 100 %.
    pub(crate) fn shares(title: impl Into<String>) -> Self {
        let ticks = (0..=5_u8).map(|fifth| Tick {
            at: f64::from(fifth) / 5.0,
            label: format!("{} %", 20 * u32::from(fifth)),
        });
        Self {
            title: title.into(),
            ticks: ticks.collect(),
        }
    }

    /// Times from `first` to `last`, nanoseconds since the Unix epoch, in UTC.
    pub(crate) fn times(first: i64, last: i64) -> Self {
        let span = last.abs_diff(first).max(1);
        let fits = |step: &&i64| span / step.unsigned_abs() <= 8;
        let step = *TIME_STEPS.iter().find(fits).unwrap_or(&(3650 * DAY));
        let place = |time: i64| time.abs_diff(first) as f64 / span as f64;
        let begin = first.div_euclid(step) + i64::from(first.rem_euclid(step) > 0);
        let ticks = (begin..=last.div_euclid(step)).filter_map(|tick| {
            let time = tick.checked_mul(step)?;
            Some(Tick {
                at: place(time),
                label: label(time, step),
            })
        });
        let title = if time::date(first) == time::date(last) {
            format!("Time on {} (UTC)", time::date(first))
        } else {
            format!(
                "Time from {} to {} (UTC)",
                time::date(first),
                time::date(last)
            )
        };
        Self {
            title,
            ticks: ticks.collect(),
        }
    }
}

fn label(time: i64, step: i64) -> String {
    if time.rem_euclid(DAY) == 0 {
        time::short_date(time)
    } else if step < SECOND {
        time::milli(time)
    } else if step < 60 * SECOND {
        time::second(time)
    } else {
        time::minute(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_ticks_stand_where_people_expect_them() {
        let noon = 1_704_110_400 * SECOND;
        for (first, length, expected) in [
            (
                noon,
                1800 * SECOND,
                "12:00 12:05 12:10 12:15 12:20 12:25 12:30",
            ),
            (
                noon + 1,
                40 * SECOND,
                "12:00:05 12:00:10 12:00:15 12:00:20 12:00:25 12:00:30 12:00:35 12:00:40",
            ),
            (
                noon,
                DAY,
                "12:00 15:00 18:00 21:00 2 Jan 03:00 06:00 09:00 12:00",
            ),
            (noon, 2_000_000, "12:00:00.000 12:00:00.001 12:00:00.002"),
        ] {
            let axis = Axis::times(first, first + length);
            let labels: Vec<_> = axis.ticks.iter().map(|tick| tick.label.as_str()).collect();
            assert_eq!(labels.join(" "), expected);
            assert!(axis.ticks.iter().all(|tick| (0.0..=1.0).contains(&tick.at)));
        }
    }

    #[test]
    fn any_two_times_have_few_ticks() {
        for (first, last) in [
            (0, 0),
            (i64::MIN, i64::MAX),
            (i64::MAX - 5, i64::MAX),
            (-1, 1),
        ] {
            assert!(Axis::times(first, last).ticks.len() <= 60, "{first} {last}");
        }
    }
}
