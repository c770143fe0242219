//! Units of work that are done, kept where a later run finds them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use nettraffic_models::Threshold;
use serde::{Deserialize, Serialize};

use crate::ExperimentError;
use crate::digest::Digest;
use crate::importance::Importance;

/// What one fitted model gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scored {
    /// Of benign rows that it was not fitted on; none where it sets its thresholds itself.
    pub(crate) calibration: Vec<f32>,
    /// Of the rows to test on, in their order.
    pub(crate) test: Vec<f32>,
    /// One for each rate.
    pub(crate) thresholds: Vec<Threshold>,
    /// What features count, in each fold that it is tested in; none where that cannot be told.
    pub(crate) importance: Vec<Option<Importance>>,
}

/// A folder of finished units.
///
/// A unit is found again by everything that its scores depend on: program, data, rows, features, model and seed.
/// What is damaged or of another unit counts as missing.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    program: String,
}

impl Store {
    /// The folder at `folder`, made where it is missing. `program` tells programs apart that may
    /// compute other scores, such as a digest of the executable: what another one kept is not taken.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: &Path, program: impl Into<String>) -> Result<Self, ExperimentError> {
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        Ok(Self {
            folder: folder.to_owned(),
            program: program.into(),
        })
    }

    /// What was kept of a unit with `rows` rows to test on.
    pub(crate) fn get(&self, unit: &str, rows: usize) -> Option<Scored> {
        let kept = fs::read(self.path(unit)).ok()?;
        let (sum, payload) = kept.split_at_checked(32)?;
        if sum != self.sum(unit, payload) {
            return None;
        }
        let scored: Scored = postcard::from_bytes(payload).ok()?;
        (scored.test.len() == rows).then_some(scored)
    }

    /// Keeps a unit: whole, or not at all.
    pub(crate) fn put(&self, unit: &str, scored: &Scored) -> Result<(), ExperimentError> {
        let path = self.path(unit);
        let beside = path.with_extension(format!("{}.part", std::process::id()));
        let written = || -> std::io::Result<()> {
            let payload = postcard::to_stdvec(scored).map_err(std::io::Error::other)?;
            let mut file = fs::File::create(&beside)?;
            file.write_all(&self.sum(unit, &payload))?;
            file.write_all(&payload)?;
            drop(file);
            fs::rename(&beside, &path)
        };
        written().map_err(|error| {
            // What was begun is of no use; that it may not be there at all is no second error.
            let _ = fs::remove_file(&beside);
            failed(&path, error)
        })
    }

    fn path(&self, unit: &str) -> PathBuf {
        let mut digest = Digest::default();
        digest.bytes(self.program.as_bytes());
        digest.bytes(unit.as_bytes());
        self.folder.join(format!("{}.unit", digest.hex()))
    }

    fn sum(&self, unit: &str, payload: &[u8]) -> [u8; 32] {
        let mut digest = Digest::default();
        digest.bytes(self.program.as_bytes());
        digest.bytes(unit.as_bytes());
        digest.bytes(payload);
        digest.sum()
    }
}

fn failed(path: &Path, error: std::io::Error) -> ExperimentError {
    ExperimentError::Io {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::importance::ImportanceKind;

    fn scored() -> Result<Scored, ExperimentError> {
        let calibration: Vec<f32> = (0..200).map(|score| score as f32).collect();
        Ok(Scored {
            thresholds: vec![Threshold::at_rate(&calibration, 0.05)?],
            calibration,
            test: vec![1.5, -0.0, f32::MAX],
            importance: vec![None, Importance::of(ImportanceKind::Impurity, &[0.1, 0.2])],
        })
    }

    #[test]
    fn a_unit_is_found_again_bit_by_bit_by_its_own_key_and_program()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&folder.path().join("units"), "one")?;
        assert_eq!(store.get("a", 3), None);
        store.put("a", &scored()?)?;
        assert_eq!(store.get("a", 3), Some(scored()?));
        assert_eq!(store.get("a", 2), None);
        assert_eq!(store.get("b", 3), None);
        let other = Store::open(&folder.path().join("units"), "two")?;
        assert_eq!(other.get("a", 3), None);
        // Under another name it is no other unit.
        fs::rename(store.path("a"), store.path("b"))?;
        assert_eq!(store.get("b", 3), None);
        Ok(())
    }

    #[test]
    fn what_is_damaged_counts_as_missing() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path(), "one")?;
        store.put("a", &scored()?)?;
        let whole = fs::read(store.path("a"))?;
        for at in [0, 31, 32, 40, whole.len() / 2, whole.len() - 1] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(store.path("a"), &damaged)?;
            assert_eq!(store.get("a", 3), None, "byte {at}");
            fs::write(store.path("a"), &whole[..at])?;
            assert_eq!(store.get("a", 3), None, "{at} bytes");
        }
        store.put("a", &scored()?)?;
        assert_eq!(store.get("a", 3), Some(scored()?));
        Ok(())
    }
}
