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

    /// Keeps a flow that is learned from, as long as there is room for it.
    pub(crate) fn learn(&mut self, flow: &Flow, row: &[f64]) -> Result<(), StateError> {
        let Some(file) = self.learned.as_mut().filter(|file| !file.is_full()) else {
            return Ok(());
        };
        file.append(flow, row)?;
        if file.is_full() {
            self.warnings.push(format!(
                "a restart would go on with the first {} flows that were learned from: no more are kept",
                file.len()
            ));
        }
        Ok(())
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
        let features = detector.features().clone();
        let rules = RowRules::new(features, &detector.flow_config(), &detector.decode_config());
        self.take_up_marks(&rules)
    }

    fn take_up_marks(&mut self, rules: &RowRules) -> Result<AllowList, StateError> {
        let Some(folder) = &self.folder else {
            return Ok(AllowList::default());
        };
        if let Some(marks) = self.marks.as_ref().filter(|marks| marks.is_of(rules)) {
            // Alerts of the detector before can still be marked.
            return Ok(marks.list().clone());
        }
        // Should there be none now, rows of other features must not go to those before.
        self.marks = None;
        let (marks, warnings) = folder.marks(rules)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GateConfig;
    use crate::gate::testing::Raised;
    use nettraffic_capture::DecodeConfig;
    use nettraffic_features::FeatureSet;
    use nettraffic_flow::FlowConfig;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    fn rules(features: &str) -> Result<RowRules, Box<dyn std::error::Error>> {
        let features = FeatureSet::named(features)?;
        let decode = DecodeConfig::default();
        Ok(RowRules::new(features, &FlowConfig::default(), &decode))
    }

    fn memory(folder: &std::path::Path) -> Result<Memory, StateError> {
        let mut gate = Gate::new(&GateConfig::default(), AllowList::default());
        Ok(Memory::new(Some(StateFolder::open(folder)?), &mut gate))
    }

    #[test]
    fn alerts_can_be_marked_after_a_detector_of_the_same_features_took_over() -> Outcome {
        let folder = tempfile::tempdir()?;
        let mut memory = memory(folder.path())?;
        let (one, other) = (rules("basic")?, rules("basic,length")?);
        let width = |rules: &RowRules| rules.features().schema().len();
        let alert = |id| Arc::new(Raised::new(id, 1, 1).alert());
        let now = Timestamp::default();
        memory.take_up_marks(&one)?;
        memory.remember(&alert(7), &vec![0.0; width(&one)]);
        memory.take_up_marks(&one)?;
        assert!(
            memory
                .mark(AlertId(7), MarkAs::Allowed, "ours", now)?
                .is_some()
        );
        assert_eq!(memory.take_up_marks(&other)?.len(), 1);
        memory.remember(&alert(8), &vec![0.0; width(&other)]);
        assert!(memory.mark(AlertId(7), MarkAs::Usual, "ours", now).is_err());
        assert!(memory.mark(AlertId(8), MarkAs::Usual, "ours", now).is_ok());
        Ok(())
    }

    #[test]
    fn learning_goes_on_when_no_more_flows_are_kept_for_a_restart() -> Outcome {
        let folder = tempfile::tempdir()?;
        let mut memory = memory(folder.path())?;
        memory.resume(&Learning::default())?;
        let file = memory.learned.as_mut().ok_or("there is a folder")?;
        file.bound(2);
        let flow = &Raised::new(1, 1, 1).alert().verdict().flow.clone();
        let row = vec![0.0; Learning::default().features.schema().len()];
        for _ in 0..5 {
            memory.learn(flow, &row)?;
        }
        assert_eq!(memory.learned.as_ref().map(LearnedRows::len), Some(2));
        assert_eq!(memory.warnings().len(), 1);
        assert_eq!(memory.warnings().len(), 0);
        Ok(())
    }

    #[test]
    fn without_marks_that_can_be_read_no_row_goes_to_those_before() -> Outcome {
        let folder = tempfile::tempdir()?;
        let mut memory = memory(folder.path())?;
        let (one, other) = (rules("basic")?, rules("basic,length")?);
        memory.take_up_marks(&one)?;
        std::fs::write(folder.path().join("marked.toml"), "by hand, and wrong")?;
        assert!(memory.take_up_marks(&other).is_err());
        let alert = Arc::new(Raised::new(8, 1, 1).alert());
        memory.remember(&alert, &vec![0.0; other.features().schema().len()]);
        Ok(())
    }
}
