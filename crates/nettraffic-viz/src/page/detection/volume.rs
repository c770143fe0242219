//! Traffic volume over time, and what it was made of.

use crate::chart::{Axis, Path, Plot, Scale, Tone};
use crate::html::Html;
use crate::traffic::Volume;
use crate::{Report, Traffic, number, time};

/// Bytes per second, parted by kind where kinds were told apart.
pub(super) fn bytes(report: &Report) -> Option<Plot> {
    let steps = Steps::of(report)?;
    let seconds = report.traffic.width_ns() as f64 / 1e9;
    let rate = |volume: &Volume| volume.bytes as f64 / seconds;
    let (unit, name) = number::byte_unit(steps.highest(&rate));
    let unit_name = format!("{name}/s");
    let scale = Scale::nice(0.0, steps.highest(&rate) / unit);
    let mut plot = steps.plot(&unit_name, &scale, |volume| rate(volume) / unit);
    let mut below = vec![0_u64; steps.bins.len()];
    for (tone, kind, name) in kinds(&report.traffic) {
        plot.key(tone.key, name);
        let heights = |sums: &[u64]| -> Vec<f64> {
            let height = |sum: &u64| *sum as f64 / seconds / unit;
            sums.iter().map(height).collect()
        };
        let lower = steps.line(&scale, &heights(&below));
        for (sum, (_, volume)) in below.iter_mut().zip(&steps.bins) {
            *sum = sum.saturating_add(volume.of(kind));
        }
        let upper = steps.line(&scale, &heights(&below));
        plot.path(tone.area, Path::band(&upper, &lower));
    }
    if plain(&report.traffic) {
        let values: Vec<f64> = (steps.bins.iter())
            .map(|(_, volume)| rate(volume) / unit)
            .collect();
        let line = steps.line(&scale, &values);
        plot.path("volume", Path::area(&line));
        plot.path("volume-line", Path::line(line));
    }
    Some(plot)
}

/// Packets per second.
pub(super) fn packets(report: &Report) -> Option<Plot> {
    let steps = Steps::of(report)?;
    let seconds = report.traffic.width_ns() as f64 / 1e9;
    let rate = |volume: &Volume| volume.packets as f64 / seconds;
    let scale = Scale::nice(0.0, steps.highest(&rate));
    let mut plot = steps.plot("packets/s", &scale, rate);
    let values: Vec<f64> = steps.bins.iter().map(|(_, volume)| rate(volume)).collect();
    let line = steps.line(&scale, &values);
    plot.path("volume", Path::area(&line));
    plot.path("volume-line", Path::line(line));
    Some(plot)
}

/// What the charts show, above them.
pub(super) fn explain(report: &Report, html: &mut Html) {
    let total = report.traffic.total();
    html.raw("<p class=\"about\">");
    html.text(format_args!(
        "Traffic: {} in {}, each point an average over {}.",
        number::bytes(total.bytes),
        number::counted(total.packets, "packet", "packets"),
        time::length(report.traffic.width_ns().unsigned_abs())
    ));
    html.raw("</p>");
}

/// Whether there is nothing to part the traffic by.
fn plain(traffic: &Traffic) -> bool {
    traffic.kinds().is_empty()
}

/// Kinds with their colours.
fn kinds(traffic: &Traffic) -> Vec<(Tone, Option<usize>, &str)> {
    let coloured = |(place, (kind, name)): (usize, (Option<usize>, _))| {
        let tone = kind.map_or(Tone::others(), |_| Tone::of(place));
        (tone, kind, name)
    };
    traffic
        .kinds()
        .into_iter()
        .enumerate()
        .map(coloured)
        .collect()
}

/// Bins on the axis of time.
struct Steps {
    first: i64,
    last: i64,
    width: i64,
    bins: Vec<(i64, Volume)>,
}

impl Steps {
    fn of(report: &Report) -> Option<Self> {
        let ((first, last), _) = report.span().zip(report.traffic.span())?;
        Some(Self {
            first,
            last,
            width: report.traffic.width_ns(),
            bins: report.traffic.bins().collect(),
        })
    }

    fn highest(&self, rate: &impl Fn(&Volume) -> f64) -> f64 {
        (self.bins.iter())
            .map(|(_, volume)| rate(volume))
            .fold(0.0, f64::max)
    }

    /// An empty chart that tells where the peak is.
    fn plot(&self, unit: &str, scale: &Scale, rate: impl Fn(&Volume) -> f64) -> Plot {
        let mut peak = (0.0, self.first);
        for (begin, volume) in &self.bins {
            let value = rate(volume);
            if value > peak.0 {
                peak = (value, *begin);
            }
        }
        let alternative = format!(
            "Traffic in {unit} from {} to {} UTC; the peak is {} {unit} at {}.",
            time::second(self.first),
            time::second(self.last),
            number::significant(peak.0),
            time::second(peak.1)
        );
        Plot::new(
            Axis::times(self.first, self.last),
            Axis::numbers(unit, scale),
        )
        .told(alternative)
    }

    /// Values as a line of steps: a rate holds over its whole bin.
    fn line(&self, scale: &Scale, values: &[f64]) -> Vec<(f64, f64)> {
        let span = self.last.abs_diff(self.first).max(1) as f64;
        let place = |time: i64| ((time as f64 - self.first as f64) / span).clamp(0.0, 1.0);
        let mut points = Vec::with_capacity(2 * values.len());
        for ((begin, _), value) in self.bins.iter().zip(values) {
            let height = scale.at(*value);
            points.push((place(*begin), height));
            points.push((place(begin.saturating_add(self.width)), height));
        }
        points
    }
}
