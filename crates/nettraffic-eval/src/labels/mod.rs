//! Labels for conversations, from rules over plain addresses, ports and nanoseconds.

mod error;
mod index;
mod join;
mod network;
mod parse;
mod rule;
mod rules;
mod truth;
mod write;

pub use error::{LabelError, LabelErrorKind};
pub use join::{Joined, LabelAccount};
pub use network::Network;
pub(crate) use parse::nanoseconds;
pub use rule::{Conversation, LabelRule};
pub use rules::LabelRules;
pub use truth::{Truth, Unmatched};
