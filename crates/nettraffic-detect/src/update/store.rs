//! A folder with the serving model and those before it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Canaries;
use crate::{BundleError, DetectError, Detector, bundle};

/// Models that are kept, the serving one among them.
const KEPT: usize = 5;
const CURRENT: &str = "current.ntm";
const CANARIES: &str = "canaries.ntc";
/// Where a damaged serving model is put, so that it can be looked into.
const DAMAGED: &str = "damaged.ntm";

/// A folder of models: `current.ntm` serves, `0001.ntm` and so on are the last five releases, that one
/// among them. Each file is written whole or not at all, `current.ntm` last: a crash leaves the old model
/// serving or the new one, and what it left undone the next change does first. One process at a time may change
/// the folder; any may read it. A serving model that was damaged by others is put aside as `damaged.ntm` by the
/// next promotion or rollback.
///
/// ```
/// # use nettraffic_detect::{Detector, DetectError, ModelStore};
/// # fn release(detector: &Detector, folder: &str) -> Result<(), DetectError> {
/// let store = ModelStore::open(folder)?;
/// store.promote(detector)?;
/// // It was a bad idea.
/// store.rollback()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ModelStore {
    folder: PathBuf,
}

/// A model of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Release {
    /// Counted up with each release.
    pub number: u32,
    /// Its file.
    pub path: PathBuf,
    /// Whether it serves.
    pub is_current: bool,
    /// Whether it was taken back, or never served: no rollback leads to it.
    pub is_withdrawn: bool,
}

impl ModelStore {
    /// The store in `folder`, which is made when it is not there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, DetectError> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    /// The file of the serving model, there or not.
    #[must_use]
    pub fn current_path(&self) -> PathBuf {
        self.folder.join(CURRENT)
    }

