//! Becoming a user without rights, for good.

use std::fs;
use std::os::unix::fs::lchown;
use std::path::Path;

use nix::unistd::{Gid, Group, Uid, User, getresgid, getresuid, setgroups, setresgid, setresuid};

use super::{PrivilegeError, PrivilegeOptions};

/// Who to become.
pub(super) struct Account {
    pub(super) name: String,
    user: Uid,
    group: Gid,
}

impl Account {
    /// The account that the options ask for; `None` where the process is not root or is to stay it.
    pub(super) fn find(options: &PrivilegeOptions) -> Result<Option<Self>, PrivilegeError> {
        let failed = PrivilegeError::step::<nix::Error>;
        let Some(name) = options.user.as_ref().filter(|_| Uid::effective().is_root()) else {
            return Ok(None);
        };
        let Some(user) = User::from_name(name).map_err(failed("looking up the user"))? else {
            return Err(PrivilegeError::NoSuchUser { name: name.clone() });
        };
        let group = match &options.group {
            None => user.gid,
            Some(name) => {
                Group::from_name(name)
                    .map_err(failed("looking up the group"))?
                    .ok_or_else(|| PrivilegeError::NoSuchGroup { name: name.clone() })?
                    .gid
            }
        };
        if user.uid.is_root() {
            return Err(PrivilegeError::Root { name: name.clone() });
        }
        Ok(Some(Self {
            name: name.clone(),
            user: user.uid,
            group,
        }))
    }

    /// Makes a file, or a folder and the files in it, the user's.
    pub(super) fn take(&self, path: &Path) -> Result<(), PrivilegeError> {
        let failed = PrivilegeError::step::<std::io::Error>;
        let (user, group) = (Some(self.user.as_raw()), Some(self.group.as_raw()));
        // Not through links: they could lead to files that are nobody's business.
        let take = |path: &Path| lchown(path, user, group);
        take(path).map_err(failed("giving a path to the user"))?;
        if !path.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(path).map_err(failed("reading a folder"))? {
            let path = entry.map_err(failed("reading a folder"))?.path();
            take(&path).map_err(failed("giving a file to the user"))?;
        }
        Ok(())
    }

    /// Becomes the user: real, effective and saved, and in no other group.
    pub(super) fn assume(&self) -> Result<(), PrivilegeError> {
        let Self { user, group, .. } = *self;
        setgroups(&[]).map_err(PrivilegeError::step("leaving the groups"))?;
        setresgid(group, group, group).map_err(PrivilegeError::step("changing the group"))?;
        setresuid(user, user, user).map_err(PrivilegeError::step("changing the user"))?;

        let users = getresuid().map_err(PrivilegeError::step("asking for the user"))?;
        let groups = getresgid().map_err(PrivilegeError::step("asking for the group"))?;
        let is_user = [users.real, users.effective, users.saved] == [user; 3];
        if !is_user || [groups.real, groups.effective, groups.saved] != [group; 3] {
            let kept = "its former user or group".to_owned();
            return Err(PrivilegeError::Kept { kept });
        }
        Ok(())
    }
}

/// Tries to become root again.
pub(super) fn check_root_is_out_of_reach() -> Result<(), PrivilegeError> {
    let root = Uid::from_raw(0);
    if !Uid::current().is_root() && setresuid(root, root, root).is_ok() {
        let kept = "the right to become root".to_owned();
        return Err(PrivilegeError::Kept { kept });
    }
    Ok(())
}
