//! What a report is told: plain values, no types of other crates.

/// A line of what there is to know about the run, such as `Model: k-means`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub name: String,
    /// What there is to say.
    pub value: String,
}

impl Fact {
    /// A fact.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// The score above which a flow is an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The score.
    pub value: f64,
    /// What it means, as the end of "The threshold stands for …".
    pub meaning: String,
    /// Alerts per day to expect from benign traffic alone.
    pub alerts_per_day: Option<f64>,
}

impl Threshold {
    /// A threshold of which the alerts per day are not known.
    pub fn new(value: f64, meaning: impl Into<String>) -> Self {
        Self {
            value,
            meaning: meaning.into(),
            alerts_per_day: None,
        }
    }
}

/// The score of one judged flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScorePoint {
    /// Time of the flow's first packet, nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// How strange it is; higher is stranger.
    pub score: f64,
    /// Whether it raised an alert.
    pub alert: bool,
}

impl ScorePoint {
    /// A flow that raised no alert.
    #[must_use]
    pub fn new(time_ns: i64, score: f64) -> Self {
        Self {
            time_ns,
            score,
            alert: false,
        }
    }

    /// The same flow, with an alert.
    #[must_use]
    pub fn alert(self) -> Self {
        Self {
            alert: true,
            ..self
        }
    }
}

/// A flow that raised an alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alert {
    /// An identifier that does not change from run to run.
    pub id: String,
    /// The known attack that it looks like; `None` when it is only unusual.
    pub class: Option<String>,
    /// Time of its first packet, nanoseconds since the Unix epoch.
    pub first_ns: i64,
    /// Time of its last packet.
    pub last_ns: i64,
    /// Who opened it: address, with port where there is one.
    pub source: String,
    /// Who was asked: address, with port where there is one.
    pub target: String,
    /// Protocol and service, such as `tcp/22`.
    pub service: String,
    /// How strange it is.
    pub score: f64,
    /// What drove the score, strongest first.
    pub reasons: Vec<Reason>,
    /// What it really is, when labels were given.
    pub label: Option<String>,
}

/// A feature that drove a score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reason {
    /// Name of the feature; underscores are shown as blanks.
    pub feature: String,
    /// What the flow showed, with its unit.
    pub observed: String,
    /// What is usual, with its unit.
    pub expected: String,
    /// Its part of what made the score high, 0 to 1.
    pub share: f64,
}

impl Reason {
    /// A reason.
    pub fn new(
        feature: impl Into<String>,
        observed: impl Into<String>,
        expected: impl Into<String>,
        share: f64,
    ) -> Self {
        Self {
            feature: feature.into(),
            observed: observed.into(),
            expected: expected.into(),
            share,
        }
    }
}

/// Alerts that belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    /// The known attack that its alerts look like; `None` when they are only unusual.
    pub class: Option<String>,
    /// Addresses that it came from.
    pub sources: Vec<String>,
    /// Addresses that it went to.
    pub targets: Vec<String>,
    /// Ports that it went to.
    pub ports: Vec<u16>,
    /// Alerts that belong to it.
    pub alerts: u64,
    /// Time of its first packet, nanoseconds since the Unix epoch.
    pub first_ns: i64,
    /// Time of its last packet.
    pub last_ns: i64,
    /// The highest score.
    pub score: f64,
    /// Names of the features that drove the scores, strongest first.
    pub reasons: Vec<String>,
}

/// One part of the traffic, such as a protocol or a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Its name.
    pub name: String,
    /// Flows.
    pub flows: u64,
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
}
