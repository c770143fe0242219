//! The main job: traffic in, explained alerts out.

use std::path::PathBuf;
use std::sync::Arc;

use nettraffic_detect::{
    Detector, Engine, FalseAlarmGoal, FlowRows, Labelled, Limits, ModelKind, Training,
};
use nettraffic_features::{Extractor, FeatureSet};
use nettraffic_flow::{Flow, FlowConfig};

use crate::describe::grouped;
use crate::{
    Failure, Judging, Output, ReportBuilder, Summary, Traffic, describe_detector,
    describe_evaluation, describe_incident, describe_unresolvable, write_file,
};

/// Fewer flows in the first quarter of the traffic are too few to learn from.
const LEAST_FLOWS: usize = 200;
/// Incidents that are printed; the report holds them all.
const MOST_PRINTED: usize = 20;
/// Flows that are judged at once.
const CHUNK: usize = 4096;

/// What is to be judged, and what is to come out.
pub struct Detection {
    /// The traffic.
    pub traffic: Traffic,
    /// Gets every flow with its score as CSV.
    pub scores: Option<Output>,
    /// Gets every alert as a line of JSON; what is printed for people then goes to standard error.
    pub alerts: Option<Output>,
    /// Where the report goes.
    pub report: Option<PathBuf>,
}

impl Detection {
    /// Judges the traffic with `detector`, or with one that learns from the first quarter of the
    /// traffic's time. Says whether the input was sound.
    ///
    /// # Errors
    /// Too little traffic to learn from; output that cannot be written.
    pub fn run(
        self,
        detector: Option<Detector>,
        goal: FalseAlarmGoal,
        seed: u64,
    ) -> Result<bool, Failure> {
        let Self {
            mut traffic,
            scores,
            alerts,
            report,
        } = self;
        let mut told = Told {
            to_stderr: alerts.is_some(),
            lines: Vec::new(),
            warnings: Vec::new(),
        };
        let mut summary = Summary::default();
        let mut builder = ReportBuilder::new(&traffic.name);
        let mut judging = Judging::new(traffic.labels.take(), scores, alerts)?;
        let detector = match detector {
            Some(detector) => stream(
                detector,
                &mut traffic,
                &mut summary,
                &mut judging,
                &mut builder,
            )?,
            None => learn(
                &mut traffic,
                goal,
                seed,
                &mut summary,
                &mut judging,
                &mut builder,
                &mut told,
            )?,
        };
        judging.flush()?;

        let evaluation = judging.evaluation()?;
        told.line(&format!("{}: {}", traffic.name, summary.describe()));
        told.line(&describe_detector(&detector));
        told.incidents(&judging);
        if let Some(evaluation) = &evaluation {
            told.line(&format!(
                "\nheld against the truth: {}",
                describe_evaluation(evaluation)
            ));
        }
        if let Some(path) = report {
            let mut page = builder.finish(&detector, &summary, &judging, evaluation.as_ref());
            page.warnings.extend(describe_unresolvable(&detector));
            page.warnings.append(&mut told.warnings);
            write_file(&path, |file| file.write_all(page.to_html().as_bytes()))?;
            told.line(&format!("\nreport: {}", path.display()));
        }
        told.print()?;
        Ok(summary.is_sound())
    }
}

/// Judges packet by packet, in bounded memory.
fn stream(
    detector: Detector,
    traffic: &mut Traffic,
    summary: &mut Summary,
    judging: &mut Judging,
    report: &mut ReportBuilder,
) -> Result<Arc<Detector>, Failure> {
    let detector = Arc::new(detector);
    let mut engine = Engine::new(Arc::clone(&detector), &Limits::default());
    let mut drain = |engine: &mut Engine, report: &mut ReportBuilder| {
        while let Some(verdict) = engine.pop() {
            report.flow(&verdict.flow);
            report.verdict(&verdict, judging.push(&verdict)?);
        }
        Ok(())
    };
    traffic.replay(summary, |packet| {
        report.packet(packet);
        engine.push(packet).map_err(Failure::usage)?;
        drain(&mut engine, report)
    })?;
    engine.finish().map_err(Failure::usage)?;
    drain(&mut engine, report)?;
    traffic.account(&engine.flow_counters(), summary);
    Ok(detector)
}

