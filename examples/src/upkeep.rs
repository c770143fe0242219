//! Drift, trials and rules in words: the upkeep of detectors.

use nettraffic_detect::{Decision, DriftLevel, DriftReport, Trial};
use nettraffic_models::{Rule, Surrogate};

use crate::describe::grouped;
use crate::percent;

/// Features that are named of those that moved; JSON holds all.
const MOST_SHOWN: usize = 10;

/// Whether traffic has drifted, and in what.
#[must_use]
pub fn describe_drift(report: &DriftReport) -> String {
    let scores = &report.scores;
    let mut lines = vec![format!(
        "{} recent flows against {} of the training: {}",
        grouped(report.rows),
        grouped(report.training_rows),
        if report.has_drifted() {
            "drifted, a successor should be trained"
        } else {
            "no drift that chance would not explain"
        }
    )];
    lines.push(format!(
        "alerts by the score: {}, {} expected; the scores {}",
        scores.alarms,
        percent(scores.expected_alarms),
        scores_moved(scores.changes)
    ));
    let moved: Vec<_> = report.moved(DriftLevel::Moderate).collect();
    lines.push(format!(
        "{} of {} features moved (population stability index from 0.1 on; from 0.25 on far)",
        moved.len(),
        report.features.len()
    ));
    let shown = moved.iter().take(MOST_SHOWN);
    lines.extend(shown.map(|feature| format!("  {feature}")));
    if let Some(more) = moved.len().checked_sub(MOST_SHOWN).filter(|&more| more > 0) {
        lines.push(format!("  and {more} that moved less (--json holds all)"));
    }
    lines.join("\n")
}

/// `did not move`, `moved once`, `moved 3 times`.
pub(crate) fn scores_moved(changes: u64) -> String {
    match changes {
        0 => "did not move".to_owned(),
        1 => "moved once".to_owned(),
        more => format!("moved {} times", grouped(more)),
    }
}

/// How a successor fared beside the serving detector, and what follows.
#[must_use]
pub fn describe_trial(trial: &Trial, dry_run: bool) -> String {
    let mut lines = vec![
        format!("successor trained on {} flows", grouped(trial.learned)),
        format!(
            "alerts of the serving one on these: {}",
            trial.learned_alarms
        ),
        format!("alerts on later flows: serving {}", trial.serving_alarms),
        format!("                     successor {}", trial.successor_alarms),
    ];
    for canary in &trial.canaries {
        lines.push(format!(
            "canaries {}: serving {}, successor {}",
            canary.class, canary.serving, canary.successor
        ));
    }
    if trial.canaries.is_empty() {
        lines.push("no canaries: nothing shows that it still finds attacks".to_owned());
    }
    match (&trial.decision, dry_run) {
        (Decision::Replace, false) => lines.push("it is not worse, and serves from now on".into()),
        (Decision::Replace, true) => lines.push("it is not worse, and would replace".into()),
        (Decision::Keep(worse), _) => {
            lines.push("it is worse, and replaces nothing:".into());
            lines.extend(worse.iter().map(|way| format!("  {way}")));
        }
        (Decision::Unusual { at_most }, _) => lines.push(format!(
            "it is not worse, but replaces nothing: the traffic to learn from raises {} alarms, {} at most were \
             promised. It may hold attacks, or have drifted; look at them, then use --even-if-unusual",
            grouped(trial.learned_alarms.hits),
            grouped(*at_most)
        )),
        (_, _) => {}
    }
    lines.join("\n")
}

/// Rules, and how well they imitate the detector.
#[must_use]
pub fn rules_json(rules: &Surrogate) -> serde_json::Value {
    let fidelity = rules.fidelity();
    let each = |rule: &Rule| {
        let conditions: Vec<String> = rule.conditions.iter().map(ToString::to_string).collect();
        serde_json::json!({
            "anomalous": rule.anomalous,
            "conditions": conditions,
            "rows": rule.rows,
            "alarms": rule.alarms,
        })
    };
    serde_json::json!({
        "rows": fidelity.rows,
        "agreed": fidelity.agreed,
        "alarms": fidelity.alarms,
        "alarms_agreed": fidelity.alarms_agreed,
        "rules": rules.rules().iter().map(each).collect::<Vec<_>>(),
    })
}
