//! What the process may do, and how it gives that up.

#[cfg(target_os = "linux")]
mod abandon;
#[cfg(target_os = "linux")]
mod current;
#[cfg(target_os = "linux")]
mod error;
#[cfg(target_os = "linux")]
mod options;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod sandbox;
#[cfg(target_os = "linux")]
mod user;

#[cfg(target_os = "linux")]
pub use self::{
    abandon::drop_privileges,
    current::{Privileges, rights_advice},
    error::PrivilegeError,
    options::PrivilegeOptions,
    report::PrivilegeReport,
};
