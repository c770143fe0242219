//! All entries, and how often each was of use.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use nettraffic_capture::Timestamp;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::entry::AllowEntry;
use super::error::{AllowError, AllowPlace};
use crate::Verdict;

/// Entries that are compared with each alert at most.
const MOST_ENTRIES: usize = 10_000;
/// Bytes of a file that are read at most.
const MOST_BYTES: u64 = 16 << 20;

/// Alerts that operators do not want, as entries of TOML.
///
/// | key | value |
/// |---|---|
/// | `reason` | why, in words; required |
/// | `name` | what to call it |
/// | `expires` | a date (to its end, UTC) or a date-time with an offset; packet time decides |
/// | `source`, `destination`, `either` | networks of the flow's initiator, its responder, or one of them |
/// | `ports` | those of the responder, `443` or `"8000-8100"`, of TCP, UDP and SCTP |
/// | `protocols` | `tcp`, `udp`, `icmp` (both versions), `sctp`, `gre` or numbers |
/// | `models` | models as [`ModelKind::name`](crate::ModelKind::name) has them |
/// | `classes` | known attacks that the alert looks like |
/// | `features` | the feature that drove the alert: its first reason |
///
/// All but the first three are criteria, one value or a list; at least one must be there. The first entry
/// that fits counts. Entries are compared one by one, in about 10 ns each where the source differs;
/// at most 10,000 are taken.
///
/// ```
/// use nettraffic_detect::AllowList;
///
/// let list = AllowList::parse("allow.toml", r#"
///     [[allow]]
///     name = "vulnerability scanner"
///     reason = "scans every Monday, ticket 4711"
///     source = "192.0.2.7"
///     ports = [22, "8000-8100"]
///     expires = 2030-01-31
/// "#)?;
/// assert_eq!(list.len(), 1);
/// let error = AllowList::parse("allow.toml", "[[allow]]\nreason = 'x'\nport = 22").err();
/// assert!(error.ok_or("refused")?.to_string().starts_with("allow.toml:3:1: unknown field `port`"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    entries: Vec<Listed>,
}

/// An entry, where it stands and how often it was of use.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Listed {
    /// What it says.
    pub entry: Arc<AllowEntry>,
    /// The file that it stands in.
    pub file: Arc<str>,
    /// Its line there, from 1; 0 when it was added while running.
    pub line: usize,
    /// How often it was of use.
    pub use_count: EntryUse,
}

/// How often an entry was of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EntryUse {
    /// Alerts that it spoke of while it counted.
    pub hits: u64,
    /// When the last one was, in nanoseconds of packet time.
    last_hit: Option<i64>,
    /// Alerts that it would have spoken of had it not expired.
    pub after_expiry: u64,
}

