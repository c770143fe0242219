//! Giving up what the process does not need any more.

use caps::CapSet;
use nix::sys::prctl::{set_dumpable, set_no_new_privs};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{AccessFlags, Uid, access};

use super::sandbox::{Enforced, Sandbox};
use super::user::{Account, check_root_is_out_of_reach};
use super::{PrivilegeError, PrivilegeOptions, PrivilegeReport, Privileges};

/// Gives up, for good, what a sensor does not need any more once its interfaces, files and sockets
/// are open: root, every capability, gaining rights, leaving its memory behind in a crash, and all
/// files but those that the options name.
///
/// What is open stays open. To be called by the main thread before others start.
///
/// # Errors
/// Threads are running; a user, group or path is not there; a path that must be writable is not; or the
/// process would keep what it should have lost. It should end then.
pub fn drop_privileges(options: &PrivilegeOptions) -> Result<PrivilegeReport, PrivilegeError> {
    match Privileges::threads() {
        Some(threads) if threads > 1 => return Err(PrivilegeError::Threads { threads }),
        _ => {}
    }
    // Before rights are lost, which finding and opening may need.
    let account = Account::find(options)?;
    let sandbox = match options.has_sandbox {
        true => Some(Sandbox::new(&options.readable, &options.writable)?),
        false => None,
    };
    let mut achieved = Vec::new();
    let mut missed = Vec::new();

    setrlimit(Resource::RLIMIT_CORE, 0, 0)
        .map_err(PrivilegeError::step("forbidding core files"))?;
    // Takes a capability itself, so that it comes before they are lost.
    match caps::clear(None, CapSet::Bounding) {
        Ok(()) => {}
        Err(_) => missed.push(
            "programs that it starts are bounded by no_new_privs alone (the bounding set is \
             emptied only with CAP_SETPCAP)"
                .to_owned(),
        ),
    }
    match &account {
        Some(account) => {
            for folder in &options.owned {
                account.take(folder)?;
            }
            account.assume()?;
            achieved.push(format!("runs as {}", account.name));
        }
        None if Uid::effective().is_root() => {
            missed.push("stays root, as it was asked to".to_owned());
        }
        None => achieved.push(format!("runs as user {}", Uid::effective())),
    }
    clear_capabilities()?;
    achieved.push("has no capability".to_owned());
    set_no_new_privs().map_err(PrivilegeError::step("forbidding new privileges"))?;
    achieved.push("gains no new privileges".to_owned());
    // After the change of user, which sets it anew.
    set_dumpable(false).map_err(PrivilegeError::step("hiding the memory"))?;
    achieved.push("dumps no memory".to_owned());

    for path in &options.writable {
        if access(path, AccessFlags::W_OK).is_err() {
            return Err(PrivilegeError::NotWritable {
                path: path.clone(),
                user: Uid::current().as_raw(),
            });
        }
    }
    let enforced = sandbox.map(Sandbox::enter).transpose()?;
    match enforced {
        Some(Enforced::Fully) => achieved.push("sees only its own files (Landlock)".to_owned()),
        Some(Enforced::Partly) => {
            achieved.push("sees only its own files (Landlock, an older version)".to_owned());
        }
        Some(Enforced::SwitchedOff) => missed.push("Landlock is switched off here".to_owned()),
        Some(Enforced::Missing) => missed.push("this kernel has no Landlock".to_owned()),
        None => missed.push("goes without Landlock, as it was asked to".to_owned()),
    }

    check_root_is_out_of_reach()?;
    let left = Privileges::current()?;
    match left.held.iter().chain(&left.effective).next() {
        Some(kept) => Err(PrivilegeError::Kept { kept: kept.clone() }),
        None => Ok(PrivilegeReport {
            achieved,
            missed,
            left,
        }),
    }
}

fn clear_capabilities() -> Result<(), PrivilegeError> {
    for set in [
        CapSet::Ambient,
        CapSet::Effective,
        CapSet::Permitted,
        CapSet::Inheritable,
    ] {
        match caps::clear(None, set) {
            // Kernels before 4.3 have none of it.
            Err(_) if matches!(set, CapSet::Ambient) => {}
            result => result.map_err(PrivilegeError::step("giving up capabilities"))?,
        }
    }
    Ok(())
}
