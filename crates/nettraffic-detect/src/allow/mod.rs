//! Alerts that operators do not want: which, until when, and why not.

mod entry;
mod error;
mod list;
mod marked;
mod network;
mod parts;
#[cfg(test)]
mod tests;

pub use entry::AllowEntry;
pub use error::{AllowError, AllowPlace};
pub use list::{AllowList, EntryUse, Listed};
pub use marked::{MarkedFile, MarkedList};
pub use network::Network;
pub use parts::PortRange;
