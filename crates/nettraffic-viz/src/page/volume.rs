//! Traffic volume over time.

use crate::chart::{Axis, Path, Plot, Scale};
use crate::html::Html;
use crate::traffic::Volume;
use crate::{Report, number, time};

pub(super) fn write(report: &Report, html: &mut Html) {
    let (Some((first, last)), Some(_)) = (report.span(), report.traffic.span()) else {
        return;
    };
    let seconds = report.traffic.width_ns() as f64 / 1e9;
    let bytes = |volume: Volume| volume.bytes as f64 / seconds;
    let packets = |volume: Volume| volume.packets as f64 / seconds;
    let total = report
        .traffic
        .bins()
        .fold(Volume::default(), |sum, (_, volume)| Volume {
            bytes: sum.bytes.saturating_add(volume.bytes),
            packets: sum.packets.saturating_add(volume.packets),
        });

    html.raw("<section aria-labelledby=\"traffic\"><h2 id=\"traffic\">Traffic over time</h2><p class=\"about\">");
    html.text(format_args!(
        "{} in {}, each point an average over {}.",
        number::bytes(total.bytes),
        number::counted(total.packets, "packet", "packets"),
        time::length(report.traffic.width_ns().unsigned_abs())
    ));
    html.raw("</p>");
    let (unit, name) = number::byte_unit(highest(report, bytes));
    series(
        report,
        html,
        (first, last),
        "medium",
        &format!("{name}/s"),
        |volume| bytes(volume) / unit,
    );
    series(report, html, (first, last), "short", "packets/s", packets);
    html.raw("</section>");
}

fn series(
    report: &Report,
    html: &mut Html,
    (first, last): (i64, i64),
    class: &'static str,
    unit: &str,
    rate: impl Fn(Volume) -> f64,
) {
    let scale = Scale::nice(0.0, highest(report, &rate));
    let span = last.abs_diff(first).max(1) as f64;
    let width = report.traffic.width_ns();
    let mut points = Vec::new();
    let mut peak = (0.0, first);
    for (begin, volume) in report.traffic.bins() {
        let value = rate(volume);
        if value > peak.0 {
            peak = (value, begin);
        }
        // Steps: a rate holds over its whole bin.
        for edge in [begin, begin.saturating_add(width)] {
            let x = (edge as f64 - first as f64) / span;
            points.push((x.clamp(0.0, 1.0), scale.at(value)));
        }
    }
    let mut plot = Plot::new(Axis::times(first, last), Axis::numbers(unit, &scale));
    plot.path("volume", &Path::area(&points));
    plot.path("volume-line", &Path::line(points.iter().copied()));
    let alternative = format!(
        "Traffic in {unit} from {} to {} UTC; the peak is {} {unit} at {}.",
        time::second(first),
        time::second(last),
        number::significant(peak.0),
        time::second(peak.1)
    );
    plot.draw(html, class, &alternative);
}

fn highest(report: &Report, rate: impl Fn(Volume) -> f64) -> f64 {
    report
        .traffic
        .bins()
        .map(|(_, volume)| rate(volume))
        .fold(0.0, f64::max)
}
