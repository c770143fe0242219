//! Flows and their ground truth.

use nettraffic_eval::{Conversation, LabelRules, Truth, Unmatched};
use nettraffic_flow::Flow;

/// What a flow really is, as the label rules say.
#[must_use]
pub fn truth<'a>(flow: &Flow, rules: &'a LabelRules, unmatched: Unmatched) -> Truth<'a> {
    let conversation = Conversation {
        first_ns: flow.first.as_nanos(),
        last_ns: flow.last.as_nanos(),
        a: flow.key.initiator,
        a_port: flow.key.initiator_port,
        b: flow.key.responder,
        b_port: flow.key.responder_port,
        proto: flow.key.protocol.0,
    };
    rules.truth(&conversation, unmatched)
}
