//! Releases of a folder of detectors: when they came, and what a new one finds before it serves.

use nettraffic_detect::{Canaries, Detector, Rate, Release};
use serde::Serialize;

use crate::Failure;

/// A release with the time at which it came into the folder.
#[derive(Debug, Serialize)]
pub struct DatedRelease {
    #[serde(flatten)]
    release: Release,
    /// By the clock of the file, UTC; `None` where there is none.
    released: Option<String>,
}

/// A release with what it finds of the canaries.
#[derive(Debug, Serialize)]
pub struct Promotion {
    #[serde(flatten)]
    release: DatedRelease,
    canaries: Vec<FoundCanaries>,
}

/// What a detector finds of one class of canaries.
#[derive(Debug, Serialize)]
pub struct FoundCanaries {
    class: String,
    found: Rate,
    /// What the detector finds that has served so far, where there is one that can be asked.
    serving: Option<Rate>,
}

impl DatedRelease {
    /// A release and the date of its file.
    #[must_use]
    pub fn of(release: Release) -> Self {
        let modified = std::fs::metadata(&release.path).and_then(|file| file.modified());
        let time = modified
            .ok()
            .and_then(|time| jiff::Timestamp::try_from(time).ok());
        Self {
            released: time.map(|time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
            release,
        }
    }

    /// One line.
    #[must_use]
    pub fn describe(&self) -> String {
        let Release {
            number,
            is_current,
            is_withdrawn,
            path,
            ..
        } = &self.release;
        let state = match (is_current, is_withdrawn) {
            (true, _) => "serves",
            (_, true) => "withdrawn",
            _ => "kept",
        };
        let released = self.released.as_deref().unwrap_or("at an unknown time");
        format!("{number:4}  {state:9}  {released}  {}", path.display())
    }
}

impl Promotion {
    /// A release that serves now.
    #[must_use]
    pub fn new(release: Release, canaries: Vec<FoundCanaries>) -> Self {
        let release = DatedRelease::of(release);
        Self { release, canaries }
    }

    /// The release, and what it finds.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut lines = vec![self.release.describe()];
        lines.extend(self.canaries.iter().map(FoundCanaries::describe));
        if self.canaries.is_empty() {
            lines.push("no canaries: nothing shows that it finds attacks".to_owned());
        }
        lines.join("\n")
    }
}

impl FoundCanaries {
    /// What a detector finds of each class, beside the one that has served so far.
    ///
    /// # Errors
    /// Canaries for other features.
    pub fn of(
        canaries: &Canaries,
        detector: &Detector,
        serving: Option<&Detector>,
    ) -> Result<Vec<Self>, Failure> {
        let found = canaries.found_by(detector).map_err(Failure::usage)?;
        // One of other features cannot be asked.
        let before = serving.and_then(|serving| canaries.found_by(serving).ok());
        let classes = found.into_iter().enumerate();
        let one = |(place, (class, found)): (usize, (String, Rate))| Self {
            class,
            found,
            serving: before
                .as_ref()
                .and_then(|all| all.get(place))
                .map(|(_, rate)| *rate),
        };
        Ok(classes.map(one).collect())
    }

    /// Whether it finds fewer than chance lets one expect of the serving one: below the lower end of the 95 % interval of
    /// what that one finds.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let lower = self
            .serving
            .and_then(|serving| serving.interval)
            .map(|(low, _)| low);
        lower.is_some_and(|low| self.found.share.is_none_or(|share| share < low))
    }

    /// One line.
    #[must_use]
    pub fn describe(&self) -> String {
        let Self { class, found, .. } = self;
        match self.serving {
            Some(serving) => format!("canaries {class}: finds {found}, before it {serving}"),
            None => format!("canaries {class}: finds {found}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_before_must_still_be_found() {
        for (found, serving, expected) in [
            ((50, 50), Some((50, 50)), false),
            ((48, 50), Some((50, 50)), false),
            ((40, 50), Some((50, 50)), true),
            ((0, 50), Some((0, 50)), false),
            ((0, 3), Some((3, 3)), true),
            ((0, 50), None, false),
        ] {
            let canaries = FoundCanaries {
                class: "scan".to_owned(),
                found: Rate::of(found.0, found.1),
                serving: serving.map(|(hits, rows)| Rate::of(hits, rows)),
            };
            assert_eq!(canaries.is_worse(), expected, "{found:?} {serving:?}");
        }
    }
}
