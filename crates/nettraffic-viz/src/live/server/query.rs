//! Which alerts a program asks for.

use serde::Deserialize;

use crate::live::Severity;
use crate::live::board::Shown;

/// A choice among alerts. What is left out excludes nothing, but suppressed alerts must be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AlertQuery {
    /// Words that all occur somewhere in the alert.
    text: String,
    /// `unusual` for those without a class.
    class: Option<String>,
    /// Address of one end, without its port.
    host: Option<String>,
    incident: Option<String>,
    /// At least so severe.
    severity: Severity,
    suppressed: Which,
    order: Order,
    limit: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    #[default]
    No,
    Yes,
    Only,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    /// Newest first.
    #[default]
    Time,
    /// Highest first.
    Score,
}

impl AlertQuery {
    /// Those that are asked for, in the order that is asked for.
    pub(super) fn choose<'a, T: AsRef<Shown>>(&self, alerts: &'a [T]) -> Vec<&'a Shown> {
        let words: Vec<String> = self
            .text
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let alerts = alerts.iter().map(AsRef::as_ref).rev();
        let mut chosen: Vec<&Shown> = alerts.filter(|shown| self.fits(shown, &words)).collect();
        if matches!(self.order, Order::Score) {
            chosen.sort_by(|a, b| b.told.alert.score.total_cmp(&a.told.alert.score));
        }
        chosen.truncate(self.limit.unwrap_or(usize::MAX));
        chosen
    }

    fn fits(&self, shown: &Shown, words: &[String]) -> bool {
        let (told, alert) = (&shown.told, &shown.told.alert);
        let suppressed = match self.suppressed {
            Which::No => told.suppressed.is_none(),
            Which::Yes => true,
            Which::Only => told.suppressed.is_some(),
        };
        let class = alert.class.as_deref().unwrap_or("unusual");
        let is_host = |host: &String| {
            [&alert.source, &alert.target]
                .iter()
                .any(|end| is_of(end, host))
        };
        suppressed
            && told.severity >= self.severity
            && self.class.as_ref().is_none_or(|asked| asked == class)
            && self.host.as_ref().is_none_or(is_host)
            && self
                .incident
                .as_ref()
                .is_none_or(|asked| Some(asked) == told.incident.as_ref())
            && contains_all(shown, words)
    }
}

/// Whether an end such as `10.0.0.7:22` or `[::1]:22` is one of a host.
fn is_of(end: &str, host: &str) -> bool {
    let rest = end
        .strip_prefix(host)
        .or_else(|| end.strip_prefix('[')?.strip_prefix(host)?.strip_prefix(']'));
    rest.is_some_and(|rest| {
        rest.is_empty()
            || rest
                .strip_prefix(':')
                .is_some_and(|port| port.parse::<u16>().is_ok())
    })
}

fn contains_all(shown: &Shown, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let (told, alert) = (&shown.told, &shown.told.alert);
    let class = alert.class.as_deref().unwrap_or("unusual");
    let ends = [
        &alert.id,
        &alert.source,
        &alert.target,
        &alert.service,
        &told.uid,
        &told.model,
    ];
    let optional = [&told.community_id, &told.incident, &alert.label];
    let reasons = alert
        .reasons
        .iter()
        .flat_map(|reason| [Some(&reason.feature), reason.words.as_ref()]);
    let texts = ends
        .into_iter()
        .chain(optional.into_iter().flatten())
        .chain(reasons.flatten());
    let all = texts.fold(class.to_lowercase(), |all, text| {
        all + "\n" + &text.to_lowercase()
    });
    words.iter().all(|word| all.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{LiveAlert, Suppressed};
    use crate::{Alert, Reason};

    fn shown(id: &str, score: f64, severity: Severity) -> Box<Shown> {
        let alert = Alert {
            id: id.into(),
            source: format!("10.0.0.{id}:4002"),
            target: "[2001:db8::1]:22".into(),
            class: (id == "1").then(|| "port_scan".into()),
            score,
            reasons: vec![Reason::new("duration", "", "", 1.0).with_words("How Long")],
            ..Alert::default()
        };
        let suppressed = (id == "3").then(Suppressed::default);
        Box::new(Shown {
            told: LiveAlert {
                alert,
                severity,
                suppressed,
                ..LiveAlert::default()
            },
            mark: Default::default(),
        })
    }

    #[test]
    fn a_query_chooses_and_orders() {
        let alerts = [
            shown("1", 5.0, Severity::High),
            shown("2", 9.0, Severity::Low),
            shown("3", 7.0, Severity::Medium),
        ];
        for (query, expected) in [
            ("{}", "21"),
            (r#"{"suppressed": "yes"}"#, "321"),
            (r#"{"suppressed": "only"}"#, "3"),
            (r#"{"suppressed": "yes", "order": "score"}"#, "231"),
            (
                r#"{"suppressed": "yes", "order": "score", "limit": 1}"#,
                "2",
            ),
            (r#"{"severity": "medium"}"#, "1"),
            (r#"{"class": "unusual"}"#, "2"),
            (r#"{"host": "10.0.0.1"}"#, "1"),
            (r#"{"host": "10.0.0"}"#, ""),
            (r#"{"host": "2001:db8::1"}"#, "21"),
            (r#"{"host": "2001:db8:"}"#, ""),
            (r#"{"text": "LONG port_sc"}"#, "1"),
            (r#"{"text": "long nothing"}"#, ""),
            (r#"{"incident": "i"}"#, ""),
        ] {
            let Ok(asked) = serde_json::from_str::<AlertQuery>(query) else {
                panic!("{query}")
            };
            let ids: String = asked
                .choose(&alerts)
                .iter()
                .map(|shown| shown.told.alert.id.as_str())
                .collect();
            assert_eq!(ids, expected, "{query}");
        }
        assert!(serde_json::from_str::<AlertQuery>(r#"{"sevrity": "low"}"#).is_err());
    }
}
