//! The same counts, byte by byte and without bounds.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::holes::Holes;
use super::quality;
use crate::tcp::script::{ACK, Segment, answer, ask};

/// Every byte of the initiator that was seen, or acknowledged.
#[derive(Debug, Default)]
struct Model {
    seen: BTreeSet<u32>,
    next: Option<u32>,
    retransmitted: u32,
    retransmitted_bytes: u64,
    late: u32,
    skipped: u32,
    missed_bytes: u64,
}

impl Model {
    fn send(&mut self, begin: u32, length: u32) {
        let next = *self.next.get_or_insert(begin);
        let bytes = begin..begin + length;
        let seen = bytes
            .clone()
            .filter(|byte| self.seen.contains(byte))
            .count();
        if seen > 0 {
            self.retransmitted += 1;
            self.retransmitted_bytes += seen as u64;
        } else if begin < next {
            self.late += 1;
        }
        self.skipped += u32::from(begin > next);
        self.seen.extend(bytes);
        self.next = Some(next.max(begin + length));
    }

    fn acknowledge(&mut self, number: u32) {
        let (Some(next), Some(first)) = (self.next, self.seen.first().copied()) else {
            return;
        };
        for byte in first..number {
            self.missed_bytes += u64::from(self.seen.insert(byte));
        }
        self.next = Some(next.max(number));
    }

    /// Ranges below the highest byte that were not seen.
    fn holes(&self) -> usize {
        let steps = self.seen.iter().zip(self.seen.iter().skip(1));
        steps.filter(|(byte, next)| *byte + 1 < **next).count()
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(u32, u32),
    Acknowledge(u32),
}

/// Mostly near what is due, as in a connection.
fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0_u32..400, 1_u32..40).prop_map(|(begin, length)| Step::Send(begin, length)),
        1 => (1_u32..420).prop_map(Step::Acknowledge),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn counts_are_those_of_the_bytes(
        steps in prop::collection::vec(step(), 0..60),
        base in prop_oneof![Just(0), (u32::MAX - 500)..=u32::MAX],
    ) {
        let mut model = Model::default();
        let mut segments: Vec<Segment> = Vec::new();
        for step in steps {
            match step {
                Step::Send(begin, length) => {
                    // Above what every step before the first one could have been.
                    let begin = begin + 100;
                    model.send(begin, length);
                    segments.push(ask(ACK, begin, 1).payload(length));
                }
                Step::Acknowledge(number) => {
                    let number = number + 100;
                    model.acknowledge(number);
                    segments.push(answer(ACK, 1, number));
                }
            }
            if model.holes() > Holes::MOST {
                break;
            }
            let quality = quality(&segments, base);
            let side = &quality.sides.forward;
            // One byte before what is due is taken for a keep-alive.
            let retransmitted = side.retransmitted() + side.probes();
            prop_assert_eq!(retransmitted, model.retransmitted);
            prop_assert_eq!(
                side.retransmitted_bytes() + u64::from(side.probes()),
                model.retransmitted_bytes
            );
            prop_assert_eq!(side.reordered() + side.recovered(), model.late);
            prop_assert_eq!(side.skipped(), model.skipped);
            prop_assert_eq!(side.missed_bytes(), model.missed_bytes);
        }
    }
}
