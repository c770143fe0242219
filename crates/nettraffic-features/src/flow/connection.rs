//! How far a TCP connection came.

use nettraffic_capture::{IpProtocol, TcpFlags};
use nettraffic_flow::Side;

use super::measure::Record;

/// The categories; past the end stands a connection that fits none, such as one whose
/// SYN-ACK was not captured.
pub(super) const NAMES: [&str; 11] = [
    "not_tcp",
    "unanswered",
    "rejected",
    "half_open",
    "open",
    "half_closed",
    "closed",
    "reset_by_initiator",
    "reset_by_responder",
    "syn_ack_only",
    "midstream",
];

/// The category of a flow, from the flags that each side sent (after Zeek's `conn_state`).
pub(super) fn category(flow: &Record) -> usize {
    let name = match flow.key.protocol {
        IpProtocol::TCP => state(&flow.forward, &flow.backward),
        _ => "not_tcp",
    };
    NAMES.iter().position(|n| *n == name).unwrap_or(NAMES.len())
}

fn state(initiator: &Side, responder: &Side) -> &'static str {
    let sent = |side: &Side, flag| side.tcp_flags.contains(flag);
    let both = |flag| sent(initiator, flag) && sent(responder, flag);
    let either = |flag| sent(initiator, flag) || sent(responder, flag);
    let (asked, accepted) = (
        sent(initiator, TcpFlags::SYN),
        sent(responder, TcpFlags::SYN),
    );
    match (asked, accepted) {
        (false, false) => "midstream",
        (false, true) => "syn_ack_only",
        (true, false) if sent(responder, TcpFlags::RST) => "rejected",
        (true, false) if responder.packets == 0 => "unanswered",
        (true, false) => "other",
        // The initiator never acknowledged: a flood, or a scan that asks only whether a port is open.
        _ if !sent(initiator, TcpFlags::ACK) => "half_open",
        // Many clients send an RST after both sides said FIN: that is still an orderly end.
        _ if both(TcpFlags::FIN) => "closed",
        _ if sent(initiator, TcpFlags::RST) => "reset_by_initiator",
        _ if sent(responder, TcpFlags::RST) => "reset_by_responder",
        _ if either(TcpFlags::FIN) => "half_closed",
        _ => "open",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_both_sides_tell_how_far_it_came() {
        const F: u8 = TcpFlags::FIN.0;
        const S: u8 = TcpFlags::SYN.0;
        const R: u8 = TcpFlags::RST.0;
        const A: u8 = TcpFlags::ACK.0;
        // Union of the flags per side; `None` for a side that sent nothing.
        let side = |flags: Option<u8>| {
            let mut side = Side::default();
            side.packets = flags.is_some().into();
            side.tcp_flags = TcpFlags(flags.unwrap_or(0));
            side
        };
        for (initiator, responder, expected) in [
            (Some(S), None, "unanswered"),
            (Some(S | F), None, "unanswered"),
            (Some(S), Some(R | A), "rejected"),
            (Some(S), Some(S | A), "half_open"),
            (Some(S | R), Some(S | A), "half_open"),
            (Some(S | A), Some(S | A), "open"),
            (Some(S | A | F), Some(S | A), "half_closed"),
            (Some(S | A), Some(S | A | F), "half_closed"),
            (Some(S | A | F), Some(S | A | F), "closed"),
            (Some(S | A | F | R), Some(S | A | F), "closed"),
            (Some(S | A | R), Some(S | A | F), "reset_by_initiator"),
            (Some(S | A), Some(S | A | R), "reset_by_responder"),
            (None, Some(S | A), "syn_ack_only"),
            (Some(A), Some(A | F), "midstream"),
            (Some(S | A), Some(A), "other"),
        ] {
            assert_eq!(state(&side(initiator), &side(responder)), expected);
        }
    }
}
