//! What a detection gives out: scores, alerts, incidents, and how it fares against the truth.

use std::collections::BTreeMap;

use nettraffic_detect::{Incident, Incidents, Verdict};
use nettraffic_eval::{Evaluation, LabelRules, Truth, Unmatched};
use nettraffic_experiment::truth;
use nettraffic_flow::Flow;

use crate::{AlertRecord, Failure, Output};

/// Ground truth for flows.
pub struct Labels {
    /// The rules.
    pub rules: LabelRules,
    /// What flows are that no rule matches.
    pub unmatched: Unmatched,
}

/// Takes verdicts and writes what was asked for.
pub struct Judging {
    labels: Option<Labels>,
    scores: Option<Output>,
    alerts: Option<Output>,
    incidents: Incidents,
    judged: u64,
    /// Every label that occurred: few, however many flows there are.
    names: Vec<String>,
    /// Score, alert and position of the label of each flow, where there is a truth.
    rows: Vec<(f32, bool, usize)>,
}

impl Judging {
    /// Takes verdicts; `scores` gets a line of CSV per flow, `alerts` a line of JSON per alert.
    ///
    /// # Errors
    /// The header of `scores` cannot be written.
    pub fn new(
        labels: Option<Labels>,
        mut scores: Option<Output>,
        alerts: Option<Output>,
    ) -> Result<Self, Failure> {
        if let Some(scores) = &mut scores {
            let label = if labels.is_some() { ",label" } else { "" };
            scores.line(&format!("{SCORES_HEADER}{label},uid,end,evidence,class"))?;
        }
        Ok(Self {
            labels,
            scores,
            alerts,
            incidents: Incidents::default(),
            judged: 0,
            names: Vec::new(),
            rows: Vec::new(),
        })
    }

    /// Takes one verdict, and tells the label of its flow where that is known.
    ///
    /// # Errors
    /// What it gives out cannot be written.
    pub fn push(&mut self, verdict: &Verdict) -> Result<Option<&str>, Failure> {
        self.judged += 1;
        self.incidents.push(verdict);
        let truth = self
            .labels
            .as_ref()
            .map(|labels| truth(&verdict.flow, &labels.rules, labels.unmatched));
        if let Some(scores) = &mut self.scores {
            scores.line(&scores_line(verdict, truth))?;
        }
        if let Some(alerts) = &mut self.alerts
            && let Some(record) = AlertRecord::of(verdict, truth.map(Truth::name))
        {
            let line = serde_json::to_string(&record).map_err(|e| Failure::output("JSON", e))?;
            alerts.line_now(&line)?;
        }
        if let Some(truth) = truth {
            let known = self.names.iter().position(|name| name == truth.name());
            let label = known.unwrap_or(self.names.len());
            if known.is_none() {
                self.names.push(truth.name().to_owned());
            }
            self.rows
                .push((verdict.score, verdict.alert.is_some(), label));
        }
        Ok(truth.map(Truth::name))
    }

    /// Whether the flow is known to be an attack.
    #[must_use]
    pub fn is_attack(&self, flow: &Flow) -> bool {
        (self.labels.as_ref()).is_some_and(|labels| {
            truth(flow, &labels.rules, labels.unmatched).is_attack() == Some(true)
        })
    }

    /// Flows judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.judged
    }

    /// The alerts, put together.
    #[must_use]
    pub fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    /// The incidents in the order to tell them: the most important one of each kind comes
    /// before the second one of any, so that a long list of one kind hides no other.
    #[must_use]
    pub fn ranked_incidents(&self) -> Vec<Incident> {
        let mut seen: BTreeMap<Option<String>, usize> = BTreeMap::new();
        let mut ranked: Vec<(usize, Incident)> = (self.incidents.ranked().into_iter())
            .map(|incident| {
                let place = seen.entry(incident.class.clone()).or_default();
                *place += 1;
                (*place, incident)
            })
            .collect();
        ranked.sort_by_key(|(place, _)| *place);
        ranked.into_iter().map(|(_, incident)| incident).collect()
    }

    /// The verdicts held against the truth, when there is one.
    ///
    /// # Errors
    /// A score that is no number, which would be a bug of a model.
    pub fn evaluation(&self) -> Result<Option<Evaluation>, Failure> {
        if self.labels.is_none() {
            return Ok(None);
        }
        let scores: Vec<f32> = self.rows.iter().map(|row| row.0).collect();
        let alerts: Vec<bool> = self.rows.iter().map(|row| row.1).collect();
        let truth = |label: usize| Truth::named(&self.names[label]);
        let truths: Vec<Truth<'_>> = self.rows.iter().map(|row| truth(row.2)).collect();
        let evaluation = Evaluation::new(&scores, &alerts, &truths).map_err(Failure::usage)?;
        Ok(Some(evaluation))
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> Result<(), Failure> {
        for output in [self.scores.take(), self.alerts.take()]
            .into_iter()
            .flatten()
        {
            output.finish()?;
        }
        Ok(())
    }
}

const SCORES_HEADER: &str = "ts,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,orig_pkts,resp_pkts,\
                             orig_bytes,resp_bytes,score,threshold,alert";

fn scores_line(verdict: &Verdict, truth: Option<Truth<'_>>) -> String {
    let flow = &verdict.flow;
    let mut line = format!(
        "{},{},{},{},{},{},{},{},{},{},{},{},{}",
        flow.first,
        flow.key.initiator,
        flow.key.initiator_port,
        flow.key.responder,
        flow.key.responder_port,
        flow.key.protocol,
        flow.forward.packets,
        flow.backward.packets,
        flow.forward.payload_bytes,
        flow.backward.payload_bytes,
        verdict.score,
        verdict.threshold,
        u8::from(verdict.alert.is_some()),
    );
    if let Some(truth) = truth {
        line.push(',');
        line.push_str(&csv_field(truth.name()));
    }
    let alert = verdict.alert.as_ref();
    let class = alert.and_then(|alert| alert.class.as_ref());
    line.push_str(&format!(
        ",{},{},{},{}",
        flow.uid(),
        flow.end.name(),
        alert.map_or("", |alert| alert.evidence.name()),
        csv_field(class.map_or("", |class| &class.name)),
    ));
    line
}

/// A label may hold anything: quoted where CSV needs it.
fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
