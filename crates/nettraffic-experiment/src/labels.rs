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

#[cfg(test)]
mod tests {
    use super::*;
    use nettraffic_capture::{IpProtocol, Timestamp};
    use nettraffic_flow::FlowKey;

    #[test]
    fn a_flow_is_matched_by_time_ends_and_protocol() {
        let (client, server) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let key = FlowKey::new(client, 40_000, server, 22, IpProtocol::TCP);
        let mut flow = Flow::new(key, Timestamp::from_seconds(100, 0), ());
        flow.last = Timestamp::from_seconds(200, 0);
        for (rule, expected) in [
            (
                "150,160,10.0.0.1,10.0.0.2,tcp,40000,22,guess",
                Truth::Attack("guess"),
            ),
            (
                "200,300,10.0.0.2,10.0.0.1,tcp,22,40000,guess",
                Truth::Attack("guess"),
            ),
            (",,,,,,,benign", Truth::Benign),
            ("200.000000001,,,,,,,guess", Truth::Unknown),
            (",99.9,,,,,,guess", Truth::Unknown),
            (",,10.0.0.2,10.0.0.1,tcp,40000,22,guess", Truth::Unknown),
            (",,,,udp,,,guess", Truth::Unknown),
        ] {
            let csv = format!("start,end,src,dst,proto,sport,dport,label\n{rule}\n");
            let rules = LabelRules::parse(csv.as_bytes()).unwrap();
            assert_eq!(truth(&flow, &rules, Unmatched::Unknown), expected, "{rule}");
        }
    }
}
