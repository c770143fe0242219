//! Where a detector comes from.

use std::hash::Hasher;

use nettraffic_capture::Timestamp;
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128 as _, SipHasher24};

use crate::{FlowRows, Labelled};

/// The rows that a detector learned from, and the program that trained it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    rows_hash: u128,
    /// When the first and the last flow began, in nanoseconds.
    period: Option<(i64, i64)>,
    program: String,
}

impl Provenance {
    pub(crate) fn of(benign: &FlowRows, labelled: Option<Labelled<'_>>) -> Self {
        let mut hash = SipHasher24::new();
        add_rows(&mut hash, benign);
        if let Some(labelled) = labelled {
            add_rows(&mut hash, labelled.flows);
            for class in labelled.classes {
                hash.write(class.as_bytes());
                hash.write(&[0xff]);
            }
        }
        let starts = || benign.flows().iter().map(|flow| flow.first.as_nanos());
        Self {
            rows_hash: hash.finish128().as_u128(),
            period: starts().min().zip(starts().max()),
            program: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// A keyless hash of the schema, the rows in their order and the labels: the same for the
    /// same rows on every machine.
    #[must_use]
    pub fn rows_hash(&self) -> u128 {
        self.rows_hash
    }

    /// When the first and the last benign flow began; `None` without flows.
    #[must_use]
    pub fn period(&self) -> Option<(Timestamp, Timestamp)> {
        let times = |(first, last)| (Timestamp::from_nanos(first), Timestamp::from_nanos(last));
        self.period.map(times)
    }

    /// Version of the program that trained it.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }
}

fn add_rows(hash: &mut SipHasher24, rows: &FlowRows) {
    hash.write(&rows.features().schema().fingerprint().0.to_le_bytes());
    hash.write(&(rows.len() as u64).to_le_bytes());
    for index in 0..rows.len() {
        for value in rows.row(index) {
            hash.write(&value.to_bits().to_le_bytes());
        }
    }
}
