//! What a sensor tells while it works.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use nettraffic_detect::{Detector, DriftLevel};
use nettraffic_sensor::{Observer, OpenIncidents, Phase, Status};

use crate::describe::grouped;
use crate::describe_detector;

/// Lines that wait to be said at most.
const MOST_LINES: usize = 1_000;

/// Tells of what changes. The lines are said by another thread than the one that detects: a terminal that stands still
/// must not hold it up.
pub(super) struct Told {
    lines: SyncSender<String>,
    before: Before,
}

/// What was told already.
#[derive(Default)]
struct Before {
    phase: Option<&'static str>,
    /// Tenths of the learning period that were told.
    tenths: u64,
    notes: u64,
    troubles: u64,
    gaps: u64,
    dropped: u64,
    moved: usize,
    renewed: Option<Arc<nettraffic_sensor::Renewed>>,
}

impl Told {
    /// What tells, and the lines that it tells.
    pub(super) fn new() -> (Self, Receiver<String>) {
        let (lines, said) = sync_channel(MOST_LINES);
        let before = Before::default();
        (Self { lines, before }, said)
    }
}

impl Observer for Told {
    fn status(&mut self, status: &Status, _: &OpenIncidents) {
        let mut lines = Vec::new();
        self.before.compare(status, &mut lines);
        for line in lines {
            // What there is no room for is lost: it also stands on the page.
            let _ = self.lines.try_send(line);
        }
    }

    fn serving(&mut self, detector: &Arc<Detector>) {
        let _ = self.lines.try_send(describe_detector(detector));
    }
}

impl Before {
    /// Tells what is new in a status.
    fn compare(&mut self, status: &Status, lines: &mut Vec<String>) {
        self.compare_phase(status, lines);
        for note in newest(&status.notes, status.note_count, &mut self.notes) {
            lines.push(format!("note: {note}"));
        }
        for trouble in newest(&status.troubles, status.trouble_count, &mut self.troubles) {
            lines.push(format!("trouble: {trouble}"));
        }
        for gap in newest(&status.gaps, status.gap_count, &mut self.gaps) {
            lines.push(format!("gap: {gap}"));
        }
        let dropped = status.dropped() + status.shed();
        // Twice as many, not each one: a sensor that drops would tell of nothing else.
        if dropped >= 2 * self.dropped.max(1) {
            self.dropped = dropped;
            lines.push(format!(
                "packets were lost: {} by kernel and interface, {} at the queue, of {}",
                grouped(status.dropped()),
                grouped(status.shed()),
                grouped(status.received())
            ));
        }
        if let Some(drift) = &status.drift {
            let moved = drift.moved(DriftLevel::Large).count();
            if moved > self.moved {
                lines.push(format!(
                    "drift: {moved} features are not what they were in training; the detector should learn anew"
                ));
            }
            self.moved = moved;
        }
        if let Some(renewed) = &status.renewed
            && !self
                .renewed
                .as_ref()
                .is_some_and(|told| Arc::ptr_eq(told, renewed))
        {
            let since = renewed.took_over;
            let since = since.map(|at| format!(" from {at} of packet time on"));
            let outcome = &renewed.outcome;
            lines.push(format!("successor: {outcome}{}", since.unwrap_or_default()));
            self.renewed = Some(Arc::clone(renewed));
        }
    }

    fn compare_phase(&mut self, status: &Status, lines: &mut Vec<String>) {
        let name = status.phase.name();
        let is_new = self.phase != Some(name);
        self.phase = Some(name);
        match status.phase {
            Phase::Learning {
                progress,
                left,
                flows,
                needed,
            } => {
                let tenths = (progress * 10.0) as u64;
                if is_new || tenths > self.tenths {
                    self.tenths = tenths;
                    lines.push(format!(
                        "learning: {:.0} %, {} left, {} flows (at least {})",
                        progress * 100.0,
                        humantime::format_duration(std::time::Duration::from_secs(left.as_secs())),
                        grouped(flows),
                        grouped(needed)
                    ));
                }
            }
            Phase::Training { flows, .. } if is_new => {
                lines.push(format!("training on {} flows", grouped(flows)));
            }
            _ => {}
        }
    }
}

/// Those of the latest that were not told yet.
fn newest<'a, T>(latest: &'a [T], count: u64, told: &mut u64) -> &'a [T] {
    let new = usize::try_from(count - *told)
        .unwrap_or(usize::MAX)
        .min(latest.len());
    *told = count;
    &latest[latest.len() - new..]
}
