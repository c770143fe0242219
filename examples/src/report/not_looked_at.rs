//! What a report says nothing of.

use nettraffic_eval::Evaluation;
use nettraffic_viz::Fact;

use super::{MOST_INCIDENTS, MOST_SCORES, ReportBuilder};
use crate::describe::grouped;
use crate::{Judging, Summary};

/// What was not looked at, or not listed, and how much of it there was.
pub(super) fn not_looked_at(
    summary: &Summary,
    builder: &ReportBuilder,
    judging: &Judging,
    evaluation: Option<&Evaluation>,
) -> Vec<Fact> {
    let mut facts: Vec<Fact> = (summary.passed_over().into_iter())
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| Fact::new(name, grouped(count)))
        .collect();
    let mut add = |name: &str, count: u64| {
        if count > 0 {
            facts.push(Fact::new(name, grouped(count)));
        }
    };
    add(
        "Flows that the detector learned from, taken for usual and not judged",
        builder.flows.saturating_sub(judging.judged()),
    );
    add(
        "Flows of unknown truth, left out of the figures against the labels",
        evaluation.map_or(0, Evaluation::unknown),
    );
    add(
        "Alerts that are counted but not listed",
        builder.report.further_alerts,
    );
    add(
        "Alerts of further sources, which belong to no incident",
        judging.incidents().not_grouped(),
    );
    let incidents = judging.incidents().ranked().len();
    add(
        "Incidents that are not listed",
        incidents.saturating_sub(MOST_INCIDENTS) as u64,
    );
    add(
        "Ends of flows of hosts that were not told apart among the talkers",
        builder.talkers.left_out(),
    );
    if builder.thinned {
        facts.push(Fact::new(
            "Scores beyond what the charts hold",
            format!("of neighbouring ones the higher is shown, above {MOST_SCORES} flows"),
        ));
    }
    facts
}
