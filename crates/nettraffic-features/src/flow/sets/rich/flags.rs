//! How TCP segments are flagged.

use nettraffic_capture::TcpFlags;
use nettraffic_flow::Direction;

use super::both_sides;
use crate::Missing::{Never, Zero};
use crate::flow::Value::Number;
use crate::flow::measure::{number, ratio};
use crate::flow::record::Record;
use crate::{Feature, Unit};

pub(super) static ENTRIES: &[Feature] = &{
    let sides: &[Feature; 18] = SIDES;
    let combinations = Feature {
        name: "flag_combinations",
        unit: Unit::Count,
        missing: Never,
        source: "Mercury and Zeek history tell which flags there were",
        formula: "different combinations of TCP flags, of both sides together; 0 for other protocols",
        value: Number(|flow| number(flow.state.detail.segments.flag_combinations())),
    };
    let mut all = [combinations; 19];
    let mut at = 0;
    while at < sides.len() {
        all[at] = sides[at];
        at += 1;
    }
    all
};

const SIDES: &[Feature; 18] = both_sides! {
    "fin_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 FIN Flag Count, per side and as a share",
        formula: "packets with FIN / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::FIN),
    }
    "syn_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 SYN Flag Count, per side and as a share",
        formula: "packets with SYN / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::SYN),
    }
    "rst_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 RST Flag Count, per side and as a share",
        formula: "packets with RST / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::RST),
    }
    "psh_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 Fwd PSH Flags, as a share",
        formula: "packets with PSH / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::PSH),
    }
    "ack_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 ACK Flag Count, per side and as a share",
        formula: "packets with ACK / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::ACK),
    }
    "urg_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 Fwd URG Flags, as a share",
        formula: "packets with URG / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::URG),
    }
    "ece_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 ECE Flag Count, per side and as a share",
        formula: "packets with ECE / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::ECE),
    }
    "cwr_share" {
        unit: Ratio,
        missing: Zero,
        source: "CIC-IDS2017 CWE Flag Count, per side and as a share",
        formula: "packets with CWR / packets, of the ", "",
        value: |flow, side| share(flow, side, TcpFlags::CWR),
    }
    "pure_ack_share" {
        unit: Ratio,
        missing: Zero,
        source: "Moore, Zuev and Crogan 2005, pure ACK packets, as a share",
        formula: "packets with ACK alone and no payload / packets, of the ", "",
        value: |flow, side| ratio(flow.state.detail.segments.pure_acks(side), packets(flow, side)),
    }
};

fn share(flow: &Record<'_>, side: Direction, flag: TcpFlags) -> Option<f64> {
    let flagged = flow.state.flags.sides.get(side).of(flag);
    ratio(flagged, packets(flow, side))
}

fn packets(flow: &Record<'_>, side: Direction) -> u64 {
    match side {
        Direction::Forward => flow.forward.packets,
        Direction::Backward => flow.backward.packets,
    }
}
