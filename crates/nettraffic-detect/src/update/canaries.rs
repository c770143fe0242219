//! Attacks that every successor must still find.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};

use nettraffic_capture::{IpProtocol, Timestamp};
use nettraffic_features::{FeatureMatrix, FeatureSet};
use nettraffic_flow::{Flow, FlowKey};
use serde::{Deserialize, Serialize};

use crate::bundle::{self, Described, Header};
use crate::card::found;
use crate::{BENIGN, DetectError, Detector, FlowRows, Labelled, Rate};

/// Flows of attacks by class, kept beside the models. Only their features are kept, no addresses
/// and no times.
#[derive(Clone, Debug)]
pub struct Canaries {
    flows: FlowRows,
    classes: Vec<String>,
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
    /// Labels that do not fit the flows.
    pub fn new(labelled: Labelled<'_>) -> Result<Self, DetectError> {
        let Labelled { flows, classes } = labelled;
        if flows.len() != classes.len() {
            let (labels, flows) = (classes.len(), flows.len());
            return Err(DetectError::Labels { labels, flows });
        }
        let attacks: Vec<usize> = (0..classes.len())
            .filter(|i| classes[*i] != BENIGN)
            .collect();
        let mut kept = Self::none(flows.features().clone());
        for index in attacks {
            kept.push(classes[index].clone(), flows.row(index));
        }
        Ok(kept)
    }

    fn none(features: FeatureSet) -> Self {
        Self {
            flows: FlowRows::new(features),
            classes: Vec::new(),
        }
    }

    fn push(&mut self, class: String, row: &[f64]) {
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let key = FlowKey::new(nowhere, 0, nowhere, 0, IpProtocol::TCP);
        self.flows
            .push(Flow::new(key, Timestamp::default(), ()), row);
        self.classes.push(class);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// What a detector finds of each class, in alphabetical order.
    ///
    /// # Errors
    /// A detector for other features.
    pub fn found_by(&self, detector: &Detector) -> Result<Vec<(String, Rate)>, DetectError> {
        let verdicts = detector.judge(&self.flows)?;
        let alerts: Vec<bool> = verdicts
            .iter()
            .map(|verdict| verdict.alert.is_some())
            .collect();
        let rates = self.names().into_iter().map(|name| {
            let rate = found(&name, &self.classes, &alerts);
            (name, rate)
        });
        Ok(rates.collect())
    }

    /// Writes them in the form of a bundle.
    ///
    /// # Errors
    /// Writing failed.
    pub fn save(&self, writer: impl Write) -> Result<(), DetectError> {
        let classes = self.names();
        let place = |class: &String| classes.binary_search(class).unwrap_or_default() as u32;
        let rows = (0..self.len())
            .flat_map(|index| self.flows.row(index))
            .copied()
            .collect();
        let stored = Stored {
            feature_sets: self.flows.features().name().to_owned(),
            class_of: self.classes.iter().map(place).collect(),
            classes,
            rows,
        };
        bundle::write(&stored, writer)
    }

    /// Reads what [`Canaries::save`] wrote.
    ///
    /// # Errors
    /// As [`Detector::load`].
    pub fn load(reader: impl Read) -> Result<Self, DetectError> {
        let stored: Stored = bundle::read(reader)?;
        let unsound = |what: &str| DetectError::Bundle(what.to_owned());
        let features =
            FeatureSet::named(&stored.feature_sets).map_err(|error| unsound(&error.to_string()))?;
        let rows = FeatureMatrix::from_rows(features.schema(), stored.rows)?;
        if rows.rows() != stored.class_of.len() {
            return Err(unsound("its canaries have no class each"));
        }
        let mut canaries = Self::none(features);
        for (row, class) in rows.view().rows().into_iter().zip(stored.class_of) {
            let class = stored.classes.get(class as usize);
            let class = class.ok_or_else(|| unsound("a canary has no class"))?;
            canaries.push(class.clone(), &row.to_vec());
        }
        Ok(canaries)
    }

    /// Each class once, in alphabetical order.
    fn names(&self) -> Vec<String> {
        let mut names = self.classes.clone();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Described for Stored {
    fn header(&self) -> Header {
        // Names that are not known are refused before this is asked.
        let features = FeatureSet::named(&self.feature_sets).unwrap_or_default();
        Header::new(&self.feature_sets, &features.schema())
    }
}
