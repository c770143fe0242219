//! Counters and gauges in the text format of Prometheus, version 0.0.4.

use std::collections::BTreeSet;
use std::fmt::Write;

/// A metric with its series.
///
/// ```
/// use nettraffic_viz::live::Metric;
///
/// let dropped = Metric::counter("nettraffic_dropped_packets_total", "Packets that were lost.")
///     .with(&[("place", "kernel")], 3_u64)
///     .with(&[("place", "queue")], 0_u64);
/// assert_eq!(dropped.name, "nettraffic_dropped_packets_total");
/// assert_eq!(dropped.series.len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name; characters that a name may not have are written as `_`.
    pub name: String,
    /// What it counts, in one sentence.
    pub help: String,
    /// Whether it only grows.
    pub kind: MetricKind,
    /// Labels (name and value) and value of each series. Of several with the same labels the first counts.
    pub series: Vec<(Vec<(String, String)>, MetricValue)>,
}

/// What a metric does over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricKind {
    /// It only grows; its name ends in `_total`.
    Counter,
    /// It grows and shrinks.
    Gauge,
}

/// The value of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum MetricValue {
    /// A count, written exactly.
    Count(u64),
    /// A number; a series whose number is not finite is left out.
    Number(f64),
}

impl From<u64> for MetricValue {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<f64> for MetricValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl Metric {
    /// A counter without series.
    pub fn counter(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(name.into(), help.into(), MetricKind::Counter)
    }

    /// A gauge without series.
    pub fn gauge(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(name.into(), help.into(), MetricKind::Gauge)
    }

    /// With a series.
    #[must_use]
    pub fn with(mut self, labels: &[(&str, &str)], value: impl Into<MetricValue>) -> Self {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        self.series
            .push((labels.iter().map(owned).collect(), value.into()));
        self
    }

    fn new(name: String, help: String, kind: MetricKind) -> Self {
        Self {
            name,
            help,
            kind,
            series: Vec::new(),
        }
    }
}

/// All metrics as a scrape reads them. Of several with one name the first counts.
pub(super) fn text(metrics: &[Metric]) -> String {
    let mut text = String::new();
    let mut names = BTreeSet::new();
    for metric in metrics {
        let name = plain(&metric.name, true);
        if names.insert(name.clone()) {
            // Writing into a string cannot fail.
            let _ = family(&mut text, &name, metric);
        }
    }
    text
}

fn family(text: &mut String, name: &str, metric: &Metric) -> std::fmt::Result {
    let kind = match metric.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
    };
    writeln!(text, "# HELP {name} {}", escaped(&metric.help, false))?;
    writeln!(text, "# TYPE {name} {kind}")?;
    let mut told = BTreeSet::new();
    for (labels, value) in &metric.series {
        let labels = labels_text(labels);
        let value = match value {
            MetricValue::Count(count) => count.to_string(),
            MetricValue::Number(number) if number.is_finite() => number.to_string(),
            MetricValue::Number(_) => continue,
        };
        if told.insert(labels.clone()) {
            writeln!(text, "{name}{labels} {value}")?;
        }
    }
    Ok(())
}

/// `{name="value",…}`, or nothing. A label that is told twice would make the scrape fail: the first counts.
fn labels_text(labels: &[(String, String)]) -> String {
    let mut names = BTreeSet::new();
    let mut parts = Vec::new();
    for (name, value) in labels {
        let name = plain(name, false);
        if names.insert(name.clone()) {
            parts.push(format!("{name}=\"{}\"", escaped(value, true)));
        }
    }
    // In one order, so that the same labels are known as the same series.
    parts.sort_unstable();
    match parts.is_empty() {
        true => String::new(),
        false => format!("{{{}}}", parts.join(",")),
    }
}

/// A name of letters, digits, `_` and, for metrics, `:`, that does not begin with a digit.
fn plain(name: &str, colons: bool) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || colons && c == ':';
    let plain = name.chars().map(|c| if allowed(c) { c } else { '_' });
    let begin = if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        "_"
    } else {
        ""
    };
    begin.chars().chain(plain).collect()
}

/// The format knows three escapes; a carriage return is a line's end for some readers, so it becomes a blank.
fn escaped(text: &str, quoted: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => safe.push_str("\\\\"),
            '\n' => safe.push_str("\\n"),
            '"' if quoted => safe.push_str("\\\""),
            '\r' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_follow_the_format() {
        let told = [
            Metric::counter("packets_total", "All packets.").with(&[], u64::MAX),
            Metric::gauge("depth", "What waits.")
                .with(&[("queue", "packets"), ("at", "a")], 3_u64)
                .with(&[("at", "a"), ("queue", "packets")], 4_u64)
                .with(&[("queue", "alerts")], 0.5)
                .with(&[("queue", "odd")], f64::NAN),
            Metric::gauge("depth", "Told twice.").with(&[], 1_u64),
        ];
        assert_eq!(
            text(&told),
            "# HELP packets_total All packets.\n# TYPE packets_total counter\npackets_total 18446744073709551615\n\
             # HELP depth What waits.\n# TYPE depth gauge\n\
             depth{at=\"a\",queue=\"packets\"} 3\ndepth{queue=\"alerts\"} 0.5\n"
        );
    }

    #[test]
    fn hostile_texts_stay_on_their_line() {
        for (value, expected) in [
            ("plain é", "plain é"),
            ("a\"} 1\nevil_total 9", "a\\\"} 1\\nevil_total 9"),
            ("back\\slash", "back\\\\slash"),
            ("\\\n\"", "\\\\\\n\\\""),
            ("a\r\nb", "a \\nb"),
        ] {
            let told = [Metric::gauge("x", format!("help {value}")).with(&[("l", value)], 1_u64)];
            let text = text(&told);
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(
                text.ends_with(&format!("\nx{{l=\"{expected}\"}} 1\n")),
                "{text}"
            );
        }
    }

    #[test]
    fn names_are_made_plain() {
        let told =
            [Metric::gauge("9 évil{name}", "").with(&[("a b:c", ""), ("a_b_c", "twice")], 1_u64)];
        assert!(text(&told).ends_with("\n_9__vil_name_{a_b_c=\"\"} 1\n"));
        assert!(
            text(&[Metric::gauge("", "").with(&[("", "")], 1_u64)]).ends_with("\n_{_=\"\"} 1\n")
        );
    }
}
