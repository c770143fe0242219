//! What the process may do at present.

use std::fmt;
use std::fs;
use std::path::Path;

use caps::{CapSet, Capability};
use nix::sys::prctl::{get_dumpable, get_no_new_privs};
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::{Gid, Uid};

use super::PrivilegeError;

/// The privileges of the calling thread, and so of all if they were dropped before others started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Privileges {
    /// Its effective user.
    pub user: u32,
    /// Its effective group.
    pub group: u32,
    /// Capabilities that it can use now, as in `CAP_NET_RAW`.
    pub effective: Vec<String>,
    /// Capabilities that it can use or get without help: permitted, inheritable or ambient.
    pub held: Vec<String>,
    /// How many capabilities programs that it starts could still get (the bounding set).
    pub bounding: usize,
    /// Whether it could open an interface: `CAP_NET_RAW` is in use.
    pub can_capture: bool,
    /// Whether it can never gain rights by starting a program.
    pub no_new_privs: bool,
    /// Whether its memory, with packets in it, may be written to disk in a crash, or read by other
    /// processes of the same user.
    pub is_dumpable: bool,
    /// The most bytes of such a file.
    pub core_limit: u64,
}

impl Privileges {
    /// Asks the kernel.
    ///
    /// # Errors
    /// It does not answer: it is older than capabilities that this program knows of.
    pub fn current() -> Result<Self, PrivilegeError> {
        let failed = PrivilegeError::step::<nix::Error>;
        let mut held = names(CapSet::Permitted)?;
        held.extend(names(CapSet::Inheritable)?);
        // Kernels before 4.3 have none.
        held.extend(names(CapSet::Ambient).unwrap_or_default());
        held.sort_unstable();
        held.dedup();
        let effective = names(CapSet::Effective)?;
        Ok(Self {
            user: Uid::effective().as_raw(),
            group: Gid::effective().as_raw(),
            can_capture: effective.contains(&Capability::CAP_NET_RAW.to_string()),
            effective,
            held,
            bounding: names(CapSet::Bounding)?.len(),
            no_new_privs: get_no_new_privs().map_err(failed("asking for no_new_privs"))?,
            is_dumpable: get_dumpable().map_err(failed("asking whether memory is dumped"))?,
            core_limit: getrlimit(Resource::RLIMIT_CORE)
                .map_err(failed("asking for the size of core files"))?
                .0,
        })
    }

    /// How many threads the process has.
    pub(super) fn threads() -> Option<u64> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let count = status
            .lines()
            .find_map(|line| line.strip_prefix("Threads:"))?;
        count.trim().parse().ok()
    }
}

impl fmt::Display for Privileges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        writeln!(f, "user {}, group {}", self.user, self.group)?;
        writeln!(f, "capabilities in use: {}", listed(&self.effective))?;
        writeln!(f, "capabilities held: {}", listed(&self.held))?;
        let word = |answer| if answer { "yes" } else { "no" };
        writeln!(f, "may capture: {}", word(self.can_capture))?;
        writeln!(f, "no new privileges: {}", word(self.no_new_privs))?;
        let is_dumped = self.is_dumpable && self.core_limit > 0;
        write!(f, "memory may be dumped: {}", word(is_dumped))
    }
}

/// How a program gets the right to capture, in a line to be read by people.
#[must_use]
pub fn rights_advice(program: &Path) -> String {
    format!(
        "capturing needs the capability CAP_NET_RAW: sudo setcap cap_net_raw=eip {}, or \
         AmbientCapabilities=CAP_NET_RAW in the systemd unit",
        program.display()
    )
}

fn names(set: CapSet) -> Result<Vec<String>, PrivilegeError> {
    let held = caps::read(None, set).map_err(PrivilegeError::step("asking for capabilities"))?;
    let mut names: Vec<String> = held.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    Ok(names)
}
