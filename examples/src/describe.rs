//! Detectors, incidents and evaluations in words.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_detect::{Detector, Incident};
use nettraffic_eval::Evaluation;
pub(crate) use nettraffic_eval::grouped;

/// What a detector is, in a few lines.
#[must_use]
pub fn describe_detector(detector: &Detector) -> String {
    let (training, threshold) = (detector.training(), detector.threshold());
    let mut text = format!(
        "{} learned what is usual from {} flows; threshold {:.4}, set on {} scores of flows that the scoring \
         model had not seen",
        detector.model().name(),
        grouped(training.fitted),
        threshold.value(),
        grouped(training.held_out),
    );
    if !training.attacks.is_empty() {
        let known: Vec<&str> = training
            .attacks
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let _ = write!(text, "\nknown attacks: {}", known.join(", "));
    }
    let _ = write!(
        text,
        "\nfalse alarms to expect: {}",
        describe_false_alarms(detector)
    );
    if let Some(alerts) = detector.expected_alerts_per_day() {
        let _ = write!(
            text,
            ", {} a day at the pace of the training, {:.0} in 10,000 flows",
            grouped(alerts.round() as u64),
            detector.expected_false_alarm_rate() * 10_000.0
        );
    }
    if let Some(warning) = describe_unresolvable(detector) {
        let _ = write!(text, "\n{warning}");
    }
    text
}

/// Why a detector will miss attacks, where its threshold is finer than its training could show.
#[must_use]
pub fn describe_unresolvable(detector: &Detector) -> Option<String> {
    (!detector.threshold().is_resolvable()).then(|| {
        format!(
            "{} of benign flows were asked for, which is finer than {} flows can show: the threshold \
             lies beyond all of their scores, where their tail points to, and will miss attacks; train \
             on more traffic, or ask for more false alarms with --false-alarm-rate",
            percent(detector.asked_false_alarm_rate()),
            grouped(detector.training().held_out),
        )
    })
}

/// The share of benign flows to expect alerts on, and how sure that is.
#[must_use]
pub fn describe_false_alarms(detector: &Detector) -> String {
    let threshold = detector.threshold();
    let Some(known) = detector.known_attack_threshold() else {
        return format!(
            "{} of benign flows {}",
            percent(threshold.expected_rate()),
            interval(threshold.interval(), threshold.rows())
        );
    };
    format!(
        "at most {} of benign flows: {} by the score {}, and {} that look like a \
         known attack though their score is below the threshold {}",
        percent(detector.expected_false_alarm_rate()),
        percent(threshold.expected_rate()),
        interval(threshold.interval(), threshold.rows()),
        percent(known.expected_rate()),
        interval(known.interval(), known.rows()),
    )
}

fn interval((low, high): (f64, f64), rows: u64) -> String {
    let (low, high) = (percent(low), percent(high));
    let rows = grouped(rows);
    format!("(95 % interval {low} to {high}, from {rows} unseen flows)")
}

/// What a detector is, as one line of JSON.
#[must_use]
pub fn detector_json(detector: &Detector) -> String {
    let (training, threshold) = (detector.training(), detector.threshold());
    serde_json::json!({
        "model": detector.model().name(),
        "features": detector.features().name(),
        "seed": training.seed,
        "flows_fitted": training.fitted,
        "flows_held_out": training.held_out,
        "attacks": training.attacks.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        "threshold": threshold.value(),
        "false_alarm_rate_asked": detector.asked_false_alarm_rate(),
        "false_alarm_rate_expected": detector.expected_false_alarm_rate(),
        "false_alarm_rate_interval": threshold.interval(),
        "false_alarm_rate_interval_known": detector.known_attack_threshold().map(|known| known.interval()),
        "alerts_per_day_expected": detector.expected_alerts_per_day(),
    })
    .to_string()
}

/// Who did what to whom, and why it is unusual.
#[must_use]
pub fn describe_incident(incident: &Incident) -> String {
    let mut text = format!(
        "{}: {} -> {}, {} {}, {} to {}",
        kind(incident),
        some(&incident.sources, "sources"),
        some(&incident.targets, "targets"),
        grouped(incident.alerts),
        if incident.alerts == 1 {
            "alert"
        } else {
            "alerts"
        },
        clock(incident.first),
        clock(incident.last),
    );
    let protocols = protocol_names(&incident.protocols);
    if protocols.len() > 1 {
        let _ = write!(text, ", {}", protocols.join(" and "));
    }
    if let [port] = incident.ports.iter().copied().collect::<Vec<_>>()[..] {
        let _ = write!(text, ", port {port}");
    } else if !incident.ports.is_empty() {
        let _ = write!(text, ", {} ports", grouped(incident.ports.len() as u64));
    }
    for reason in incident
        .example
        .alert
        .iter()
        .flat_map(|alert| alert.reasons.iter().take(3))
    {
        let _ = write!(text, "\n    {reason}");
    }
    text
}

/// The names of protocols, each once: both versions of ICMP have one.
pub(crate) fn protocol_names(protocols: &BTreeSet<IpProtocol>) -> Vec<String> {
    let names = protocols
        .iter()
        .map(|protocol| protocol.to_string().to_uppercase());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The known attack that an incident looks like, and how much its strongest alert does.
fn kind(incident: &Incident) -> String {
    let alert = incident.example.alert.as_ref();
    match alert.and_then(|alert| alert.class.as_ref()) {
        Some(class) => format!("{} ({:.2} sure)", class.name, class.probability),
        None => "unusual".to_owned(),
    }
}

/// How detection fared, in a few lines.
#[must_use]
pub fn describe_evaluation(evaluation: &Evaluation) -> String {
    let confusion = evaluation.confusion();
    // Without a benign flow any order of the flows is perfect.
    let average_precision = evaluation.pr().average_precision();
    let mut text = format!(
        "{} attack flows, {} benign, {} of unknown truth left out\n\
         precision {}, recall {}, F1 {}, false alarms {}, ROC AUC {}, PR AUC {}",
        grouped(confusion.actual(&true)),
        grouped(confusion.actual(&false)),
        grouped(evaluation.unknown()),
        number(confusion.precision()),
        number(confusion.recall()),
        number(confusion.f1()),
        confusion.false_alarm_rate().map_or_else(none, percent),
        number(evaluation.roc().area()),
        number(average_precision.filter(|_| confusion.actual(&false) > 0)),
    );
    if confusion.actual(&true) == 0 {
        text.push_str(
            "\nno flow matches a rule that names an attack: do the rules belong to this traffic?",
        );
    }
    for class in evaluation.classes() {
        let _ = write!(
            text,
            "\n    {:<26} {:>6} flows, recall {}",
            class.class,
            grouped(class.rows),
            number(class.recall())
        );
    }
    text
}

/// A time of day in UTC.
#[must_use]
pub fn clock(time: Timestamp) -> String {
    let seconds = time.as_nanos().div_euclid(1_000_000_000).rem_euclid(86_400);
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// A share in percent, with two digits that tell something.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent > 0.0 && percent < 1.0 {
        (1.0 - percent.log10().floor()).min(9.0) as usize
    } else {
        1
    };
    format!("{percent:.digits$} %")
}

fn some<T: Display + Ord>(members: &BTreeSet<T>, many: &str) -> String {
    match members.first() {
        Some(first) if members.len() == 1 => first.to_string(),
        _ => format!("{} {many}", grouped(members.len() as u64)),
    }
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(none, |value| format!("{value:.3}"))
}

fn none() -> String {
    "undefined".to_owned()
}
