//! What analysts said of alerts.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{
    AlertId, AllowEntry, AllowError, AllowList, Detector, FlowRows, MarkedFile, MarkedList,
};
use nettraffic_flow::Flow;

use super::StateError;
use super::atomic::{self, Sync};
use super::learned::{self, LearnedRows, RowRules};
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
    /// The entry that holds for alerts like it, for [`Gate::allow_list_mut`](crate::Gate::allow_list_mut); `None` when none
    /// was asked for.
    pub entry: Option<AllowEntry>,
    /// Whether its row was added for the next training.
    pub is_row_added: bool,
}

impl Marked {
    /// What is suppressed from now on: `source 10.0.0.12, destination 10.0.0.1, ports 53, protocols udp, models fusion`.
    #[must_use]
    pub fn scope(&self) -> Option<String> {
        self.entry.as_ref().map(AllowEntry::criteria)
    }

    /// Until when, in packet time: 30 days from the mark.
    #[must_use]
    pub fn until(&self) -> Option<Timestamp> {
        self.entry.as_ref().and_then(AllowEntry::expires)
    }
}

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmarked {
    /// The entries that hold no more.
    pub entries: Vec<AllowEntry>,
    /// Whether its row was taken out of those for the next training.
    pub is_row_removed: bool,
}

/// Why an alert cannot be marked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MarkError {
    /// It is not among the last 10,000 alerts of this run.
    #[error("the alert {0} is not among the last {MOST_ALERTS} of this run")]
    Unknown(AlertId),
    /// There is no mark of it to take back.
    #[error("the alert {0} is not marked")]
    NotMarked(AlertId),
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
    rows_path: PathBuf,
    rows: FlowRows,
    recent: HashMap<AlertId, (Arc<SensorAlert>, Box<[f64]>)>,
    order: VecDeque<AlertId>,
}

impl Marks {
    /// Those in a folder, and what an operator should know about them.
    pub(super) fn open(folder: &Path, rules: &RowRules) -> Result<(Self, Vec<String>), StateError> {
        let list = MarkedList::open(folder.join("marked.toml"))?;
        let rows_path = folder.join("marked.rows");
        let (_, resumed) = LearnedRows::open(&rows_path, rules)?;
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
            rows_path,
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
        let marked = self.mark_unsaved(id, mark, reason, now)?;
        self.to_save()?.save()?;
        Ok(marked)
    }

    /// Takes the marks of an alert back: its entries, also those of a run before, and its row, where the alert is among
    /// the last ones of this run or of the detector `serving`. That is on the disk when this returns.
    ///
    /// # Errors
    /// There is no mark of it; the folder cannot be written.
    pub fn unmark(
        &mut self,
        id: AlertId,
        serving: Option<&Detector>,
    ) -> Result<Unmarked, MarkError> {
        let unmarked = self.unmark_unsaved(id, serving)?;
        self.to_save()?.save()?;
        Ok(unmarked)
    }

    /// As [`Marks::mark`], but nothing is on the disk before [`Marks::to_save`] was saved.
    pub(crate) fn mark_unsaved(
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
            self.list.add_unsaved(entry.clone())?;
            marked.entry = Some(entry);
        }
        // Once, however often it is marked: it would count more than others.
        let flow = &alert.verdict().flow;
        let is_known = |known: &Flow| known.uid() == flow.uid();
        if mark != MarkAs::Allowed && !self.rows.flows().iter().any(is_known) {
            self.rows.push(flow.clone(), row);
            marked.is_row_added = true;
        }
        Ok(marked)
    }

    /// As [`Marks::unmark`], but nothing is on the disk before [`Marks::to_save`] was saved.
    pub(crate) fn unmark_unsaved(
        &mut self,
        id: AlertId,
        serving: Option<&Detector>,
    ) -> Result<Unmarked, MarkError> {
        let entries = self.list.remove_unsaved(&format!("alert {id}"));
        let recent = self
            .recent
            .get(&id)
            .map(|(alert, _)| alert.verdict().flow.uid());
        let is_its = |flow: &Flow| {
            recent == Some(flow.uid())
                || serving.is_some_and(|serving| serving.alert_id(flow) == id)
        };
        let flows = self.rows.flows().iter().enumerate();
        let kept = flows.filter(|(_, flow)| !is_its(flow)).map(|(at, _)| at);
        let kept: Vec<usize> = kept.collect();
        let is_row_removed = kept.len() < self.rows.len();
        if is_row_removed {
            self.rows = self.rows.select(&kept);
        }
        if entries.is_empty() && !is_row_removed {
            return Err(MarkError::NotMarked(id));
        }
        Ok(Unmarked {
            entries,
            is_row_removed,
        })
    }

    /// What is to be written so that all marks are on the disk as they are now.
    pub(crate) fn to_save(&self) -> Result<MarkFiles, MarkError> {
        Ok(MarkFiles {
            list: self.list.to_save()?,
            rows_path: self.rows_path.clone(),
            rows: learned::file_of(&self.rules, &self.rows),
        })
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

/// All marks as they were at one moment.
pub(crate) struct MarkFiles {
    list: MarkedFile,
    rows_path: PathBuf,
    rows: Vec<u8>,
}

impl MarkFiles {
    /// Writes them, each file whole or not at all; they are on the disk when this returns.
    pub(crate) fn save(&self) -> Result<(), MarkError> {
        self.list.save()?;
        atomic::write(&self.rows_path, &self.rows, Sync::Yes)
            .map_err(StateError::about(&self.rows_path))?;
        Ok(())
    }
}
