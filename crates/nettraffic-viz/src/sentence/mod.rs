//! What happened, in sentences.

mod alert;
mod behaviour;
mod incident;
mod ports;

pub(crate) use alert::alert;
pub(crate) use incident::incident;

use crate::Reason;

/// A machine's name as people read it: `port_scan` becomes `port scan`.
pub(crate) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// The reason to name in a sentence: the strongest that is unusual by itself, or the strongest.
fn foremost(reasons: &[Reason]) -> Option<&Reason> {
    (reasons.iter().find(|reason| !reason.is_usual())).or(reasons.first())
}
