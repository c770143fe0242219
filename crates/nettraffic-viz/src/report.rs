//! The report on a detection.

use std::io::{self, Write};

use nettraffic_eval::Evaluation;

use crate::page::detection;
use crate::{
    Alert, Fact, Figure, FlowMap, Incident, ScorePoint, Share, Talker, Threshold, Traffic,
};

/// How much of a long list is shown. What is left out is counted in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Alerts that the report holds: those with the highest scores.
    pub alerts: usize,
    /// Of these, the ones that can be read without a script and are printed; the script pages through all.
    pub alert_rows: usize,
    /// Incidents in the table: the first ones.
    pub incidents: usize,
    /// Alerts that are drawn one by one in the timeline; further ones share dots.
    pub drawn_alerts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            alerts: 20_000,
            alert_rows: 50,
            incidents: 1_000,
            drawn_alerts: 1_000,
        }
    }
}

/// Everything that the report on a detection tells. Parts that are left empty are left out.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was examined, such as the name of a capture.
    pub title: String,
    /// What there is to know about the run: model, training, versions.
    pub facts: Vec<Fact>,
    /// What became of every packet and flow.
    pub account: Vec<Fact>,
    /// What was not looked at, and how much of it there was.
    pub not_looked_at: Vec<Fact>,
    /// The score above which a flow is an alert.
    pub threshold: Option<Threshold>,
    /// One point per judged flow, in any order.
    pub scores: Vec<ScorePoint>,
    /// Alerts, in any order; where there are too many to list, the highest of each incident.
    pub alerts: Vec<Alert>,
    /// Alerts that were raised beyond those in `alerts`.
    pub further_alerts: u64,
    /// Alerts that belong together, most important first.
    pub incidents: Vec<Incident>,
    /// Traffic over time.
    pub traffic: Traffic,
    /// What the traffic was made of, in the order to show.
    pub services: Vec<Share>,
    /// Who talked most, in the order to show.
    pub talkers: Vec<Talker>,
    /// Flows as places on a plane.
    pub map: Option<FlowMap>,
    /// How well it did, when labels were given.
    pub evaluation: Option<Evaluation>,
    /// Things that the reader should know first, such as damage in the input.
    pub warnings: Vec<String>,
    /// How much of long lists is shown.
    pub limits: Limits,
}

impl Report {
    /// An empty report about `title`.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// The report as one HTML document.
    #[must_use]
    pub fn to_html(&self) -> String {
        detection::document(self).into_string()
    }

    /// Writes what [`Report::to_html`] gives.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write_html(&self, mut writer: impl Write) -> io::Result<()> {
        writer.write_all(self.to_html().as_bytes())
    }

    /// The charts of the report, each as an SVG document.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        detection::figures(self)
    }

    /// Earliest and latest time of anything in the report; `None` when nothing has a time.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let scores = self.scores.iter().map(|point| point.time_ns);
        let alerts = self.alerts.iter().map(|alert| alert.first_ns);
        let traffic = self.traffic.span().into_iter().flat_map(<[i64; 2]>::from);
        let times = scores.chain(alerts).chain(traffic);
        times.fold(None, |span: Option<(i64, i64)>, time| {
            let (first, last) = span.unwrap_or((time, time));
            Some((first.min(time), last.max(time)))
        })
    }

    /// All alerts that were raised.
    pub(crate) fn alert_count(&self) -> u64 {
        self.alerts.len() as u64 + self.further_alerts
    }

    /// The threshold's score, where it can be drawn.
    pub(crate) fn line(&self) -> Option<f64> {
        let value = self.threshold.as_ref().map(|threshold| threshold.value);
        value.filter(|value| value.is_finite())
    }
}
