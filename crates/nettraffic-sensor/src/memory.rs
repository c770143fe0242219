//! What a sensor remembers over a restart, where it has a folder for it.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use nettraffic_capture::Timestamp;
use nettraffic_detect::{
    AlertId, AllowEntry, AllowError, AllowList, Detector, FlowRows, ModelStore,
};
use nettraffic_flow::Flow;

use crate::clock::wall_time;
use crate::state::{Saved, Writer, Written};
use crate::watch::Answer;
use crate::{
    Before, Gate, GateState, Heartbeat, LearnedRows, Learning, MarkAs, Marked, Marks, Part,
    RowRules, SavingStatus, SensorAlert, StateError, StateFolder, Status, Unmarked,
};

/// Heartbeats from one saving of what the gate remembers to the next.
const GATE_EVERY: u64 = 60;

/// Why nothing can be marked.
const NO_MARKS: &str = "there is no folder to keep marks in";
/// What the allow-list calls the file of entries that marks made.
pub(crate) const MARKED: &str = "marks";
/// How long the end of a run waits for a disk.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Memory {
    /// Held by what is being written too: no other sensor may have the folder before that is done.
    folder: Option<Arc<StateFolder>>,
    store: Option<ModelStore>,
    /// Where there is something to write to.
    writer: Option<Writer>,
    learned: Option<LearnedRows>,
    marks: Option<Marks>,
    beats: u64,
    warnings: Vec<String>,
}

