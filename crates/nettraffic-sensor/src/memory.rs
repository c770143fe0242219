//! What a sensor remembers over a restart, where it has a folder for it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use nettraffic_capture::Timestamp;
use nettraffic_detect::{AlertId, AllowEntry, AllowError, AllowList, Detector, FlowRows};
use nettraffic_flow::Flow;

use crate::{
    Before, Gate, GateState, Heartbeat, LearnedRows, Learning, MarkAs, Marks, Part, RowRules,
    SensorAlert, StateError, StateFolder, Status,
};

/// Heartbeats from one saving of what the gate remembers to the next.
const GATE_EVERY: u64 = 60;

pub(crate) struct Memory {
    folder: Option<StateFolder>,
    learned: Option<LearnedRows>,
    marks: Option<Marks>,
    beats: u64,
    warnings: Vec<String>,
}

impl Memory {
    /// What the folder holds, with the gate as it was.
    pub(crate) fn new(folder: Option<StateFolder>, gate: &mut Gate) -> Self {
        let mut warnings = Vec::new();
        if let Some(folder) = &folder {
            let loaded = folder.load::<GateState>(Part::GATE);
            warnings.extend(loaded.warning);
            if let Some(state) = loaded.state {
                gate.restore(state);
            }
            match folder.before() {
                Before::Crashed(last) => warnings.push(format!(
                    "the run before did not end as it should: {} flows were open and are lost, after {} packets",
                    last.open_flows, last.packets
                )),
                Before::Unknown => warnings.push("how the run before ended cannot be read".to_owned()),
                _ => {}
            }
        }
        Self {
            folder,
            learned: None,
            marks: None,
            beats: 0,
            warnings,
        }
    }

    /// What was learned before a restart.
    pub(crate) fn resume(&mut self, learning: &Learning) -> Result<Option<FlowRows>, StateError> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let rules = RowRules::new(learning.features.clone(), &learning.flow, &learning.decode);
        let (file, resumed) = folder.learned_rows(&rules)?;
        self.warnings.extend(resumed.warning);
        if resumed.damaged > 0 {
            let damaged = resumed.damaged;
            self.warnings.push(format!(
                "{damaged} flows that were learned from are damaged and left out"
            ));
        }
        self.learned = Some(file);
        Ok(Some(resumed.rows))
    }

    /// What an operator should know, told once.
    pub(crate) fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Keeps a flow that is learned from.
    pub(crate) fn learn(&mut self, flow: &Flow, row: &[f64]) -> Result<(), StateError> {
        match &mut self.learned {
            Some(file) => file.append(flow, row),
            None => Ok(()),
        }
    }

    /// What was learned is in a detector now.
    pub(crate) fn forget_learned(&mut self) -> Result<(), StateError> {
        match &mut self.learned {
            Some(file) => file.clear(),
            None => Ok(()),
        }
    }

    /// This detector judges from now on: marks are about its features. Gives what analysts allowed before.
    pub(crate) fn serve(&mut self, detector: &Detector) -> Result<AllowList, StateError> {
        let Some(folder) = &self.folder else {
            return Ok(AllowList::default());
        };
        let features = detector.features().clone();
        let rules = RowRules::new(features, &detector.flow_config(), &detector.decode_config());
        let (marks, warnings) = folder.marks(&rules)?;
        self.warnings.extend(warnings);
        let list = marks.list().clone();
        self.marks = Some(marks);
        Ok(list)
    }

    /// Remembers an alert with its row, so that it can be marked.
    pub(crate) fn remember(&mut self, alert: &Arc<SensorAlert>, row: &[f64]) {
        if let Some(marks) = &mut self.marks {
            marks.remember(Arc::clone(alert), row);
        }
    }

    /// Marks an alert as false, and gives the entry that allows its like from now on.
    pub(crate) fn mark(
        &mut self,
        id: AlertId,
        mark: MarkAs,
        reason: &str,
        now: Timestamp,
    ) -> Result<Option<AllowEntry>, String> {
        let marks = self
            .marks
            .as_mut()
            .ok_or("there is no folder to keep marks in")?;
        let marked = marks
            .mark(id, mark, reason, now)
            .map_err(|error| error.to_string())?;
        Ok(marked.entry)
    }

    /// A list with what analysts allowed.
    pub(crate) fn with_marks(&self, mut list: AllowList) -> Result<AllowList, AllowError> {
        if let Some(marks) = &self.marks {
            list.extend(marks.list().clone())?;
        }
        Ok(list)
    }

    /// Flows of alerts that were found to be usual.
    pub(crate) fn marked_rows(&self) -> Option<&FlowRows> {
        let rows = self.marks.as_ref().map(Marks::rows);
        rows.filter(|rows| !rows.is_empty())
    }

    /// Notes that the sensor lives.
    pub(crate) fn beat(&mut self, status: &Status, gate: &Gate) -> Result<(), StateError> {
        if let Some(learned) = &mut self.learned {
            learned.flush()?;
        }
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        folder.beat(&heartbeat(status))?;
        self.beats += 1;
        if self.beats.is_multiple_of(GATE_EVERY) {
            folder.save(Part::GATE, &gate.state())?;
        }
        Ok(())
    }

    /// Notes that the run has ended.
    pub(crate) fn end(&mut self, status: &Status, gate: &Gate) -> Result<(), StateError> {
        if let Some(learned) = &mut self.learned {
            learned.sync()?;
        }
        let Some(folder) = &self.folder else {
            return Ok(());
        };
        folder.save(Part::GATE, &gate.state())?;
        folder.end(&heartbeat(status))
    }
}

fn heartbeat(status: &Status) -> Heartbeat {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut beat = Heartbeat::new(
        status.phase.name(),
        Timestamp::default().saturating_add(now),
    );
    beat.packet_time_ns = (status.now > Timestamp::MIN).then(|| status.now.as_nanos());
    (beat.packets, beat.open_flows) = (status.processed, status.open_flows);
    beat
}
