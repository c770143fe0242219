//! Attacks that every successor must still find.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_features::{FeatureMatrix, FeatureSet};
use nettraffic_flow::{Flow, FlowKey};
use serde::{Deserialize, Serialize};

use crate::bundle::{self, Described, Header};
use crate::{BENIGN, DetectError, Detector, FlowRows, Labelled, Rate};

/// Bytes of a class's name at most.
const LONGEST_NAME: usize = 256;

/// Flows of attacks by class, kept beside the models. Only their features are kept, no addresses
/// and no times.
#[derive(Clone, Debug)]
pub struct Canaries {
    flows: FlowRows,
    /// Each name once, in alphabetical order.
    classes: Vec<String>,
    /// The class of each flow. A name that many share is not held by each: a file of a few
    /// megabytes could claim gigabytes.
    class_of: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    feature_sets: String,
    /// Each name once.
    classes: Vec<String>,
    /// The class of each row.
    class_of: Vec<u32>,
    /// Raw rows, one after another.
    rows: Vec<f64>,
}

impl Canaries {
    /// The attacks among labelled flows.
    ///
    /// # Errors
    /// Labels that do not fit the flows; the name of an attack that is longer than 256 bytes.
    pub fn new(labelled: Labelled<'_>) -> Result<Self, DetectError> {
        let Labelled { flows, classes } = labelled;
        if flows.len() != classes.len() {
            let (labels, flows) = (classes.len(), flows.len());
            return Err(DetectError::Labels { labels, flows });
        }
        let names: BTreeSet<&String> = classes.iter().filter(|class| *class != BENIGN).collect();
        let mut canaries = Self::none(
            flows.features().clone(),
            names.into_iter().cloned().collect(),
        )?;
        for (index, class) in classes.iter().enumerate() {
            // A benign one is no canary.
            if let Ok(place) = canaries.classes.binary_search(class) {
                canaries.push(place as u32, flows.row(index));
            }
        }
        Ok(canaries)
    }

    /// No flows of these classes yet.
    fn none(features: FeatureSet, classes: Vec<String>) -> Result<Self, DetectError> {
        if let Some(long) = classes.iter().find(|name| name.len() > LONGEST_NAME) {
            let (bytes, limit) = (long.len(), LONGEST_NAME);
            return Err(DetectError::LongClassName { bytes, limit });
        }
        Ok(Self {
            flows: FlowRows::new(features),
            classes,
            class_of: Vec::new(),
        })
    }

    fn push(&mut self, class: u32, row: &[f64]) {
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let key = FlowKey::new(nowhere, 0, nowhere, 0, IpProtocol::TCP);
        self.flows
            .push(Flow::new(key, Timestamp::default(), ()), row);
        self.class_of.push(class);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.class_of.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.class_of.is_empty()
    }

    /// Whether a detector can be tried on them.
    ///
    /// # Errors
    /// A detector for other features.
    pub fn check(&self, detector: &Detector) -> Result<(), DetectError> {
        let (found, expected) = (self.flows.features().name(), detector.features().name());
        if found != expected {
            return Err(DetectError::OtherCanaries {
                expected: expected.to_owned(),
                found: found.to_owned(),
            });
        }
        Ok(())
    }

    /// What a detector finds of each class, in alphabetical order.
    ///
    /// # Errors
    /// A detector for other features.
    pub fn found_by(&self, detector: &Detector) -> Result<Vec<(String, Rate)>, DetectError> {
        self.check(detector)?;
        let verdicts = detector.judge(&self.flows)?;
        let mut found = vec![(0, 0); self.classes.len()];
        for (class, verdict) in self.class_of.iter().zip(&verdicts) {
            if let Some((hits, rows)) = found.get_mut(*class as usize) {
                *hits += u64::from(verdict.alert.is_some());
                *rows += 1;
            }
        }
        let rates = found.into_iter().map(|(hits, rows)| Rate::of(hits, rows));
        Ok(self.classes.iter().cloned().zip(rates).collect())
    }

