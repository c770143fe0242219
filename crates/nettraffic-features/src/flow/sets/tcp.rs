//! How TCP connections open, run and end.

use nettraffic_capture::TcpFlags;
use nettraffic_flow::ConnState;

use super::{Group, Table};
use crate::Missing::{Indicated, Never};
use crate::flow::Value::{Category, Number};
use crate::flow::level::Needs;
use crate::flow::measure::{flag, number};
use crate::flow::record::Record;
use crate::{Feature, Unit};

pub(super) static TCP: Group = Group {
    name: "tcp",
    about: "How TCP connections open, run and end; all 0 for other protocols.",
    tables: &[
        Table {
            needs: Needs::TRAFFIC,
            without: &[],
            features: &[
                Feature {
                    name: "connection_state",
                    unit: Unit::None,
                    missing: Never,
                    source: "Zeek conn_state",
                    formula: "how far the connection came, in Zeek's terms",
                    value: Category(&CONNECTION_STATES, connection_state),
                },
                Feature {
                    name: "half_open",
                    unit: Unit::Flag,
                    missing: Never,
                    source: "SYN floods and half-open scans",
                    formula: "1 when the responder accepted with SYN and the initiator never sent an ACK",
                    value: Number(|flow| flag(half_open(flow))),
                },
                Feature {
                    name: "forward_syn",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 SYN Flag Count, per side",
                    formula: "packets of the initiator with SYN",
                    value: Number(|flow| number(flow.state.flags.sides.forward.of(TcpFlags::SYN))),
                },
                Feature {
                    name: "backward_syn",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 SYN Flag Count, per side",
                    formula: "packets of the responder with SYN",
                    value: Number(|flow| number(flow.state.flags.sides.backward.of(TcpFlags::SYN))),
                },
                Feature {
                    name: "forward_fin",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 FIN Flag Count, per side",
                    formula: "packets of the initiator with FIN",
                    value: Number(|flow| number(flow.state.flags.sides.forward.of(TcpFlags::FIN))),
                },
                Feature {
                    name: "backward_fin",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 FIN Flag Count, per side",
                    formula: "packets of the responder with FIN",
                    value: Number(|flow| number(flow.state.flags.sides.backward.of(TcpFlags::FIN))),
                },
                Feature {
                    name: "forward_rst",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 RST Flag Count, per side",
                    formula: "packets of the initiator with RST",
                    value: Number(|flow| number(flow.state.flags.sides.forward.of(TcpFlags::RST))),
                },
                Feature {
                    name: "backward_rst",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 RST Flag Count, per side",
                    formula: "packets of the responder with RST",
                    value: Number(|flow| number(flow.state.flags.sides.backward.of(TcpFlags::RST))),
                },
                Feature {
                    name: "forward_psh",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 Fwd PSH Flags",
                    formula: "packets of the initiator with PSH",
                    value: Number(|flow| number(flow.state.flags.sides.forward.of(TcpFlags::PSH))),
                },
                Feature {
                    name: "backward_psh",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 Bwd PSH Flags",
                    formula: "packets of the responder with PSH",
                    value: Number(|flow| number(flow.state.flags.sides.backward.of(TcpFlags::PSH))),
                },
                Feature {
                    name: "ack",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 ACK Flag Count",
                    formula: "packets with ACK",
                    value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::ACK))),
                },
                Feature {
                    name: "urg",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 URG Flag Count",
                    formula: "packets with URG",
                    value: Number(|flow| number(flow.state.flags.of_both_sides(TcpFlags::URG))),
                },
                Feature {
                    name: "ecn",
                    unit: Unit::Count,
                    missing: Never,
                    source: "CIC-IDS2017 ECE and CWE Flag Count",
                    formula: "packets with ECE + packets with CWR",
                    value: Number(|flow| {
                        let flags = &flow.state.flags;
                        number(
                            flags.of_both_sides(TcpFlags::ECE) + flags.of_both_sides(TcpFlags::CWR),
                        )
                    }),
                },
                Feature {
                    name: "forward_window",
                    unit: Unit::Bytes,
                    missing: Indicated(0.0),
                    source: "CIC-IDS2017 Init_Win_bytes_forward",
                    formula: "receive window in the first TCP packet of the initiator, not scaled; undefined when it sent none",
                    value: Number(|flow| flow.state.windows.sides.forward.map(f64::from)),
                },
                Feature {
                    name: "backward_window",
                    unit: Unit::Bytes,
                    missing: Indicated(0.0),
                    source: "CIC-IDS2017 Init_Win_bytes_backward",
                    formula: "receive window in the first TCP packet of the responder, not scaled; undefined when it sent none",
                    value: Number(|flow| flow.state.windows.sides.backward.map(f64::from)),
                },
            ],
        },
        Table {
            needs: Needs::STANDARD,
            without: &[],
            features: &[
                Feature {
                    name: "forward_repeated",
                    unit: Unit::Count,
                    missing: Never,
                    source: "UNSW-NB15 sloss",
                    formula: "segments of the initiator that begin before data it had sent already: retransmitted, or late",
                    value: Number(|flow| number(flow.state.tcp_sequence.sides.forward.repeated())),
                },
                Feature {
                    name: "backward_repeated",
                    unit: Unit::Count,
                    missing: Never,
                    source: "UNSW-NB15 dloss",
                    formula: "segments of the responder that begin before data it had sent already: retransmitted, or late",
                    value: Number(|flow| number(flow.state.tcp_sequence.sides.backward.repeated())),
                },
                Feature {
                    name: "forward_skipped",
                    unit: Unit::Count,
                    missing: Never,
                    source: "Zeek missed_bytes, as segments",
                    formula: "segments of the initiator that begin after the sequence number that was due: something was lost, or is late",
                    value: Number(|flow| number(flow.state.tcp_sequence.sides.forward.skipped())),
                },
                Feature {
                    name: "backward_skipped",
                    unit: Unit::Count,
                    missing: Never,
                    source: "Zeek missed_bytes, as segments",
                    formula: "segments of the responder that begin after the sequence number that was due: something was lost, or is late",
                    value: Number(|flow| number(flow.state.tcp_sequence.sides.backward.skipped())),
                },
            ],
        },
    ],
};

const CONNECTION_STATES: [&str; ConnState::ALL.len()] = {
    let mut names = [""; ConnState::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = ConnState::ALL[index].name();
        index += 1;
    }
    names
};

fn connection_state(flow: &Record<'_>) -> usize {
    let state = flow.conn_state();
    ConnState::ALL
        .iter()
        .position(|known| *known == state)
        .unwrap_or(ConnState::ALL.len())
}

fn half_open(flow: &Record<'_>) -> bool {
    flow.backward.tcp_flags.contains(TcpFlags::SYN)
        && !flow.forward.tcp_flags.contains(TcpFlags::ACK)
}