impl Memory {
    /// What the folder holds, with the gate as it was.
    pub(crate) fn new(
        folder: Option<StateFolder>,
        store: Option<ModelStore>,
        gate: &mut Gate,
    ) -> io::Result<Self> {
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
        let writes = folder.is_some() || store.is_some();
        Ok(Self {
            folder: folder.map(Arc::new),
            store,
            writer: writes.then(Writer::begin).transpose()?,
            learned: None,
            marks: None,
            beats: 0,
            warnings,
        })
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

    /// What was learned is in a detector now that is kept; without a folder for it a restart learns anew.
    pub(crate) fn learned_is_over(&mut self) -> Result<(), StateError> {
        match self.store {
            Some(_) => Ok(()),
            None => self.forget_learned(),
        }
    }

    fn forget_learned(&mut self) -> Result<(), StateError> {
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
        // What was marked is read back.
        if self
            .writer
            .as_ref()
            .is_some_and(|writer| !writer.settle(PATIENCE))
        {
            self.warnings
                .push("marks may be older than they were: the disk is slow".to_owned());
        }
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

    /// Marks an alert as false, and gives the entry that allows its like from now on. It is answered once that is on the
    /// disk.
    pub(crate) fn mark(
        &mut self,
        id: AlertId,
        (mark, reason): (MarkAs, &str),
        now: Timestamp,
        answer: Answer<Marked>,
    ) -> Option<AllowEntry> {
        let marked = match &mut self.marks {
            Some(marks) => (marks.mark_unsaved(id, mark, reason, now)).map_err(|e| e.to_string()),
            None => Err(NO_MARKS.to_owned()),
        };
        let entry = marked.as_ref().ok().and_then(|marked| marked.entry.clone());
        self.save_marks(marked, answer);
        entry
    }

    /// Takes the marks of an alert back, and gives the entries that hold no more. It is answered once that is on the
    /// disk.
    pub(crate) fn unmark(
        &mut self,
        id: AlertId,
        serving: Option<&Detector>,
        answer: Answer<Unmarked>,
    ) -> Vec<AllowEntry> {
        let unmarked = match &mut self.marks {
            Some(marks) => (marks.unmark_unsaved(id, serving)).map_err(|e| e.to_string()),
            None => Err(NO_MARKS.to_owned()),
        };
        let entries = unmarked.as_ref().map(|unmarked| unmarked.entries.clone());
        let entries = entries.unwrap_or_default();
        self.save_marks(unmarked, answer);
        entries
    }

    fn save_marks<T: Send + 'static>(&self, change: Result<T, String>, answer: Answer<T>) {
        let (Some(marks), Some(writer)) = (&self.marks, &self.writer) else {
            return answer.give(change);
        };
        let files = match (&change, marks.to_save()) {
            (Ok(_), Ok(files)) => files,
            (Ok(_), Err(error)) => return answer.give(Err(error.to_string())),
            (Err(_), _) => return answer.give(change),
        };
        let write = move || files.save().map_err(|error| error.to_string());
        writer.save_and(Saved::Marks, write, move |written: &Written| {
            answer.give(match written {
                Ok(()) => change,
                Err(error) => Err(format!("it holds now, but is not saved: {error}")),
            });
        });
    }

    /// A list with what analysts allowed.
    pub(crate) fn with_marks(&self, mut list: AllowList) -> Result<AllowList, AllowError> {
        if let Some(marks) = &self.marks {
            for listed in marks.list().entries() {
                list.add((*listed.entry).clone(), MARKED)?;
            }
        }
        Ok(list)
    }

    /// Flows of alerts that were found to be usual.
    pub(crate) fn marked_rows(&self) -> Option<&FlowRows> {
        let rows = self.marks.as_ref().map(Marks::rows);
        rows.filter(|rows| !rows.is_empty())
    }

    /// Puts a detector that was made here into the folder of models.
    pub(crate) fn keep(&self, detector: &Arc<Detector>) {
        if let (Some(store), Some(writer)) = (&self.store, &self.writer) {
            let (store, detector) = (store.clone(), Arc::clone(detector));
            let write = move || {
                let promoted = store.promote(&detector).map(drop);
                promoted
                    .map_err(|error| format!("the new detector serves but is not kept: {error}"))
            };
            writer.save(Saved::Detector, write);
        }
    }

    /// Notes that the sensor lives.
    pub(crate) fn beat(&mut self, status: &Status, gate: &Gate) -> Result<(), StateError> {
        if let Some(learned) = &mut self.learned {
            learned.flush()?;
        }
        self.beats += 1;
        if let (Some(folder), Some(writer)) = (&self.folder, &self.writer) {
            let (beat, its) = (heartbeat(status), Arc::clone(folder));
            writer.save(Saved::Heartbeat, move || told(its.beat(&beat)));
            if self.beats.is_multiple_of(GATE_EVERY) {
                save_gate(folder, writer, gate);
            }
        }
        Ok(())
    }

    /// What could not be written since the last call. Flows that were learned from are forgotten once the detector is
    /// kept that learned from them.
    pub(crate) fn failures(&mut self) -> Vec<String> {
        let done = self.writer.as_ref().map(Writer::done).unwrap_or_default();
        let mut failures = Vec::new();
        for (what, written) in done {
            if let Err(error) = written {
                failures.push(error);
            } else if what == Saved::Detector
                && let Err(error) = self.forget_learned()
            {
                failures.push(error.to_string());
            }
        }
        failures
    }

    /// How the writing fares; `None` when there is nothing to write to.
    pub(crate) fn saving(&self) -> Option<SavingStatus> {
        self.writer.as_ref().map(Writer::status)
    }

    /// Notes that the run has ended, and waits until all is written. Gives what could not be.
    pub(crate) fn end(&mut self, status: &Status, gate: &Gate) -> Vec<String> {
        let mut failures = Vec::new();
        if let Some(learned) = &mut self.learned
            && let Err(error) = learned.sync()
        {
            failures.push(error.to_string());
        }
        if let (Some(folder), Some(writer)) = (&self.folder, &self.writer) {
            save_gate(folder, writer, gate);
            let (beat, its) = (heartbeat(status), Arc::clone(folder));
            // It stands behind all else: nothing is lost when it is there.
            writer.save(Saved::End, move || told(its.end(&beat)));
        }
        if (self.writer.as_ref()).is_some_and(|writer| !writer.settle(PATIENCE)) {
            let waited = PATIENCE.as_secs();
            failures.push(format!(
                "the disk did not take what outlives a run within {waited} s"
            ));
        }
        failures.extend(self.failures());
        failures
    }
}

fn save_gate(folder: &Arc<StateFolder>, writer: &Writer, gate: &Gate) {
    let (state, its) = (gate.state(), Arc::clone(folder));
    writer.save(Saved::Gate, move || told(its.save(Part::GATE, &state)));
}

fn told(written: Result<(), StateError>) -> Written {
    written.map_err(|error| error.to_string())
}

fn heartbeat(status: &Status) -> Heartbeat {
    let mut beat = Heartbeat::new(status.phase.name(), wall_time());
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
        let path = folder.to_owned();
        let folder = StateFolder::open(folder)?;
        Memory::new(Some(folder), None, &mut gate).map_err(|error| StateError::Io { path, error })
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
        let mark = |memory: &mut Memory, id, mark| {
            let (answer, answered) = crate::watch::reply();
            memory.mark(AlertId(id), (mark, "ours"), now, answer);
            answered.wait(Duration::from_secs(20))
        };
        assert!(mark(&mut memory, 7, MarkAs::Allowed)?.entry.is_some());
        assert_eq!(memory.take_up_marks(&other)?.len(), 1);
        memory.remember(&alert(8), &vec![0.0; width(&other)]);
        assert!(mark(&mut memory, 7, MarkAs::Usual).is_err());
        assert!(mark(&mut memory, 8, MarkAs::Usual)?.is_row_added);
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
