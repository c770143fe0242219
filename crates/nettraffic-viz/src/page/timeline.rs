//! Scores over time, with the threshold.

use crate::chart::{Axis, Dots, Path, Plot, Scale};
use crate::html::Html;
use crate::{Report, ScorePoint, number, time};

/// A highest score this many times the threshold no longer fits a linear axis.
const LINEAR_REACH: f64 = 12.0;
/// A logarithmic axis begins at most this many decades below the threshold.
const DECADES_BELOW: i32 = 4;
/// Beyond this, differences and powers of ten would overflow.
const FURTHEST: f64 = 1e100;

pub(super) fn write(report: &Report, html: &mut Html) {
    let finite = |point: &&ScorePoint| point.score.is_finite();
    let points: Vec<&ScorePoint> = report.scores.iter().filter(finite).collect();
    let Some((first, last)) = report.span().filter(|_| !points.is_empty()) else {
        return;
    };
    let threshold = report
        .threshold
        .as_ref()
        .map(|threshold| threshold.value)
        .filter(|t| t.is_finite());
    let scale = scale(&points, threshold);
    let drawing = Drawing::new(report, &points, first, last, scale);

    html.raw("<section aria-labelledby=\"timeline\"><h2 id=\"timeline\">Scores over time</h2><p class=\"about\">");
    html.raw("Every judged flow at the time of its first packet: the higher, the stranger.");
    if let Some(threshold) = &report.threshold {
        html.raw(" The threshold stands for ")
            .text(&threshold.meaning)
            .raw(".");
    }
    html.raw("</p>").append(&drawing.legend());
    drawing
        .plot(threshold)
        .draw(html, "tall", &alternative(&points, threshold, first, last));
    html.raw("<p class=\"about\">")
        .text(drawing.account(report.scores.len() - points.len()))
        .raw("</p></section>");
}

/// Linear, unless the scores reach far beyond the threshold. Scores beyond [`FURTHEST`] are
/// drawn at the ends: no chart could show them beside others.
fn scale(points: &[&ScorePoint], threshold: Option<f64>) -> Scale {
    let bounded = |score: f64| score.clamp(-FURTHEST, FURTHEST);
    let scores = points.iter().map(|point| bounded(point.score));
    let threshold = threshold.map(bounded);
    let high = scores.clone().chain(threshold).fold(f64::MIN, f64::max);
    let low = scores.chain(threshold).fold(f64::MAX, f64::min);
    match threshold {
        Some(threshold) if threshold > 0.0 && high > LINEAR_REACH * threshold => Scale::decades(
            low.max(threshold * 10_f64.powi(-DECADES_BELOW))
                .min(threshold),
            high,
        ),
        // Scores have a natural zero unless they go below it.
        _ => Scale::nice(low.min(0.0), high),
    }
}

struct Drawing {
    first: i64,
    last: i64,
    scale: Scale,
    quiet: Dots,
    quiet_flows: usize,
    /// Alerts that are drawn one by one, with the place of their row in the table of alerts.
    marked: Vec<Marked>,
    /// Alerts beyond them.
    crowded: Dots,
    crowded_flows: usize,
    below: usize,
}

struct Marked {
    place: (f64, f64),
    title: String,
    row: Option<String>,
}

