//! Writing the packets of incidents, beside the detection.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nettraffic_capture::Timestamp;

use super::reply::Answer;
use super::task::Task;
use crate::{OpenIncidents, PacketRing, Wanted, Who};

/// Incidents whose packets are written at once.
const MOST_CAPTURES: usize = 20;
/// Bytes of them, more or less: the memory that they take until they are written.
const MOST_CAPTURED: usize = 256 << 20;
/// Nanoseconds before the first flow of an incident from which on packets belong to it.
const BEFORE: i64 = 10_000_000_000;
/// Time after its last flow until which they do.
const AFTER: Duration = Duration::from_secs(10);

/// Writes the packets of incidents, on a thread of its own.
#[derive(Default)]
pub(crate) struct PacketWriter {
    writing: Option<(Task<Written>, Answer<PacketsWritten>)>,
}

type Written = Result<PacketsWritten, String>;

/// What came of writing packets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PacketsWritten {
    /// Incidents whose packets were written, a file each.
    pub incidents: usize,
    /// Where the files lie.
    pub folder: PathBuf,
}

impl fmt::Display for PacketsWritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (incidents, place) = (self.incidents, self.folder.display());
        write!(f, "the packets of {incidents} incidents lie in {place}")
    }
}

impl PacketWriter {
    /// Looks for the packets of the open incidents at once, before they are overwritten, and begins to write them: of
    /// each incident in turn, as long as what is found does not take too much memory. It is answered when they are
    /// written, or cannot be.
    pub(crate) fn begin(
        &mut self,
        ring: Option<&PacketRing>,
        incidents: &OpenIncidents,
        folder: &Path,
        answer: Answer<PacketsWritten>,
    ) -> Result<(), String> {
        match self.task(ring, incidents, folder) {
            Ok(task) => {
                self.writing = Some((task, answer));
                Ok(())
            }
            Err(why) => {
                answer.give(Err(why.clone()));
                Err(why)
            }
        }
    }

    fn task(
        &self,
        ring: Option<&PacketRing>,
        incidents: &OpenIncidents,
        folder: &Path,
    ) -> Result<Task<Written>, String> {
        if self.writing.is_some() {
            return Err("packets are being written already".to_owned());
        }
        let ring = ring.ok_or("no packets are kept")?;
        let mut captures = Vec::new();
        let mut bytes = 0;
        for incident in incidents.ranked(MOST_CAPTURES) {
            let hosts = (incident.facts.sources).union(&incident.facts.targets);
            let from = incident.facts.first.as_nanos().saturating_sub(BEFORE);
            let wanted = Wanted::new(Who::Hosts(hosts.copied().collect())).between(
                Timestamp::from_nanos(from),
                incident.facts.last.saturating_add(AFTER),
            );
            let mut packets = Vec::new();
            ring.extract(&wanted, &mut packets)
                .map_err(|error| error.to_string())?;
            bytes += packets.len();
            let name = format!("incident-{}.pcapng", incident.id);
            captures.push((folder.join(name), packets));
            if bytes > MOST_CAPTURED {
                break;
            }
        }
        let folder = folder.to_owned();
        let write = move || {
            let place = folder.display();
            std::fs::create_dir_all(&folder).map_err(|error| format!("{place}: {error}"))?;
            for (file, packets) in &captures {
                let part = file.with_extension("part");
                std::fs::write(&part, packets)
                    .and_then(|()| std::fs::rename(&part, file))
                    .map_err(|error| format!("{}: {error}", file.display()))?;
            }
            let incidents = captures.len();
            Ok(PacketsWritten { incidents, folder })
        };
        Task::begin("nettraffic-packets", write).map_err(|error| error.to_string())
    }

    /// What came of it, once it is done.
    pub(crate) fn done(&mut self) -> Option<Written> {
        (self.writing)
            .take_if(|(task, _)| task.is_done())
            .map(ended)
    }

    /// What came of it, once it is done: it is waited for.
    pub(crate) fn end(&mut self) -> Option<Written> {
        self.writing.take().map(ended)
    }
}

fn ended((task, answer): (Task<Written>, Answer<PacketsWritten>)) -> Written {
    let sudden = |_| "the writing of packets came to a sudden end".to_owned();
    let written = task.end().map_err(sudden).flatten();
    answer.give(written.clone());
    written
}
