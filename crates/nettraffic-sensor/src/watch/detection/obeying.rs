//! What a sensor is told while it works.

use super::Watch;
use crate::clock::wall_time;
use crate::memory::MARKED;
use crate::watch::Command;

impl Watch {
    /// Does what it was told, and answers.
    pub(super) fn obey(&mut self) {
        while let Ok(command) = self.parts.commands.try_recv() {
            self.carry_out(command);
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Serve(detector, answer) => {
                let replaced = self.replace(&detector);
                answer.give(replaced.map_err(|error| {
                    self.failed(&error);
                    error.to_string()
                }));
            }
            Command::Allow(list, answer) => {
                let all = self.parts.memory.with_marks(list);
                answer.give(match all {
                    Ok(list) => {
                        let entries = list.len();
                        self.parts.alerts.allow(list);
                        Ok(entries)
                    }
                    Err(error) => Err(self.trouble(error.to_string())),
                });
            }
            Command::Reopen => self.parts.alerts.outlets().reopen(),
            Command::Mark(id, mark, reason, answer) => {
                let memory = &mut self.parts.memory;
                let entry = memory.mark(id, (mark, &reason), self.now, answer);
                let list = self.parts.alerts.gate.allow_list_mut();
                if let Some(Err(error)) = entry.map(|entry| list.add(entry, MARKED)) {
                    self.trouble(error.to_string());
                }
            }
            Command::Unmark(id, answer) => {
                let serving = self.parts.stage.detector();
                let serving = serving.map(|detector| &**detector);
                for entry in self.parts.memory.unmark(id, serving, answer) {
                    self.parts.alerts.gate.allow_list_mut().remove(&entry);
                }
            }
            Command::Packets(folder, answer) => {
                let (ring, incidents) = (&self.parts.ring, &self.parts.alerts.incidents);
                let begun = (self.packets).begin(ring.as_ref(), incidents, &folder, answer);
                if let Err(why) = begun {
                    self.trouble(format!("{}: {why}", folder.display()));
                }
            }
            Command::Hold(kind, Some(what)) => self.conditions.hold(kind, what, wall_time()),
            Command::Hold(kind, None) => self.conditions.end(kind),
        }
    }

    /// Remembers what went wrong, and gives it back.
    fn trouble(&mut self, what: String) -> String {
        self.troubles.push(what.clone());
        what
    }
}
