//! What is left to the process.

use std::path::PathBuf;

/// What a process keeps when it [drops its privileges](crate::drop_privileges).
///
/// ```
/// use nettraffic_sensor::PrivilegeOptions;
///
/// let options = PrivilegeOptions::new()
///     .with_user("nettraffic")
///     .readable("/etc/nettraffic")
///     .writable("/var/lib/nettraffic");
/// # let _ = options;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivilegeOptions {
    pub(super) user: Option<String>,
    pub(super) group: Option<String>,
    pub(super) readable: Vec<PathBuf>,
    pub(super) writable: Vec<PathBuf>,
    pub(super) owned: Vec<PathBuf>,
    pub(super) has_sandbox: bool,
}

impl Default for PrivilegeOptions {
    fn default() -> Self {
        Self {
            user: Some("nobody".to_owned()),
            group: None,
            readable: Vec::new(),
            writable: Vec::new(),
            owned: Vec::new(),
            has_sandbox: true,
        }
    }
}

impl PrivilegeOptions {
    /// The user `nobody` where the process is root, no capability, no file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Becomes this user, with the user's own group, where the process is root. Another user stays
    /// who it is.
    #[must_use]
    pub fn with_user(mut self, name: impl Into<String>) -> Self {
        self.user = Some(name.into());
        self
    }

    /// Stays root, though without capabilities: root's own files stay open to it.
    #[must_use]
    pub fn with_own_user(mut self) -> Self {
        self.user = None;
        self
    }

    /// Takes this group instead of the user's own.
    #[must_use]
    pub fn with_group(mut self, name: impl Into<String>) -> Self {
        self.group = Some(name.into());
        self
    }

    /// May still open this file, or whatever lies in this folder, for reading. A file that may be
    /// replaced by another of its name must be told by its folder.
    #[must_use]
    pub fn readable(mut self, path: impl Into<PathBuf>) -> Self {
        self.readable.push(path.into());
        self
    }

    /// May still read, make, write and remove whatever lies in this folder; or read and write this
    /// file. It must be there, and the user must be allowed to write it.
    #[must_use]
    pub fn writable(mut self, path: impl Into<PathBuf>) -> Self {
        self.writable.push(path.into());
        self
    }

    /// May still write a file or folder that is the sensor's alone: where the process becomes another user, it
    /// and the files in it are made that user's.
    #[must_use]
    pub fn owning(mut self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.owned.push(path.clone());
        self.writable(path)
    }

    /// May still read what looking up the names of hosts takes.
    #[must_use]
    pub fn with_name_lookup(mut self) -> Self {
        let files = [
            "/etc/resolv.conf",
            "/etc/hosts",
            "/etc/nsswitch.conf",
            "/etc/host.conf",
            "/etc/gai.conf",
            "/etc/services",
            "/run/systemd/resolve",
            "/lib",
            "/lib64",
            "/usr/lib",
            "/usr/lib64",
        ];
        let present = files.iter().map(PathBuf::from).filter(|path| path.exists());
        self.readable.extend(present);
        self
    }

    /// Does without Landlock, so that every file that the user may open stays open to it.
    #[must_use]
    pub fn without_sandbox(mut self) -> Self {
        self.has_sandbox = false;
        self
    }
}
