//! Bounds on what comes in: texts and lists may come from a hostile network.

use crate::live::{Allowed, Health, Learning, LiveAlert, LiveIncident, Model, Sensor};
use crate::{Drift, Fact, Reason, Talker};

/// Characters of one text; longer ones end in an ellipsis.
pub(in crate::live) const LONGEST_TEXT: usize = 300;
/// Reasons of one alert.
const MOST_REASONS: usize = 12;
/// Addresses or ports of one incident.
const MOST_MEMBERS: usize = 50;
/// Entries of the allow-list.
pub(in crate::live) const MOST_ALLOWED: usize = 200;
/// Lines of any other list.
const MOST_LINES: usize = 64;

/// Cuts a text.
pub(in crate::live) fn text(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT - 1)
        && text.len() > end + text[end..].chars().next().map_or(0, char::len_utf8)
    {
        text.truncate(end);
        text.push('…');
    }
    text.shrink_to_fit();
}

pub(super) fn alert(told: &mut LiveAlert) {
    let alert = &mut told.alert;
    for part in [
        &mut alert.id,
        &mut alert.source,
        &mut alert.target,
        &mut alert.service,
    ] {
        text(part);
    }
    for part in [
        &mut told.model,
        &mut told.uid,
        &mut told.severity_reason,
        &mut told.raised_by,
    ] {
        text(part);
    }
    told.mark_scope.iter_mut().for_each(text);
    let optional = [
        &mut alert.class,
        &mut alert.label,
        &mut told.community_id,
        &mut told.incident,
    ];
    for part in optional.into_iter().flatten() {
        text(part);
    }
    if let Some(suppressed) = &mut told.suppressed {
        text(&mut suppressed.by);
        text(&mut suppressed.reason);
    }
    reasons(&mut alert.reasons);
    finite(&mut told.threshold);
    finite(&mut told.p_value);
}

pub(super) fn incident(told: &mut LiveIncident) {
    text(&mut told.id);
    text(&mut told.severity_reason);
    let incident = &mut told.incident;
    incident.class.iter_mut().for_each(text);
    let members = incident
        .sources
        .len()
        .max(incident.targets.len())
        .max(incident.ports.len());
    incident.truncated |= members > MOST_MEMBERS;
    incident.ports.truncate(MOST_MEMBERS);
    for names in [
        &mut incident.sources,
        &mut incident.targets,
        &mut incident.protocols,
    ] {
        names.truncate(MOST_MEMBERS);
        names.iter_mut().for_each(text);
    }
    reasons(&mut incident.reasons);
}

pub(super) fn hosts(told: &mut Vec<Talker>, most: usize) {
    told.truncate(most);
    told.shrink_to_fit();
    told.iter_mut().for_each(|host| text(&mut host.address));
}

pub(super) fn allowed(told: &mut Vec<Allowed>) {
    told.truncate(MOST_ALLOWED);
    told.shrink_to_fit();
    for entry in told {
        for part in [&mut entry.name, &mut entry.reason, &mut entry.criteria] {
            text(part);
        }
        entry.alert.iter_mut().for_each(text);
    }
}

pub(super) fn health(told: &mut Health) {
    told.skipped.truncate(MOST_LINES);
    told.skipped
        .iter_mut()
        .for_each(|skipped| text(&mut skipped.reason));
    told.queues.truncate(MOST_LINES);
    told.queues
        .iter_mut()
        .for_each(|queue| text(&mut queue.name));
    told.sinks.truncate(MOST_LINES);
    for sink in &mut told.sinks {
        text(&mut sink.name);
        sink.error.iter_mut().for_each(text);
    }
    // The newest tell most.
    told.gaps
        .drain(..told.gaps.len().saturating_sub(MOST_LINES));
    for gap in &mut told.gaps {
        text(&mut gap.source);
        text(&mut gap.reason);
    }
    told.problems.truncate(MOST_LINES);
    told.problems.iter_mut().for_each(text);
}

pub(super) fn learning(told: &mut Learning) {
    told.progress = told
        .progress
        .filter(|part| part.is_finite())
        .map(|part| part.clamp(0.0, 1.0));
    facts(&mut told.facts);
}

pub(super) fn drift(told: &mut Drift) {
    facts(&mut told.facts);
    told.features.truncate(MOST_LINES);
    for feature in &mut told.features {
        text(&mut feature.name);
        feature.words.iter_mut().for_each(text);
        text(&mut feature.level);
        text(&mut feature.values);
    }
}

pub(super) fn model(told: &mut Model) {
    text(&mut told.name);
    if let Some(threshold) = &mut told.threshold {
        text(&mut threshold.meaning);
    }
    facts(&mut told.facts);
}

pub(super) fn sensor(told: &mut Sensor) {
    for part in [&mut told.name, &mut told.version, &mut told.source] {
        text(part);
    }
    facts(&mut told.facts);
}

fn facts(facts: &mut Vec<Fact>) {
    facts.truncate(MOST_LINES);
    for fact in facts {
        text(&mut fact.name);
        text(&mut fact.value);
    }
}

fn reasons(reasons: &mut Vec<Reason>) {
    reasons.truncate(MOST_REASONS);
    for reason in reasons {
        for part in [
            &mut reason.feature,
            &mut reason.observed,
            &mut reason.expected,
        ] {
            text(part);
        }
        reason.words.iter_mut().for_each(text);
    }
}

fn finite(number: &mut Option<f64>) {
    *number = number.filter(|number| number.is_finite());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Alert;

    #[test]
    fn texts_are_cut_at_characters() {
        for (given, characters) in [
            ("", 0),
            ("short", 5),
            (&*"é".repeat(300), 300),
            (&*"漢".repeat(301), 300),
        ] {
            let mut cut = given.to_owned();
            text(&mut cut);
            assert_eq!(cut.chars().count(), characters);
            assert_eq!(cut.ends_with('…'), given.chars().count() > LONGEST_TEXT);
        }
    }

    #[test]
    fn no_part_of_an_alert_is_without_a_bound() {
        let long = || "x".repeat(100_000);
        let reason = Reason {
            words: Some(long()),
            ..Reason::new(long(), long(), long(), 1.0)
        };
        let mut told = LiveAlert {
            alert: Alert {
                id: long(),
                class: Some(long()),
                reasons: vec![reason; 100],
                ..Alert::default()
            },
            uid: long(),
            community_id: Some(long()),
            p_value: Some(f64::NAN),
            ..LiveAlert::default()
        };
        alert(&mut told);
        assert!(format!("{told:?}").len() < 30_000);
        assert_eq!(told.p_value, None);
    }
}
