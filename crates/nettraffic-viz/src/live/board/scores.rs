//! Scores between two samples: a few for all of them, the highest always among them.

use serde::{Serialize, Serializer, ser::SerializeTuple};

use crate::ScorePoint;

/// Scores since the last sample.
#[derive(Default)]
pub(super) struct Scores {
    calm: Reservoir,
    alerts: Reservoir,
    highest: Option<ScorePoint>,
}

impl Scores {
    /// Takes a score in; one that is not a number is none.
    pub(super) fn push(&mut self, point: ScorePoint, most: usize) {
        if !point.score.is_finite() {
            return;
        }
        if self
            .highest
            .is_none_or(|highest| point.score > highest.score)
        {
            self.highest = Some(point);
        }
        let part = if point.alert {
            &mut self.alerts
        } else {
            &mut self.calm
        };
        part.push(point, most);
    }

    /// How many there were, and those that are kept in order of time; begins anew.
    pub(super) fn close(&mut self) -> (u64, Vec<Dot>) {
        let Self {
            calm,
            alerts,
            highest,
        } = std::mem::take(self);
        let count = calm.seen + alerts.seen;
        let mut points = calm.kept;
        points.extend(alerts.kept);
        points.extend(highest.filter(|highest| !points.contains(highest)));
        points.sort_by_key(|point| point.time_ns);
        (count, points.into_iter().map(Dot).collect())
    }
}

/// A score as the page draws it: `[time in nanoseconds, score, 1 for an alert]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::live) struct Dot(ScorePoint);

impl Serialize for Dot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(3)?;
        tuple.serialize_element(&self.0.time_ns)?;
        tuple.serialize_element(&self.0.score)?;
        tuple.serialize_element(&u8::from(self.0.alert))?;
        tuple.end()
    }
}

/// A fair choice from a stream of unknown length (Vitter 1985, algorithm R), the same in every run.
#[derive(Default)]
struct Reservoir {
    seen: u64,
    kept: Vec<ScorePoint>,
}

impl Reservoir {
    fn push(&mut self, point: ScorePoint, most: usize) {
        self.seen += 1;
        if self.kept.len() < most {
            self.kept.push(point);
            return;
        }
        let place = usize::try_from(scatter(self.seen) % self.seen);
        if let Some(kept) = place.ok().and_then(|place| self.kept.get_mut(place)) {
            *kept = point;
        }
    }
}

/// A number without a pattern from one that counts up (the finalizer of SplitMix64).
fn scatter(count: u64) -> u64 {
    let mixed = count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_stand_for_many_and_the_highest_is_kept() {
        let mut scores = Scores::default();
        for time in 0..10_000 {
            let score = if time == 4_321 {
                99.0
            } else {
                (time % 7) as f64
            };
            scores.push(ScorePoint::new(time, score), 6);
        }
        scores.push(ScorePoint::new(5, f64::NAN), 6);
        scores.push(ScorePoint::new(7_000, 50.0).alert(), 6);
        let (count, kept) = scores.close();
        assert_eq!(count, 10_001);
        assert_eq!(kept.len(), 8);
        assert!(kept.iter().any(|dot| dot.0.score == 99.0));
        assert!(kept.iter().any(|dot| dot.0.alert));
        assert!(kept.is_sorted_by_key(|dot| dot.0.time_ns));
        assert_eq!(scores.close(), (0, Vec::new()));
    }

    #[test]
    fn the_choice_is_fair() {
        let mut reservoir = Reservoir::default();
        for time in 0..40_000 {
            reservoir.push(ScorePoint::new(time, 0.0), 400);
        }
        for quarter in 0..4 {
            let of_quarter = |kept: &&ScorePoint| kept.time_ns / 10_000 == quarter;
            let count = reservoir.kept.iter().filter(of_quarter).count();
            // A hundred, and four standard deviations about it.
            assert!((65..=135).contains(&count), "{count} of quarter {quarter}");
        }
    }
}