    /// The serving model, `None` when nothing was released yet.
    ///
    /// # Errors
    /// As [`Detector::load`].
    pub fn current(&self) -> Result<Option<Detector>, DetectError> {
        match Detector::load_from(self.current_path()) {
            Err(DetectError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(None),
            loaded => loaded.map(Some),
        }
    }

    /// Makes `detector` the serving model. Of more than five releases the oldest go.
    ///
    /// # Errors
    /// The stored canaries are for other features: no successor could be tried on them; the folder cannot
    /// be read or written; it holds the highest number that there is.
    pub fn promote(&self, detector: &Detector) -> Result<Release, DetectError> {
        if let Some(canaries) = self.canaries()? {
            canaries.check(detector)?;
        }
        // Which release a damaged file held nobody knows: none is withdrawn for it.
        if !self.put_aside_damaged()? {
            self.adopt()?;
            self.withdraw_later()?;
        }
        let (number, path) = self.next()?;
        detector.save_to(&path)?;
        detector.save_to(self.current_path())?;
        self.forget_old()?;
        Ok(Release {
            number,
            path,
            is_current: true,
            is_withdrawn: false,
        })
    }

    /// Makes the release before the serving one serve again, and withdraws the latter. Where the serving
    /// model's file is damaged, the latest release that is not takes its place, and none is withdrawn.
    ///
    /// # Errors
    /// There is no earlier release, or it is damaged; the folder cannot be read or written.
    pub fn rollback(&self) -> Result<Release, DetectError> {
        let history = self.history()?;
        if self.put_aside_damaged()? {
            return self.serve_latest(&history);
        }
        let serving = history.iter().position(|release| release.is_current);
        let earlier = serving.and_then(|serving| {
            let earlier = history.get(..serving)?.iter().rev();
            earlier.into_iter().find(|release| !release.is_withdrawn)
        });
        let (Some(earlier), Some(serving)) = (earlier, serving.and_then(|at| history.get(at)))
        else {
            return Err(DetectError::NoEarlierModel);
        };
        self.withdraw_later()?;
        let release = self.serve(earlier)?;
        serving.withdraw()?;
        Ok(release)
    }

    /// The releases that are kept, the oldest first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn history(&self) -> Result<Vec<Release>, DetectError> {
        let mut releases = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            releases.extend(release(&entry?.path()));
        }
        releases.sort_by_key(|release| release.number);
        let current = match fs::read(self.current_path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(releases),
            read => read?,
        };
        // The latest of those that are the same.
        for release in releases
            .iter_mut()
            .rev()
            .filter(|release| !release.is_withdrawn)
        {
            if fs::read(&release.path)? == current {
                release.is_current = true;
                break;
            }
        }
        Ok(releases)
    }

    /// The attacks that every successor must find, `None` when none were stored.
    ///
    /// # Errors
    /// As [`Canaries::load`].
    pub fn canaries(&self) -> Result<Option<Canaries>, DetectError> {
        match fs::File::open(self.folder.join(CANARIES)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            file => Canaries::load(file?).map(Some),
        }
    }

    /// Stores the attacks that every successor must find, in place of those before.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn store_canaries(&self, canaries: &Canaries) -> Result<(), DetectError> {
        bundle::save_to(&self.folder.join(CANARIES), |writer| canaries.save(writer))
    }

    /// Makes a release the serving model.
    fn serve(&self, release: &Release) -> Result<Release, DetectError> {
        Detector::load_from(&release.path)?.save_to(self.current_path())?;
        Ok(Release {
            is_current: true,
            ..release.clone()
        })
    }

    /// Makes the latest release that is sound the serving model.
    fn serve_latest(&self, history: &[Release]) -> Result<Release, DetectError> {
        for release in history.iter().rev().filter(|release| !release.is_withdrawn) {
            match self.serve(release) {
                Err(error) if is_damage(&error) => {}
                served => return served,
            }
        }
        Err(DetectError::NoEarlierModel)
    }

    /// Takes a serving model away that cannot be read, and says whether there was one.
    fn put_aside_damaged(&self) -> Result<bool, DetectError> {
        match self.current() {
            Err(error) if is_damage(&error) => {
                fs::rename(self.current_path(), self.folder.join(DAMAGED))?;
                Ok(true)
            }
            sound => sound.map(|_| false),
        }
    }

    /// Numbers a serving model that was put into the folder by hand, so that a rollback can lead to it.
    fn adopt(&self) -> Result<(), DetectError> {
        let history = self.history()?;
        if history.iter().any(|release| release.is_current) {
            return Ok(());
        }
        let Some(detector) = self.current()? else {
            return Ok(());
        };
        detector.save_to(self.next()?.1)
    }

    /// Withdraws the releases after the serving one: a promotion that was cut short left one that never
    /// served, a rollback one that was taken back. No later rollback may lead to them.
    fn withdraw_later(&self) -> Result<(), DetectError> {
        let history = self.history()?;
        let serving = history.iter().find(|release| release.is_current);
        let serving = serving.map_or(0, |release| release.number);
        let later = history.iter().filter(|release| release.number > serving);
        for release in later.filter(|release| !release.is_withdrawn) {
            release.withdraw()?;
        }
        Ok(())
    }

    /// Number and file of a release to come.
    fn next(&self) -> Result<(u32, PathBuf), DetectError> {
        let last = self.history()?.last().map_or(0, |release| release.number);
        let number = last.checked_add(1);
        let number = number.ok_or(DetectError::NoNumberLeft { last })?;
        Ok((number, self.folder.join(format!("{number:04}.ntm"))))
    }

    fn forget_old(&self) -> Result<(), DetectError> {
        let history = self.history()?;
        let too_many = history.len().saturating_sub(KEPT);
        let old = history.iter().filter(|release| !release.is_current);
        for release in old.take(too_many) {
            fs::remove_file(&release.path)?;
        }
        Ok(())
    }
}

impl Release {
    fn withdraw(&self) -> std::io::Result<()> {
        fs::rename(&self.path, self.path.with_extension("withdrawn.ntm"))
    }
}

/// Whether it says that a file is damaged; one of a later version is not: a newer program can read it.
fn is_damage(error: &DetectError) -> bool {
    match error {
        DetectError::Damaged(BundleError::Version { .. }) => false,
        DetectError::Damaged(_) | DetectError::Bundle(_) => true,
        _ => false,
    }
}

/// The release whose file this is, if it is one.
fn release(path: &Path) -> Option<Release> {
    let name = path.file_name().and_then(|name| name.to_str())?;
    let stem = name.strip_suffix(".ntm")?;
    let (number, is_withdrawn) = match stem.strip_suffix(".withdrawn") {
        Some(number) => (number, true),
        None => (stem, false),
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|_| is_number)?;
    Some(Release {
        number,
        path: path.to_owned(),
        is_current: false,
        is_withdrawn,
    })
}
