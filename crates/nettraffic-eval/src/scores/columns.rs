//! Which columns of a table say what.

/// Names of the columns of a table of scores; blanks around names do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScoreColumns {
    /// Scores, one column per model.
    pub scores: Vec<String>,
    /// Decisions of the tools themselves, which [`Judge::by_decisions`](crate::Judge::by_decisions) takes for alerts: as
    /// many columns as there are of scores and in their order, or, of tools that give no scores, these alone. They
    /// hold 1 or 0, true or false, yes or no.
    pub alerts: Vec<String>,
    /// What each row is.
    pub label: String,
    /// The label of attacks; every other label is benign then, except `unknown`.
    pub positive: Option<String>,
    /// What rows belong together: the host, the capture.
    pub group: Option<String>,
    /// When each row was, in seconds.
    pub time: Option<String>,
    /// Whether lower scores are the stranger ones; decisions stay what they are.
    pub lower_is_stranger: bool,
}

impl ScoreColumns {
    /// One model's scores and the labels.
    #[must_use]
    pub fn new(score: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            scores: vec![score.into()],
            label: label.into(),
            ..Self::default()
        }
    }

    /// The name of each model: of its scores, or of its decisions where there are no scores.
    pub(super) fn models(&self) -> &[String] {
        if self.scores.is_empty() {
            &self.alerts
        } else {
            &self.scores
        }
    }
}
