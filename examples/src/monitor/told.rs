//! What a sensor tells on standard error while it works.

use std::sync::Arc;

use nettraffic_detect::{Detector, DriftLevel};
use nettraffic_sensor::{Observer, OpenIncidents, Phase, Status};

use crate::describe::grouped;
use crate::describe_detector;

/// Tells of what changes, on standard error: standard output belongs to the alerts.
#[derive(Default)]
pub(super) struct Told {
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

impl Observer for Told {
    fn status(&mut self, status: &Status, _: &OpenIncidents) {
        self.tell_phase(status);
        for note in newest(&status.notes, status.note_count, &mut self.notes) {
            eprintln!("note: {note}");
        }
        for trouble in newest(&status.troubles, status.trouble_count, &mut self.troubles) {
            eprintln!("trouble: {trouble}");
        }
        for gap in newest(&status.gaps, status.gap_count, &mut self.gaps) {
            eprintln!("gap: {gap}");
        }
        let dropped = status.dropped() + status.shed();
        // Twice as many, not each one: a sensor that drops would tell of nothing else.
        if dropped >= 2 * self.dropped.max(1) {
            self.dropped = dropped;
            eprintln!(
                "packets were lost: {} by kernel and interface, {} at the queue, of {}",
                grouped(status.dropped()),
                grouped(status.shed()),
                grouped(status.received())
            );
        }
        if let Some(drift) = &status.drift {
            let moved = drift.moved(DriftLevel::Large).count();
            if moved > self.moved {
                eprintln!(
                    "drift: {moved} features are not what they were in training; the detector should learn anew"
                );
            }
            self.moved = moved;
        }
        if let Some(renewed) = &status.renewed
            && !self
                .renewed
                .as_ref()
                .is_some_and(|told| Arc::ptr_eq(told, renewed))
        {
            eprintln!("successor: {}", renewed.outcome);
            self.renewed = Some(Arc::clone(renewed));
        }
    }

    fn serving(&mut self, detector: &Arc<Detector>) {
        eprintln!("{}", describe_detector(detector));
    }
}

impl Told {
    fn tell_phase(&mut self, status: &Status) {
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
                    eprintln!(
                        "learning: {:.0} %, {} left, {} flows (at least {})",
                        progress * 100.0,
                        humantime::format_duration(std::time::Duration::from_secs(left.as_secs())),
                        grouped(flows),
                        grouped(needed)
                    );
                }
            }
            Phase::Training { flows, .. } if is_new => {
                eprintln!("training on {} flows", grouped(flows));
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
