//! Pages: a shell with head, style and script, and the sections of each kind of report.

pub(crate) mod card;
pub(crate) mod comparison;
pub(crate) mod detection;
mod parts;
mod reasons;
mod shell;

#[cfg(feature = "dashboard")]
pub(crate) use shell::SCRIPT_HASH;
