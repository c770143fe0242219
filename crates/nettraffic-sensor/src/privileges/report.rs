//! What was given up.

use std::fmt;

use super::Privileges;

/// What dropping privileges achieved and what not, in words for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrivilegeReport {
    /// What was given up.
    pub achieved: Vec<String>,
    /// What was not, and why.
    pub missed: Vec<String>,
    /// What is left.
    pub left: Privileges,
}

impl fmt::Display for PrivilegeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.achieved.join("; "))?;
        if !self.missed.is_empty() {
            write!(f, "; but {}", self.missed.join("; "))?;
        }
        Ok(())
    }
}
