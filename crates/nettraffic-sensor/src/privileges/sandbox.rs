//! Which files stay open to the process (Landlock).

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, LandlockStatus, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetStatus,
};

use super::PrivilegeError;

/// The newest version that says nothing about sockets with a path, to which syslog is written.
const VERSION: ABI = ABI::V5;

/// A sandbox that is ready but not entered; its paths were opened with all rights.
pub(super) struct Sandbox(RulesetCreated);

/// How far the kernel holds to a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Enforced {
    /// All of it.
    Fully,
    /// Part of it: the kernel knows an older version of Landlock.
    Partly,
    /// The kernel has Landlock, but it is switched off.
    SwitchedOff,
    /// The kernel has no Landlock.
    Missing,
}

impl Sandbox {
    pub(super) fn new(readable: &[PathBuf], writable: &[PathBuf]) -> Result<Self, PrivilegeError> {
        let failed = PrivilegeError::step::<landlock::RulesetError>;
        let mut rules = Ruleset::default()
            .handle_access(AccessFs::from_all(VERSION))
            .map_err(failed("making the sandbox"))?
            .create()
            .map_err(failed("making the sandbox"))?;
        let read = AccessFs::from_read(VERSION) & !AccessFs::Execute;
        let write = AccessFs::from_all(VERSION) & !AccessFs::Execute & !devices();
        // What the process may learn of itself: memory, rights.
        let own = Path::new("/proc/self");
        let readable = readable.iter().map(PathBuf::as_path).chain([own]);
        let paths = readable
            .map(|path| (path, read))
            .chain(writable.iter().map(|path| (path.as_path(), write)));
        for (path, access) in paths {
            rules = rules
                .add_rule(rule(path, access)?)
                .map_err(failed("adding a path to the sandbox"))?;
        }
        Ok(Self(rules))
    }

    /// Enters the sandbox, for good, as far as the kernel has Landlock.
    pub(super) fn enter(self) -> Result<Enforced, PrivilegeError> {
        let status = self
            .0
            .restrict_self()
            .map_err(PrivilegeError::step("entering the sandbox"))?;
        Ok(match (status.ruleset, status.landlock) {
            (RulesetStatus::FullyEnforced, _) => Enforced::Fully,
            (RulesetStatus::PartiallyEnforced, _) => Enforced::Partly,
            (RulesetStatus::NotEnforced, LandlockStatus::NotEnabled) => Enforced::SwitchedOff,
            (RulesetStatus::NotEnforced, _) => Enforced::Missing,
        })
    }
}

/// Making devices and talking to them beyond reading and writing.
fn devices() -> BitFlags<AccessFs> {
    AccessFs::MakeBlock | AccessFs::MakeChar | AccessFs::IoctlDev
}

fn rule(path: &Path, access: BitFlags<AccessFs>) -> Result<PathBeneath<PathFd>, PrivilegeError> {
    let wrong = |source| PrivilegeError::Path {
        path: path.to_owned(),
        source,
    };
    let is_folder = fs::metadata(path).map_err(wrong)?.is_dir();
    let opened = PathFd::new(path).map_err(PrivilegeError::step("opening a path"))?;
    let possible = if is_folder {
        access
    } else {
        access & AccessFs::from_file(VERSION)
    };
    Ok(PathBeneath::new(opened, possible))
}