    /// Writes them in the form of a bundle.
    ///
    /// # Errors
    /// Writing failed.
    pub fn save(&self, writer: impl Write) -> Result<(), DetectError> {
        let rows = (0..self.len())
            .flat_map(|index| self.flows.row(index))
            .copied()
            .collect();
        let stored = Stored {
            feature_sets: self.flows.features().name().to_owned(),
            classes: self.classes.clone(),
            class_of: self.class_of.clone(),
            rows,
        };
        bundle::write(&stored, writer)
    }

    /// Reads what [`Canaries::save`] wrote.
    ///
    /// # Errors
    /// As [`Detector::load`]; the name of a class that is longer than 256 bytes.
    pub fn load(reader: impl Read) -> Result<Self, DetectError> {
        let (stored, _): (Stored, _) = bundle::read(reader)?;
        let unsound = |what: &str| DetectError::Bundle(what.to_owned());
        let features =
            FeatureSet::named(&stored.feature_sets).map_err(|error| unsound(&error.to_string()))?;
        let rows = FeatureMatrix::from_rows(features.schema(), stored.rows)?;
        if rows.rows() != stored.class_of.len() {
            return Err(unsound("its canaries have no class each"));
        }
        let classes = stored.classes;
        if !classes.is_sorted_by(|name, next| name < next) {
            return Err(unsound("its classes are not in order"));
        }
        let mut canaries = Self::none(features, classes)?;
        for (row, class) in rows.view().rows().into_iter().zip(stored.class_of) {
            if class as usize >= canaries.classes.len() {
                return Err(unsound("a canary has no class"));
            }
            canaries.push(class, &row.to_vec());
        }
        Ok(canaries)
    }
}

impl Described for Stored {
    fn header(&self) -> Header {
        // Names that are not known are refused before this is asked.
        let features = FeatureSet::named(&self.feature_sets).unwrap_or_default();
        Header::new(&self.feature_sets, &features.schema())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{attacked, classes, rows_with, saved};

    fn written(classes: Vec<String>, class_of: Vec<u32>) -> Vec<u8> {
        let features = FeatureSet::named("basic").unwrap();
        let stored = Stored {
            feature_sets: "basic".to_owned(),
            rows: vec![0.0; class_of.len() * features.schema().len()],
            classes,
            class_of,
        };
        let mut bytes = Vec::new();
        bundle::write(&stored, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn crafted_files_are_refused_with_the_reason() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let longest = "n".repeat(LONGEST_NAME);
        for (classes, class_of, expected) in [
            (names(&["a", "b"]), vec![0, 2], "a canary has no class"),
            (names(&[]), vec![0], "a canary has no class"),
            (names(&["b", "a"]), vec![0, 1], "classes are not in order"),
            (names(&["a", "a"]), vec![0, 1], "classes are not in order"),
            (
                vec!["n".repeat(1 << 20)],
                vec![0; 4_168],
                "1048576 bytes: at most 256",
            ),
            (
                vec!["n".repeat(LONGEST_NAME + 1)],
                vec![0],
                "257 bytes: at most 256",
            ),
        ] {
            let error = Canaries::load(&*written(classes, class_of)).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
        let sound = Canaries::load(&*written(vec![longest], vec![0; 3])).unwrap();
        assert_eq!(sound.len(), 3);
    }

    #[test]
    fn what_could_not_be_read_back_is_not_taken() {
        let features = FeatureSet::named("basic").unwrap();
        let flows = rows_with(&attacked(3), features);
        let mut classes = classes(&attacked(3), &flows);
        let canaries = |classes: &[String]| {
            Canaries::new(Labelled {
                flows: &flows,
                classes,
            })
        };
        let mut bytes = Vec::new();
        canaries(&classes).unwrap().save(&mut bytes).unwrap();
        let mut again = Vec::new();
        Canaries::load(&*bytes).unwrap().save(&mut again).unwrap();
        assert_eq!(bytes, again);
        classes[0] = "n".repeat(LONGEST_NAME + 1);
        let refused = canaries(&classes);
        assert!(matches!(
            refused,
            Err(DetectError::LongClassName { bytes: 257, .. })
        ));
        assert!(canaries(&classes[1..]).is_err());
        assert!(Canaries::load(&*saved(&crate::testing::forest())).is_err());
    }
}