impl Drawing {
    fn new(report: &Report, points: &[&ScorePoint], first: i64, last: i64, scale: Scale) -> Self {
        let mut drawing = Self {
            first,
            last,
            scale,
            quiet: Dots::default(),
            quiet_flows: 0,
            marked: Vec::new(),
            crowded: Dots::default(),
            crowded_flows: 0,
            below: 0,
        };
        let mut alerts: Vec<&ScorePoint> = Vec::new();
        for point in points {
            drawing.below += usize::from(point.score < scale.low());
            if point.alert {
                alerts.push(point);
            } else {
                drawing.quiet_flows += 1;
                let (x, y) = drawing.place(point);
                drawing.quiet.push(x, y);
            }
        }
        alerts.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.time_ns.cmp(&b.time_ns)));
        let rows = super::alerts::shown(report);
        let drawn = report.limits.drawn_alerts.min(alerts.len());
        let (marked, crowded) = alerts.split_at(drawn);
        // The table is ranked as the points are: each takes the next row of its own flow.
        let mut rows = rows.iter().enumerate().peekable();
        for point in marked {
            let same = |(_, alert): &(usize, &&crate::Alert)| {
                alert.first_ns == point.time_ns && alert.score == point.score
            };
            let row = rows.next_if(same);
            let place = drawing.place(point);
            let mut title = format!(
                "score {} at {}",
                number::significant(point.score),
                time::milli(point.time_ns)
            );
            if let Some((_, alert)) = row {
                title = format!("{} to {}, {title}", alert.source, alert.target);
            }
            drawing.marked.push(Marked {
                place,
                title,
                row: row.map(|(row, _)| super::alerts::anchor(row)),
            });
        }
        drawing.crowded_flows = crowded.len();
        for point in crowded {
            let (x, y) = drawing.place(point);
            drawing.crowded.push(x, y);
        }
        drawing
    }

    fn place(&self, point: &ScorePoint) -> (f64, f64) {
        let span = self.last.abs_diff(self.first).max(1) as f64;
        let x = point.time_ns.abs_diff(self.first) as f64 / span;
        (x, self.scale.at(point.score))
    }

    fn plot(&self, threshold: Option<f64>) -> Plot {
        let title = if self.scale.is_logarithmic() {
            "Score (no unit, log scale)"
        } else {
            "Score (no unit)"
        };
        let times = Axis::times(self.first, self.last);
        let mut plot = Plot::new(times, Axis::numbers(title, &self.scale));
        plot.path("dots quiet", &dots(&self.quiet));
        plot.path("dots loud", &dots(&self.crowded));
        if let Some(threshold) = threshold {
            let y = self.scale.at(threshold);
            plot.path("threshold", &Path::line([(0.0, y), (1.0, y)]));
            plot.note(
                "threshold-note",
                y,
                &format!("threshold {}", number::significant(threshold)),
            );
        }
        // The strongest last, so that it lies on top.
        for marked in self.marked.iter().rev() {
            plot.marked_dot(
                "dots loud",
                marked.place,
                &marked.title,
                marked.row.as_deref(),
            );
        }
        plot
    }

    fn legend(&self) -> Html {
        let mut html = Html::default();
        html.raw("<p class=\"legend\"><span class=\"key loud\"></span>alert <span class=\"key quiet\"></span>other flow");
        html.raw("<span class=\"key line\"></span>threshold</p>");
        html
    }

    /// What was drawn for how many flows.
    fn account(&self, not_finite: usize) -> String {
        let count = |number: usize| number::count(number as u64);
        let mut told = vec![format!(
            "{} other flows in {} dots (those that would cover each other share one; the highest keeps its place)",
            count(self.quiet_flows),
            count(self.quiet.len())
        )];
        if self.crowded_flows > 0 {
            told.push(format!(
                "the {} highest alerts one by one, {} further ones in {} dots",
                count(self.marked.len()),
                count(self.crowded_flows),
                count(self.crowded.len())
            ));
        } else {
            told.push(format!(
                "all {} alerts one by one",
                count(self.marked.len())
            ));
        }
        if self.below > 0 {
            let low = number::significant(self.scale.low());
            told.push(format!(
                "{} scores below {low} at the bottom line",
                count(self.below)
            ));
        }
        if not_finite > 0 {
            let flows = number::counted(not_finite as u64, "flow", "flows");
            told.push(format!("{flows} without a finite score not at all"));
        }
        format!("Drawn: {}.", told.join("; "))
    }
}

fn dots(dots: &Dots) -> Path {
    let mut path = Path::default();
    for (x, y) in dots.places() {
        path.dot(x, y);
    }
    path
}

fn alternative(points: &[&ScorePoint], threshold: Option<f64>, first: i64, last: i64) -> String {
    let mut scores: Vec<f64> = points.iter().map(|point| point.score).collect();
    scores.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| number::significant(scores.get(place).copied().unwrap_or(0.0));
    let alerts = points.iter().filter(|point| point.alert).count();
    let line = threshold.map_or_else(String::new, |t| {
        format!(" The threshold is {}.", number::significant(t))
    });
    format!(
        "Scores of {} flows from {} to {} UTC: median {}, highest {}; {} alerts.{line}",
        number::count(points.len() as u64),
        time::second(first),
        time::second(last),
        at(points.len() / 2),
        at(points.len() - 1),
        number::count(alerts as u64)
    )
}
