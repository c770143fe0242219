//! The dots of the timeline: alerts one by one, the many other flows thinned out.

use std::collections::{BTreeMap, VecDeque};

use crate::chart::{Axis, Dots, Path, Plot, Scale};
use crate::page::detection::alerts;
use crate::{Report, ScorePoint, number, time};

/// What the axes reach over.
pub(super) struct Frame {
    /// Nanoseconds since the Unix epoch.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) scale: Scale,
}

impl Frame {
    fn place(&self, point: &ScorePoint) -> (f64, f64) {
        let span = self.last.abs_diff(self.first).max(1) as f64;
        let x = point.time_ns.abs_diff(self.first) as f64 / span;
        (x, self.scale.at(point.score))
    }
}

/// What is drawn.
pub(super) struct Scatter {
    frame: Frame,
    /// Flows without an alert.
    quiet: Dots,
    /// The alerts with the highest scores, strongest first.
    marked: Vec<Marked>,
    /// The alerts beyond them.
    crowded: Dots,
    /// Scores that lie below the axis.
    below: usize,
}

struct Marked {
    place: (f64, f64),
    title: String,
    /// Its row in the table of alerts, when it stands there.
    row: Option<String>,
}

impl Scatter {
    pub(super) fn new(report: &Report, points: &[&ScorePoint], frame: Frame) -> Self {
        let (mut loud, quiet): (Vec<&ScorePoint>, Vec<&ScorePoint>) =
            points.iter().partition(|point| point.alert);
        loud.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.time_ns.cmp(&b.time_ns)));
        let (marked, crowded) = loud.split_at(report.limits.drawn_alerts.min(loud.len()));
        let dots = |points: &[&ScorePoint]| points.iter().map(|point| frame.place(point)).collect();
        Self {
            quiet: dots(&quiet),
            marked: mark(report, marked, &frame),
            crowded: dots(crowded),
            below: points
                .iter()
                .filter(|point| point.score < frame.scale.low())
                .count(),
            frame,
        }
    }

    pub(super) fn plot(&self, threshold: Option<f64>) -> Plot {
        let Frame { first, last, scale } = &self.frame;
        let title = if scale.is_logarithmic() {
            "Score (no unit, log scale)"
        } else {
            "Score (no unit)"
        };
        let mut plot = Plot::new(Axis::times(*first, *last), Axis::numbers(title, scale));
        plot.path("dots quiet", Path::dots(self.quiet.places()));
        plot.path("dots loud", Path::dots(self.crowded.places()));
        if let Some(threshold) = threshold {
            let y = scale.at(threshold);
            plot.path("threshold", Path::line([(0.0, y), (1.0, y)]));
        }
        // The strongest last, so that it lies on top.
        for marked in self.marked.iter().rev() {
            plot.marked_dot(
                "dots loud",
                marked.place,
                marked.title.clone(),
                marked.row.clone(),
            );
        }
        plot
    }

    /// How many flows are drawn as how many dots, and how many not at all.
    pub(super) fn account(&self, not_drawn: usize) -> String {
        let count = |number: usize| number::count(number as u64);
        let flows = |number: usize| number::counted(number as u64, "flow", "flows");
        let mut told = vec![format!(
            "{} without an alert in {} dots (those that would cover each other share one; the highest keeps its place)",
            flows(self.quiet.pushed()),
            count(self.quiet.len())
        )];
        told.push(match (self.marked.len(), self.crowded.pushed()) {
            (marked, 0) => format!("all {} alerts one by one", count(marked)),
            (marked, crowded) => format!(
                "the {} highest alerts one by one, {} further ones in {} dots",
                count(marked),
                count(crowded),
                count(self.crowded.len())
            ),
        });
        if self.below > 0 {
            let low = number::significant(self.frame.scale.low());
            told.push(format!(
                "{} with scores below {low} at the bottom line",
                flows(self.below)
            ));
        }
        if not_drawn > 0 {
            told.push(format!(
                "{} without a finite score not at all",
                flows(not_drawn)
            ));
        }
        format!("Drawn: {}.", told.join("; "))
    }
}

/// Finds for each point the row of its alert: that of the same time and score.
fn mark(report: &Report, points: &[&ScorePoint], frame: &Frame) -> Vec<Marked> {
    let shown = alerts::shown(report);
    let mut rows: BTreeMap<(i64, u64), VecDeque<usize>> = BTreeMap::new();
    for (row, alert) in shown.iter().enumerate() {
        rows.entry((alert.first_ns, alert.score.to_bits()))
            .or_default()
            .push_back(row);
    }
    let mark = |point: &&ScorePoint| {
        let key = (point.time_ns, point.score.to_bits());
        let row = rows.get_mut(&key).and_then(VecDeque::pop_front);
        let ends = row.and_then(|row| shown.get(row));
        let ends = ends.map_or_else(String::new, |a| format!("{} to {}, ", a.source, a.target));
        let (score, time) = (number::significant(point.score), time::milli(point.time_ns));
        Marked {
            place: frame.place(point),
            title: format!("{ends}score {score} at {time}"),
            row: row.map(alerts::anchor),
        }
    };
    points.iter().map(mark).collect()
}