impl EntryUse {
    /// When the last one was.
    #[must_use]
    pub fn last_hit(&self) -> Option<Timestamp> {
        self.last_hit.map(Timestamp::from_nanos)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    allow: Vec<Spanned<AllowEntry>>,
}

impl AllowList {
    /// Reads entries; `name` is what errors call them.
    ///
    /// # Errors
    /// What is wrong and where: no TOML, an unknown key, a value that is none, a missing reason, an entry that
    /// would allow everything; more than 10,000 entries.
    pub fn parse(name: &str, text: &str) -> Result<Self, AllowError> {
        let wrong = |offset, problem: &str| AllowError::Wrong {
            place: AllowPlace::of(name, text, offset),
            problem: problem.to_owned(),
        };
        let document: Document = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            wrong(offset, error.message())
        })?;
        let entries = document.allow.len();
        if entries > MOST_ENTRIES {
            let (name, limit) = (name.to_owned(), MOST_ENTRIES);
            return Err(AllowError::TooMany {
                name,
                entries,
                limit,
            });
        }
        let file: Arc<str> = name.into();
        let mut list = Self::default();
        let (mut line, mut counted) = (1, 0);
        for entry in document.allow {
            let offset = entry.span().start;
            // Entries come in the order of the text, so its lines are counted once.
            let between = text.get(counted..offset).unwrap_or_default();
            line += between.matches('\n').count();
            counted = offset;
            let entry = entry.into_inner();
            entry.check().map_err(|problem| wrong(offset, problem))?;
            list.entries.push(Listed {
                entry: entry.into(),
                file: Arc::clone(&file),
                line,
                use_count: EntryUse::default(),
            });
        }
        Ok(list)
    }

    /// Reads a file of at most 16 MiB.
    ///
    /// # Errors
    /// As [`AllowList::parse`]; the file cannot be read, or is larger.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, AllowError> {
        let path = path.as_ref();
        let failed = |error| AllowError::Io {
            path: path.to_owned(),
            error,
        };
        let mut text = String::new();
        let file = File::open(path).map_err(failed)?;
        let read = file.take(MOST_BYTES + 1).read_to_string(&mut text);
        if read.map_err(failed)? as u64 > MOST_BYTES {
            return Err(failed(std::io::ErrorKind::FileTooLarge.into()));
        }
        Self::parse(&path.to_string_lossy(), &text)
    }

    /// Its entries, in their order.
    #[must_use]
    pub fn entries(&self) -> &[Listed] {
        &self.entries
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry behind the others, unless it is there already, and says whether it was new.
    ///
    /// # Errors
    /// There are 10,000 already.
    pub fn add(&mut self, entry: AllowEntry, file: &str) -> Result<bool, AllowError> {
        if self.entries.iter().any(|listed| *listed.entry == entry) {
            return Ok(false);
        }
        if self.len() >= MOST_ENTRIES {
            return Err(AllowError::TooMany {
                name: file.to_owned(),
                entries: self.len() + 1,
                limit: MOST_ENTRIES,
            });
        }
        self.entries.push(Listed {
            entry: entry.into(),
            file: file.into(),
            line: 0,
            use_count: EntryUse::default(),
        });
        Ok(true)
    }

    /// Takes out the entries that say the same as this one, and says whether there was any.
    pub fn remove(&mut self, entry: &AllowEntry) -> bool {
        let before = self.len();
        self.entries.retain(|listed| *listed.entry != *entry);
        self.len() < before
    }

    /// Adds the entries of another list, say another file, behind its own.
    ///
    /// # Errors
    /// There would be more than 10,000.
    pub fn extend(&mut self, other: Self) -> Result<(), AllowError> {
        let entries = self.len() + other.len();
        if entries > MOST_ENTRIES {
            let name = other
                .entries
                .first()
                .map_or_else(String::new, |listed| listed.file.to_string());
            let limit = MOST_ENTRIES;
            return Err(AllowError::TooMany {
                name,
                entries,
                limit,
            });
        }
        self.entries.extend(other.entries);
        Ok(())
    }

    /// Puts other entries in the place of these. Those that say the same keep how often they were of use.
    pub fn reload(&mut self, new: Self) {
        let used = self.uses();
        *self = new;
        self.restore_uses(&used);
    }

    /// How often each entry was of use, by its fingerprint; entries that say the same together.
    #[must_use]
    pub fn uses(&self) -> Vec<(u64, EntryUse)> {
        let used = |listed: &Listed| (listed.entry.fingerprint(), listed.use_count);
        self.entries.iter().map(used).collect()
    }

    /// Takes over how often entries were of use before a restart.
    pub fn restore_uses(&mut self, uses: &[(u64, EntryUse)]) {
        let mut uses: HashMap<u64, EntryUse> = uses.iter().rev().copied().collect();
        for listed in &mut self.entries {
            // Once each: of two that say the same the first was used.
            if let Some(use_count) = uses.remove(&listed.entry.fingerprint()) {
                listed.use_count = use_count;
            }
        }
    }

    /// The first entry that allows an alert of the model of that name at `at`, which is counted.
    pub fn allows(&mut self, verdict: &Verdict, model: &str, at: Timestamp) -> Option<&Listed> {
        for listed in &mut self.entries {
            if !listed.entry.speaks_of(verdict, model) {
                continue;
            }
            let use_count = &mut listed.use_count;
            if listed.entry.is_expired(at) {
                use_count.after_expiry += 1;
                continue;
            }
            use_count.hits += 1;
            use_count.last_hit = Some(at.as_nanos());
            return Some(listed);
        }
        None
    }

    /// Entries that count no more, which somebody should look at.
    pub fn expired(&self, at: Timestamp) -> impl Iterator<Item = &Listed> {
        self.entries
            .iter()
            .filter(move |listed| listed.entry.is_expired(at))
    }
}
