//! What analysts said of alerts.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{AlertId, AllowEntry, AllowError, AllowList, FlowRows, MarkedList};

use super::StateError;
use super::learned::{LearnedRows, RowRules};
use crate::SensorAlert;

/// Alerts that can still be marked.
const MOST_ALERTS: usize = 10_000;

/// What a mark is to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MarkAs {
    /// Alerts like it are suppressed for 30 days.
    Allowed,
    /// The next training learns that it is usual.
    Usual,
    /// Both: suppressed until then.
    AllowedAndUsual,
}

/// What a mark brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Marked {
    /// The entry that was made, for [`Gate::allow_list_mut`](crate::Gate::allow_list_mut); `None` when there is one
    /// like it already, or none was asked for.
    pub entry: Option<AllowEntry>,
    /// Whether its row was added for the next training.
    pub is_row_added: bool,
}

/// Why an alert cannot be marked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// It is not among the last 10,000 alerts of this run.
    #[error("the alert {0} is not among the last {MOST_ALERTS} of this run")]
    Unknown(AlertId),
    /// An entry cannot be made or saved.
    #[error(transparent)]
    Entry(#[from] AllowError),
    /// Its row cannot be saved.
    #[error(transparent)]
    Row(#[from] StateError),
}

/// Alerts that analysts marked as false, as entries of an allow-list (`marked.toml`) and as rows of usual traffic
/// (`marked.rows`), and the last alerts, which can yet be marked.
#[derive(Debug)]
pub struct Marks {
    rules: RowRules,
    list: MarkedList,
    file: LearnedRows,
    rows: FlowRows,
    recent: HashMap<AlertId, (Arc<SensorAlert>, Box<[f64]>)>,
    order: VecDeque<AlertId>,
}

impl Marks {
    /// Those in a folder, and what an operator should know about them.
    pub(super) fn open(folder: &Path, rules: &RowRules) -> Result<(Self, Vec<String>), StateError> {
        let list = MarkedList::open(folder.join("marked.toml"))?;
        let (file, resumed) = LearnedRows::open(folder.join("marked.rows"), rules)?;
        let mut warnings: Vec<String> = resumed.warning.into_iter().collect();
        if resumed.damaged > 0 {
            warnings.push(format!(
                "{} rows of marked alerts are damaged and left out",
                resumed.damaged
            ));
        }
        let marks = Self {
            rules: rules.clone(),
            list,
            file,
            rows: resumed.rows,
            recent: HashMap::new(),
            order: VecDeque::new(),
        };
        Ok((marks, warnings))
    }

    /// Whether rows of these rules are its rows.
    pub(crate) fn is_of(&self, rules: &RowRules) -> bool {
        self.rules == *rules
    }

    /// Remembers an alert with its row, so that it can be marked.
    ///
    /// # Panics
    /// When the row has another number of values than the features have columns.
    pub fn remember(&mut self, alert: Arc<SensorAlert>, row: &[f64]) {
        assert_eq!(
            row.len(),
            self.rows.features().schema().len(),
            "a row of other features"
        );
        let id = alert.alert().id;
        if self.recent.insert(id, (alert, row.into())).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > MOST_ALERTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.recent.remove(&oldest);
        }
    }

    /// An alert that can be marked.
    #[must_use]
    pub fn alert(&self, id: AlertId) -> Option<&Arc<SensorAlert>> {
        self.recent.get(&id).map(|(alert, _)| alert)
    }

    /// Marks an alert as false, at `now` in packet time. What was done is on the disk when this returns.
    ///
    /// # Errors
    /// The alert is not known any more; the reason is empty; the folder cannot be written.
    pub fn mark(
        &mut self,
        id: AlertId,
        mark: MarkAs,
        reason: &str,
        now: Timestamp,
    ) -> Result<Marked, MarkError> {
        let (alert, row) = self.recent.get(&id).ok_or(MarkError::Unknown(id))?;
        let mut marked = Marked {
            entry: None,
            is_row_added: false,
        };
        if mark != MarkAs::Usual {
            let entry = AllowEntry::of_false_alarm(alert.verdict(), alert.model(), reason, now);
            let entry = entry.ok_or(MarkError::Unknown(id))?;
            if self.list.add(entry.clone())? {
                marked.entry = Some(entry);
            }
        }
        // Once, however often it is marked: it would count more than others.
        let flow = &alert.verdict().flow;
        let is_new = || {
            !self
                .rows
                .flows()
                .iter()
                .any(|known| known.uid() == flow.uid())
        };
        if mark != MarkAs::Allowed && is_new() {
            self.file.append(flow, row)?;
            self.file.sync()?;
            self.rows.push(flow.clone(), row);
            marked.is_row_added = true;
        }
        Ok(marked)
    }

    /// The entries that were made, for the gate's list at its start.
    #[must_use]
    pub fn list(&self) -> &AllowList {
        self.list.list()
    }

    /// Flows of alerts that were marked as usual, for the next training.
    #[must_use]
    pub fn rows(&self) -> &FlowRows {
        &self.rows
    }
}