/// Learns from the first quarter of the traffic's time and judges the rest.
fn learn(
    traffic: &mut Traffic,
    goal: FalseAlarmGoal,
    seed: u64,
    summary: &mut Summary,
    judging: &mut Judging,
    report: &mut ReportBuilder,
    told: &mut Told,
) -> Result<Arc<Detector>, Failure> {
    let mut extractor = Extractor::new(FeatureSet::default(), FlowConfig::default());
    let mut rows = FlowRows::new(FeatureSet::default());
    traffic.replay(summary, |packet| {
        report.packet(packet);
        extractor.push(packet);
        while rows.take_from(&mut extractor) {}
        Ok(())
    })?;
    extractor.finish();
    while rows.take_from(&mut extractor) {}
    traffic.account(&extractor.counters(), summary);

    for flow in rows.flows() {
        report.flow(flow);
    }

    let (learned, judged) = quarter(rows.flows());
    if learned.len() < LEAST_FLOWS {
        return Err(Failure::usage(format!(
            "{} flows ended in the first quarter of the traffic, {LEAST_FLOWS} are needed to learn \
             what is usual: give a longer capture, or train a detector on other traffic with \
             nettraffic-train and name it with --model",
            learned.len()
        )));
    }
    let detector = Training::new(ModelKind::default())
        .seed(seed)
        .goal(goal)
        .decode_config(traffic.decode_config())
        .fit(
            &rows.select(&learned),
            (traffic.labelled.as_ref()).map(|(flows, classes)| Labelled { flows, classes }),
        )
        .map_err(Failure::usage)?;
    for chunk in judged.chunks(CHUNK) {
        let verdicts = detector
            .judge(&rows.select(chunk))
            .map_err(Failure::usage)?;
        for verdict in verdicts {
            report.verdict(&verdict, judging.push(&verdict)?);
        }
    }
    told.line(&format!(
        "learned from the {} flows that ended in the first quarter of the traffic, taking them for \
         usual; these are not judged",
        grouped(learned.len() as u64)
    ));
    let attacks = (learned.iter())
        .filter(|index| judging.is_attack(&rows.flows()[**index]))
        .count();
    if attacks > 0 {
        told.line(&format!(
            "by the labels {} of them are attacks: it learned that these are usual",
            grouped(attacks as u64)
        ));
        told.warnings.push(format!(
            "By the labels {} of the {} flows that it learned from are attacks: it takes these for usual.",
            grouped(attacks as u64),
            grouped(learned.len() as u64)
        ));
    }
    if let Some((labelled, _)) = &traffic.labelled {
        told.line(&format!(
            "what attacks look like, it learned from {} labelled flows of other synthetic traffic",
            grouped(labelled.len() as u64)
        ));
    }
    Ok(Arc::new(detector))
}

/// Positions of the flows that ended in the first quarter of the time, and of the others.
fn quarter(flows: &[Flow]) -> (Vec<usize>, Vec<usize>) {
    let begin = flows
        .iter()
        .map(|flow| flow.first)
        .min()
        .unwrap_or_default();
    let end = flows.iter().map(|flow| flow.last).max().unwrap_or_default();
    let cut = begin.saturating_add(end.saturating_since(begin) / 4);
    (0..flows.len()).partition(|index| flows[*index].last < cut)
}

/// What is told to people: to standard output, unless that belongs to a program.
struct Told {
    to_stderr: bool,
    lines: Vec<String>,
    /// For the report alone.
    warnings: Vec<String>,
}

impl Told {
    fn line(&mut self, line: &str) {
        self.lines.push(line.to_owned());
    }

    fn incidents(&mut self, judging: &Judging) {
        let incidents = judging.incidents();
        let ranked = judging.ranked_incidents();
        self.line(&format!(
            "\n{} flows judged, {} alerts in {} incidents",
            grouped(judging.judged()),
            grouped(incidents.alerts()),
            grouped(ranked.len() as u64)
        ));
        for incident in ranked.iter().take(MOST_PRINTED) {
            self.line(&format!("  {}", describe_incident(incident)));
        }
        if ranked.len() > MOST_PRINTED {
            self.line(&format!(
                "  and {} further incidents: a report (--report FILE.html) shows all",
                ranked.len() - MOST_PRINTED
            ));
        }
        if incidents.not_grouped() > 0 {
            self.line(&format!(
                "  {} alerts of further sources are counted but not shown",
                incidents.not_grouped()
            ));
        }
    }

    fn print(self) -> Result<(), Failure> {
        if self.to_stderr {
            for line in self.lines {
                eprintln!("{line}");
            }
            return Ok(());
        }
        let mut output = Output::to(None)?;
        for line in self.lines {
            output.line(&line)?;
        }
        output.finish()
    }
}
